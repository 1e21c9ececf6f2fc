#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Crashes a guest, and makes QEMU dump it twice: by page tables (paging) and by physical memory.
#   guest_paging.sh KERNEL-DIR VMSTUB WORK-DIR        WORK-DIR/paging, WORK-DIR/plain, console in WORK-DIR/console.log
set -euo pipefail
. "${0%/*}/guest.sh"
cat >"$root/init" <<'END'
#!/bin/sh
. /common
sleep 1000 &
echo c >/proc/sysrq-trigger
END
chmod 755 "$root/init"
pack "$work/initrd"
start panic=0 -m 256M -qmp "unix:$work/qmp,server=on,wait=off" &
qemu=$!
until grep -q 'end Kernel panic' "$work/console.log" 2>/dev/null; do
	kill -0 $qemu
	sleep 0.2
done
python3 "${0%/*}/../dumps/lib/qmp.py" "$work/qmp" stop "dump-guest-memory paging=true protocol=file:$work/paging" \
	"dump-guest-memory paging=false protocol=file:$work/plain" quit
wait $qemu
