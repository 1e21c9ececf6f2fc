// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_irq.c - irq: interrupts, their handlers, counts and CPUs; softirqs; the IDT. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/sys/irqs.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/data/object.h"

#define MAX_SOFTIRQS 64
#define MAX_WANTED   64

struct irqs {
	struct monitor *m;
	struct buf *out;
	uint64_t wanted[MAX_WANTED];
	bool seen[MAX_WANTED];
	int nwanted;	       /* 0: all */
	bool used;	       /* only those with a handler */
	bool on_cpu[MAX_CPUS]; /* -s: columns */
	unsigned row;
	vs_status st;
	struct err why;
};

static bool is_wanted(struct irqs *s, const struct irq *irq)
{
	for (int i = 0; i < s->nwanted; i++)
		if (s->wanted[i] == irq->number)
			return s->seen[i] = true;
	return s->nwanted == 0;
}

static bool put_row(void *ctx, kva_t action, const char *name)
{
	struct irqs *s = ctx;

	if (s->row++)
		buf_printf(s->out, "%23s", "");
	buf_printf(s->out, "%16" PRIx64 "  \"%s\"\n", action, name);
	return true;
}

static bool put_irq(void *ctx, const struct irq *irq)
{
	struct irqs *s = ctx;
	struct err why;

	if (!is_wanted(s, irq) || (s->used && irq->known && !irq->action))
		return true;
	buf_printf(s->out, "%3u   %16" PRIx64 "  ", irq->number, irq->desc);
	if (!irq->action) {
		buf_puts(s->out, irq->known ? "     (unused)\n" : "               ?\n");
		return true;
	}
	s->row = 0;
	if (irq_each_action(s->m->k, irq, put_row, s, &why))
		buf_printf(s->out, "(%s)\n", why.msg);
	return true;
}

/* --- -a, -s */

static bool put_name(void *ctx, kva_t action, const char *name)
{
	struct irqs *s = ctx;

	(void)action;
	buf_printf(s->out, "%s%s", s->row++ ? "," : "", name);
	return true;
}

static void put_names(struct irqs *s, const struct irq *irq)
{
	s->row = 0;
	if (!irq->known)
		buf_putc(s->out, '?');
	else if (irq_each_action(s->m->k, irq, put_name, s, NULL))
		buf_puts(s->out, "...");
}

static bool put_affinity(void *ctx, const struct irq *irq)
{
	struct irqs *s = ctx;
	struct err why;
	size_t start;

	if (!is_wanted(s, irq) || (irq->known && !irq->action))
		return true;
	start = s->out->len;
	buf_printf(s->out, "%3u ", irq->number);
	put_names(s, irq);
	while (s->out->len < start + 25 && !buf_stopped(s->out))
		buf_putc(s->out, ' ');
	if (irq_put_affinity(s->m->k, irq, s->out, &why))
		buf_printf(s->out, "(%s)", why.msg);
	buf_putc(s->out, '\n');
	return true;
}

static bool put_counts(void *ctx, const struct irq *irq)
{
	struct irqs *s = ctx;
	char chip[32], flow[32];

	if (!is_wanted(s, irq) || (irq->known && !irq->action))
		return true;
	buf_printf(s->out, "%3u: ", irq->number);
	for (unsigned cpu = 0; cpu < percpu_ncpus(s->m->k); cpu++) {
		uint64_t n;

		if (!s->on_cpu[cpu])
			continue;
		if (irq_count(s->m->k, irq, cpu, &n, &s->why))
			buf_puts(s->out, "         ? ");
		else
			buf_printf(s->out, "%10" PRIu64 " ", n);
	}
	irq_chip_name(s->m->k, irq, chip, sizeof(chip));
	irq_flow_name(s->m->k, irq, flow, sizeof(flow));
	buf_printf(s->out, " %s%s%s  ", chip, flow[0] ? "-" : "", flow);
	put_names(s, irq);
	buf_putc(s->out, '\n');
	return true;
}

static vs_status take_cpu(void *ctx, unsigned cpu, struct err *err)
{
	struct irqs *s = ctx;

	(void)err;
	s->on_cpu[cpu] = true;
	return VS_OK;
}

static void put_cpu_heading(struct irqs *s)
{
	buf_puts(s->out, "     ");
	for (unsigned cpu = 0; cpu < percpu_ncpus(s->m->k); cpu++)
		if (s->on_cpu[cpu])
			buf_printf(s->out, "%*sCPU%u ", cpu < 10 ? 6 : cpu < 100 ? 5 : 4, "", cpu);
	buf_putc(s->out, '\n');
}

/* --- -b, -d */

static vs_status put_softirqs(struct irqs *s, struct err *err)
{
	int64_t n = 0;
	kva_t vec;
	vs_status st = kernel_symbol(s->m->k, "softirq_vec", &vec, err);

	if (st == VS_OK)
		st = kernel_need_types(s->m->k, err);
	if (st == VS_OK)
		st = types_enumerator(s->m->k->types, "NR_SOFTIRQS", &n, err);
	if (st)
		return st;
	if (n < 0 || n > MAX_SOFTIRQS)
		return fail(err, VS_CORRUPT, "NR_SOFTIRQS is %" PRId64, n);
	buf_puts(s->out, "SOFTIRQ_VEC      ACTION\n");
	for (int64_t i = 0; i < n; i++) {
		struct addr_name name;
		uint64_t action;

		// struct softirq_action is one function pointer.
		st = mem_read_u64(s->m->k->mem, vec + 8 * (uint64_t)i, &action, err);
		if (st)
			return st;
		buf_printf(s->out, "    [%" PRId64 "]     %16" PRIx64, i, action);
		if (action && cmd_lookup(s->m, action, &name))
			buf_printf(s->out, "  <%s>", name.sym->name);
		buf_putc(s->out, '\n');
	}
	return VS_OK;
}

static vs_status put_vectors(struct irqs *s, struct err *err)
{
	struct kernel *k = s->m->k;
	vs_status st = VS_OK;

	for (unsigned i = 0; st == VS_OK && i < k->arch->os->nvectors; i++) {
		struct addr_name name;
		kva_t handler;

		st = k->arch->os->vector(k, i, &handler, err);
		if (st)
			break;
		buf_printf(s->out, "%*s[%u] ", i < 10 ? 2 : i < 100 ? 1 : 0, "", i);
		if (cmd_lookup(s->m, handler, &name)) {
			buf_puts(s->out, name.sym->name);
			if (name.off)
				buf_printf(s->out, "+%" PRIu64, name.off);
		} else {
			buf_printf(s->out, "%" PRIx64, handler);
		}
		buf_putc(s->out, '\n');
	}
	return st;
}

/* --- the verb */

static vs_status take_numbers(struct irqs *s, struct args *a, struct err *err)
{
	for (int i = 0; i < a->argc; i++) {
		if (i == MAX_WANTED)
			return fail(err, VS_INVAL, "more than %d numbers", MAX_WANTED);
		if (!cmd_number(a->argv[i], &s->wanted[i]))
			return fail(err, VS_INVAL, "%s: not a number", a->argv[i]);
		s->nwanted = i + 1;
	}
	return VS_OK;
}

/* Calls fn for each chosen interrupt. Fails if a chosen number is not an interrupt. */
static vs_status each_wanted(struct irqs *s, bool (*fn)(void *ctx, const struct irq *irq),
			     struct err *err)
{
	vs_status st = irq_each(s->m->k, fn, s, err);

	for (int i = 0; st == VS_OK && i < s->nwanted; i++)
		if (!s->seen[i])
			st = fail(err, VS_NOTFOUND, "no IRQ %" PRIu64, s->wanted[i]);
	return st;
}

static vs_status cmd_irq(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	AUTO_FREE struct irqs *s = calloc(1, sizeof(*s));
	const char *cpus = cmd_value(a, "c");
	vs_status st;

	if (!s)
		return fail(err, VS_NOMEM, "out of memory");
	s->m = m;
	s->out = out;
	s->used = cmd_has(a, "u");
	st = take_numbers(s, a, err);
	if (st)
		return st;
	switch (cmd_last(a, "sabd")) {
	case 'b':
		return put_softirqs(s, err);
	case 'd':
		return put_vectors(s, err);
	case 'a':
		buf_puts(out, "IRQ NAME                 AFFINITY\n");
		return each_wanted(s, put_affinity, err);
	case 's':
		st = cpu_list_each(m, cpus ? cpus : "a", take_cpu, s, err);
		if (st)
			return st;
		put_cpu_heading(s);
		return each_wanted(s, put_counts, err);
	}
	buf_puts(out, " IRQ   IRQ_DESC/_DATA      IRQACTION      NAME\n");
	return each_wanted(s, put_irq, err);
}

static const struct cmd_opt options[] = {
	{ "u", .help = "only those with a handler" },
	{ "a", .help = "CPU affinity" },
	{ "s", .help = "counts by CPU" },
	{ "c", "CPUS", .help = "with -s: only these CPUs" },
	{ "b", .help = "softirqs", OPERANDS(0, 0) },
	{ "d", .help = "the interrupt descriptor table", OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_irq = {
	.name = "irq",
	.run = cmd_irq,
	.brief = "interrupts",
	.synopsis = "irq [-u] [NUMBER...] | irq -a | -s [-c CPUS] [NUMBER...] | irq -b | -d",
	.help = "Without options, print each interrupt's descriptor and handlers.\n",
	.example = "  irq 9\n"
		   "   IRQ   IRQ_DESC/_DATA      IRQACTION      NAME\n"
		   "    9   ff40e912811a8200  ff40e91281371f00  \"acpi\"\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
};
