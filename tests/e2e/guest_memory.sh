#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Crashes a guest with most of its memory above a hole, and makes QEMU save the memory of that moment in all its ways.
#   guest_memory.sh KERNEL-DIR VMSTUB WORK-DIR        WORK-DIR/ram, elf, low and stream; what vmstub says of the
#                                                     running guest in WORK-DIR/live; console in WORK-DIR/console.log
set -euo pipefail
. "${0%/*}/guest.sh"
cat >"$root/init" <<'END'
#!/bin/sh
. /common
sleep 1000 &
echo 1 >/proc/sys/kernel/unknown_nmi_panic
echo "@@ running"
sleep 1000
END
chmod 755 "$root/init"
pack "$work/initrd"
folder=${0%/*}
qmp() { python3 "$folder/../dumps/lib/qmp.py" "$work/qmp" "$@"; }
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
	printf '%s\n' 'sys; ps; kbt 1' 'rd jiffies_64'
	sleep 0.5
	echo 'rd jiffies_64'
} | "$vmstub" --exec - "$work/ram" >"$work/live" 2>&1 || :
qmp inject-nmi
wait_for 'end Kernel panic'
qmp stop "dump-guest-memory paging=false protocol=file:$work/elf"
python3 - "$work" <<'END'
import json, socket, sys
with socket.socket(socket.AF_UNIX) as link:
    link.connect(sys.argv[1] + "/qmp")
    with link.makefile("rw") as stream:
        stream.readline()
        for name, arguments in (("qmp_capabilities", {}), ("pmemsave", {"val": 0, "size": 128 << 20, "filename": sys.argv[1] + "/low"})):
            stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
            stream.flush()
            while "return" not in (reply := json.loads(stream.readline())):
                if "error" in reply:
                    sys.exit(f"{name}: {reply}")
END
python3 "$folder/../dumps/lib/migrate.py" "$work/qmp" "$work/stream"
wait $qemu
