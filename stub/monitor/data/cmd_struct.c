// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_struct.c - struct, union: definitions and contents of kernel objects. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/modtypes.h"
#include "stub/kernel/percpu.h"
#include "stub/task/taskmem.h"
#include "stub/monitor/data/object.h"
#include "stub/monitor/data/type_text.h"

#define MAX_COUNT (1 << 20)

struct struct_args {
	bool offsets, raw, user;
	struct object_style style;
	uint64_t embedded; /* -l */
	long count;	   /* 0: not given */
	const char *what, *where;
	const char *cpus; /* after the ':'; NULL: not per-CPU */
};

static vs_status parse_count(const char *text, long *ret, struct err *err)
{
	char *end;

	*ret = strtol(text, &end, 0);
	if (*end || !*ret || *ret > MAX_COUNT || *ret < -MAX_COUNT)
		return fail(err, VS_INVAL, "%s: not a count", text);
	return VS_OK;
}

static vs_status parse_options(struct monitor *m, struct args *a, struct struct_args *s,
			       struct err *err)
{
	const char *inner = cmd_value(a, "l"), *count = cmd_value(a, "c");
	vs_status st = inner ? cmd_offset(m, inner, &s->embedded, err) : VS_OK;

	if (st == VS_OK && count)
		st = parse_count(count, &s->count, err);
	s->offsets = cmd_has(a, "o");
	s->raw = cmd_has(a, "r");
	s->user = cmd_has(a, "u");
	s->style.deref = cmd_has(a, "p");
	s->style.hex = cmd_last(a, "xd") == 'x';
	return st;
}

static vs_status parse(struct monitor *m, struct args *a, struct struct_args *s, struct err *err)
{
	vs_status st = parse_options(m, a, s, err);
	char *colon;

	if (st)
		return st;
	s->what = a->argv[0];
	if (a->argc > 1) {
		s->where = a->argv[1];
		colon = strrchr(a->argv[1], ':');
		if (colon) {
			*colon = '\0';
			s->cpus = colon + 1;
		}
	}
	return a->argc > 2 ? parse_count(a->argv[2], &s->count, err) : VS_OK;
}

static void put_definitions(const struct type_spec *spec, const struct struct_args *s, kva_t va,
			    struct buf *out)
{
	struct definition_style style = { s->offsets, s->style.hex, va, NULL };

	type_spec_put_definition(spec, style, out);
}

/* Words in hexadecimal and as text, as rd prints them. */
static vs_status put_raw(const struct mem *mem, kva_t va, uint64_t size, struct buf *out,
			 struct err *err)
{
	struct object o;
	vs_status st = object_read(mem, va, size, &o, err);

	if (st)
		return st;
	cmd_put_words(o.data, o.len, va, 8, out);
	object_deinit(&o);
	return VS_OK;
}

struct show {
	struct monitor *m;
	const struct type_spec *spec;
	const struct struct_args *s;
	const struct mem *mem;
	kva_t base;
	struct buf *out;
};

static vs_status show_objects(const struct show *w, kva_t va, struct err *err)
{
	long n = w->s->count ? labs(w->s->count) : 1;
	uint64_t size = w->spec->size;
	vs_status st = VS_OK;

	// A negative count: the objects that lead up to this one.
	if (w->s->count < 0)
		va -= size * (uint64_t)(n - 1);
	for (long i = 0; i < n && st == VS_OK && !buf_stopped(w->out); i++, va += size) {
		if (i)
			buf_putc(w->out, '\n');
		if (w->s->offsets)
			put_definitions(w->spec, w->s, va, w->out);
		else if (w->s->raw)
			st = put_raw(w->mem, va, size, w->out, err);
		else
			st = type_spec_put(w->m, w->spec, w->mem, va, &w->s->style, w->out, err);
	}
	return st;
}

static vs_status show_on_cpu(void *ctx, unsigned cpu, struct err *err)
{
	const struct show *w = ctx;
	uint64_t off;
	vs_status st = percpu_offset(w->m->k, cpu, &off, err);

	if (st)
		return st;
	buf_printf(w->out, "[%u]: %" PRIx64 "\n", cpu, w->base + off);
	return show_objects(w, w->base + off, err);
}

static vs_status show_at(struct monitor *m, const struct type_spec *spec,
			 const struct struct_args *s, struct buf *out, struct err *err)
{
	struct show w = { m, spec, s, m->k->mem, 0, out };
	struct task_mem user;
	kva_t task;
	vs_status st = cmd_address(m, s->where, &w.base, err);

	if (st == VS_OK && s->user) {
		st = cmd_selected_task(m, &task, err);
		if (st == VS_OK)
			st = task_mem_init(&user, m->k, task, err);
		w.mem = &user.mem;
	}
	if (st)
		return st;
	w.base -= s->embedded;
	return s->cpus ? cpu_list_each(m, s->cpus, show_on_cpu, &w, err)
		       : show_objects(&w, w.base, err);
}

static vs_status run(struct monitor *m, struct args *a, const char *verb, struct buf *out,
		     struct err *err)
{
	struct struct_args s = { 0 };
	struct type_spec spec;
	char word[16] = "";
	vs_status st = parse(m, a, &s, err);

	if (st)
		return st;
	// Accept typedefs, too, as crash does.
	strcat(strcat(word, verb), " ");
	st = type_spec_parse(m, word, s.what, &spec, NULL);
	if (st)
		st = type_spec_parse(m, "", s.what, &spec, err);
	if (st)
		return st;
	if (s.where)
		st = show_at(m, &spec, &s, out, err);
	else
		put_definitions(&spec, &s, 0, out);
	type_spec_deinit(&spec);
	return st;
}

static vs_status cmd_struct(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	return run(m, a, "struct", out, err);
}

static vs_status cmd_union(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	return run(m, a, "union", out, err);
}

static const struct cmd_opt options[] = {
	{ "o", .help = "show offsets; with an address, the address of each member" },
	{ "l", "OFFSET",
	  .help = "the address is that of the member at OFFSET: structure.member or a number" },
	{ "c", "COUNT",
	  .help = "COUNT objects of an array; if negative, those up to and including this one" },
	{ "p", .help = "also show what pointer members point to" },
	{ "r", .help = "raw memory" },
	{ "u", .help = "the address is in the user memory of the selected task" },
	{ "x", .help = "integers in hexadecimal" },
	{ "d", .help = "integers in decimal (default)" },
	{ 0 },
};

const struct cmd verb_struct = {
	.name = "struct",
	.run = cmd_struct,
	.brief = "definition of a struct, or an object in memory",
	.synopsis = "struct TYPE[.MEMBER,...] [-orupxd] [-l OFFSET] [ADDRESS | SYMBOL][:CPUS] "
		    "[COUNT | -c COUNT]",
	.help = "Without an address, print the definition and SIZE; with one, the values there. "
		"MEMBER may\n"
		"be a path: se.run_node, comm[0]. Types of modules come from their files. With "
		":CPUS the\n"
		"symbol is a per-CPU variable; a means all CPUs, an empty list the selected one.\n",
	.example = "  struct task_struct.pid,comm init_task\n"
		   "    pid = 0,\n"
		   "    comm = \"swapper/0\\000\\000\\000\\000\\000\\000\",\n",
	.options = options,
	.operands = OPERANDS(1, 3),
};

const struct cmd verb_union = {
	.name = "union",
	.run = cmd_union,
	.brief = "definition of a union, or an object in memory",
	.synopsis = "union TYPE[.MEMBER,...] [-orupxd] [-l OFFSET] [ADDRESS | SYMBOL][:CPUS] "
		    "[COUNT | -c COUNT]",
	.help = "Like struct.\n",
	.options = options,
	.operands = OPERANDS(1, 3),
};
