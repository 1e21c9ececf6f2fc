// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_timer.c - timer: the timer wheels of each CPU; -r: high-resolution timers. */
#include <inttypes.h>
#include <stdio.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/timers.h"
#include "stub/monitor/data/object.h"
#include "stub/monitor/table.h"

struct timers {
	struct monitor *m;
	struct table t;
	uint64_t now;
};

static void put_function(struct timers *t, const struct timer *e, struct table *row)
{
	struct addr_name name;

	table_known(row, e->known, e->function);
	if (e->known && cmd_lookup(t->m, e->function, &name))
		table_text(row, name.sym->name);
	else
		table_skip(row);
	table_end_row(row);
}

/* A time relative to now. */
static void put_relative(bool known, uint64_t ticks, struct table *row)
{
	if (known)
		table_int(row, (int64_t)ticks);
	else
		table_unknown(row);
}

/* --- wheels */

static const struct table_def wheel_table = {
	.name = "rows",
	.columns = {
		{ "jiffies", NULL, 0, COLUMN_NUMBER },
		{ "cpu", NULL, 0, COLUMN_NUMBER },
		{ "name", "", 0, COLUMN_TEXT },
		{ "address", ": ", 0, COLUMN_ADDRESS, "\n" },
	},
};
static const struct table_def timer_table = {
	.name = "timers",
	.heading = "     EXPIRES          TTE        TIMER_LIST          FUNCTION\n",
	.if_rows = true,
	.columns = {
		{ "expires", "", 12, COLUMN_NUMBER },
		{ "tte", " ", 12, COLUMN_NUMBER },
		{ "timer_list", "  ", 16, COLUMN_ADDRESS },
		{ "function", "  ", 16, COLUMN_ADDRESS },
		{ "symbol", "  <", 0, COLUMN_TEXT, ">" },
	},
};

static vs_status put_wheel(struct timers *t, const struct timer_wheels *w, unsigned cpu, unsigned i,
			   struct err *err)
{
	AUTO_FREE struct timer *all = NULL;
	AUTO(buf) label = { 0 };
	struct table list;
	size_t n;
	vs_status st = timers_of_wheel(t->m->k, w, i, &all, &n, err);

	timer_wheel_label(w, cpu, i, &label);
	table_uint(&t->t, t->now);
	table_uint(&t->t, cpu);
	table_text(&t->t, buf_str(&label));
	table_uint(&t->t, w->first + i * w->size);
	table_nest(&list, &timer_table, &t->t);
	if (!n && st == VS_OK)
		table_layout(&list, "  (none)\n");
	for (size_t j = 0; j < n; j++) {
		const struct timer *e = &all[j];

		table_known(&list, e->known, e->expires);
		put_relative(e->known, e->expires - t->now, &list);
		table_uint(&list, e->va);
		put_function(t, e, &list);
	}
	table_end(&list);
	table_end_row(&t->t);
	return st;
}

static vs_status put_wheels(void *ctx, unsigned cpu, struct err *err)
{
	struct timers *t = ctx;
	struct timer_wheels w = { 0 };
	vs_status st = timer_wheels(t->m->k, cpu, &w, err);

	for (unsigned i = 0; st == VS_OK && i < w.n; i++)
		st = put_wheel(t, &w, cpu, i, err);
	table_layout(&t->t, "\n");
	return st;
}

/* --- high-resolution timers */

static const struct table_def base_table = {
	.name = "rows",
	.columns = {
		{ "cpu", "CPU: ", 0, COLUMN_NUMBER },
		{ "hrtimer_cpu_base", "  HRTIMER_CPU_BASE: ", 0, COLUMN_ADDRESS, "\n" },
	},
};
static const struct table_def clock_table = {
	.name = "clocks",
	.columns = {
		{ "clock", "  CLOCK: ", 0, COLUMN_NUMBER },
		{ "hrtimer_clock_base", "  HRTIMER_CLOCK_BASE: ", 0, COLUMN_ADDRESS },
		{ "name", "  [", 0, COLUMN_TEXT, "]" },
		{ "current", "\n    CURRENT\n  ", 12, COLUMN_NUMBER, "\n" },
	},
};
static const struct table_def hrtimer_table = {
	.name = "timers",
	.heading = "  SOFTEXPIRES         EXPIRES             TTE           HRTIMER          "
		   " FUNCTION\n",
	.if_rows = true,
	.columns = {
		{ "soft_expires", "  ", 12, COLUMN_NUMBER },
		{ "expires", "  ", 14, COLUMN_NUMBER },
		{ "tte", "  ", 14, COLUMN_NUMBER },
		{ "hrtimer", "  ", 16, COLUMN_ADDRESS },
		{ "function", "  ", 16, COLUMN_ADDRESS },
		{ "symbol", "  <", 0, COLUMN_TEXT, ">" },
	},
};

static void put_clock_name(struct timers *t, const struct timer_clock *c, struct table *row)
{
	struct addr_name name;
	char number[32];

	snprintf(number, sizeof(number), "clock %" PRIu64, c->id);
	if (c->get_time && cmd_lookup(t->m, c->get_time, &name))
		table_text(row, name.sym->name);
	else if (c->knows_id)
		table_text(row, number);
	else
		table_skip(row);
}

static void put_hrtimers(struct timers *t, const struct timer_clock *clock, const struct timer *all,
			 size_t n, struct table *row)
{
	struct table list;

	table_nest(&list, &hrtimer_table, row);
	for (size_t j = 0; j < n; j++) {
		const struct timer *e = &all[j];

		table_known(&list, e->known, e->soft);
		table_known(&list, e->known, e->expires);
		put_relative(e->known && clock->knows_offset, e->expires - (t->now + clock->offset),
			     &list);
		table_uint(&list, e->va);
		put_function(t, e, &list);
	}
	table_end(&list);
}

static vs_status put_clock(struct timers *t, kva_t base, unsigned i, struct table *row,
			   struct err *err)
{
	AUTO_FREE struct timer *all = NULL;
	struct timer_clock clock;
	size_t n;
	vs_status st = timers_of_clock(t->m->k, base, &all, &n, err);

	timer_clock_load(t->m->k, base, &clock);
	table_uint(row, i);
	table_uint(row, base);
	put_clock_name(t, &clock, row);
	if (!n) {
		table_layout(row, st ? "\n" : "\n  (empty)\n\n");
		table_hide(row, true);
	}
	table_known(row, clock.knows_offset, t->now + clock.offset);
	put_hrtimers(t, &clock, all, n, row);
	table_layout(row, "\n");
	table_end_row(row);
	return st;
}

static vs_status put_clocks(void *ctx, unsigned cpu, struct err *err)
{
	struct timers *t = ctx;
	struct table clocks_table;
	uint64_t size;
	unsigned n = 0;
	kva_t cpu_base, clocks;
	vs_status st = timer_clocks(t->m->k, cpu, &cpu_base, &clocks, &n, &size, err);

	if (st)
		return st;
	table_uint(&t->t, cpu);
	table_uint(&t->t, cpu_base);
	table_nest(&clocks_table, &clock_table, &t->t);
	for (unsigned i = 0; i < n && st == VS_OK; i++)
		st = put_clock(t, clocks + i * size, i, &clocks_table, err);
	table_end(&clocks_table);
	table_end_row(&t->t);
	return st;
}

/* --- the verb */

static vs_status cmd_timer(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct timers t = { .m = m };
	const char *cpus = cmd_value(a, "C");
	bool high = cmd_has(a, "r");
	kva_t jiffies;
	vs_status st;

	if (high) {
		st = boot_monotonic(m->k, &t.now, err);
	} else {
		st = kernel_symbol(m->k, "jiffies", &jiffies, err);
		if (st == VS_OK)
			st = mem_read_u64(m->k->mem, jiffies, &t.now, err);
	}
	if (st)
		return st;
	table_begin(&t.t, high ? &base_table : &wheel_table, m, out);
	if (!high)
		table_layout(&t.t, "JIFFIES\n%" PRIu64 "\n\n", t.now);
	st = cpu_list_each(m, cpus ? cpus : "a", high ? put_clocks : put_wheels, &t, err);
	table_end(&t.t);
	return st;
}

static const struct cmd_opt options[] = {
	{ "r", .help = "high-resolution timers, in nanoseconds, by clock" },
	{ "C", "CPUS", .help = "only these CPUs" },
	{ 0 },
};

const struct cmd verb_timer = {
	.name = "timer",
	.run = cmd_timer,
	.brief = "pending timers",
	.synopsis = "timer [-r] [-C CPUS]",
	.help = "Without -r, print each CPU's timer wheels, in jiffies.\n",
	.example = "  timer -C 2\n"
		   "  TIMER_BASES[2][BASE_STD]: ff40e9129f520980\n"
		   "       EXPIRES          TTE        TIMER_LIST          FUNCTION\n"
		   "    4294967958        72348  ffffffffa019f0e0  ffffffff9e6b79d0  "
		   "<delayed_work_timer_fn>\n",
	.options = options,
	.json = true,
};
