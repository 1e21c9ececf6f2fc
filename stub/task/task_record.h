// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* task_record.h - record tables of the structs of each task: task_struct, signal_struct, mm_struct.
 */
#include "stub/kernel/record.h"

enum task_field {
	TASK_PID,
	TASK_TGID,
	TASK_COMM,
	TASK_STACK,
	TASK_MM,
	TASK_STATE,
	TASK_EXIT_STATE,
	TASK_FLAGS,
	TASK_CPU,
	TASK_ON_CPU,
	/* The members above are in struct task. */
	TASK_TASKS,
	TASK_CHILDREN,
	TASK_SIBLING,
	TASK_THREAD_NODE,
	TASK_PID_LINK,
	TASK_REAL_PARENT,
	TASK_GROUP_LEADER,
	TASK_THREAD_INFO,
	TASK_THREAD_SP,
	TASK_USER_SP,
	TASK_POLICY,
	TASK_PRIO,
	TASK_ON_RQ,
	TASK_SE,
	TASK_RT,
	TASK_DL,
	TASK_EXT_NODE,
	TASK_GROUP,
	TASK_UTIME,
	TASK_STIME,
	TASK_START,
	TASK_START_SEC,
	TASK_START_NSEC,
	TASK_LAST_ARRIVAL,
	TASK_RSS_CACHED,
	TASK_RSS_ALL,
	TASK_RSS_SHMEM,
	TASK_SIGNAL,
	TASK_SIGHAND,
	TASK_BLOCKED,
	TASK_PENDING,
	TASK_PENDING_LIST,
	TASK_FS,
	TASK_FILES,
	TASK_NSPROXY,
	TASK_STACK_REFS,
	TASK_RETHOOKS,
	TASK_KRETPROBES,
	TASK_RET_STACK,
	TASK_RET_TOP,
};
extern const struct record_def task_record;

/* struct signal_struct, which the threads of a process share */
enum signal_field {
	SIGNAL_THREADS,
	SIGNAL_NR_THREADS,
	SIGNAL_PENDING,
	SIGNAL_PENDING_LIST,
	SIGNAL_RLIM,
};
extern const struct record_def signal_record;

/* struct mm_struct, a process's address space */
enum mm_field {
	MM_PGD,
	MM_TREE,
	MM_LIST,
	MM_TOTAL_VM,
	MM_RSS,
	MM_RSS_ATOMIC,
	MM_RSS_ALL,
	MM_RSS_SHMEM,
	MM_ARG_START,
	MM_ARG_END,
	MM_ENV_START,
	MM_ENV_END,
};
extern const struct record_def mm_record;

/* struct rq, a CPU's run queue, which points to its idle task */
enum { RQ_IDLE };
extern const struct record_def rq_idle_record;
