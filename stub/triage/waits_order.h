// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* waits_order.h - the order of waits; private to stub/triage, its users have waits.h. */
#include "stub/symbols/types.h"
#include "stub/triage/waits.h"

/* Sorts w->v, sets the place of each wait in its lock's list, and fills w->of_task. */
void waits_order(struct kernel *k, struct waits *w);
/* The place in the lock of the object that has its list of waiters; false: it is unknown. */
bool waits_queue_in_lock(struct kernel *k, enum lock_kind kind, struct member *ret);
