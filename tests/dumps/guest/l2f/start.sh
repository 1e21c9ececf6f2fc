# Put before facts.sh in the guest, which goes on here when it has written its facts: it waits for the name of
# a fault at the start of the disk vdc, and makes it. QEMU saves the guest while it waits.
insmod /l2f.ko || echo "vmstub-guest: failed l2f"

ask() {
	dd if=/dev/vdc bs=512 count=1 iflag=direct 2>/dev/null | tr -d '\0\n'
}

sysctl() { # sysctl NAME VALUE
	echo "$2" >"/proc/sys/$1" || echo "vmstub-guest: failed $1"
}

make_fault() {
	sysctl kernel/panic_on_oops 1
	case $1 in
	softlockup)
		sysctl kernel/watchdog_thresh 2
		sysctl kernel/softlockup_panic 1
		;;
	spins)
		sysctl kernel/watchdog_thresh 4
		sysctl kernel/softlockup_panic 1
		;;
	nmi)
		sysctl kernel/watchdog 0
		sysctl kernel/unknown_nmi_panic 1
		;;
	preempted)
		sysctl kernel/soft_watchdog 0
		sysctl kernel/sched_rt_runtime_us -1
		sysctl kernel/panic_on_rcu_stall 1
		echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
		;;
	rcu)
		sysctl kernel/soft_watchdog 0
		sysctl kernel/panic_on_rcu_stall 1
		echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout
		;;
	hung)
		sysctl kernel/hung_task_timeout_secs 2
		sysctl kernel/hung_task_panic 1
		;;
	oom)
		swapoff /dev/vdd
		sysctl vm/panic_on_oom 1
		;;
	warn | bounds) sysctl kernel/panic_on_warn 1 ;;
	kfence)
		sysctl kernel/panic_on_warn 1
		echo 1 >/sys/module/kfence/parameters/sample_interval
		;;
	esac
	echo "vmstub-guest: fault $1"
	echo "$1" >/sys/module/l2f/parameters/fault
	sleep 60 # for the watchdogs
	echo "vmstub-guest: failed no crash"
	poweroff -f
}

serve() {
	tar -c -f /dev/vdb -C "$out" . || echo "vmstub-guest: failed facts"
	sync
	taskset -p 8 $$ >/dev/null # CRASH_CPU
	echo "vmstub-guest: ready"
	while name=$(ask) && [ -z "$name" ]; do
		sleep 0.2
	done
	make_fault "$name"
}
trap serve EXIT
