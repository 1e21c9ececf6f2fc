// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* timers.h - pending timers in each CPU's timer wheels and high-resolution clocks. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct buf;
struct kernel;

struct timer {
	kva_t va;	  /* struct timer_list or hrtimer */
	uint64_t expires; /* in jiffies, or nanoseconds of its clock */
	uint64_t soft;	  /* hrtimer: the earliest time */
	uint64_t function;
	bool known; /* all of these are known */
};

/* The wheels of a CPU. */
struct timer_wheels {
	kva_t first; /* struct timer_base; before 4.8 struct tvec_base */
	unsigned n;
	uint64_t size; /* of each */
	bool vectors;  /* before 4.8: one wheel of five vectors */
};
vs_status timer_wheels(struct kernel *k, unsigned cpu, struct timer_wheels *ret, struct err *err);
/* Writes the name of wheel i of a CPU: "TIMER_BASES[2][BASE_STD]". */
void timer_wheel_label(const struct timer_wheels *w, unsigned cpu, unsigned i, struct buf *out);
/* Gets the timers of wheel i by expiry, on failure those found. The caller frees *ret. */
vs_status timers_of_wheel(struct kernel *k, const struct timer_wheels *w, unsigned i,
			  struct timer **ret, size_t *n, struct err *err);

/* Clocks of a CPU: struct hrtimer_cpu_base, and in it clock_base[*n], *size bytes each. */
vs_status timer_clocks(struct kernel *k, unsigned cpu, kva_t *cpu_base, kva_t *ret, unsigned *n,
		       uint64_t *size, struct err *err);
struct timer_clock {
	uint64_t get_time; /* the function that returns its time (until 6.17), or 0 */
	uint64_t id;	   /* CLOCK_*, if get_time is 0 */
	uint64_t offset;   /* from the monotonic clock, nanoseconds */
	bool knows_id, knows_offset;
};
/* A struct hrtimer_clock_base. */
void timer_clock_load(struct kernel *k, kva_t base, struct timer_clock *ret);
vs_status timers_of_clock(struct kernel *k, kva_t base, struct timer **ret, size_t *n,
			  struct err *err);
