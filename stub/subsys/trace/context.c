// SPDX-License-Identifier: GPL-3.0-or-later
/* context.c - the first part of a line, as trace_print_context() and trace_print_lat_fmt() of
 * kernel/trace/trace_output.c write it. */
#include "stub/subsys/trace/context.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"

void context_flags_load(struct kernel *k, struct context_flags *ret)
{
	ret->irqs_off = types_flag(k->types, "TRACE_FLAG_IRQS_OFF");
	ret->no_irqs = types_flag(k->types, "TRACE_FLAG_IRQS_NOSUPPORT");
	ret->bh_off = types_flag(k->types, "TRACE_FLAG_BH_OFF");
	ret->resched = types_flag(k->types, "TRACE_FLAG_NEED_RESCHED");
	ret->resched_lazy = types_flag(k->types, "TRACE_FLAG_NEED_RESCHED_LAZY");
	ret->preempt = types_flag(k->types, "TRACE_FLAG_PREEMPT_RESCHED");
	ret->hardirq = types_flag(k->types, "TRACE_FLAG_HARDIRQ");
	ret->softirq = types_flag(k->types, "TRACE_FLAG_SOFTIRQ");
	ret->nmi = types_flag(k->types, "TRACE_FLAG_NMI");
}

static char irqs_char(const struct context_flags *f, unsigned flags)
{
	if (flags & f->irqs_off)
		return flags & f->bh_off ? 'D' : 'd';
	return flags & f->bh_off ? 'b' : flags & f->no_irqs ? 'X' : '.';
}

static char resched_char(const struct context_flags *f, unsigned flags)
{
	static const char chars[] = ".pnNlLbB";

	return chars[(flags & f->preempt ? 1 : 0) + (flags & f->resched ? 2 : 0) +
		     (flags & f->resched_lazy ? 4 : 0)];
}

static char context_char(const struct context_flags *f, unsigned flags)
{
	bool hard = flags & f->hardirq;

	if (flags & f->nmi)
		return hard ? 'Z' : 'z';
	if (flags & f->softirq)
		return hard ? 'H' : 's';
	return hard ? 'h' : '.';
}

static void put_count(unsigned n, struct buf *out)
{
	if (n)
		buf_printf(out, "%x", n);
	else
		buf_putc(out, '.');
}

void event_context_put(const struct context_flags *f, const struct event_context *c,
		       struct buf *out)
{
	buf_printf(out, "%16s-%-7d [%03u] %c%c%c", c->comm, c->pid, c->cpu, irqs_char(f, c->flags),
		   resched_char(f, c->flags), context_char(f, c->flags));
	// 54357f0c9149 ("tracing: Add migrate-disabled counter to tracing output", 5.15) split the
	// count in two. Kernels with the flag have that; others rarely count as far as 16.
	if (f->bh_off) {
		put_count(c->preempt_count & 0xf, out);
		put_count(c->preempt_count >> 4, out);
	} else {
		put_count(c->preempt_count, out);
	}
	if (c->ns) {
		uint64_t us = c->ts / 1000 + (c->ts % 1000 >= 500);

		buf_printf(out, " %5" PRIu64 ".%06" PRIu64 ": ", us / 1000000, us % 1000000);
	} else {
		buf_printf(out, " %12" PRIu64 ": ", c->ts);
	}
}
