// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* taskinfo.h - a task's memory, time, policy, limits and arguments. Each call reads the dump;
 * nothing is cached. */
#include "stub/base/buf.h"
#include "stub/base/mem.h"

struct kernel;
struct task;

struct task_memory {
	uint64_t total_vm, rss; /* pages of its address space, and those in RAM */
	uint64_t swap;		/* pages in swap */
};
/* The numbers of /proc/PID/statm, but exact: includes changes cached by CPU or thread. Both are 0
 * for kernel threads. */
vs_status task_memory_load(struct kernel *k, const struct task *t, struct task_memory *ret,
			   struct err *err);

/* Pages of RAM that the kernel manages: MemTotal of /proc/meminfo. */
vs_status memory_total_pages(struct kernel *k, uint64_t *ret, struct err *err);

/* CPU time, and start time since boot, in nanoseconds. */
struct task_times {
	uint64_t utime, stime, start;
};
vs_status task_times_load(struct kernel *k, kva_t task, struct task_times *ret, struct err *err);
/* When it last started to run, in nanoseconds of its CPU's scheduler clock. */
vs_status task_last_run(struct kernel *k, kva_t task, uint64_t *ret, struct err *err);
/* The scheduler clock of a CPU when the kernel stopped. */
vs_status task_cpu_clock(struct kernel *k, unsigned cpu, uint64_t *ret, struct err *err);

/* The current parent process: its address and PID. VS_NOTFOUND: the task has no parent any more. */
vs_status task_parent(struct kernel *k, kva_t task, kva_t *ret, int32_t *pid, struct err *err);

#define TASK_NLIMITS 16 /* RLIM_NLIMITS */
struct task_limit {
	uint64_t now, max; /* ~0: unlimited */
};
vs_status task_limits_load(struct kernel *k, kva_t task, struct task_limit ret[TASK_NLIMITS],
			   struct err *err);
/* "CPU", "FSIZE", ...: without RLIMIT_. */
const char *task_limit_name(unsigned i);

/* Number of a scheduling policy by number or name ("FIFO", any case). VS_NOTFOUND. */
vs_status task_policy_parse(const char *text, unsigned *ret);

/* The NUL-terminated strings of its command line, or of its initial environment. VS_NOTFOUND for
 * kernel threads. On failure, out has what could be read. */
vs_status task_strings(struct kernel *k, kva_t task, bool env, struct buf *out, struct err *err);
