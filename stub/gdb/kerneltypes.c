// SPDX-License-Identifier: GPL-3.0-or-later
/* kerneltypes.c - debug information for a kernel without its vmlinux, out of its BTF. */
#include "stub/gdb/kerneltypes.h"

#include "stub/base/log.h"
#include "stub/elf/btftab.h"
#include "stub/kernel/kernel.h"

struct search {
	bool function;
	unsigned n;
	const struct symbol *found;
};

static bool is_code(const struct symbol *s)
{
	return s->type == 't' || s->type == 'T' || s->type == 'w' || s->type == 'W';
}

static bool count_symbol(void *ctx, const struct symbol *s)
{
	struct search *x = ctx;

	if (is_code(s) == x->function) {
		x->found = s;
		x->n++;
	}
	return x->n < 2;
}

/* kallsyms has no sizes: up to the next symbol. */
static uint64_t size_of(const struct symtab *t, const struct symbol *s)
{
	size_t n = symtab_count(t);

	if (s->size)
		return s->size;
	for (size_t i = (size_t)(s - symtab_at(t, 0)) + 1; i < n; i++)
		if (symtab_at(t, i)->va != s->va)
			return symtab_at(t, i)->va - s->va;
	return 0;
}

static bool find_symbol(void *ctx, const char *name, bool function, struct btfdwarf_place *ret)
{
	struct kernel *k = ctx;
	struct search x = { .function = function };

	symtab_each_named(k->syms, name, count_symbol, &x);
	if (x.n != 1)
		return false;
	*ret = (struct btfdwarf_place){ .va = x.found->va,
					.size = function ? size_of(k->syms, x.found) : 0,
					.global = x.found->type < 'a' };
	return true;
}

vs_status kerneltypes_build(struct kernel *k, struct btfdwarf *ret, struct err *err)
{
	struct btfdwarf_source src = { .unit = "vmlinux.btf", .find = find_symbol, .ctx = k };
	struct btftab *t = NULL;
	const void *data;
	size_t len;
	vs_status st = kernel_need_syms(k, err);

	if (st == VS_OK)
		st = kernel_need_types(k, err);
	if (st)
		return st;
	data = types_raw_btf(k->types, &len);
	if (!data)
		return fail(err, VS_NOTFOUND, "the kernel's types are not from BTF");
	st = btftab_create(data, len, NULL, &t, err);
	if (st)
		return st;
	if (t->nbad)
		log_warn("BTF: %s; gdb is not shown %u types", t->why.msg, t->nbad);
	src.types = t;
	st = btfdwarf_build(&src, ret, err);
	btftab_destroy(t);
	return st;
}
