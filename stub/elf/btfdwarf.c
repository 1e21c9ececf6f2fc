// SPDX-License-Identifier: GPL-3.0-or-later
/* btfdwarf.c - converts BTF to DWARF 4: decides what is in which unit. btfdie.c writes the entries.
 */
#include "stub/elf/btfdwarf.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/radix.h"
#include "stub/elf/btfabbrev.h"
#include "stub/elf/btfdie.h"
#include "stub/elf/btfkfunc.h"
#include "stub/elf/btftab.h"
#include "stub/elf/gdbindex.h"

#define FUNCTIONS_A_UNIT 512
#define MAX_FUNCTION	 (UINT64_C(1) << 26) /* bytes of code; larger ones are errors */

struct function {
	kva_t va; /* first, for radix_sort() */
	uint64_t size;
	uint32_t id;
	bool global;
};

struct build {
	const struct btfdwarf_source *src;
	const struct btftab *t;
	struct btfdie die;
	struct gdbindex index;
	struct btfkfunc kfuncs;
	struct function *functions;
	size_t nfunctions;
	uint32_t nunits;
};

static const char *const section_names[] = {
	[BTFDWARF_INFO] = ".debug_info",
	[BTFDWARF_ABBREV] = ".debug_abbrev",
	[BTFDWARF_STR] = ".debug_str",
	[BTFDWARF_INDEX] = ".gdb_index",
};

const char *btfdwarf_section_name(enum btfdwarf_section s)
{
	return section_names[s];
}

void btfdwarf_deinit(struct btfdwarf *d)
{
	for (size_t i = 0; i < BTFDWARF_SECTIONS; i++)
		buf_deinit(&d->section[i]);
}

static bool is_defined(const struct build *b, const struct btf_record *r, uint32_t id)
{
	return *btftab_name(b->t, r->name) && !btftab_is_bad(b->t, id);
}

/* Indexes the names of a type that gdb can look up. */
static void index_type(struct build *b, uint32_t id)
{
	struct btf_record r = btftab_get(b->t, id);
	uint32_t name;

	switch (r.kind) {
	case BTF_ENUM:
	case BTF_ENUM64:
		if (btftab_is_declared_enum(&r))
			break;
		for (uint32_t i = 0; i < btf_enumerators(&r) && !btftab_is_bad(b->t, id); i++) {
			btf_enumerator_of(&r, i, false, &name);
			gdbindex_name(&b->index, btftab_name(b->t, name), b->nunits,
				      GDBINDEX_VARIABLE, true);
		}
		// fall through
	case BTF_INT:
	case BTF_FLOAT:
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_TYPEDEF:
		if (is_defined(b, &r, id))
			gdbindex_name(&b->index, btftab_name(b->t, r.name), b->nunits,
				      GDBINDEX_TYPE, true);
		break;
	default:
		break;
	}
}

static void put_variable(struct build *b, const char *name, uint32_t type)
{
	struct btfdwarf_place p;

	if (!b->src->find(b->src->ctx, name, false, &p))
		return;
	btfdie_variable(&b->die, name, type, p.va, p.global);
	gdbindex_name(&b->index, name, b->nunits, GDBINDEX_VARIABLE, !p.global);
}

static void put_variables(struct build *b)
{
	for (uint32_t id = b->t->first; id < b->t->n; id++) {
		struct btf_record r = btftab_get(b->t, id);

		if (r.kind == BTF_VAR && r.type && is_defined(b, &r, id))
			put_variable(b, btftab_name(b->t, r.name), r.type);
	}
	for (size_t i = 0; i < b->src->nvariables; i++)
		put_variable(b, b->src->variables[i].name, b->src->variables[i].type);
}

static void end_unit(struct build *b, size_t start)
{
	btfdie_end_unit(&b->die, start);
	gdbindex_unit(&b->index, start, b->die.info.len - start);
	b->nunits++;
}

/* Writes the unit of all types and of the variables whose address is known. */
static void put_types(struct build *b)
{
	size_t start = btfdie_begin_unit(&b->die, b->src->unit, BTFDIE_ALL, 0, 0);

	for (uint32_t id = b->t->first; id < b->t->n; id++) {
		btfdie_need(&b->die, id);
		index_type(b, id);
	}
	put_variables(b);
	end_unit(b, start);
}

static bool add_function(struct build *b, uint32_t id)
{
	struct btf_record r = btftab_get(b->t, id);
	struct btfdwarf_place p;

	if (r.kind != BTF_FUNC || !is_defined(b, &r, id) || btftab_is_bad(b->t, r.type) ||
	    !b->src->find(b->src->ctx, btftab_name(b->t, r.name), true, &p) || !p.size ||
	    p.size > MAX_FUNCTION || p.va > UINT64_MAX - p.size)
		return false;
	b->functions[b->nfunctions++] =
		(struct function){ .va = p.va, .size = p.size, .id = id, .global = p.global };
	return true;
}

/* Sorts functions by address, drops duplicates, and cuts each where the next starts. */
static vs_status find_functions(struct build *b, struct err *err)
{
	size_t n = 0;

	b->functions = calloc(b->t->n - b->t->first + 1, sizeof(*b->functions));
	if (!b->functions)
		return fail(err, VS_NOMEM, "functions of BTF");
	for (uint32_t id = b->t->first; id < b->t->n; id++)
		add_function(b, id);
	if (!radix_sort(b->functions, b->nfunctions, sizeof(*b->functions)))
		return fail(err, VS_NOMEM, "functions of BTF");
	for (size_t i = 0; i < b->nfunctions; i++) {
		struct function *f = &b->functions[i];

		if (n && b->functions[n - 1].va == f->va)
			continue;
		if (n && b->functions[n - 1].size > f->va - b->functions[n - 1].va)
			b->functions[n - 1].size = f->va - b->functions[n - 1].va;
		b->functions[n++] = *f;
	}
	b->nfunctions = n;
	return VS_OK;
}

static void put_functions(struct build *b, const struct function *f, size_t n)
{
	kva_t lo = f[0].va, hi = f[n - 1].va + f[n - 1].size;
	size_t start = btfdie_begin_unit(&b->die, b->src->unit, BTFDIE_DECLARED, lo, hi);

	for (size_t i = 0; i < n; i++) {
		struct btf_record r = btftab_get(b->t, f[i].id);
		const char *name = btftab_name(b->t, r.name);
		uint32_t proto = btfkfunc_prototype(&b->kfuncs, f[i].id, r.type);

		btfdie_function(&b->die, name, proto, f[i].va, f[i].size, f[i].global);
		gdbindex_name(&b->index, name, b->nunits, GDBINDEX_FUNCTION, !f[i].global);
	}
	gdbindex_range(&b->index, lo, hi, b->nunits);
	end_unit(b, start);
}

static bool has_code(void *ctx, const char *name)
{
	struct build *b = ctx;
	struct btfdwarf_place p;

	return b->src->find(b->src->ctx, name, true, &p);
}

static vs_status build_all(struct build *b, struct btfdwarf *ret, struct err *err)
{
	vs_status st = btfdie_init(&b->die, b->t, err);

	if (st == VS_OK)
		st = find_functions(b, err);
	if (st == VS_OK)
		st = btfkfunc_find(b->t, has_code, b, &b->kfuncs, err);
	if (st)
		return st;
	put_types(b);
	for (size_t i = 0; i < b->nfunctions; i += FUNCTIONS_A_UNIT)
		put_functions(b, b->functions + i,
			      b->nfunctions - i < FUNCTIONS_A_UNIT ? b->nfunctions - i
								   : FUNCTIONS_A_UNIT);
	st = btfdie_finish(&b->die, err);
	if (st == VS_OK)
		st = gdbindex_build(&b->index, &ret->section[BTFDWARF_INDEX], err);
	if (st)
		return st;
	ret->section[BTFDWARF_INFO] = b->die.info;
	ret->section[BTFDWARF_STR] = b->die.str;
	b->die.info = b->die.str = (struct buf){ 0 };
	btfabbrev_put(&ret->section[BTFDWARF_ABBREV]);
	return ret->section[BTFDWARF_ABBREV].oom ? fail(err, VS_NOMEM, "abbreviations") : VS_OK;
}

vs_status btfdwarf_build(const struct btfdwarf_source *src, struct btfdwarf *d, struct err *err)
{
	struct build b = { .src = src, .t = src->types };
	AUTO(btfdwarf) made = { 0 };
	vs_status st = build_all(&b, &made, err);

	btfdie_deinit(&b.die);
	gdbindex_deinit(&b.index);
	btfkfunc_deinit(&b.kfuncs);
	free(b.functions);
	if (st)
		return fail_ctx(err, st, "debug information from BTF");
	*d = made;
	made = (struct btfdwarf){ 0 };
	return VS_OK;
}
