# Many dumps of one boot: the guest waits with the module l2f (guest/l2f) loaded, QEMU saves it, and for each fault a
# QEMU goes on from there until the kernel panics. The folder has vmcore.FAULT and console-FAULT.log; the facts are
# those of all. The way oom is the same with the module l2o, whose situations are hogs of memory. Sourced.

faults_memory=320M

# faults_of SITUATION: their names.
faults_of() {
	echo "${1//,/ }"
}

# The names come from $situation, as each is a format of the dump.
way_faults() {
	local dir=$1 cpu=$2 cmdline="panic=0 $3" fault state=$1/state
	guest_memory=$faults_memory # for this dump only, as each has its own shell
	faults_boot "$dir" "$cpu" "$cmdline" "$state"
	for fault in $(faults_of "$situation"); do
		faults_crash "$dir" "$cpu" "$cmdline" "$state" "$fault"
	done
	rm "$state"
}

way_oom() {
	way_faults "$@"
}

faults_boot() { # faults_boot DIR CPU CMDLINE STATE
	local dir=$1 qemu
	say "guest: boot"
	guest_qemu "$dir" "$2" "$3" -device vmcoreinfo -qmp "unix:$dir/qmp,server=on,wait=off" &
	qemu=$!
	guest_wait "$dir" $qemu 'vmstub-guest: ready'
	! guest_said "$dir" 'vmstub-guest: failed' || guest_failed "$dir" "before the faults"
	python3 "$here/lib/migrate.py" "$dir/qmp" "$4" && python3 "$here/lib/qmp.py" "$dir/qmp" quit ||
		guest_failed "$dir" "migrate"
	wait $qemu || :
}

faults_crash() { # faults_crash DIR CPU CMDLINE STATE FAULT
	local dir=$1/$5 file qemu last='end Kernel panic'
	say "guest: fault $5"
	mkdir "$dir"
	for file in boot.tar facts.img swap.img initrd; do
		ln -s "../$file" "$dir/"
	done
	echo "$5" >"$dir/dump.img"
	truncate -s 1G "$dir/dump.img"
	guest_qemu "$dir" "$2" "$3" -device vmcoreinfo -qmp "unix:$dir/qmp,server=on,wait=off" -incoming "exec:cat $4" &
	qemu=$!
	if [ "$5" = nmi ]; then
		guest_wait "$dir" $qemu 'vmstub-guest: fault nmi'
		sleep 8 # for the clock of the stuck CPU
		python3 "$here/lib/qmp.py" "$dir/qmp" inject-nmi
		last='Kernel Offset: ' # panic() may print no more in an NMI
	fi
	guest_wait "$dir" $qemu "$last"
	python3 "$here/lib/qmp.py" "$dir/qmp" stop \
		"dump-guest-memory paging=false protocol=file:$1/out/vmcore.$5 format=kdump-zlib" quit ||
		guest_failed "$dir" "dump-guest-memory"
	wait $qemu || :
	cp "$dir/console.log" "$1/out/console-$5.log"
}
