// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_timer.c - timer: the timer wheels of each CPU; -r: high-resolution timers. */
#include <inttypes.h>
#include <stdio.h>
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

static vs_status put_wheel(struct timers *t, kva_t base, const char *label, struct err *err)
{
	AUTO_FREE struct timer *all = NULL;
	size_t n;
	vs_status st = timers_of_wheel(t->m->k, base, &all, &n, err);

	buf_printf(t->out, "%s: %" PRIx64 "\n", label, base);
	if (n)
		buf_puts(t->out, "     EXPIRES          TTE        TIMER_LIST          FUNCTION\n");
	else if (st == VS_OK)
		buf_puts(t->out, "  (none)\n");
	for (size_t i = 0; i < n; i++) {
		const struct timer *e = &all[i];

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
	uint64_t size;
	unsigned n = 0;
	char label[64];
	kva_t base;
	vs_status st = timer_wheels(t->m->k, cpu, &base, &n, &size, err);

	for (unsigned i = 0; st == VS_OK && i < n; i++) {
		snprintf(label, sizeof(label), "TIMER_BASES[%u][%s]", cpu, timer_wheel_name(i, n));
		st = put_wheel(t, base + i * size, label, err);
	}
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

vs_status cmd_timer(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct timers t = { .m = m, .out = out };
	struct opt_state o = { 0 };
	const char *cpus = "a";
	bool high = false;
	kva_t jiffies;
	vs_status st;
	int c;

	cmd_permute(a, "rC:");
	while ((c = cmd_option(a, &o, "rC:", err)) > 0) {
		high |= c == 'r';
		cpus = c == 'C' ? o.arg : cpus;
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	if (a->argc)
		return fail(err, VS_INVAL, "usage: timer [-r] [-C CPUS]");
	if (high) {
		st = boot_monotonic(m->k, &t.now, err);
	} else {
		st = kernel_symbol(m->k, "jiffies", &jiffies, err);
		if (st == VS_OK)
			st = mem_read_u64(m->k->mem, jiffies, &t.now, err);
		if (st == VS_OK)
			buf_printf(out, "JIFFIES\n%" PRIu64 "\n\n", t.now);
	}
	return st ? st : cpu_list_each(m, cpus, high ? put_clocks : put_wheels, &t, err);
}
