// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* timers.h - what each CPU's timer wheels and high-resolution clocks wait for. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct timer {
	kva_t va;	  /* struct timer_list or hrtimer */
	uint64_t expires; /* in jiffies, or nanoseconds of its clock */
	uint64_t soft;	  /* hrtimer: the earliest time */
	uint64_t function;
	bool known; /* all of these */
};

/* Wheels of a CPU: their number and the first struct timer_base, *size bytes each. */
vs_status timer_wheels(struct kernel *k, unsigned cpu, kva_t *ret, unsigned *n, uint64_t *size,
		       struct err *err);
/* "BASE_STD", ...: wheel i of n. */
const char *timer_wheel_name(unsigned i, unsigned n);
/* The timers of a wheel by expiry; *ret is malloced, the caller's. On failure what was found. */
vs_status timers_of_wheel(struct kernel *k, kva_t base, struct timer **ret, size_t *n,
			  struct err *err);

/* Clocks of a CPU: struct hrtimer_cpu_base, and in it clock_base[*n], *size bytes each. */
vs_status timer_clocks(struct kernel *k, unsigned cpu, kva_t *cpu_base, kva_t *ret, unsigned *n,
		       uint64_t *size, struct err *err);
struct timer_clock {
	uint64_t get_time; /* the function that tells its time (until 6.17), or 0 */
	uint64_t id;	   /* CLOCK_*: without that */
	uint64_t offset;   /* to the monotonic clock, nanoseconds */
	bool knows_id, knows_offset;
};
/* A struct hrtimer_clock_base. */
void timer_clock_load(struct kernel *k, kva_t base, struct timer_clock *ret);
vs_status timers_of_clock(struct kernel *k, kva_t base, struct timer **ret, size_t *n,
			  struct err *err);
