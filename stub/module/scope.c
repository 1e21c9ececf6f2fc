// SPDX-License-Identifier: GPL-3.0-or-later
/* scope.c - variables of the functions at an instruction, from DWARF. */
#include "stub/module/scope.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>

#include "stub/kernel/kernel.h"
#include "stub/module/scopes_dwarf.h"

#define MAX_WRAPS 32 /* typedefs and qualifiers around a type */

/* The variables with a value in one register at one place. */
struct search {
	struct kernel *k;
	uint64_t link_pc;
	unsigned reg;
	struct scope_var *ret;
	size_t max, n;
};

/* The register that an expression names, and what it adds to that. */
static bool register_of(const struct search *s, const Dwarf_Op *op, size_t n, int64_t *off)
{
	unsigned no;

	*off = 0;
	if (n == 1 && op->atom >= DW_OP_reg0 && op->atom <= DW_OP_reg31) {
		no = op->atom - DW_OP_reg0;
	} else if (n == 1 && op->atom == DW_OP_regx) {
		no = (unsigned)op->number;
	} else if (n == 2 && op->atom >= DW_OP_breg0 && op->atom <= DW_OP_breg31 &&
		   op[1].atom == DW_OP_stack_value) {
		no = op->atom - DW_OP_breg0;
		*off = (int64_t)op->number;
	} else {
		return false;
	}
	return s->k->arch->from_dwarf(no) == (int)s->reg;
}

/* Strips typedefs and qualifiers. The name of the last typedef stands for a type without a name. */
static bool strip(Dwarf_Die *die, Dwarf_Die *ret, const char **alias)
{
	Dwarf_Attribute attr;

	*ret = *die;
	*alias = NULL;
	for (int i = 0; i < MAX_WRAPS; i++) {
		switch (dwarf_tag(ret)) {
		case DW_TAG_typedef:
			*alias = dwarf_diename(ret);
			break;
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
			break;
		default:
			return true;
		}
		if (!dwarf_attr(ret, DW_AT_type, &attr) || !dwarf_formref_die(&attr, ret))
			return false;
	}
	return false;
}

/* "struct x" of what the variable points to. */
static void set_points_to(Dwarf_Die *var, struct scope_var *ret)
{
	Dwarf_Attribute attr;
	Dwarf_Die type;
	const char *alias, *name, *word;

	ret->points_to[0] = '\0';
	if (!dwarf_attr_integrate(var, DW_AT_type, &attr) || !dwarf_formref_die(&attr, &type) ||
	    !strip(&type, &type, &alias) || dwarf_tag(&type) != DW_TAG_pointer_type ||
	    !dwarf_attr(&type, DW_AT_type, &attr) || !dwarf_formref_die(&attr, &type) ||
	    !strip(&type, &type, &alias))
		return;
	name = dwarf_diename(&type);
	word = dwarf_tag(&type) == DW_TAG_structure_type ? "struct "
	       : dwarf_tag(&type) == DW_TAG_union_type	 ? "union "
							 : "";
	if (!name && alias)
		name = alias, word = "";
	if (name)
		snprintf(ret->points_to, sizeof(ret->points_to), "%s%s", word, name);
}

static void look_at(struct search *s, Dwarf_Die *var)
{
	struct scope_var v = { 0 };
	Dwarf_Attribute attr;
	Dwarf_Op *op;
	size_t nops;

	v.name = dwarf_diename(var); // also that of the abstract origin
	if (!v.name || !dwarf_attr(var, DW_AT_location, &attr) ||
	    dwarf_getlocation_addr(&attr, s->link_pc, &op, &nops, 1) != 1 ||
	    !register_of(s, op, nops, &v.off))
		return;
	set_points_to(var, &v);
	s->ret[s->n++] = v;
}

static void look_in(struct search *s, Dwarf_Die *scope)
{
	Dwarf_Die child;

	if (dwarf_child(scope, &child))
		return;
	do {
		int tag = dwarf_tag(&child);

		if (tag == DW_TAG_variable || tag == DW_TAG_formal_parameter)
			look_at(s, &child);
	} while (s->n < s->max && dwarf_siblingof(&child, &child) == 0);
}

vs_status scope_in_register(struct kernel *k, kva_t pc, unsigned reg, struct scope_var *ret,
			    size_t max, size_t *n, struct err *err)
{
	struct search s = { .k = k, .reg = reg, .ret = ret, .max = max };
	Dwarf_Die cu, *scopes;
	int count;
	vs_status st = lines_unit(k, pc, &cu, &s.link_pc, err);

	*n = 0;
	if (st)
		return st;
	count = lines_scopes(&cu, s.link_pc, &scopes);
	for (int i = 0; i < count && s.n < max; i++) {
		look_in(&s, &scopes[i]);
		if (dwarf_tag(&scopes[i]) == DW_TAG_subprogram)
			break;
	}
	free(scopes);
	*n = s.n;
	return s.n ? VS_OK : fail(err, VS_NOTFOUND, "no variable is in that register");
}
