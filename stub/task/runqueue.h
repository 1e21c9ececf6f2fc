// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* runqueue.h - the tasks that wait for a CPU, by scheduling class. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

enum run_class { RUN_RT, RUN_FAIR, RUN_DEADLINE, RUN_EXT };

struct runqueue {
	kva_t rq, curr;
	kva_t fair,
		rt; /* the tree of its cfs_rq and the array of its rt_rq, as crash prints them */
	kva_t deadline, ext;
};

/* RT, fair and deadline queues always exist; ext is 0 before 6.12. */
vs_status runqueue_load(struct kernel *k, unsigned cpu, struct runqueue *ret, struct err *err);

/* One task on a queue; prio: its priority in the RT array, else the task's prio. */
struct run_entry {
	kva_t task; /* 0: a deadline server, which runs other classes' tasks */
	int64_t prio;
};
typedef bool (*run_fn)(void *ctx, const struct run_entry *e);
/* Calls fn for the waiting tasks of one class, including those in groups, in queue order. The
 * running task is not among them, except in the RT array. */
vs_status runqueue_each(struct kernel *k, const struct runqueue *q, enum run_class class, run_fn fn,
			void *ctx, struct err *err);

/* The group of a task; and a group's parent (0: it is the root), its queues on a CPU, and the name
 * of its cgroup ("" for the root or without one). */
vs_status task_group_of(struct kernel *k, kva_t task, kva_t *ret, struct err *err);
struct run_group {
	kva_t va, parent, fair, rt;
	char name[64];
	bool fair_throttled;
};
/* Do groups have RT queues of their own (CONFIG_RT_GROUP_SCHED)? */
bool runqueue_has_rt_groups(struct kernel *k);
vs_status task_group_load(struct kernel *k, kva_t va, const struct runqueue *q, unsigned cpu,
			  struct run_group *ret, struct err *err);
