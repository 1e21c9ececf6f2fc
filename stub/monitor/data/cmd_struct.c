// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_struct.c - struct, union: definitions and contents of kernel objects; percpu: variables of
 * each CPU. */
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
	const char *cpus; /* behind the ':'; NULL: not per-CPU */
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
	struct opt_state o = { 0 };
	vs_status st = VS_OK;
	int c;

	cmd_permute(a, "ol:rc:xdup");
	while (st == VS_OK && (c = cmd_option(a, &o, "ol:rc:xdup", err)) > 0) {
		switch (c) {
		case 'o':
			s->offsets = true;
			break;
		case 'l':
			st = cmd_offset(m, o.arg, &s->embedded, err);
			break;
		case 'r':
			s->raw = true;
			break;
		case 'c':
			st = parse_count(o.arg, &s->count, err);
			break;
		case 'u':
			s->user = true;
			break;
		case 'p':
			s->style.deref = true;
			break;
		default:
			s->style.hex = c == 'x';
		}
	}
	if (st || c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	return VS_OK;
}

static vs_status parse(struct monitor *m, struct args *a, const char *verb, struct struct_args *s,
		       struct err *err)
{
	vs_status st = parse_options(m, a, s, err);
	char *colon;

	if (st)
		return st;
	if (a->argc < 1 || a->argc > 3)
		return fail(err, VS_INVAL,
			    "usage: %s TYPE[.MEMBER,...] [ADDRESS | SYMBOL][:CPUS] [COUNT]", verb);
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
	vs_status st = parse(m, a, verb, &s, err);

	if (st)
		return st;
	// Typedefs of the wanted kind are taken, too, as crash does.
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

vs_status cmd_struct(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	return run(m, a, "struct", out, err);
}

vs_status cmd_union(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	return run(m, a, "union", out, err);
}

/* --- percpu */

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

vs_status cmd_percpu(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct variable v = { .m = m, .out = out };
	struct opt_state o = { 0 };
	struct type_info info;
	char *colon;
	vs_status st;
	int c;

	cmd_permute(a, "xd");
	while ((c = cmd_option(a, &o, "xd", err)) > 0)
		v.hex = c == 'x';
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &o);
	if (a->argc != 1)
		return fail(err, VS_INVAL, "usage: percpu [-x] SYMBOL[:CPUS]");
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
