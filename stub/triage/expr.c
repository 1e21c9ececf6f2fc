// SPDX-License-Identifier: GPL-3.0-or-later
/* expr.c - what a register's value is called in the source. */
#include "stub/triage/expr.h"

#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/module/modtypes.h"
#include "stub/module/scope.h"
#include "stub/unwind/addrname.h"

#define MAX_DEPTH 8
#define MAX_VARS  8

static void expr_at(const struct code_at *c, int reg, kva_t va, int depth, struct expr *ret);

void expr_free(struct expr *e)
{
	buf_deinit(&e->text);
}

static void set_type(const struct code_at *c, const char *name, struct expr *e)
{
	if (*name && kernel_find_type_near(c->k, c->start, name, &e->types, &e->points_to, NULL))
		e->points_to = 0;
	snprintf(e->type, sizeof(e->type), "%s", name);
}

/* Names what a pointer type points to. */
static void set_target(struct types *t, type_ref type, struct expr *e)
{
	struct type_info info;

	type = types_strip(t, type);
	types_info(t, type, &info);
	if (info.kind != TYPE_POINTER)
		return;
	e->types = t;
	e->points_to = types_strip(t, info.target);
	types_info(t, e->points_to, &info);
	if (info.kind == TYPE_STRUCT || info.kind == TYPE_UNION)
		snprintf(e->type, sizeof(e->type), "%s %s",
			 info.kind == TYPE_STRUCT ? "struct" : "union", info.name);
}

/* A variable in the register; a pointer to a struct is better than others. */
static bool from_variable(const struct code_at *c, int reg, kva_t va, struct expr *e)
{
	struct scope_var vars[MAX_VARS];
	const struct scope_var *best = NULL;
	size_t n;

	if (scope_in_register(c->k, va, (unsigned)reg, vars, MAX_VARS, &n, NULL))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!best || (vars[i].points_to[0] && !best->points_to[0]))
			best = &vars[i];
	if (!best)
		return false;
	buf_puts(&e->text, best->name);
	e->off = best->off;
	e->basis = EXPR_VARIABLE;
	set_type(c, best->points_to, e);
	return true;
}

/* The parameter that is passed in the arg-th register for arguments. Structs may take two. */
static bool word_parameter(struct types *t, type_ref func, int arg, type_ref *ret)
{
	for (int i = 0; i <= arg; i++) {
		struct type_info info;

		if (!types_parameter_at(t, func, (uint32_t)i, ret))
			return false;
		types_info(t, types_strip(t, *ret), &info);
		if (info.kind != TYPE_INT && info.kind != TYPE_ENUM && info.kind != TYPE_POINTER)
			return false;
	}
	return true;
}

/* An argument, by the function's prototype. A function whose name has a suffix, like .constprop.0,
 * is a variant that may have other parameters. */
static bool from_argument(const struct code_at *c, int reg, struct expr *e)
{
	struct types *t;
	type_ref func, type;
	int arg = c->k->arch->argument(reg);

	if (arg < 0 || strchr(c->name, '.'))
		return false;
	buf_printf(&e->text, "(argument %d of %s)", arg + 1, c->name);
	e->basis = EXPR_FLOW;
	if (kernel_find_variable_near(c->k, c->start, c->name, &t, &func, NULL) == VS_OK &&
	    word_parameter(t, types_strip(t, func), arg, &type))
		set_target(t, type, e);
	return true;
}

bool expr_member(const struct expr *e, int64_t off, unsigned size, struct buf *member,
		 struct type_field *ret)
{
	// e is the register plus e->off
	off -= e->off;
	return e->points_to && off >= 0 &&
	       types_path_at(e->types, e->points_to, (uint64_t)off, size, member, ret);
}

/* A variable at a fixed address. */
static bool from_symbol(const struct code_at *c, kva_t va, struct expr *e)
{
	struct addr_name n;
	struct types *t;
	type_ref type;

	if (!addr_lookup(c->k, va, &n))
		return false;
	buf_puts(&e->text, n.sym->name);
	if (n.off)
		buf_printf(&e->text, "+%llu", (unsigned long long)n.off);
	else if (kernel_find_variable_near(c->k, va, n.sym->name, &t, &type, NULL) == VS_OK)
		set_target(t, type, e);
	return true;
}

static void from_load(const struct code_at *c, const struct insn *in, kva_t va, int depth,
		      struct expr *e)
{
	const struct insn_mem *m = &in->mem;
	struct type_field f;
	struct buf member = { 0 };
	struct expr base = { 0 };

	e->basis = EXPR_FLOW;
	if (m->segment >= 0 || m->index >= 0 || in->size != sizeof(kva_t))
		return;
	if (m->base < 0) {
		(void)from_symbol(c, (kva_t)m->disp, e);
		return;
	}
	expr_at(c, m->base, va, depth + 1, &base);
	if (base.text.len && expr_member(&base, m->disp, in->size, &member, &f)) {
		buf_printf(&e->text, "%s->%s", buf_str(&base.text), buf_str(&member));
		set_target(base.types, f.type, e);
	}
	buf_deinit(&member);
	expr_free(&base);
}

static void expr_at(const struct code_at *c, int reg, kva_t va, int depth, struct expr *ret)
{
	struct flow_source s;

	if (depth > MAX_DEPTH || from_variable(c, reg, va, ret) || !c->flow)
		return;
	s = flow_source(c->flow, reg, va);
	if (s.kind == FLOW_ENTRY)
		(void)from_argument(c, s.reg, ret);
	else if (s.kind == FLOW_LOAD)
		from_load(c, &s.insn, s.at, depth, ret);
	else if (s.kind == FLOW_ADDRESS && s.insn.mem.base < 0 && s.insn.mem.index < 0 &&
		 from_symbol(c, (kva_t)s.insn.mem.disp, ret))
		ret->points_to = 0;
}

void expr_of_register(const struct code_at *c, int reg, kva_t va, struct expr *ret)
{
	*ret = (struct expr){ 0 };
	expr_at(c, reg, va, 0, ret);
}

void expr_of_load(const struct code_at *c, const struct insn *in, kva_t va, struct expr *ret)
{
	*ret = (struct expr){ 0 };
	from_load(c, in, va, 0, ret);
}

bool expr_of_address(struct kernel *k, kva_t va, unsigned size, struct buf *out)
{
	struct buf path = { 0 };
	struct type_field f;
	struct addr_name n;
	struct types *t;
	type_ref type;
	bool found;

	if (!addr_lookup(k, va, &n) ||
	    kernel_find_variable_near(k, va, n.sym->name, &t, &type, NULL))
		return false;
	found = types_path_at(t, type, n.off, size, &path, &f);
	if (found)
		buf_printf(out, "%s%s%s", n.sym->name, *buf_str(&path) == '[' ? "" : ".",
			   buf_str(&path));
	buf_deinit(&path);
	return found;
}
