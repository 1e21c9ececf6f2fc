# Many kdump dumps of one boot, as booting takes an emulated guest longest. The guest waits for an order twice (guest/init):
# before its facts are taken and after. QEMU saves it there, and each dump goes on from one of the two, with an order
# of its own and with the disks and the console of that time. Sourced.
#
# $cache/work/BOOT/{before,after}/ has state, facts.img, swap.img, console.log.

# boot_of NAME: a name that dumps of the same kernel, CPU model and command line share; nothing for a dump that needs its
# own boot.
boot_of() {
	local key way cpu cmdline
	read -r _ key way _ cpu cmdline <<<"$(row crashes "$1")"
	cmdline=${cmdline//[ =]/-}
	[ "$way" != kdump ] || echo "boot-$key-$cpu${cmdline:+-$cmdline}"
}

# boot_point NAME: from where the dump goes on. The facts of all dumps from "after" are the same: nothing that is in them
# happens between that point and the crash.
boot_point() {
	local situation
	read -r _ _ _ situation _ <<<"$(row crashes "$1")"
	case ,$situation, in
	*,w_* | *,backtraces,* | *,freed_call,*) echo before ;;
	*) if [ -n "$(extra_of "$1")" ]; then echo before; else echo after; fi ;;
	esac
}

# boot_make BOOT NAME...: for these dumps.
boot_make() {
	local boot=$1 work=$cache/work/$1 key way cpu cmdline name qemu modules=()
	shift
	read -r _ key way _ cpu cmdline <<<"$(row crashes "$1")"
	check_tools
	say "$boot: for $*"
	kernel_ready "$key"
	for name; do
		modules+=($(extra_of "$name"))
	done
	rm -rf "$work"
	mkdir -p "$work"
	guest_initrd "$work" "$way" "${modules[@]}"
	guest_disks "$work"
	guest_qemu "$work" "$cpu" "$(kdump_cmdline "$cmdline")" -qmp "unix:$work/qmp,server=on,wait=off" &
	qemu=$!
	boot_save "$work" $qemu before
	if [[ " $(for name; do boot_point "$name"; done | xargs) " == *" after "* ]]; then
		guest_order "$work" '' '' ''
		python3 "$here/lib/qmp.py" "$work/qmp" cont || guest_failed "$work" "cont"
		boot_save "$work" $qemu after
	fi
	python3 "$here/lib/qmp.py" "$work/qmp" quit || guest_failed "$work" "quit"
	wait $qemu || :
}

boot_save() { # boot_save DIR QEMU POINT
	local dir=$1/$3
	guest_wait "$1" "$2" "vmstub-guest: waits $3 facts"
	mkdir "$dir"
	python3 "$here/lib/migrate.py" "$1/qmp" "$dir/state" || guest_failed "$1" "migrate"
	cp "$1"/{facts.img,swap.img,console.log} "$dir/"
}

# boot_resume BOOT NAME DIR CPU CMDLINE: as way_kdump. The disk for the dump has its order already.
boot_resume() {
	local boot=$cache/work/$1 dir=$3 file
	boot=$boot/$(boot_point "$2")
	for file in "${boot%/*}"/{boot.tar,initrd,workers}; do
		ln -s "$file" "$dir/"
	done
	[ ! -e "${boot%/*}/programs" ] || ln -s "${boot%/*}/programs" "$dir/"
	cp "$boot"/{facts.img,swap.img,console.log} "$dir/"
	way_kdump "$dir" "$4" "$5" -qmp "unix:$dir/qmp,server=on,wait=off" -incoming "exec:cat '$boot/state'"
}
