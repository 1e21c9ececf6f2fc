#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs and crashes a guest with most of its memory above a hole, and makes QEMU save its memory in several ways.
#   guest_memory.sh KERNEL-DIR VMSTUB WORK-DIR
# In WORK-DIR: of the running guest, stream.live and what vmstub says of its memory file, in live; of the crashed
# one, all of one moment, ram (the memory file), elf, low and stream. Its console in console.log.
set -euo pipefail
. "${0%/*}/guest.sh"
cat >"$root/init" <<'END'
#!/bin/sh
. /common
mount -t tmpfs none /tmp
(while :; do
	cat /bin/busybox /bin/busybox /bin/busybox >/tmp/x
	cat /tmp/x /tmp/x /tmp/x /tmp/x >/tmp/y
done) &
echo 1 >/proc/sys/kernel/unknown_nmi_panic
sleep 1
echo "@@ running"
sleep 1000
END
chmod 755 "$root/init"
pack "$work/initrd"
wait_for() {
	until grep -q "$1" "$work/console.log" 2>/dev/null; do
		kill -0 $qemu
		sleep 0.2
	done
}
start panic=0 -m 384M -machine pc,max-ram-below-4g=128M,memory-backend=ram \
	-object "memory-backend-file,id=ram,size=384M,mem-path=$work/ram,share=on" \
	-qmp "unix:$work/qmp,server=on,wait=off" &
qemu=$!
wait_for '@@ running'
{
	echo 'sys; ps; kbt 1'
	# On a busy machine vmstub starts late, and the guest may stand still for a while.
	for _ in $(seq 20); do
		echo 'rd jiffies_64'
		sleep 0.3
	done
} | "$vmstub" --exec - "$work/ram" >"$work/live" 2>&1 || :
python3 "${0%/*}/guest_memory.py" "$work" running
wait_for 'end Kernel panic'
python3 "${0%/*}/guest_memory.py" "$work" crashed
wait $qemu
