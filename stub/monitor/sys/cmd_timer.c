// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_timer.c - timer: the timer wheels of each CPU; -r: high-resolution timers. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/timers.h"
#include "stub/monitor/data/object.h"

struct timers {
	struct monitor *m;
	struct buf *out;
	uint64_t now;
};

static void put_function(struct timers *t, const struct timer *e)
{
	struct addr_name name;

	buf_put_known(t->out, e->known, "  %16" PRIx64, e->function);
	if (e->known && cmd_lookup(t->m, e->function, &name))
		buf_printf(t->out, "  <%s>", name.sym->name);
	buf_putc(t->out, '\n');
}

/* --- wheels */

static vs_status put_wheel(struct timers *t, const struct timer_wheels *w, unsigned cpu, unsigned i,
			   struct err *err)
{
	AUTO_FREE struct timer *all = NULL;
	size_t n;
	vs_status st = timers_of_wheel(t->m->k, w, i, &all, &n, err);

	timer_wheel_label(w, cpu, i, t->out);
	buf_printf(t->out, ": %" PRIx64 "\n", w->first + i * w->size);
	if (n)
		buf_puts(t->out, "     EXPIRES          TTE        TIMER_LIST          FUNCTION\n");
	else if (st == VS_OK)
		buf_puts(t->out, "  (none)\n");
	for (size_t j = 0; j < n; j++) {
		const struct timer *e = &all[j];

		buf_put_known(t->out, e->known, "%12" PRIu64, e->expires);
		buf_put_known(t->out, e->known, " %12" PRId64, (int64_t)(e->expires - t->now));
		buf_printf(t->out, "  %16" PRIx64, e->va);
		put_function(t, e);
	}
	return st;
}

static vs_status put_wheels(void *ctx, unsigned cpu, struct err *err)
{
	struct timers *t = ctx;
	struct timer_wheels w = { 0 };
	vs_status st = timer_wheels(t->m->k, cpu, &w, err);

	for (unsigned i = 0; st == VS_OK && i < w.n; i++)
		st = put_wheel(t, &w, cpu, i, err);
	buf_putc(t->out, '\n');
	return st;
}

/* --- high-resolution timers */

static void put_clock_name(struct timers *t, const struct timer_clock *c)
{
	struct addr_name name;

	if (c->get_time && cmd_lookup(t->m, c->get_time, &name))
		buf_printf(t->out, "  [%s]", name.sym->name);
	else if (c->knows_id)
		buf_printf(t->out, "  [clock %" PRIu64 "]", c->id);
	buf_putc(t->out, '\n');
}

static vs_status put_clock(struct timers *t, kva_t base, unsigned i, struct err *err)
{
	AUTO_FREE struct timer *all = NULL;
	struct timer_clock clock;
	uint64_t now;
	size_t n;
	vs_status st = timers_of_clock(t->m->k, base, &all, &n, err);

	timer_clock_load(t->m->k, base, &clock);
	buf_printf(t->out, "  CLOCK: %u  HRTIMER_CLOCK_BASE: %" PRIx64, i, base);
	put_clock_name(t, &clock);
	if (!n) {
		buf_puts(t->out, st ? "" : "  (empty)\n\n");
		return st;
	}
	now = t->now + clock.offset;
	buf_puts(t->out, "    CURRENT\n");
	buf_put_known(t->out, clock.knows_offset, "  %12" PRIu64, now);
	buf_puts(t->out,
		 "\n  SOFTEXPIRES         EXPIRES             TTE           HRTIMER          "
		 " FUNCTION\n");
	for (size_t j = 0; j < n; j++) {
		const struct timer *e = &all[j];

		buf_put_known(t->out, e->known, "  %12" PRIu64, e->soft);
		buf_put_known(t->out, e->known, "  %14" PRIu64, e->expires);
		buf_put_known(t->out, e->known && clock.knows_offset, "  %14" PRId64,
			      (int64_t)(e->expires - now));
		buf_printf(t->out, "  %16" PRIx64, e->va);
		put_function(t, e);
	}
	buf_putc(t->out, '\n');
	return st;
}

static vs_status put_clocks(void *ctx, unsigned cpu, struct err *err)
{
	struct timers *t = ctx;
	uint64_t size;
	unsigned n = 0;
	kva_t cpu_base, clocks;
	vs_status st = timer_clocks(t->m->k, cpu, &cpu_base, &clocks, &n, &size, err);

	if (st)
		return st;
	buf_printf(t->out, "CPU: %u  HRTIMER_CPU_BASE: %" PRIx64 "\n", cpu, cpu_base);
	for (unsigned i = 0; i < n && st == VS_OK; i++)
		st = put_clock(t, clocks + i * size, i, err);
	return st;
}

/* --- the verb */

static vs_status cmd_timer(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct timers t = { .m = m, .out = out };
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
		if (st == VS_OK)
			buf_printf(out, "JIFFIES\n%" PRIu64 "\n\n", t.now);
	}
	if (st)
		return st;
	return cpu_list_each(m, cpus ? cpus : "a", high ? put_clocks : put_wheels, &t, err);
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
};
