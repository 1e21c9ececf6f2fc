# Put before facts.sh in the guest, which goes on here when it has written its facts: it waits for the name of
# a situation at the start of the disk vdc, and makes it. QEMU saves the guest while it waits.
insmod /l2d.ko || echo "vmstub-guest: failed l2d"

ask() {
	dd if=/dev/vdc bs=512 count=1 iflag=direct 2>/dev/null | tr -d '\0\n'
}

sysctl() { # sysctl NAME VALUE
	echo "$2" >"/proc/sys/$1" || echo "vmstub-guest: failed $1"
}

# Each line with the name of its file: "fact meminfo: MemTotal: ...". With page_owner=on, the stacks that have 1 MB or more, too.
tell() {
	echo 256 >/sys/kernel/debug/page_owner_stacks/count_threshold
	for name in /proc/meminfo /proc/slabinfo /proc/vmallocinfo /proc/zoneinfo /proc/buddyinfo /proc/vmstat \
		/sys/kernel/debug/cma/*/count /sys/kernel/debug/cma/*/used /sys/kernel/debug/page_owner_stacks/show_stacks; do
		sed "s/^/fact ${name##*/}: /" "$name"
	done
	echo "fact end"
}

total() {
	sed -n 's/^MemTotal: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

# Memory for the host's balloon, which it now blows up, and memory that is set aside for devices.
give() {
	kb=$(total)
	echo "vmstub-guest: wants its balloon"
	for second in $(seq 60); do
		[ "$(total)" -gt $((kb - 65536)) ] || break
		sleep 1
	done
	echo "fact balloon: $((kb - $(total)))"
	for area in /sys/kernel/debug/cma/*; do
		echo 2048 >"$area/alloc"
	done
}

make_situation() {
	case $1 in
	hardlockup)
		sysctl kernel/watchdog_thresh 5
		sysctl kernel/hardlockup_panic 1
		;;
	freed | null) ;; # kasan.fault=panic
	behind | twice) sysctl kernel/panic_on_warn 1 ;;
	given)
		swapoff /dev/vdd
		sysctl vm/panic_on_oom 2
		give
		tell
		;;
	esac
	echo "vmstub-guest: makes $1"
	echo "$1" >/sys/module/l2d/parameters/make
	sleep 60 # for the watchdogs
	echo "vmstub-guest: failed no crash"
	poweroff -f
}

serve() {
	tar -c -f /dev/vdb -C "$out" . || echo "vmstub-guest: failed facts"
	sync
	taskset -p 8 $$ >/dev/null # CRASH_CPU
	rm -r "$out" # these files are in memory
	echo "vmstub-guest: ready"
	while name=$(ask) && [ -z "$name" ]; do
		sleep 0.2
	done
	make_situation "$name"
}
trap serve EXIT
