# Put before facts.sh in the guest: probes and tracers on, and threads asleep under them.
mount -t debugfs debugfs /sys/kernel/debug
insmod /l2k.ko || echo "vmstub-guest: failed l2k"
cd /sys/kernel/debug/tracing
echo 'l2k_graphed l2k_both' >set_ftrace_filter && echo function_graph >current_tracer ||
	echo "vmstub-guest: failed tracer"
cd /
echo 1 >/sys/module/l2k/parameters/go
for try in $(seq 100); do
	grep -q OPTIMIZED /sys/kernel/debug/kprobes/list && break
	sleep 0.1
done
cat /sys/kernel/debug/kprobes/list >/facts/kprobes
sleep 0.3 # for the threads to get to sleep
