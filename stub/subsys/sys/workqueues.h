// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* workqueues.h - pools of kernel workers, what each busy worker does, and the work that waits. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct work_pool {
	kva_t va; /* struct worker_pool */
	uint64_t id;
	int64_t cpu;		/* -1: its workers are not bound to a CPU */
	uint64_t workers, idle; /* all its workers, and those of them that have no work */
	uint64_t progress; /* jiffies when the pool last took work, or got some when it had none */
	bool knows_id, knows_cpu, knows_workers, knows_progress;
};
/* Calls fn for each pool until it returns false. */
typedef bool (*work_pool_fn)(void *ctx, const struct work_pool *pool);
vs_status work_pools_each(struct kernel *k, work_pool_fn fn, void *ctx, struct err *err);

struct work_item {
	kva_t work;	/* struct work_struct; of a busy worker, it may have been freed */
	kva_t function; /* 0: unknown */
	char queue[33]; /* the name of its workqueue; "?": unknown */
	kva_t task;	/* of the worker that executes it; 0: unknown, or nobody does */
};
/* Calls fn for what the busy workers of a pool execute, or for its pending work, the first one
 * first, until fn returns false. Pending work excludes what its workqueue holds back because
 * enough of its work is active. */
typedef bool (*work_fn)(void *ctx, const struct work_item *item);
vs_status work_each_busy(struct kernel *k, const struct work_pool *pool, work_fn fn, void *ctx,
			 struct err *err);
vs_status work_each_pending(struct kernel *k, const struct work_pool *pool, work_fn fn, void *ctx,
			    struct err *err);
/* Calls fn for the work that workqueues hold back. */
vs_status work_each_inactive(struct kernel *k, work_fn fn, void *ctx, struct err *err);
