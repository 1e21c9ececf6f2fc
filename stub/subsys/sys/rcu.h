// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rcu.h - the RCU grace period that was running when the kernel stopped, and who delays it. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct rcu_period {
	bool running;		  /* a normal grace period has begun and not ended */
	uint64_t seq;		  /* rcu_state.gp_seq */
	uint64_t start, activity; /* jiffies when it began, and of the thread's last action */
	bool knows_start, knows_activity;
	kva_t thread;	/* the task that drives grace periods; 0: unknown */
	char state[24]; /* what that thread does, by the kernel's own name; "?": unknown */
};
vs_status rcu_period_load(struct kernel *k, struct rcu_period *ret, struct err *err);

/* Calls cpu() for each CPU that the current grace period waits for, and task() for each task that
 * was preempted in a critical section and delays it. expedited: of the expedited one, which runs
 * beside the normal one. A callback returns false to end. */
struct rcu_waiter {
	bool (*cpu)(void *ctx, unsigned cpu);
	bool (*task)(void *ctx, kva_t task);
	void *ctx;
};
vs_status rcu_each_waited(struct kernel *k, bool expedited, const struct rcu_waiter *w,
			  struct err *err);
