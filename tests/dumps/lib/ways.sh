# The ways from a running guest to dump files in DIR/out. Each is called with
# DIR CPU CMDLINE. Sourced.

# The crashed kernel hands over to a second one, which saves /proc/vmcore.
way_kdump() {
	say "guest: boot, crash and kdump"
	guest_qemu "$1" "$2" "panic=1 crashkernel=$kdump_memory $3" || guest_failed "$1" "QEMU's exit status $?"
	guest_said "$1" 'vmstub-guest: complete' || guest_failed "$1" "kdump did not complete"
	tar -x -f "$1/dump.img" -C "$1/out"
}

# The kernel stops in panic(), and QEMU writes its memory from outside. The
# vmcoreinfo device tells QEMU where the guest's VMCOREINFO is.
way_qemu() {
	local dir=$1 socket=$1/qmp end qemu
	say "guest: boot and crash"
	guest_qemu "$1" "$2" "panic=0 $3" -device vmcoreinfo -qmp "unix:$socket,server=on,wait=off" &
	qemu=$!
	end=$((SECONDS + $(limit 120)))
	until guest_said "$dir" 'end Kernel panic'; do
		kill -0 $qemu 2>/dev/null || guest_failed "$dir" "QEMU ended"
		[ $SECONDS -lt $end ] || guest_failed "$dir" "no panic"
		sleep 0.2
	done
	say "guest: QEMU dumps it"
	python3 "$here/lib/qmp.py" "$socket" stop \
		"dump-guest-memory paging=false protocol=file:$dir/out/vmcore.qemu-elf" \
		"dump-guest-memory paging=false protocol=file:$dir/out/vmcore.qemu-kdump format=kdump-zlib" \
		quit || guest_failed "$dir" "dump-guest-memory"
	wait $qemu || :
}
