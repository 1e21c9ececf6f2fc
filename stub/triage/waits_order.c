// SPDX-License-Identifier: GPL-3.0-or-later
/* waits_order.c - groups waits by lock, in the order of the lock's list, and finds cycles. */
#include "stub/triage/waits_order.h"

#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"

enum { COMPLETION_QUEUE };
static const struct record_field completion_fields[] = {
	[COMPLETION_QUEUE] = { { "wait" }, RECORD_ADDRESS },
};
RECORD(completion_record, "completion", completion_fields);

enum { PERCPU_RWSEM_QUEUE };
static const struct record_field percpu_rwsem_fields[] = {
	// 7f26482a872c (5.7); before, it had an rw_semaphore
	[PERCPU_RWSEM_QUEUE] = { { "waiters" }, RECORD_ADDRESS, "since 5.7" },
};
RECORD(percpu_rwsem_record, "percpu_rw_semaphore", percpu_rwsem_fields);

enum { EPOLL_QUEUE };
static const struct record_field epoll_fields[] = {
	[EPOLL_QUEUE] = { { "wq" }, RECORD_ADDRESS },
};
RECORD(epoll_queue_record, "eventpoll", epoll_fields);

bool waits_queue_in_lock(struct kernel *k, enum lock_kind kind, struct member *ret)
{
	ret->off = 0;
	if (kind == LOCK_COMPLETION)
		return record_member(k, &completion_record, COMPLETION_QUEUE, ret, NULL) == VS_OK;
	if (kind == LOCK_PERCPU_RWSEM)
		return record_member(k, &percpu_rwsem_record, PERCPU_RWSEM_QUEUE, ret, NULL) ==
		       VS_OK;
	if (kind == LOCK_EPOLL)
		return record_member(k, &epoll_queue_record, EPOLL_QUEUE, ret, NULL) == VS_OK;
	return true;
}

static int compare(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

/* User addresses may be the same in two programs, a word and a page can have several bits, and the
 * first member of one lock may be another one. */
static int by_lock(const struct wait *x, const struct wait *y)
{
	int order = compare(x->lock, y->lock);

	order = order ? order : compare(x->kind, y->kind);
	order = order ? order : compare(x->mm, y->mm);
	return order ? order : x->bit - y->bit;
}

static int by_waiter(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;
	int order = by_lock(x, y);

	return order ? order : compare(x->waiter, y->waiter);
}

static int by_place(const void *a, const void *b)
{
	const struct wait *x = a, *y = b;
	int order = by_lock(x, y);

	order = order ? order : compare(x->place, y->place);
	return order ? order : compare(x->task, y->task);
}

/* The waits for one lock, by waiter. */
struct queue {
	struct wait *v;
	size_t n, places;
};

static bool take_place(void *ctx, kva_t waiter)
{
	struct queue *q = ctx;
	struct wait key = *q->v;
	struct wait *found;

	key.waiter = waiter;
	found = bsearch(&key, q->v, q->n, sizeof(key), by_waiter);
	if (found && found->place == SIZE_MAX)
		found->place = q->places++;
	return q->places < q->n;
}

/* Sets the places of tasks that wait for a lock with an rt_mutex. A writer that waits for readers
 * already owns the rt_mutex, so it is not among its waiters and gets the lock before them. */
static void set_rt_places(struct kernel *k, struct queue *q)
{
	enum waitable_kind list =
		waitable_exists(k, WAITABLE_RT_MUTEX) ? WAITABLE_RT_MUTEX : WAITABLE_OLD_RT_MUTEX;

	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].basis == WAIT_BY_OWNER)
			q->v[i].place = q->places++;
	(void)waitable_each(k, list, q->v->rt_mutex, take_place, q, NULL);
}

/* Sets the place of each wait in the lock's list. */
static void set_places(struct kernel *k, struct wait *v, size_t n)
{
	struct queue q = { v, n, 0 };
	struct member queue = { 0 };
	enum waitable_kind list;

	if (v->rt_mutex) {
		set_rt_places(k, &q);
		return;
	}
	switch (v->kind) {
	case LOCK_MUTEX:
		list = WAITABLE_MUTEX;
		break;
	case LOCK_RWSEM:
		list = WAITABLE_RWSEM;
		break;
	case LOCK_SEMAPHORE:
		list = WAITABLE_SEMAPHORE;
		break;
	case LOCK_COMPLETION:
		list = WAITABLE_SWAIT;
		break;
	case LOCK_PERCPU_RWSEM:
	case LOCK_EPOLL:
		list = WAITABLE_QUEUE;
		break;
	default:
		return;
	}
	if (waits_queue_in_lock(k, v->kind, &queue))
		(void)waitable_each(k, list, v->lock + queue.off, take_place, &q, NULL);
}

size_t waits_end(const struct waits *w, size_t i)
{
	size_t end = i + 1;

	while (end < w->n && w->v[i].lock && by_lock(&w->v[i], &w->v[end]) == 0)
		end++;
	return end;
}

void waits_order(struct kernel *k, struct waits *w)
{
	qsort(w->v, w->n, sizeof(*w->v), by_waiter);
	for (size_t i = 0, end; i < w->n; i = end) {
		end = waits_end(w, i);
		if (w->v[i].lock && end - i > 1)
			set_places(k, &w->v[i], end - i);
	}
	qsort(w->v, w->n, sizeof(*w->v), by_place);
	for (size_t i = 0; i < w->ntasks; i++)
		w->of_task[i] = SIZE_MAX;
	for (size_t i = 0; i < w->n; i++)
		w->of_task[w->v[i].task] = i;
}

/* The wait of the task that certainly holds the lock of wait i; SIZE_MAX: none. */
static size_t holder_wait(const struct waits *w, size_t i)
{
	const struct wait *at = &w->v[i];

	return at->owner == SIZE_MAX || at->readers ? SIZE_MAX : w->of_task[at->owner];
}

/* Tells the cycle with wait i, from its lowest task on. */
static void tell_cycle(const struct waits *w, size_t i, waits_fn fn, void *ctx)
{
	size_t first = i, len = 1;

	for (size_t at = holder_wait(w, i); at != i; at = holder_wait(w, at), len++)
		if (w->v[at].task < w->v[first].task)
			first = at;
	for (size_t n = 0, at = first; n < len; n++, at = holder_wait(w, at))
		fn(ctx, &w->v[at], n, len);
}

vs_status waits_cycles(const struct waits *w, waits_fn fn, void *ctx, struct err *err)
{
	AUTO_FREE size_t *path = calloc(w->n ? w->n : 1, sizeof(*path)); // on which a wait was met

	if (!path)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < w->n; i++) {
		size_t at = i;

		for (; at != SIZE_MAX && !path[at]; at = holder_wait(w, at))
			path[at] = i + 1;
		if (at != SIZE_MAX && path[at] == i + 1)
			tell_cycle(w, at, fn, ctx);
	}
	return VS_OK;
}
