// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* overdue.h - timers that should have run before the kernel stopped. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct overdue {
	unsigned cpu;
	bool high_res; /* a struct hrtimer, not a timer_list */
	kva_t va, function;
	uint64_t late; /* nanoseconds by which it is late, at least */
};
/* Calls fn for the timers of a CPU that are late by `least` nanoseconds or more, until it returns
 * false. Leaves out deferrable timers, which may wait for an idle CPU to wake up, and the time by
 * which a wheel delays distant timers. */
typedef bool (*overdue_fn)(void *ctx, const struct overdue *o);
vs_status timers_each_overdue(struct kernel *k, unsigned cpu, uint64_t least, overdue_fn fn,
			      void *ctx, struct err *err);
/* The kernel's jiffies; ticks of jiffies to nanoseconds are times *nsec. */
vs_status timers_jiffies(struct kernel *k, uint64_t *jiffies, uint64_t *nsec, struct err *err);
