// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* runqueue.h - what waits for a CPU: its queues by scheduling class. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

enum run_class { RUN_RT, RUN_FAIR, RUN_DEADLINE, RUN_EXT };

struct runqueue {
	kva_t rq, curr;
	kva_t fair, rt; /* its own cfs_rq's tree and rt_rq's array, as crash names them */
	kva_t deadline, ext;
};

/* RT, fair and deadline queues are always there; ext is 0 before 6.12. */
vs_status runqueue_load(struct kernel *k, unsigned cpu, struct runqueue *ret, struct err *err);

/* One task on a queue; where: its priority in the RT array, else its prio. */
struct run_entry {
	kva_t task; /* 0: a deadline server, which runs other classes' tasks */
	int64_t prio;
};
typedef bool (*run_fn)(void *ctx, const struct run_entry *e);
/* The tasks that wait in one class, in the order they are kept, groups included; the one that runs
 * is not among them, but in the RT array. */
vs_status runqueue_each(struct kernel *k, const struct runqueue *q, enum run_class class, run_fn fn,
			void *ctx, struct err *err);

/* A task's group, and a group's place: its parent (0: the root), queue on a CPU and cgroup's name
 * ("" for the root or without one). */
vs_status task_group_of(struct kernel *k, kva_t task, kva_t *ret, struct err *err);
struct run_group {
	kva_t va, parent, fair, rt;
	char name[64];
	bool fair_throttled;
};
vs_status task_group_load(struct kernel *k, kva_t va, const struct runqueue *q, unsigned cpu,
			  struct run_group *ret, struct err *err);
