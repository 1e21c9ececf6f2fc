# Put before facts.sh in the guest: threads that wait for each kind of lock.
insmod /l2q.ko || echo "vmstub-guest: failed l2q"
for try in $(seq 100); do
	grep -q l2q_ba /proc/[0-9]*/comm && break
	sleep 0.1
done
dd if=/dev/l2q_disk of=/dev/null bs=4096 count=1 2>/dev/null & # never returns
sleep 0.3 # for the last one to get to sleep

# Of PREEMPT_RT alone. Who waits for a spinlock is a reader of RCU, and who reads /proc/locks waits for RCU.
after_files() {
	if [ -e /sys/module/l2q/parameters/rt ]; then
		echo 1 >/sys/module/l2q/parameters/rt
		sleep 1
	fi
}
