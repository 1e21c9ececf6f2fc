// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_percpu.c - percpu: the values of a per-CPU variable. */
#include <string.h>

#include "stub/kernel/percpu.h"
#include "stub/module/modtypes.h"
#include "stub/monitor/data/object.h"

struct variable {
	struct monitor *m;
	const char *name;
	struct types *t;
	type_ref type;
	uint64_t size;
	kva_t va;
	bool hex;
	struct buf *out;
};

static vs_status put_variable(void *ctx, unsigned cpu, struct err *err)
{
	const struct variable *v = ctx;
	struct value_style style = { .hex = v->hex };
	struct object o;
	uint64_t off;
	vs_status st = percpu_offset(v->m->k, cpu, &off, err);

	if (st == VS_OK)
		st = object_read(v->m->k->mem, v->va + off, v->size, &o, err);
	if (st)
		return fail_ctx(err, st, "%s on CPU %u", v->name, cpu);
	buf_printf(v->out, "per_cpu(%s, %u) = ", v->name, cpu);
	value_put(v->m, v->t, v->type, &o, 0, &style, v->out);
	buf_putc(v->out, '\n');
	object_deinit(&o);
	return VS_OK;
}

static vs_status cmd_percpu(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct variable v = { .m = m, .out = out };
	struct type_info info;
	char *colon;
	vs_status st;

	v.hex = cmd_last(a, "xd") == 'x';
	colon = strchr(a->argv[0], ':');
	if (colon)
		*colon++ = '\0';
	v.name = a->argv[0];
	st = cmd_address(m, v.name, &v.va, err);
	if (st == VS_OK)
		st = kernel_find_variable(m->k, v.name, &v.t, &v.type, err);
	if (st)
		return st;
	types_info(v.t, types_strip(v.t, v.type), &info);
	v.size = info.size;
	return cpu_list_each(m, colon ? colon : "a", put_variable, &v, err);
}

static const struct cmd_opt options[] = {
	{ "x", .help = "integers in hexadecimal" },
	{ "d", .help = "integers in decimal (default)" },
	{ 0 },
};

const struct cmd verb_percpu = {
	.name = "percpu",
	.run = cmd_percpu,
	.brief = "a per-CPU variable on each CPU",
	.synopsis = "percpu [-x | -d] SYMBOL[:CPUS]",
	.help = "CPUS is a list such as 0,2-3 (default: all CPUs).\n",
	.example = "  percpu __preempt_count:2\n",
	.options = options,
	.operands = OPERANDS(1, 1),
};
