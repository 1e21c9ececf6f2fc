// SPDX-License-Identifier: GPL-3.0-or-later
/* kerneltypes.c - makes debug information from BTF, for a kernel without vmlinux and for modules
 * without files. */
#include "stub/gdb/kerneltypes.h"

#include <stdio.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/elf/btftab.h"
#include "stub/gdb/globals.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/module/modbtf.h"
#include "stub/module/modules.h"

struct kerneltypes {
	struct kernel *k;
	struct btftab *kernel; /* NULL: not read yet */
};

/* The owner of the symbols. */
struct owner {
	const struct symtab *syms;
	const struct module *m;	 /* NULL: the kernel */
	struct kernel_code code; /* of the kernel */
	struct percpu_window percpu;
};

struct search {
	const struct owner *owner;
	bool function;
	unsigned n;
	const struct symbol *found;
};

struct kerneltypes *kerneltypes_create(struct kernel *k)
{
	struct kerneltypes *t = calloc(1, sizeof(*t));

	if (t)
		t->k = k;
	return t;
}

void kerneltypes_destroy(struct kerneltypes *t)
{
	if (t)
		btftab_destroy(t->kernel);
	free(t);
}

static bool is_code(const struct owner *o, const struct symbol *s)
{
	return o->m ? s->type == 't' || s->type == 'T' || s->type == 'w' || s->type == 'W'
		    : kernel_code_names(&o->code, s);
}

static bool count_symbol(void *ctx, const struct symbol *s)
{
	struct search *x = ctx;

	if (is_code(x->owner, s) == x->function) {
		x->found = s;
		x->n++;
	}
	return x->n < 2;
}

/* kallsyms has no sizes: a symbol reaches up to the next one. */
static uint64_t size_of(const struct symtab *t, const struct symbol *s)
{
	size_t n = symtab_count(t);

	if (s->size)
		return s->size;
	for (size_t i = symtab_index(t, s) + 1; i < n; i++)
		if (symtab_at(t, i)->va != s->va)
			return symtab_at(t, i)->va - s->va;
	return 0;
}

/* gdb does not move addresses in our images. */
static kva_t gdb_address(const struct owner *o, kva_t va)
{
	const struct percpu_window *w = &o->percpu;

	return va + w->bias - w->start < w->end - w->start ? va + w->bias : va;
}

static bool find_symbol(void *ctx, const char *name, bool function, struct btfdwarf_place *ret)
{
	struct owner *o = ctx;
	struct search x = { .owner = o, .function = function };

	symtab_each_named(o->syms, name, count_symbol, &x);
	// A module's per-CPU variables are not inside the module.
	if (x.n != 1 || (o->m && !module_has(o->m, x.found->va)))
		return false;
	*ret = (struct btfdwarf_place){ .va = gdb_address(o, x.found->va),
					.size = function ? size_of(o->syms, x.found) : 0,
					.global = x.found->type < 'a' };
	return true;
}

/* Reads the kernel's types, which those of modules refer to. */
static vs_status need_kernel(struct kerneltypes *t, struct err *err)
{
	const void *data;
	size_t len;
	vs_status st = VS_OK;

	if (t->kernel)
		return VS_OK;
	st = kernel_need_types(t->k, err);
	if (st)
		return st;
	data = types_raw_btf(t->k->types, &len);
	if (!data)
		return fail(err, VS_NOTFOUND, "the kernel's types are not from BTF");
	return btftab_create(data, len, NULL, &t->kernel, err);
}

static void warn_of_bad(const struct btftab *t, const char *whose)
{
	if (t->nbad)
		log_warn("BTF of %s: %s; gdb cannot see %u types", whose, t->why.msg, t->nbad);
}

/* Removes variables that are smaller than their type: in this kernel, they have another type.
 * Returns how many are left. */
static size_t drop_too_small(const struct btftab *t, const struct owner *o, globals *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->n; i++) {
		struct search x = { .owner = o };

		symtab_each_named(o->syms, v->v[i].name, count_symbol, &x);
		if (x.n == 1 && btftab_size(t, v->v[i].type) <= size_of(o->syms, x.found))
			v->v[n++] = v->v[i];
	}
	return n;
}

vs_status kerneltypes_kernel(struct kerneltypes *t, bool moved, struct btfdwarf *ret,
			     struct err *err)
{
	struct owner owner = { .m = NULL };
	struct btfdwarf_source src = { .unit = "vmlinux.btf", .find = find_symbol, .ctx = &owner };
	globals found = { 0 };
	vs_status st = kernel_need_syms(t->k, err);

	if (st == VS_OK)
		st = need_kernel(t, err);
	if (st)
		return st;
	warn_of_bad(t->kernel, "the kernel");
	owner.syms = t->k->syms;
	kernel_code_find(t->k, &owner.code);
	percpu_gdb_window(t->k, moved, &owner.percpu, NULL);
	src.types = t->kernel;
	if (globals_find(t->kernel, &found)) {
		src.variables = found.v;
		src.nvariables = drop_too_small(t->kernel, &owner, &found);
	}
	st = btfdwarf_build(&src, ret, err);
	vec_free(&found);
	return st;
}

vs_status kerneltypes_module(struct kerneltypes *t, struct module *m, struct btfdwarf *ret,
			     struct err *err)
{
	char unit[sizeof(m->name) + 8];
	struct owner owner = { .m = m };
	struct btfdwarf_source src = { .unit = unit, .find = find_symbol, .ctx = &owner };
	AUTO_FREE void *data = NULL;
	struct btftab *own;
	size_t len;
	vs_status st = module_btf(t->k, m, &data, &len, err);

	if (st == VS_OK)
		st = need_kernel(t, err);
	if (st == VS_OK)
		st = module_need_syms(t->k, m, err);
	if (st == VS_OK)
		st = btftab_create(data, len, t->kernel, &own, err);
	if (st)
		return st;
	warn_of_bad(own, m->name);
	// gdb takes a word that is the name of a unit for a file, even after "struct".
	snprintf(unit, sizeof(unit), "%s.btf", m->name);
	owner.syms = m->syms;
	src.types = own;
	st = btfdwarf_build(&src, ret, err);
	btftab_destroy(own);
	return st;
}
