// SPDX-License-Identifier: GPL-3.0-or-later
/* task_record.c - record tables of task_struct, signal_struct and mm_struct. */
#include "stub/task/task_record.h"

static const struct record_field task_fields[] = {
	[TASK_PID] = { { "pid" }, RECORD_INT },
	[TASK_TGID] = { { "tgid" }, RECORD_INT },
	[TASK_COMM] = { { "comm" }, RECORD_ADDRESS },
	[TASK_STACK] = { { "stack" }, RECORD_POINTER },
	[TASK_MM] = { { "mm" }, RECORD_POINTER },
	// 2f064a59a11f ("sched: Change task_struct::state", 5.14)
	[TASK_STATE] = { { "__state", "state" }, RECORD_UINT },
	[TASK_EXIT_STATE] = { { "exit_state" }, RECORD_UINT },
	[TASK_FLAGS] = { { "flags" }, RECORD_UINT },
	// bcf9033e5449 (5.16) moved it back into thread_info. RHEL 9 has both, and updates only
	// "cpu".
	[TASK_CPU] = { { "cpu", "thread_info.cpu" }, RECORD_UINT },
	[TASK_ON_CPU] = { { "on_cpu" }, RECORD_UINT },
	[TASK_TASKS] = { { "tasks" }, RECORD_ADDRESS },
	[TASK_CHILDREN] = { { "children" }, RECORD_ADDRESS },
	[TASK_SIBLING] = { { "sibling" }, RECORD_ADDRESS },
	// 0c740d0afc3b (3.14); the only list of threads since 6.7
	[TASK_THREAD_NODE] = { { "thread_node" }, RECORD_ADDRESS },
	// 2c4704756cab ("pids: Move the pgrp and session pid pointers", 4.19)
	[TASK_PID_LINK] = { { "pid_links[0]", "pids[0].node" }, RECORD_ADDRESS },
	[TASK_REAL_PARENT] = { { "real_parent" }, RECORD_POINTER },
	[TASK_GROUP_LEADER] = { { "group_leader" }, RECORD_POINTER },
	// c65eacbe290b (4.9); before, at the low end of the stack
	[TASK_THREAD_INFO] = { { "thread_info" }, RECORD_ADDRESS },
	[TASK_THREAD_SP] = { { "thread.sp" }, RECORD_UINT },
	[TASK_USER_SP] = { { "thread.usersp" }, RECORD_UINT, "before 4.1" },
	[TASK_POLICY] = { { "policy" }, RECORD_UINT },
	[TASK_PRIO] = { { "prio" }, RECORD_INT },
	[TASK_ON_RQ] = { { "se.on_rq" }, RECORD_UINT },
	[TASK_SE] = { { "se" }, RECORD_ADDRESS },
	[TASK_RT] = { { "rt" }, RECORD_ADDRESS },
	[TASK_DL] = { { "dl" }, RECORD_ADDRESS },
	// f0e1a0643a59 (6.12)
	[TASK_EXT_NODE] = { { "scx.runnable_node" }, RECORD_ADDRESS, "CONFIG_SCHED_CLASS_EXT" },
	[TASK_GROUP] = { { "sched_task_group" }, RECORD_POINTER, "CONFIG_CGROUP_SCHED" },
	// 5613fda9a503 (4.11): both in nanoseconds
	[TASK_UTIME] = { { "utime" }, RECORD_UINT },
	[TASK_STIME] = { { "stime" }, RECORD_UINT },
	// cf25e24db61c (5.5) renamed "real_start_time", which /proc shows
	[TASK_START] = { { "start_boottime", "real_start_time", "start_time" }, RECORD_UINT },
	// before ccbf62d8a284 (3.17), it was a struct timespec
	[TASK_START_SEC] = { { "real_start_time.tv_sec", "start_time.tv_sec" },
			     RECORD_UINT,
			     "before 3.17" },
	[TASK_START_NSEC] = { { "real_start_time.tv_nsec", "start_time.tv_nsec" },
			      RECORD_UINT,
			      "before 3.17" },
	[TASK_LAST_ARRIVAL] = { { "sched_info.last_arrival" }, RECORD_UINT, "CONFIG_SCHED_INFO" },
	// 34e55232e59f (2.6.34) to f1a7941243c1 (6.2): changes that a thread has not added to its
	// mm
	[TASK_RSS_CACHED] = { { "rss_stat.count[0]" }, RECORD_INT, "before 6.2" },
	[TASK_RSS_ALL] = { { "rss_stat.count" }, RECORD_ADDRESS, "before 6.2" },
	[TASK_RSS_SHMEM] = { { "mm_shmempages" }, RECORD_INT, "RHEL 7" },
	[TASK_SIGNAL] = { { "signal" }, RECORD_POINTER },
	[TASK_SIGHAND] = { { "sighand" }, RECORD_POINTER },
	[TASK_BLOCKED] = { { "blocked" }, RECORD_UINT },
	[TASK_PENDING] = { { "pending.signal" }, RECORD_UINT },
	[TASK_PENDING_LIST] = { { "pending.list" }, RECORD_ADDRESS },
	[TASK_FS] = { { "fs" }, RECORD_POINTER },
	[TASK_FILES] = { { "files" }, RECORD_POINTER },
	[TASK_NSPROXY] = { { "nsproxy" }, RECORD_POINTER },
	// 68f24b08ee89
	[TASK_STACK_REFS] = { { "stack_refcount.refs.counter" }, RECORD_INT, "since 4.9" },
	// 54ecbe6f1ed5; d741bf41d7c7 (5.11): before, all of them were in one table
	[TASK_RETHOOKS] = { { "rethooks.first" }, RECORD_POINTER, "since 5.18, with kretprobes" },
	[TASK_KRETPROBES] = { { "kretprobe_instances.first" },
			      RECORD_POINTER,
			      "since 5.11, with kretprobes" },
	[TASK_RET_STACK] = { { "ret_stack" }, RECORD_POINTER, "with the function graph tracer" },
	[TASK_RET_TOP] = { { "curr_ret_stack" }, RECORD_INT, "with the function graph tracer" },
};
RECORD(task_record, "task_struct", task_fields);

static const struct record_field signal_fields[] = {
	[SIGNAL_THREADS] = { { "thread_head" }, RECORD_ADDRESS },
	[SIGNAL_NR_THREADS] = { { "nr_threads" }, RECORD_INT },
	[SIGNAL_PENDING] = { { "shared_pending.signal" }, RECORD_UINT },
	[SIGNAL_PENDING_LIST] = { { "shared_pending.list" }, RECORD_ADDRESS },
	[SIGNAL_RLIM] = { { "rlim" }, RECORD_ADDRESS },
};
RECORD(signal_record, "signal_struct", signal_fields);

static const struct record_field mm_fields[] = {
	[MM_PGD] = { { "pgd" }, RECORD_POINTER },
	// 763ecb035029 (6.1): a maple tree instead of the list
	[MM_TREE] = { { "mm_mt" }, RECORD_ADDRESS, "since 6.1" },
	[MM_LIST] = { { "mmap" }, RECORD_POINTER, "before 6.1" },
	[MM_TOTAL_VM] = { { "total_vm" }, RECORD_UINT },
	// f1a7941243c1 (6.2): struct percpu_counter rss_stat[]
	[MM_RSS] = { { "rss_stat[0]" }, RECORD_ADDRESS, "since 6.2" },
	[MM_RSS_ATOMIC] = { { "rss_stat.count[0].counter" }, RECORD_UINT, "before 6.2" },
	[MM_RSS_ALL] = { { "rss_stat.count", "rss_stat" }, RECORD_ADDRESS },
	// Its number is just past the end of the array, which could not grow.
	[MM_RSS_SHMEM] = { { "mm_shmempages.counter" }, RECORD_UINT, "RHEL 7" },
	[MM_ARG_START] = { { "arg_start" }, RECORD_UINT },
	[MM_ARG_END] = { { "arg_end" }, RECORD_UINT },
	[MM_ENV_START] = { { "env_start" }, RECORD_UINT },
	[MM_ENV_END] = { { "env_end" }, RECORD_UINT },
};
RECORD(mm_record, "mm_struct", mm_fields);

static const struct record_field rq_fields[] = { [RQ_IDLE] = { { "idle" }, RECORD_POINTER } };
RECORD(rq_idle_record, "rq", rq_fields);
