// SPDX-License-Identifier: GPL-3.0-or-later
/* workqueues.c - reads the pools of kernel/workqueue.c. A pool has a list of work to start, and a
 * hash table of busy workers. A workqueue has a struct pool_workqueue for each pool that it uses;
 * a pending work's data word points to one. */
#include "stub/subsys/sys/workqueues.h"

#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define HASH_HEADS 64 /* BUSY_WORKER_HASH_ORDER is 6 */

enum { POOL_ID, POOL_CPU, POOL_WORKERS, POOL_IDLE, POOL_PROGRESS, POOL_WORK, POOL_BUSY };
static const struct record_field pool_fields[] = {
	[POOL_ID] = { { "id" }, RECORD_UINT },
	[POOL_CPU] = { { "cpu" }, RECORD_INT },
	[POOL_WORKERS] = { { "nr_workers" }, RECORD_UINT },
	[POOL_IDLE] = { { "nr_idle" }, RECORD_UINT },
	// 82607adcf9cd (4.5); 7.x renamed it
	[POOL_PROGRESS] = { { "last_progress_ts", "watchdog_ts" }, RECORD_UINT, "since 4.5" },
	[POOL_WORK] = { { "worklist" }, RECORD_ADDRESS },
	[POOL_BUSY] = { { "busy_hash" }, RECORD_ADDRESS },
};
RECORD(worker_pool_record, "worker_pool", pool_fields);

enum { WORKER_HASH, WORKER_WORK, WORKER_FUNCTION, WORKER_PWQ, WORKER_TASK };
static const struct record_field worker_fields[] = {
	[WORKER_HASH] = { { "hentry" }, RECORD_ADDRESS },
	[WORKER_WORK] = { { "current_work" }, RECORD_POINTER },
	[WORKER_FUNCTION] = { { "current_func" }, RECORD_POINTER },
	[WORKER_PWQ] = { { "current_pwq" }, RECORD_POINTER },
	[WORKER_TASK] = { { "task" }, RECORD_POINTER },
};
RECORD(worker_record, "worker", worker_fields);

enum { WORK_DATA, WORK_ENTRY, WORK_FUNCTION };
static const struct record_field work_fields[] = {
	[WORK_DATA] = { { "data.counter" }, RECORD_UINT },
	[WORK_ENTRY] = { { "entry" }, RECORD_ADDRESS },
	[WORK_FUNCTION] = { { "func" }, RECORD_POINTER },
};
RECORD(work_record, "work_struct", work_fields);

enum { PWQ_QUEUE, PWQ_INACTIVE, PWQ_NODE };
static const struct record_field pwq_fields[] = {
	[PWQ_QUEUE] = { { "wq" }, RECORD_POINTER },
	// f97a4a1a3f87 (5.15)
	[PWQ_INACTIVE] = { { "inactive_works", "delayed_works" }, RECORD_ADDRESS },
	[PWQ_NODE] = { { "pwqs_node" }, RECORD_ADDRESS },
};
RECORD(pwq_record, "pool_workqueue", pwq_fields);

enum { QUEUE_NAME, QUEUE_LIST, QUEUE_PWQS };
static const struct record_field queue_fields[] = {
	[QUEUE_NAME] = { { "name" }, RECORD_ADDRESS },
	[QUEUE_LIST] = { { "list" }, RECORD_ADDRESS },
	[QUEUE_PWQS] = { { "pwqs" }, RECORD_ADDRESS },
};
RECORD(workqueue_record, "workqueue_struct", queue_fields);

/* --- pools */

struct pool_walk {
	struct kernel *k;
	work_pool_fn fn;
	void *ctx;
};

static bool take_pool(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	struct pool_walk *w = ctx;
	struct work_pool p = { .va = entry };
	struct record r;
	uint64_t cpu = 0;

	(void)first;
	(void)last;
	record_read(w->k, &worker_pool_record, entry, RECORD_ALL, &r);
	p.knows_id = record_get(&r, POOL_ID, &p.id);
	p.knows_cpu = record_get(&r, POOL_CPU, &cpu);
	p.cpu = (int64_t)cpu;
	p.knows_workers =
		record_get(&r, POOL_WORKERS, &p.workers) && record_get(&r, POOL_IDLE, &p.idle);
	p.knows_progress = record_get(&r, POOL_PROGRESS, &p.progress);
	return w->fn(w->ctx, &p);
}

vs_status work_pools_each(struct kernel *k, work_pool_fn fn, void *ctx, struct err *err)
{
	struct pool_walk w = { k, fn, ctx };

	return walk_idr(k, "worker_pool_idr", take_pool, &w, err);
}

/* --- work */

struct work_walk {
	struct kernel *k;
	work_fn fn;
	void *ctx;
	uint64_t link; /* offset of the node in its object */
	bool more;
};

static void set_queue(struct kernel *k, kva_t pwq, struct work_item *item)
{
	struct record r;
	uint64_t queue;

	strcpy(item->queue, "?");
	if (!pwq || record_field_read(k, &pwq_record, pwq, PWQ_QUEUE, &queue, NULL) || !queue)
		return;
	record_read(k, &workqueue_record, queue, RECORD_BIT(QUEUE_NAME), &r);
	(void)record_string(&r, QUEUE_NAME, item->queue, sizeof(item->queue));
}

/* The struct pool_workqueue of pending work; 0: unknown. Its address takes the place of all bits
 * but the flags, whose number depends on the kernel's options. */
static kva_t pwq_of_data(struct kernel *k, uint64_t data)
{
	int64_t is_pwq, shift;

	// e9a8e01a9b3f (6.9) gave the shift its own name.
	if (types_enumerator(k->types, "WORK_STRUCT_PWQ_BIT", &is_pwq, NULL) ||
	    (types_enumerator(k->types, "WORK_STRUCT_PWQ_SHIFT", &shift, NULL) &&
	     types_enumerator(k->types, "WORK_STRUCT_FLAG_BITS", &shift, NULL)) ||
	    is_pwq < 0 || is_pwq > 63 || shift < 0 || shift > 63 || !(data >> is_pwq & 1))
		return 0;
	return data >> shift << shift;
}

static bool take_work(void *ctx, kva_t node)
{
	struct work_walk *w = ctx;
	struct work_item item = { .work = node - w->link };
	struct record r;

	record_read(w->k, &work_record, item.work, RECORD_ALL, &r);
	item.function = record_pointer(&r, WORK_FUNCTION);
	set_queue(w->k, pwq_of_data(w->k, record_pointer(&r, WORK_DATA)), &item);
	w->more = w->fn(w->ctx, &item);
	return w->more;
}

static bool take_worker(void *ctx, kva_t node)
{
	struct work_walk *w = ctx;
	struct work_item item = { 0 };
	struct record r;

	record_read(w->k, &worker_record, node - w->link, RECORD_ALL, &r);
	item.work = record_pointer(&r, WORKER_WORK);
	item.function = record_pointer(&r, WORKER_FUNCTION);
	item.task = record_pointer(&r, WORKER_TASK);
	set_queue(w->k, record_pointer(&r, WORKER_PWQ), &item);
	w->more = w->fn(w->ctx, &item);
	return w->more;
}

vs_status work_each_busy(struct kernel *k, const struct work_pool *pool, work_fn fn, void *ctx,
			 struct err *err)
{
	struct work_walk w = { .k = k, .fn = fn, .ctx = ctx, .more = true };
	struct member link, table;
	vs_status st = record_member(k, &worker_record, WORKER_HASH, &link, err);

	if (st == VS_OK)
		st = record_member(k, &worker_pool_record, POOL_BUSY, &table, err);
	if (st)
		return st;
	if (table.size && table.size != HASH_HEADS * sizeof(kva_t))
		return fail(err, VS_UNSUPPORTED, "the table of busy workers is not of %d lists",
			    HASH_HEADS);
	w.link = link.off;
	for (unsigned i = 0; st == VS_OK && w.more && i < HASH_HEADS; i++)
		st = walk_hlist(k, pool->va + table.off + i * sizeof(kva_t), take_worker, &w, err);
	return st;
}

vs_status work_each_pending(struct kernel *k, const struct work_pool *pool, work_fn fn, void *ctx,
			    struct err *err)
{
	struct work_walk w = { .k = k, .fn = fn, .ctx = ctx };
	struct member link, list;
	vs_status st = record_member(k, &work_record, WORK_ENTRY, &link, err);

	if (st == VS_OK)
		st = record_member(k, &worker_pool_record, POOL_WORK, &list, err);
	w.link = link.off;
	return st ? st : walk_list(k, pool->va + list.off, take_work, &w, err);
}

/* --- work that is held back */

struct queue_walk {
	struct work_walk work;
	struct member list, pwqs, node,
		inactive; /* in struct workqueue_struct and pool_workqueue */
	struct err *err;
	vs_status st;
};

static bool take_pwq(void *ctx, kva_t node)
{
	struct queue_walk *q = ctx;
	kva_t list = node - q->node.off + q->inactive.off;
	vs_status st;

	q->work.more = true;
	st = walk_list(q->work.k, list, take_work, &q->work, q->st ? NULL : q->err);
	q->st = q->st ? q->st : st;
	return q->work.more;
}

static bool take_queue(void *ctx, kva_t node)
{
	struct queue_walk *q = ctx;
	kva_t pwqs = node - q->list.off + q->pwqs.off;
	vs_status st = walk_list(q->work.k, pwqs, take_pwq, q, q->st ? NULL : q->err);

	q->st = q->st ? q->st : st;
	return q->work.more;
}

vs_status work_each_inactive(struct kernel *k, work_fn fn, void *ctx, struct err *err)
{
	struct queue_walk q = { .work = { .k = k, .fn = fn, .ctx = ctx, .more = true },
				.err = err };
	struct member link;
	kva_t head;
	vs_status st = kernel_symbol(k, "workqueues", &head, err);

	if (st == VS_OK)
		st = record_member(k, &work_record, WORK_ENTRY, &link, err);
	if (st == VS_OK)
		st = record_member(k, &workqueue_record, QUEUE_LIST, &q.list, err);
	if (st == VS_OK)
		st = record_member(k, &workqueue_record, QUEUE_PWQS, &q.pwqs, err);
	if (st == VS_OK)
		st = record_member(k, &pwq_record, PWQ_NODE, &q.node, err);
	if (st == VS_OK)
		st = record_member(k, &pwq_record, PWQ_INACTIVE, &q.inactive, err);
	if (st)
		return st;
	q.work.link = link.off;
	st = walk_list(k, head, take_queue, &q, err);
	return st ? st : q.st;
}
