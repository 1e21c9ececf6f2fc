# Put before facts.sh in the guest, which goes on here when it has written its facts: it waits for the name of
# a hog at the start of the disk vdc. The hog takes memory until about 24 MB are free, or half of what its cgroup
# may have; then the guest tells on its console where memory is; and then the hog takes the rest.
insmod /l2o.ko || echo "vmstub-guest: failed l2o"
mkdir /hog /cgroup
mount -t tmpfs -o size=1g hog /hog
mount -t cgroup2 none /cgroup && echo +memory >/cgroup/cgroup.subtree_control
mkdir /cgroup/hog && echo 40M >/cgroup/hog/memory.max || echo "vmstub-guest: failed cgroup"

ask() {
	dd if=/dev/vdc bs=512 count=1 iflag=direct 2>/dev/null | tr -d '\0\n'
}

sysctl() { # sysctl NAME VALUE
	echo "$2" >"/proc/sys/$1" || echo "vmstub-guest: failed $1"
}

# Each line with the name of its file: "fact meminfo: MemTotal: ...".
tell() {
	for name in meminfo slabinfo vmallocinfo zoneinfo buddyinfo vmstat; do
		sed "s/^/fact $name: /" "/proc/$name"
	done
	grep . /cgroup/*/memory.current /cgroup/*/memory.max 2>/dev/null | sed 's/^/fact cgroup: /'
	echo "fact end"
}

# Memory that the hog may take first, in kB.
spare() {
	echo $(($(sed -n 's/^MemFree: *\([0-9]*\) kB/\1/p' /proc/meminfo) - 24576))
}

# Takes so many kB of anonymous memory, and keeps them.
hold() {
	exec dd if=/dev/zero of=/dev/null bs="$1k" 2>/dev/null
}

take() {
	case $1 in
	slab | pages) echo "$1" >/sys/module/l2o/parameters/take ;;
	shmem) dd if=/dev/zero of=/hog/file bs=1M count=$(($(spare) / 1024)) 2>/dev/null ;;
	anon)
		(hold "$(($(spare) - 8192))") &
		sleep 5
		;;
	cgroup)
		(echo 0 >/cgroup/hog/cgroup.procs && hold 20480) &
		sleep 3
		;;
	esac
}

exhaust() {
	case $1 in
	slab | pages) echo "$1" >/sys/module/l2o/parameters/exhaust ;;
	shmem) dd if=/dev/zero of=/hog/more bs=1M ;;
	anon) (hold 307200) ;;
	cgroup) (echo 0 >/cgroup/hog/cgroup.procs && hold 61440) ;;
	esac
}

serve() {
	tar -c -f /dev/vdb -C "$out" . || echo "vmstub-guest: failed facts"
	sync
	rm -r "$out" # these files are in memory
	echo "vmstub-guest: ready"
	while hog=$(ask) && [ -z "$hog" ]; do
		sleep 0.2
	done
	swapoff /dev/vdd
	sysctl vm/panic_on_oom 2
	sysctl vm/overcommit_memory 1
	take "$hog"
	tell
	echo "vmstub-guest: hog $hog"
	exhaust "$hog"
	sleep 30
	echo "vmstub-guest: failed no crash"
	poweroff -f
}
trap serve EXIT
