// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* waitable.h - what tasks sleep on, with a list of those that wait: wait queues, completions and
 * locks. */
#include "stub/base/mem.h"
#include "stub/kernel/record.h"

struct kernel;

/* Rows of a waiter's table. Only entries of wait queues have WAITER_FUNC. */
enum waiter_field { WAITER_LINK, WAITER_TASK, WAITER_FUNC };

enum waitable_kind {
	WAITABLE_QUEUE,
	WAITABLE_OLD_QUEUE, /* before 4.13 */
	WAITABLE_SWAIT,	    /* also of completions, since 5.7 */
	WAITABLE_MUTEX,
	WAITABLE_RWSEM,
	WAITABLE_SEMAPHORE,
	WAITABLE_RT_MUTEX, /* a struct rt_mutex_base; on PREEMPT_RT other locks have one inside */
	WAITABLE_OLD_RT_MUTEX, /* a struct rt_mutex, before 5.15 */
	WAITABLES
};

struct waitable {
	const struct record_def *object, *waiter;
	bool tree; /* the waiters are in an rb_root_cached, else in a list */
};
extern const struct waitable waitables[WAITABLES];

/* Does this kernel have the struct, with a list of waiters? */
bool waitable_exists(struct kernel *k, enum waitable_kind kind);
/* Calls fn for each waiter of the object at va, the first one first, until fn returns false.
 * waiter: its struct. If the list is broken, fails after those before the place. */
typedef bool (*waitable_fn)(void *ctx, kva_t waiter);
vs_status waitable_each(struct kernel *k, enum waitable_kind kind, kva_t va, waitable_fn fn,
			void *ctx, struct err *err);
/* The object that the list with this waiter belongs to. is_waiter() tells waiters from the object's
 * own list head. VS_NOTFOUND: this kernel's lists have no head in the object (7.3), or none was
 * found. */
vs_status waitable_of(struct kernel *k, enum waitable_kind kind, kva_t waiter,
		      bool (*is_waiter)(void *ctx, kva_t waiter), void *ctx, kva_t *ret,
		      struct err *err);
