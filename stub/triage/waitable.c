// SPDX-License-Identifier: GPL-3.0-or-later
/* waitable.c - wait queues, completions and locks, and their lists of waiters. */
#include "stub/triage/waitable.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"

/* --- entries of lists of waiters: the link and the waiter */

static const struct record_field wait_fields[] = {
	[WAITER_LINK] = { { "entry" }, RECORD_ADDRESS, "since 4.13" },
	[WAITER_TASK] = { { "private" }, RECORD_POINTER, "since 4.13" },
	[WAITER_FUNC] = { { "func" }, RECORD_POINTER, "since 4.13" },
};
RECORD(wait_record, "wait_queue_entry", wait_fields);

/* The wait queue entry before 2055da97389a (4.13). */
static const struct record_field old_wait_fields[] = {
	[WAITER_LINK] = { { "task_list" }, RECORD_ADDRESS, "before 4.13" },
	[WAITER_TASK] = { { "private" }, RECORD_POINTER, "before 4.13" },
	[WAITER_FUNC] = { { "func" }, RECORD_POINTER, "before 4.13" },
};
RECORD(old_wait_record, "__wait_queue", old_wait_fields);

static const struct record_field swait_fields[] = {
	[WAITER_LINK] = { { "task_list" }, RECORD_ADDRESS },
	[WAITER_TASK] = { { "task" }, RECORD_POINTER },
};
RECORD(swait_record, "swait_queue", swait_fields);

static const struct record_field mutex_waiter_fields[] = {
	[WAITER_LINK] = { { "list" }, RECORD_ADDRESS, "without PREEMPT_RT" },
	[WAITER_TASK] = { { "task" }, RECORD_POINTER, "without PREEMPT_RT" },
};
RECORD(mutex_waiter_record, "mutex_waiter", mutex_waiter_fields);

static const struct record_field rwsem_waiter_fields[] = {
	[WAITER_LINK] = { { "list" }, RECORD_ADDRESS, "without PREEMPT_RT" },
	[WAITER_TASK] = { { "task" }, RECORD_POINTER, "without PREEMPT_RT" },
};
RECORD(rwsem_waiter_record, "rwsem_waiter", rwsem_waiter_fields);

static const struct record_field semaphore_waiter_fields[] = {
	[WAITER_LINK] = { { "list" }, RECORD_ADDRESS },
	[WAITER_TASK] = { { "task" }, RECORD_POINTER },
};
RECORD(semaphore_waiter_record, "semaphore_waiter", semaphore_waiter_fields);

static const struct record_field rt_waiter_fields[] = {
	// f7853c34241 (6.5)
	[WAITER_LINK] = { { "tree.entry", "tree_entry" }, RECORD_ADDRESS },
	[WAITER_TASK] = { { "task" }, RECORD_POINTER },
};
RECORD(rt_waiter_record, "rt_mutex_waiter", rt_waiter_fields);

/* What a task can wait for, with the head of a list of waiters, or the root of their tree. */
enum { OBJECT_LIST, OBJECT_FIRST };
static const struct record_field queue_fields[] = {
	[OBJECT_LIST] = { { "head" }, RECORD_ADDRESS, "since 4.13" },
};
RECORD(wait_queue_record, "wait_queue_head", queue_fields);
static const struct record_field old_queue_fields[] = {
	[OBJECT_LIST] = { { "task_list" }, RECORD_ADDRESS, "before 4.13" },
};
RECORD(old_wait_queue_record, "__wait_queue_head", old_queue_fields);
static const struct record_field swait_queue_fields[] = {
	[OBJECT_LIST] = { { "task_list" }, RECORD_ADDRESS },
};
RECORD(swait_queue_record, "swait_queue_head", swait_queue_fields);
static const struct record_field lock_fields[] = {
	[OBJECT_LIST] = { { "wait_list" },
			  RECORD_ADDRESS,
			  "not in 7.3; with PREEMPT_RT only of semaphores" },
	// the waiters then form a ring without a head
	[OBJECT_FIRST] = { { "first_waiter" }, RECORD_POINTER, "in 7.3" },
};
RECORD(mutex_record, "mutex", lock_fields);
RECORD(rwsem_record, "rw_semaphore", lock_fields);
RECORD(semaphore_record, "semaphore", lock_fields);
static const struct record_field rt_mutex_fields[] = {
	[OBJECT_LIST] = { { "waiters" }, RECORD_ADDRESS, "since 5.15" },
};
RECORD(rt_mutex_record, "rt_mutex_base", rt_mutex_fields);
static const struct record_field old_rt_mutex_fields[] = {
	[OBJECT_LIST] = { { "waiters" }, RECORD_ADDRESS, "until 5.14" },
};
RECORD(old_rt_mutex_record, "rt_mutex", old_rt_mutex_fields);

const struct waitable waitables[WAITABLES] = {
	[WAITABLE_QUEUE] = { &wait_queue_record, &wait_record },
	[WAITABLE_OLD_QUEUE] = { &old_wait_queue_record, &old_wait_record },
	[WAITABLE_SWAIT] = { &swait_queue_record, &swait_record },
	[WAITABLE_MUTEX] = { &mutex_record, &mutex_waiter_record },
	[WAITABLE_RWSEM] = { &rwsem_record, &rwsem_waiter_record },
	[WAITABLE_SEMAPHORE] = { &semaphore_record, &semaphore_waiter_record },
	[WAITABLE_RT_MUTEX] = { &rt_mutex_record, &rt_waiter_record, .tree = true },
	[WAITABLE_OLD_RT_MUTEX] = { &old_rt_mutex_record, &rt_waiter_record, .tree = true },
};

bool waitable_exists(struct kernel *k, enum waitable_kind kind)
{
	struct member m;

	return record_member(k, waitables[kind].object, OBJECT_LIST, &m, NULL) == VS_OK ||
	       (waitables[kind].object->n > OBJECT_FIRST &&
		record_member(k, waitables[kind].object, OBJECT_FIRST, &m, NULL) == VS_OK);
}

struct each {
	waitable_fn fn;
	void *ctx;
	uint64_t link;
	bool more; /* fn wants more */
};

static bool take_node(void *ctx, kva_t node)
{
	struct each *e = ctx;

	e->more = e->fn(e->ctx, node - e->link);
	return e->more;
}

/* The waiters of an object that points to the first of them. */
static vs_status each_of_ring(struct kernel *k, const struct record_def *object, kva_t va,
			      struct each *e, struct err *err)
{
	uint64_t first;
	vs_status st = record_field_read(k, object, va, OBJECT_FIRST, &first, err);

	if (st || !first || !take_node(e, first + e->link))
		return st;
	return walk_list(k, first + e->link, take_node, e, err);
}

vs_status waitable_each(struct kernel *k, enum waitable_kind kind, kva_t va, waitable_fn fn,
			void *ctx, struct err *err)
{
	const struct waitable *w = &waitables[kind];
	struct each e = { .fn = fn, .ctx = ctx };
	struct member head, link;
	vs_status st = record_member(k, w->waiter, WAITER_LINK, &link, err);

	e.link = link.off;
	if (st)
		return st;
	st = record_member(k, w->object, OBJECT_LIST, &head, err);
	if (st == VS_OK)
		return (w->tree ? walk_rbtree : walk_list)(k, va + head.off, take_node, &e, err);
	if (w->object->n <= OBJECT_FIRST)
		return st;
	return each_of_ring(k, w->object, va, &e, err);
}

struct head_search {
	bool (*is_waiter)(void *ctx, kva_t waiter);
	void *ctx;
	uint64_t link;
	kva_t head;
	unsigned heads;
};

static bool look_for_head(void *ctx, kva_t node)
{
	struct head_search *s = ctx;

	if (s->is_waiter(s->ctx, node - s->link))
		return true;
	s->head = node;
	return ++s->heads < 2;
}

vs_status waitable_of(struct kernel *k, enum waitable_kind kind, kva_t waiter,
		      bool (*is_waiter)(void *ctx, kva_t waiter), void *ctx, kva_t *ret,
		      struct err *err)
{
	const struct waitable *w = &waitables[kind];
	struct head_search s = { .is_waiter = is_waiter, .ctx = ctx };
	struct member head, link;
	vs_status st = record_member(k, w->waiter, WAITER_LINK, &link, err);

	if (st == VS_OK)
		st = record_member(k, w->object, OBJECT_LIST, &head, err);
	if (st)
		return st;
	s.link = link.off;
	st = walk_list(k, waiter + link.off, look_for_head, &s, err);
	if (st)
		return st;
	if (s.heads != 1)
		return fail(err, VS_NOTFOUND, "the list of waiters has %s head",
			    s.heads ? "more than one" : "no");
	*ret = s.head - head.off;
	return VS_OK;
}
