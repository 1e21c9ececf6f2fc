// SPDX-License-Identifier: GPL-3.0-or-later
/* overdue.c - compares the expiry of timers with the time when the kernel stopped. */
#include "stub/subsys/sys/overdue.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/machine.h"
#include "stub/subsys/sys/timers.h"

#define NSEC 1000000000ULL

/* timer_list.flags (include/linux/timer.h since 4.8): the slot of the wheel is in the upper bits;
 * each of its levels has 64 slots, and eight times the granularity of the level before. */
#define TIMER_DEFERRABLE 0x80000u
#define SLOT_SHIFT	 22
#define SLOTS_PER_LEVEL	 64
#define LEVEL_SHIFT	 3

enum { TIMER_FLAGS };
static const struct record_field flags_fields[] = {
	[TIMER_FLAGS] = { { "flags" }, RECORD_UINT, "since 4.2" },
};
RECORD(timer_flags_record, "timer_list", flags_fields);

vs_status timers_jiffies(struct kernel *k, uint64_t *jiffies, uint64_t *nsec, struct err *err)
{
	unsigned hz;
	kva_t va;
	vs_status st = kernel_symbol(k, "jiffies_64", &va, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, va, jiffies, err);
	if (st == VS_OK)
		st = machine_hz(k, &hz, err);
	if (st == VS_OK)
		*nsec = NSEC / hz;
	return st;
}

struct late_search {
	struct kernel *k;
	unsigned cpu;
	uint64_t least;
	uint64_t jiffies, nsec; /* now, and of a jiffy */
	overdue_fn fn;
	void *ctx;
	bool more;
};

static void take_late(struct late_search *s, const struct timer *t, bool high_res, uint64_t late)
{
	struct overdue o = { s->cpu, high_res, t->va, t->function, late };

	if (late >= s->least)
		s->more = s->fn(s->ctx, &o);
}

/* The time by which the wheel may delay the timer, in jiffies. False: it may wait for ever. */
static bool allowed_delay(struct late_search *s, const struct timer *t, uint64_t *ret)
{
	uint64_t flags;

	if (record_field_read(s->k, &timer_flags_record, t->va, TIMER_FLAGS, &flags, NULL) ||
	    flags & TIMER_DEFERRABLE)
		return false;
	*ret = 2ULL << (flags >> SLOT_SHIFT) / SLOTS_PER_LEVEL % 16 * LEVEL_SHIFT;
	return true;
}

static vs_status late_of_wheels(struct late_search *s, struct err *err)
{
	struct timer_wheels w = { 0 };
	vs_status st = timer_wheels(s->k, s->cpu, &w, err);

	if (st == VS_OK && w.vectors)
		return fail(err, VS_UNSUPPORTED, "timer wheels of before 4.8");
	for (unsigned i = 0; st == VS_OK && i < w.n; i++) {
		AUTO_FREE struct timer *all = NULL;
		size_t n = 0;
		uint64_t delay;

		st = timers_of_wheel(s->k, &w, i, &all, &n, err);
		for (size_t j = 0; j < n && s->more; j++) {
			int64_t late = (int64_t)(s->jiffies - all[j].expires);

			if (all[j].known && late > 0 && allowed_delay(s, &all[j], &delay) &&
			    (uint64_t)late > delay)
				take_late(s, &all[j], false, ((uint64_t)late - delay) * s->nsec);
		}
	}
	return st;
}

static vs_status late_of_clocks(struct late_search *s, struct err *err)
{
	uint64_t size, now;
	unsigned n = 0;
	kva_t cpu_base, clocks;
	vs_status st = timer_clocks(s->k, s->cpu, &cpu_base, &clocks, &n, &size, err);

	if (st == VS_OK)
		st = boot_monotonic(s->k, &now, err);
	for (unsigned i = 0; st == VS_OK && i < n; i++) {
		AUTO_FREE struct timer *all = NULL;
		struct timer_clock clock;
		size_t count = 0;

		st = timers_of_clock(s->k, clocks + i * size, &all, &count, err);
		timer_clock_load(s->k, clocks + i * size, &clock);
		for (size_t j = 0; j < count && s->more && clock.knows_offset; j++) {
			int64_t late = (int64_t)(now + clock.offset - all[j].expires);

			if (all[j].known && late > 0)
				take_late(s, &all[j], true, (uint64_t)late);
		}
	}
	return st;
}

vs_status timers_each_overdue(struct kernel *k, unsigned cpu, uint64_t least, overdue_fn fn,
			      void *ctx, struct err *err)
{
	struct late_search s = {
		.k = k, .cpu = cpu, .least = least, .fn = fn, .ctx = ctx, .more = true
	};
	vs_status st = timers_jiffies(k, &s.jiffies, &s.nsec, err), clocks;

	if (st)
		return st;
	st = late_of_wheels(&s, err);
	clocks = s.more ? late_of_clocks(&s, st ? NULL : err) : VS_OK;
	return st ? st : clocks;
}
