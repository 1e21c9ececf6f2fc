# Put before facts.sh in the guest: records a trace in four instances, and copies what the kernel itself says of
# them to the facts, as trace-NAME. "top" wraps, of "foo" a part was read, "fn" has functions, and "live" goes on
# until the crash.
insmod /l2e.ko || echo "vmstub-guest: failed l2e"
t=/sys/kernel/tracing
mount -t tracefs tracefs $t || echo "vmstub-guest: failed tracefs"

set_in() { # set_in FOLDER FILE VALUE, if the kernel has that
	[ ! -e "$1/$2" ] || echo "$3" >"$1/$2" || echo "vmstub-guest: failed $2"
}

start_instance() { # start_instance FOLDER KIB EVENT...
	local dir=$1 event
	echo "$2" >"$dir/buffer_size_kb"
	shift 2
	for event; do
		set_in "$dir" "events/$event/enable" 1
	done
}

mkdir $t/instances/foo $t/instances/fn $t/instances/live
echo x86-tsc >$t/instances/live/trace_clock
start_instance $t 32 sched irq kmem timer workqueue rcu/rcu_utilization syscalls/sys_enter_openat \
	syscalls/sys_exit_openat syscalls/sys_enter_read signal task l2e
start_instance $t/instances/foo 128 sched/sched_process_exec sched/sched_process_fork sched/sched_process_exit \
	syscalls/sys_enter_write l2e
start_instance $t/instances/fn 16
start_instance $t/instances/live 8 sched/sched_switch irq
echo 'vfs_*' >$t/instances/fn/set_ftrace_filter
echo function >$t/instances/fn/current_tracer

for try in 1 2 3; do
	cat /proc/meminfo /proc/self/maps >/dev/null
	sleep 0.1
done
echo 9 >/sys/module/l2e/parameters/write
echo "a mark" >$t/trace_marker
dd if=$t/instances/foo/trace_pipe of=/dev/null bs=300 count=2 2>/dev/null
echo "a mark of foo" >$t/instances/foo/trace_marker

for name in top foo fn; do
	dir=$t/instances/$name
	[ $name != top ] || dir=$t
	echo 0 >$dir/tracing_on
	cat $dir/trace >"$1/trace-$name"
	cat $dir/trace_clock >"$1/trace-clock-$name"
	grep . $dir/per_cpu/cpu*/stats >"$1/trace-stats-$name"
done
cat $t/saved_cmdlines >"$1/trace-saved_cmdlines"
cat $t/printk_formats >"$1/trace-printk_formats"
cat $t/events/header_page $t/events/header_event >"$1/trace-header"
cat $t/events/*/*/format >"$1/trace-formats"
