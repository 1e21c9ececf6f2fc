# The ways from a running guest to dump files in DIR/out. Each is called with
# DIR CPU CMDLINE, and may have more options for QEMU. Sourced.

# The crashed kernel hands over to a second one, which saves /proc/vmcore.
way_kdump() {
	local dir=$1 cpu=$2 cmdline=$3 size
	shift 3
	say "guest: crash and kdump"
	guest_qemu "$dir" "$cpu" "$(kdump_cmdline "$cmdline")" "$@" || guest_failed "$dir" "QEMU's exit status $?"
	guest_said "$dir" 'vmstub-guest: complete' || guest_failed "$dir" "kdump did not complete"
	tar -x -f "$dir/dump.img" -C "$dir/out"
	size=$(grep -ao 'vmstub-guest: elf of [0-9]*' "$dir/console.log" | grep -o '[0-9]*$') || :
	[ -z "$size" ] || elf_copy "$dir/dump.img" "$size" "$dir/out/vmcore.elf"
}

kdump_cmdline() { # kdump_cmdline MORE
	echo "panic=1 crashkernel=$kdump_memory $1"
}

# elf_copy IMAGE SIZE FILE
elf_copy() {
	dd if="$1" of="$3" bs=1M skip=$((guest_elf_at >> 20)) count=$((($2 >> 20) + 1)) conv=sparse status=none
	truncate -s "$2" "$3"
}

# The kernel stops in panic(), and QEMU writes its memory from outside. The
# vmcoreinfo device tells QEMU where the guest's VMCOREINFO is.
way_qemu() {
	local dir=$1 socket=$1/qmp qemu
	say "guest: boot and crash"
	guest_qemu "$1" "$2" "panic=0 $3" -device vmcoreinfo -qmp "unix:$socket,server=on,wait=off" &
	qemu=$!
	guest_wait "$dir" $qemu 'end Kernel panic'
	say "guest: QEMU dumps it"
	python3 "$here/lib/qmp.py" "$socket" stop \
		"dump-guest-memory paging=false protocol=file:$dir/out/vmcore.qemu-elf" \
		"dump-guest-memory paging=false protocol=file:$dir/out/vmcore.qemu-kdump format=kdump-zlib" \
		quit || guest_failed "$dir" "dump-guest-memory"
	wait $qemu || :
}
