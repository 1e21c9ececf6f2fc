// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_irq.c - irq: interrupts, their handlers, counts and CPUs; softirqs; the IDT. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/sys/irqs.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/data/object.h"
#include "stub/monitor/table.h"

#define MAX_SOFTIRQS 64
#define MAX_WANTED   64

struct irqs {
	struct monitor *m;
	struct table t, inner;
	uint64_t wanted[MAX_WANTED];
	bool seen[MAX_WANTED];
	int nwanted;	       /* 0: all */
	bool used;	       /* only those with a handler */
	bool on_cpu[MAX_CPUS]; /* -s: columns */
	struct err why;
};

static bool is_wanted(struct irqs *s, const struct irq *irq)
{
	for (int i = 0; i < s->nwanted; i++)
		if (s->wanted[i] == irq->number)
			return s->seen[i] = true;
	return s->nwanted == 0;
}

static const struct table_def irq_table = {
	.name = "rows",
	.heading = " IRQ   IRQ_DESC/_DATA      IRQACTION      NAME\n",
	.columns = {
		{ "irq", "", 3, COLUMN_NUMBER },
		{ "irq_desc", "   ", 16, COLUMN_ADDRESS, "  " },
		{ "used", NULL, 0, COLUMN_FLAG },
	},
};
static const struct table_def action_table = {
	.name = "actions",
	.columns = {
		{ "irqaction", "", 16, COLUMN_ADDRESS },
		{ "name", "  \"", 0, COLUMN_TEXT, "\"" },
	},
};

static bool put_action(void *ctx, kva_t action, const char *name)
{
	struct irqs *s = ctx;

	if (s->inner.rows)
		table_layout(&s->inner, "%23s", "");
	table_uint(&s->inner, action);
	table_text(&s->inner, name);
	table_end_row(&s->inner);
	return true;
}

static bool put_irq(void *ctx, const struct irq *irq)
{
	struct irqs *s = ctx;
	struct err why;
	vs_status st = VS_OK;

	if (!is_wanted(s, irq) || (s->used && irq->known && !irq->action))
		return true;
	table_uint(&s->t, irq->number);
	table_uint(&s->t, irq->desc);
	if (irq->known)
		table_flag(&s->t, irq->action != 0);
	else
		table_unknown(&s->t);
	table_nest(&s->inner, &action_table, &s->t);
	if (irq->action)
		st = irq_each_action(s->m->k, irq, put_action, s, &why);
	else
		table_layout(&s->t, irq->known ? "     (unused)" : "               ?");
	table_end(&s->inner);
	if (st)
		table_remark(&s->t, "", "%s", why.msg);
	table_end_row(&s->t);
	return true;
}

/* --- -a, -s */

static const struct table_def affinity_table = {
	.name = "rows",
	.heading = "IRQ NAME                 AFFINITY\n",
	.columns = {
		{ "irq", "", 3, COLUMN_NUMBER },
		{ "names", " ", 0, COLUMN_TEXT },
		{ "affinity", "", 0, COLUMN_TEXT },
	},
};
static const struct table_def count_table = {
	.name = "rows",
	.columns = {
		{ "irq", "", 3, COLUMN_NUMBER, ": " },
		{ "type", " ", 0, COLUMN_TEXT },
		{ "names", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def cpu_table = {
	.name = "counts",
	.same_line = true,
	.columns = {
		{ "cpu", NULL, 0, COLUMN_NUMBER },
		{ "count", "", 10, COLUMN_NUMBER, " " },
	},
};

static bool put_name(void *ctx, kva_t action, const char *name)
{
	struct buf *names = ctx;

	(void)action;
	buf_printf(names, "%s%s", names->len ? "," : "", name);
	return true;
}

static void put_names(struct irqs *s, const struct irq *irq, int width)
{
	AUTO(buf) names = { 0 };

	if (irq->known && irq_each_action(s->m->k, irq, put_name, &names, NULL))
		buf_puts(&names, "...");
	table_show(&s->t, "%-*s", width, irq->known ? buf_str(&names) : "?");
	table_text(&s->t, irq->known ? buf_str(&names) : NULL);
}

static bool put_affinity(void *ctx, const struct irq *irq)
{
	struct irqs *s = ctx;
	AUTO(buf) cpus = { 0 };
	struct err why;

	if (!is_wanted(s, irq) || (irq->known && !irq->action))
		return true;
	table_uint(&s->t, irq->number);
	put_names(s, irq, 24 - snprintf(NULL, 0, "%3u", irq->number));
	if (irq_put_affinity(s->m->k, irq, &cpus, &why))
		table_remark(&s->t, "", "%s", why.msg);
	else
		table_text(&s->t, buf_str(&cpus));
	table_end_row(&s->t);
	return true;
}

static bool put_counts(void *ctx, const struct irq *irq)
{
	struct irqs *s = ctx;
	char chip[32], flow[32], type[65];

	if (!is_wanted(s, irq) || (irq->known && !irq->action))
		return true;
	table_uint(&s->t, irq->number);
	table_nest(&s->inner, &cpu_table, &s->t);
	for (unsigned cpu = 0; cpu < percpu_ncpus(s->m->k); cpu++) {
		uint64_t n = 0;
		bool known;

		if (!s->on_cpu[cpu])
			continue;
		known = irq_count(s->m->k, irq, cpu, &n, &s->why) == VS_OK;
		table_uint(&s->inner, cpu);
		table_known(&s->inner, known, n);
		table_end_row(&s->inner);
	}
	table_end(&s->inner);
	irq_chip_name(s->m->k, irq, chip, sizeof(chip));
	irq_flow_name(s->m->k, irq, flow, sizeof(flow));
	snprintf(type, sizeof(type), "%s%s%s", chip, flow[0] ? "-" : "", flow);
	table_text(&s->t, type);
	put_names(s, irq, 0);
	table_end_row(&s->t);
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
	table_layout(&s->t, "     ");
	for (unsigned cpu = 0; cpu < percpu_ncpus(s->m->k); cpu++)
		if (s->on_cpu[cpu])
			table_layout(&s->t, "%*sCPU%u ", cpu < 10 ? 6 : cpu < 100 ? 5 : 4, "", cpu);
	table_layout(&s->t, "\n");
}

/* --- -b, -d */

static const struct table_def softirq_table = {
	.name = "rows",
	.heading = "SOFTIRQ_VEC      ACTION\n",
	.columns = {
		{ "softirq", "    [", 0, COLUMN_NUMBER, "]" },
		{ "action", "     ", 16, COLUMN_ADDRESS },
		{ "function", "  <", 0, COLUMN_TEXT, ">" },
	},
};
static const struct table_def vector_table = {
	.name = "rows",
	.columns = {
		{ "vector", "", 0, COLUMN_NUMBER },
		{ "handler", NULL, 0, COLUMN_ADDRESS },
		{ "function", " ", 0, COLUMN_TEXT },
	},
};

static vs_status put_softirqs(struct irqs *s, struct buf *out, struct err *err)
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
	table_begin(&s->t, &softirq_table, s->m, out);
	for (int64_t i = 0; i < n; i++) {
		struct addr_name name;
		uint64_t action;

		// struct softirq_action is one function pointer.
		st = mem_read_u64(s->m->k->mem, vec + 8 * (uint64_t)i, &action, err);
		if (st)
			return st;
		table_int(&s->t, i);
		table_uint(&s->t, action);
		if (action && cmd_lookup(s->m, action, &name))
			table_text(&s->t, name.sym->name);
		table_end_row(&s->t);
	}
	return VS_OK;
}

static vs_status put_vectors(struct irqs *s, struct buf *out, struct err *err)
{
	struct kernel *k = s->m->k;
	vs_status st = VS_OK;

	table_begin(&s->t, &vector_table, s->m, out);
	for (unsigned i = 0; st == VS_OK && i < k->arch->os->nvectors; i++) {
		AUTO(buf) function = { 0 };
		struct addr_name name;
		kva_t handler;

		st = k->arch->os->vector(k, i, &handler, err);
		if (st)
			break;
		table_show(&s->t, "%*s[%u]", i < 10 ? 2 : i < 100 ? 1 : 0, "", i);
		table_uint(&s->t, i);
		table_uint(&s->t, handler);
		if (cmd_lookup(s->m, handler, &name)) {
			buf_puts(&function, name.sym->name);
			if (name.off)
				buf_printf(&function, "+%" PRIu64, name.off);
			table_text(&s->t, buf_str(&function));
		} else {
			table_show(&s->t, "%" PRIx64, handler);
			table_unknown(&s->t);
		}
		table_end_row(&s->t);
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

static vs_status put_table(struct irqs *s, struct args *a, struct buf *out, struct err *err)
{
	const char *cpus = cmd_value(a, "c");
	vs_status st;

	switch (cmd_last(a, "sabd")) {
	case 'b':
		return put_softirqs(s, out, err);
	case 'd':
		return put_vectors(s, out, err);
	case 'a':
		table_begin(&s->t, &affinity_table, s->m, out);
		return each_wanted(s, put_affinity, err);
	case 's':
		st = cpu_list_each(s->m, cpus ? cpus : "a", take_cpu, s, err);
		if (st)
			return st;
		table_begin(&s->t, &count_table, s->m, out);
		put_cpu_heading(s);
		return each_wanted(s, put_counts, err);
	}
	table_begin(&s->t, &irq_table, s->m, out);
	return each_wanted(s, put_irq, err);
}

static vs_status cmd_irq(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	AUTO_FREE struct irqs *s = calloc(1, sizeof(*s));
	vs_status st;

	if (!s)
		return fail(err, VS_NOMEM, "out of memory");
	s->m = m;
	s->used = cmd_has(a, "u");
	st = take_numbers(s, a, err);
	if (st)
		return st;
	st = put_table(s, a, out, err);
	table_end(&s->t);
	return st;
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
	.json = true,
};
