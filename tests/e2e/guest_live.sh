#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs vmstub inside a guest: on the running kernel (/proc/kcore), then in the kdump kernel after a crash
# (/proc/vmcore). Its output goes to the console between lines "@@ NAME" and "@@ end".
#   guest_live.sh KERNEL-DIR VMSTUB WORK-DIR        console in WORK-DIR/console.log
set -euo pipefail
. "${0%/*}/guest.sh"
gcc -O2 -static -w -o "$root/bin/pollers" "${0%/*}/pollers.c"
cat >"$root/init" <<'END'
#!/bin/sh
. /common
if [ -e /proc/vmcore ]; then
	say vmcore vmstub --exec 'sys; kbt -a; ps' /proc/vmcore
else
	sleep 1000 &
	echo "@@ pid"
	echo $!
	sleep 0.5
	say stack cat /proc/$!/stack
	say kcore vmstub --exec "sys; kbt $!; kbt 1; ps; mod" /proc/kcore
	pollers
	say polled vmstub --exec 'locks; locks -u' /proc/kcore
	say kallsyms grep -E ' (linux_banner|init_task|jiffies)$' /proc/kallsyms
	# memory must not be cached: read a changing variable twice in one session of gdb's protocol
	jiffies=$(grep ' jiffies$' /proc/kallsyms)
	jiffies=${jiffies%% *}
	ask() { # packets, each with its checksum
		for packet; do
			sum=0 rest=$packet
			while [ -n "$rest" ]; do
				sum=$((sum + $(printf %d "'$rest")))
				rest=${rest#?}
			done
			printf '+$%s#%02x' "$packet" $((sum % 256))
			done
	}
	ask "m$jiffies,8" '?' qfThreadInfo qThreadExtraInfo,1 "m$jiffies,8" >/tmp/packets
	say rsp sh -c 'while read -r -n 30 part || [ "$part" ]; do printf %s "$part"; sleep 1; done </tmp/packets | vmstub /proc/kcore'
	kexec -p -s /vmlinuz --initrd=/initrd2 --command-line='console=ttyS0 nr_cpus=1 reset_devices no_timer_check panic=1'
	echo c >/proc/sysrq-trigger
fi
echo "@@ end"
poweroff -f
sleep 10
END
chmod 755 "$root/init"
pack "$work/initrd2"
mv "$work/initrd2" "$root/initrd2"
cp "$kernel/vmlinuz" "$root/vmlinuz"
add_program "$(command -v kexec)"
pack "$work/initrd"
start crashkernel=256M
