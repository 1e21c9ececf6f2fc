// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* taskinfo.h - what a task has used and may use: memory, time, policy, limits, arguments. Each is
 * read when asked for; nothing is kept. */
#include "stub/base/buf.h"
#include "stub/base/mem.h"

struct kernel;
struct task;

struct task_memory {
	uint64_t total_vm, rss; /* pages of its address space, and of those in RAM */
};
/* As /proc/PID/statm counts, but to the page: what is cached by CPU or thread is added. Kernel
 * threads have none of both. */
vs_status task_memory_load(struct kernel *k, const struct task *t, struct task_memory *ret,
			   struct err *err);

/* Pages of RAM that the kernel manages: MemTotal of /proc/meminfo. */
vs_status memory_total_pages(struct kernel *k, uint64_t *ret, struct err *err);

/* Nanoseconds: of CPU time, and of the clock since boot when it was made. */
struct task_times {
	uint64_t utime, stime, start;
};
vs_status task_times_load(struct kernel *k, kva_t task, struct task_times *ret, struct err *err);
/* When it last began to run, in nanoseconds of its CPU's scheduler clock. */
vs_status task_last_run(struct kernel *k, kva_t task, uint64_t *ret, struct err *err);
/* That clock when the kernel stopped. */
vs_status task_cpu_clock(struct kernel *k, unsigned cpu, uint64_t *ret, struct err *err);

/* The process that made it, or has it now: its address and PID. VS_NOTFOUND: it is dead and gone.
 */
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

/* The strings of its command line, or of its first environment, NUL after each. VS_NOTFOUND for
 * kernel threads. What can be read stays in out on failure. */
vs_status task_strings(struct kernel *k, kva_t task, bool env, struct buf *out, struct err *err);
