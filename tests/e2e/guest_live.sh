#!/bin/bash
# vmstub inside a guest: on the running kernel (/proc/kcore), then in the kdump kernel that follows its
# crash (/proc/vmcore). What it says goes to the console between lines "@@ NAME" and "@@ end".
#   guest_live.sh KERNEL-DIR VMSTUB WORK-DIR        console in WORK-DIR/console.log
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin
kernel=$1 vmstub=$2 work=$3
root=$work/root

add_program() {
	local library
	cp -L "$1" "$root/bin/"
	ldd "$1" | grep -o '/[^ ]*' | while read -r library; do
		mkdir -p "$root$(dirname "$library")"
		cp -nL "$library" "$root$library"
	done
}

mkdir -p "$root"/{bin,proc,sys,dev,tmp}
cp "$(command -v busybox)" "$root/bin/busybox"
for applet in sh mount cat sleep echo head grep printf poweroff reboot ls dmesg; do
	ln -s busybox "$root/bin/$applet"
done
add_program "$vmstub"
strip "$root/bin/vmstub"
cat >"$root/init" <<'END'
#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo 1 >/proc/sys/kernel/printk
say() {
	echo "@@ $1"
	shift
	"$@" 2>&1
	echo "@@ exit $?"
}
if [ -e /proc/vmcore ]; then
	say vmcore vmstub --exec 'sys; kbt -a; ps' /proc/vmcore
else
	sleep 1000 &
	echo "@@ pid"
	echo $!
	sleep 0.5
	say stack cat /proc/$!/stack
	say kcore vmstub --exec "sys; kbt $!; kbt 1; ps; mod" /proc/kcore
	say kallsyms grep -E ' (linux_banner|init_task|jiffies)$' /proc/kallsyms
	# memory as it is when read: a variable that changes, twice in one session of gdb's protocol
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
	ask "m$jiffies,8" "m$jiffies,8" '?' qfThreadInfo qThreadExtraInfo,1 >/tmp/packets
	say rsp sh -c 'while read -r -n 30 part || [ "$part" ]; do printf %s "$part"; sleep 1; done </tmp/packets | vmstub /proc/kcore'
	kexec -p -s /vmlinuz --initrd=/initrd2 --command-line='console=ttyS0 nr_cpus=1 reset_devices no_timer_check panic=1'
	echo c >/proc/sysrq-trigger
fi
echo "@@ end"
poweroff -f
sleep 10
END
chmod 755 "$root/init"
pack() { (cd "$root" && find . | cpio -o -H newc --quiet) >"$1"; }
pack "$work/initrd2"
mv "$work/initrd2" "$root/initrd2"
cp "$kernel/vmlinuz" "$root/vmlinuz"
add_program "$(command -v kexec)"
pack "$work/initrd"
timeout --foreground 240 qemu-system-x86_64 -nodefaults -display none -no-reboot -accel tcg,thread=multi -cpu max -smp 2 \
	-m 768M -serial "file:$work/console.log" -kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
	-append "console=ttyS0 no_timer_check panic=1 crashkernel=256M"
