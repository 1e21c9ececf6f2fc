// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rtlocks.h - rt_mutexes, and the locks that are made of one on PREEMPT_RT: there mutexes,
 * spinlocks, rw_semaphores and rwlocks have an rt_mutex inside, which is what a task waits for.
 * Private to stub/triage, its users have waits.h. */
#include "stub/triage/waits.h"
#include "stub/unwind/rules.h"

/* If the task is in a list of waiters of an rt_mutex (task_struct.pi_blocked_on), sets kind, lock,
 * rt_mutex, waiter and basis of *wait. */
bool rtlocks_blocked(struct kernel *k, const struct task *t, struct wait *wait);
/* The same for the first writer of an rw_semaphore or rwlock of PREEMPT_RT: it has the rt_mutex,
 * and sleeps until the readers have left, in no list. Its stack, innermost frame first, shows both
 * the function that waits and the lock, whose owner has to be this task. */
bool rtlocks_waits_for_readers(struct kernel *k, const struct task *t, const struct frame *frames,
			       size_t n, struct wait *wait);
/* Says what kind of lock the rt_mutex of a wait is in, by the function on the stack that took it.
 * Without such a function it is still an rt_mutex. */
void rtlocks_name(struct kernel *k, const struct frame *frames, size_t n, struct wait *wait);
/* The owner of wait->rt_mutex, with flags in its low bits, as the lock has it. Sets wait->readers
 * if readers hold the lock, whom it only counts: the owner is then 0. */
vs_status rtlocks_owner(struct kernel *k, struct wait *wait, uint64_t *owner, struct err *err);
