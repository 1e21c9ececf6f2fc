// SPDX-License-Identifier: GPL-3.0-or-later
/* object.c - type specifications, CPU lists, and objects in crash's layout. */
#include "stub/monitor/data/object.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/modtypes.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/cpulist.h"
#include "stub/monitor/data/type_text.h"

void type_spec_deinit(struct type_spec *s)
{
	free(s->text);
	s->text = NULL;
}

/* Splits list at commas and looks up each member. */
static vs_status split_members(struct type_spec *s, char *list, struct err *err)
{
	while (list) {
		char *comma = strchr(list, ',');
		vs_status st;

		if (comma)
			*comma++ = '\0';
		if (s->n == SPEC_MAX_MEMBERS)
			return fail(err, VS_INVAL, "more than %d members", SPEC_MAX_MEMBERS);
		st = types_field(s->t, s->type, list, &s->field[s->n], err);
		if (st)
			return st;
		s->member[s->n++] = list;
		list = comma;
	}
	return VS_OK;
}

vs_status type_spec_parse(struct monitor *m, const char *word, const char *text,
			  struct type_spec *ret, struct err *err)
{
	struct type_spec s = { .text = strdup(text) };
	char *dot = s.text ? strchr(s.text, '.') : NULL, name[128];
	struct type_info info;
	vs_status st;

	if (!s.text)
		return fail(err, VS_NOMEM, "out of memory");
	if (dot)
		*dot++ = '\0';
	snprintf(name, sizeof(name), "%s%s", word, s.text);
	st = kernel_find_type(m->k, name, &s.t, &s.type, err);
	if (st == VS_OK && dot)
		st = split_members(&s, dot, err);
	if (st) {
		type_spec_deinit(&s);
		return st;
	}
	types_info(s.t, types_strip(s.t, s.type), &info);
	s.size = info.size;
	s.type_name = s.text;
	*ret = s;
	return VS_OK;
}

void type_spec_put_definition(const struct type_spec *s, struct definition_style style,
			      struct buf *out)
{
	if (!s->n)
		type_put_definition(s->t, s->type, &style, out);
	for (unsigned i = 0; i < s->n; i++) {
		style.only = s->member[i];
		style.offsets = true;
		type_put_definition(s->t, s->type, &style, out);
	}
}

static bool is_pointer(struct types *t, type_ref type)
{
	struct type_info info;

	types_info(t, types_strip(t, type), &info);
	return info.kind == TYPE_POINTER;
}

/* `struct -p`: what the pointer member points to, on the lines below it. */
static void put_target(struct monitor *m, const struct type_spec *s, unsigned i,
		       const struct object *o, const struct object_style *style, struct buf *out)
{
	const struct type_field *f = &s->field[i];
	struct value_style vs = { .hex = style->hex, .indent = style->indent + 5 };
	struct addr_name name;
	struct type_info info, target;
	struct object to;
	struct err why;
	uint64_t va;

	types_info(s->t, types_strip(s->t, f->type), &info);
	if (info.kind != TYPE_POINTER || f->at.off + 8 > o->len)
		return;
	memcpy(&va, o->data + f->at.off, 8);
	types_info(s->t, types_strip(s->t, info.target), &target);
	if (!va || !target.size)
		return;
	if (object_read(m->k->mem, va, target.size, &to, &why)) {
		buf_printf(out, "%*s-> (%s)\n", (int)style->indent, "", why.msg);
		return;
	}
	buf_printf(out, "%*s-> ", (int)style->indent, "");
	if (cmd_lookup(m, va, &name) && !name.off)
		buf_printf(out, "<%s> ", name.sym->name);
	vs.indent = style->indent + 3;
	value_put(m, s->t, info.target, &to, 0, &vs, out);
	buf_putc(out, '\n');
	object_deinit(&to);
}

vs_status type_spec_put(struct monitor *m, const struct type_spec *s, const struct mem *mem,
			kva_t va, const struct object_style *style, struct buf *out,
			struct err *err)
{
	struct value_style vs = { .hex = style->hex, .indent = style->indent };
	struct type_info info;
	struct object o;
	vs_status st = object_read(mem, va, s->size, &o, err);

	if (st)
		return fail_ctx(err, st, "%s at %" PRIx64, s->type_name, va);
	if (!s->n) {
		types_info(s->t, types_strip(s->t, s->type), &info);
		buf_printf(out, "%*s%s%s ", (int)style->indent, "",
			   info.kind == TYPE_UNION    ? "union "
			   : info.kind == TYPE_STRUCT ? "struct "
						      : "",
			   s->type_name);
		value_put(m, s->t, s->type, &o, 0, &vs, out);
		buf_putc(out, '\n');
	}
	vs.indent = style->indent + 2;
	for (unsigned i = 0; i < s->n; i++) {
		AUTO(buf) decl = { 0 };

		buf_printf(out, "%*s", (int)vs.indent, "");
		vs.plain = style->deref && is_pointer(s->t, s->field[i].type);
		if (vs.plain)
			type_put_decl(s->t, s->field[i].type, s->member[i], &decl);
		value_put_member(m, s->t, &s->field[i], vs.plain ? buf_str(&decl) : s->member[i],
				 &o, &vs, out);
		buf_puts(out, vs.plain ? "\n" : ",\n");
		if (vs.plain)
			put_target(m, s, i, &o,
				   &(struct object_style){ style->hex, false, vs.indent }, out);
	}
	object_deinit(&o);
	return VS_OK;
}

vs_status cpu_list_each(struct monitor *m, const char *list,
			vs_status (*fn)(void *ctx, unsigned cpu, struct err *err), void *ctx,
			struct err *err)
{
	unsigned ncpus = percpu_ncpus(m->k), named = 0;
	bool bad = false;

	if (!*list)
		return fn(ctx, m->cpu, err);
	for (unsigned cpu = 0; cpu < ncpus && !bad; cpu++) {
		vs_status st;

		if (!cpulist_has(list, cpu, &bad) || bad)
			continue;
		named++;
		st = fn(ctx, cpu, err);
		if (st)
			return st;
	}
	if (bad)
		return fail(err, VS_INVAL, "%s: not a list of CPUs", list);
	return named ? VS_OK
		     : fail(err, VS_INVAL, "no such CPU: %s (CPUs are 0 to %u)", list, ncpus - 1);
}

vs_status cmd_offset(struct monitor *m, const char *text, uint64_t *ret, struct err *err)
{
	struct type_spec s;
	vs_status st;

	if (cmd_number(text, ret))
		return VS_OK;
	if (!strchr(text, '.'))
		return fail(err, VS_INVAL, "%s: neither a number nor structure.member", text);
	st = type_spec_parse(m, "", text, &s, err);
	if (st)
		return st;
	if (s.n != 1)
		st = fail(err, VS_INVAL, "%s: more than one member", text);
	else
		*ret = s.field[0].at.off;
	type_spec_deinit(&s);
	return st;
}
