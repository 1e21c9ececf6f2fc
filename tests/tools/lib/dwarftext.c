// SPDX-License-Identifier: GPL-3.0-or-later
/* dwarftext.c - writes a definition of debug information as one line that can be compared.
 * In: an entry that libdw read. Not here: what is compared (dwarfcmp.c). */
#include "tests/tools/lib/dwarftext.h"

#include <dwarf.h>
#include <inttypes.h>
#include <stdio.h>

#define MAX_DEPTH 50

static void put_type(struct dwarftext *t, Dwarf_Die *die, int depth);
static void put_body(struct dwarftext *t, Dwarf_Die *die, int depth);

static bool number(Dwarf_Die *die, unsigned int attribute, uint64_t *ret)
{
	Dwarf_Attribute at;
	Dwarf_Word word;

	if (!dwarf_attr_integrate(die, attribute, &at) || dwarf_formudata(&at, &word))
		return false;
	*ret = word;
	return true;
}

/* Returns false for void. */
static bool type_of(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute at;

	return dwarf_attr_integrate(die, DW_AT_type, &at) && dwarf_formref_die(&at, ret);
}

static void put_type_of(struct dwarftext *t, Dwarf_Die *die, int depth)
{
	Dwarf_Die type;

	if (type_of(die, &type))
		put_type(t, &type, depth + 1);
	else
		buf_puts(&t->out, "void");
}

static void put_array(struct dwarftext *t, Dwarf_Die *die, int depth)
{
	uint64_t product = 1, n;
	Dwarf_Die range;

	if (dwarf_child(die, &range) == 0)
		do {
			if (number(&range, DW_AT_count, &n))
				product *= n;
			else
				product *= number(&range, DW_AT_upper_bound, &n) ? n + 1 : 0;
		} while (dwarf_siblingof(&range, &range) == 0);
	if (product)
		buf_printf(&t->out, "[%" PRIu64 "]", product);
	else
		buf_puts(&t->out, "[]");
	put_type_of(t, die, depth);
}

static void put_parameters(struct dwarftext *t, Dwarf_Die *die, bool named, int depth)
{
	const char *name, *comma = "";
	Dwarf_Die param;

	buf_putc(&t->out, '(');
	if (dwarf_child(die, &param) == 0)
		do {
			int tag = dwarf_tag(&param);

			if (tag != DW_TAG_formal_parameter && tag != DW_TAG_unspecified_parameters)
				continue;
			buf_puts(&t->out, comma);
			comma = ", ";
			if (tag == DW_TAG_unspecified_parameters) {
				buf_puts(&t->out, "...");
				continue;
			}
			put_type_of(t, &param, depth);
			name = named ? dwarf_diename(&param) : NULL;
			if (name)
				buf_printf(&t->out, " %s", name);
		} while (dwarf_siblingof(&param, &param) == 0);
	buf_putc(&t->out, ')');
}

static const char *keyword(int tag)
{
	switch (tag) {
	case DW_TAG_structure_type:
		return "struct";
	case DW_TAG_union_type:
		return "union";
	case DW_TAG_enumeration_type:
		return "enum";
	default:
		return NULL;
	}
}

static const char *wrapper(int tag)
{
	switch (tag) {
	case DW_TAG_pointer_type:
		return "* ";
	case DW_TAG_const_type:
		return "const ";
	case DW_TAG_volatile_type:
		return "volatile ";
	case DW_TAG_restrict_type:
		return "restrict ";
	case DW_TAG_atomic_type: // BTF has none
		return "";
	default:
		return NULL;
	}
}

static void put_base(struct dwarftext *t, Dwarf_Die *die)
{
	uint64_t size = 0, encoding = 0;

	number(die, DW_AT_byte_size, &size);
	number(die, DW_AT_encoding, &encoding);
	buf_printf(&t->out, "%s:%" PRIu64 ":%" PRIu64, dwarf_diename(die), size, encoding);
}

static void put_type(struct dwarftext *t, Dwarf_Die *die, int depth)
{
	int tag = dwarf_tag(die);
	const char *name = dwarf_diename(die);

	if (depth > MAX_DEPTH) {
		buf_puts(&t->out, "...");
	} else if (wrapper(tag)) {
		buf_puts(&t->out, wrapper(tag));
		put_type_of(t, die, depth);
	} else if (keyword(tag) && name) {
		buf_printf(&t->out, "%s %s", keyword(tag), name);
	} else if (keyword(tag)) {
		put_body(t, die, depth);
	} else if (tag == DW_TAG_array_type) {
		put_array(t, die, depth);
	} else if (tag == DW_TAG_subroutine_type) {
		buf_puts(&t->out, "function");
		put_parameters(t, die, false, depth);
		put_type_of(t, die, depth);
	} else if (tag == DW_TAG_base_type) {
		put_base(t, die);
	} else if (tag == DW_TAG_unspecified_type && !name) { // of a function in assembly code
		buf_puts(&t->out, "void");
	} else {
		buf_printf(&t->out, "%s", name ? name : "?");
	}
}

/* Older compilers count the first bit of a bit field from the most significant one of its integer.
 */
static uint64_t first_bit(Dwarf_Die *die, uint64_t width)
{
	uint64_t at = 0, bit, size = 0;
	Dwarf_Die type;

	if (number(die, DW_AT_data_bit_offset, &bit))
		return bit;
	number(die, DW_AT_data_member_location, &at);
	if (!number(die, DW_AT_bit_offset, &bit))
		return at * 8;
	if (!number(die, DW_AT_byte_size, &size) && type_of(die, &type)) {
		int n = dwarf_peel_type(&type, &type) == 0 ? dwarf_bytesize(&type) : 0;

		size = n > 0 ? (uint64_t)n : 0;
	}
	return at * 8 + size * 8 - bit - width;
}

static void put_member(struct dwarftext *t, Dwarf_Die *die, int depth)
{
	const char *name = dwarf_diename(die);
	uint64_t width = 0;

	if (number(die, DW_AT_bit_size, &width))
		buf_printf(&t->out, " %" PRIu64 "+%" PRIu64, first_bit(die, width), width);
	else
		buf_printf(&t->out, " %" PRIu64, first_bit(die, 0));
	buf_printf(&t->out, " %s ", name ? name : "-");
	put_type_of(t, die, depth);
	buf_putc(&t->out, ';');
}

static void put_enumerator(struct dwarftext *t, Dwarf_Die *die, uint64_t size)
{
	Dwarf_Attribute at;
	Dwarf_Sword v = 0;
	Dwarf_Word u;

	if (dwarf_attr(die, DW_AT_const_value, &at)) {
		if (dwarf_whatform(&at) == DW_FORM_sdata ||
		    dwarf_whatform(&at) == DW_FORM_implicit_const)
			dwarf_formsdata(&at, &v);
		else if (dwarf_formudata(&at, &u) == 0)
			v = (Dwarf_Sword)u;
	}
	if (t->without_signs && size < 8)
		v &= (Dwarf_Sword)((UINT64_C(1) << size * 8) - 1);
	buf_printf(&t->out, " %s=%" PRId64 ";", dwarf_diename(die), (int64_t)v);
}

/* What is between the braces. */
static void put_body(struct dwarftext *t, Dwarf_Die *die, int depth)
{
	uint64_t size = 0;
	Dwarf_Die child;

	number(die, DW_AT_byte_size, &size);
	buf_printf(&t->out, "%s %" PRIu64 " {", keyword(dwarf_tag(die)), size);
	if (dwarf_child(die, &child) == 0)
		do {
			if (dwarf_tag(&child) == DW_TAG_member)
				put_member(t, &child, depth);
			else if (dwarf_tag(&child) == DW_TAG_enumerator)
				put_enumerator(t, &child, size);
		} while (dwarf_siblingof(&child, &child) == 0);
	buf_puts(&t->out, " }");
}

/* A function that is inlined somewhere has its prototype in an entry of its own. */
static void put_function(struct dwarftext *t, Dwarf_Die *die)
{
	Dwarf_Attribute at;
	Dwarf_Die origin = *die;

	while ((dwarf_attr(&origin, DW_AT_abstract_origin, &at) ||
		dwarf_attr(&origin, DW_AT_specification, &at)) &&
	       dwarf_formref_die(&at, &origin))
		;
	put_type_of(t, &origin, 0);
	put_parameters(t, &origin, true, 0);
}

void dwarftext_definition(struct dwarftext *t, Dwarf_Die *die)
{
	int tag = dwarf_tag(die);

	if (keyword(tag))
		put_body(t, die, 0);
	else if (tag == DW_TAG_base_type)
		put_base(t, die);
	else if (tag == DW_TAG_subprogram)
		put_function(t, die);
	else
		put_type_of(t, die, 0);
}

bool dwarftext_name(Dwarf_Die *die, char *out, size_t len)
{
	int tag = dwarf_tag(die);
	const char *name, *kind = keyword(tag);
	uint64_t va;

	if (tag == DW_TAG_typedef || tag == DW_TAG_base_type)
		kind = "type";
	else if (tag == DW_TAG_subprogram)
		kind = "function";
	else if (tag == DW_TAG_variable)
		kind = "variable";
	if (!kind)
		return false;
	if (dwarf_hasattr(die, DW_AT_declaration)
		    ? tag != DW_TAG_variable
		    : tag == DW_TAG_variable && !dwarftext_address(die, 0, &va))
		return false;
	name = dwarf_diename(die);
	if (!name)
		return false;
	snprintf(out, len, "%s %s", kind, name);
	return true;
}

bool dwarftext_address(Dwarf_Die *die, unsigned int i, uint64_t *ret)
{
	Dwarf_Attribute at;
	Dwarf_Addr base, end;
	ptrdiff_t next = 0;
	Dwarf_Op *ops;
	size_t n;

	if (dwarf_tag(die) == DW_TAG_subprogram) {
		// Without either, dwarf_ranges() returns those of the unit.
		if (!dwarf_hasattr(die, DW_AT_low_pc) && !dwarf_hasattr(die, DW_AT_ranges))
			return false;
		for (unsigned int k = 0; k <= i; k++) {
			next = dwarf_ranges(die, next, &base, ret, &end);
			if (next <= 0)
				return false;
		}
		return true;
	}
	if (i || !dwarf_attr(die, DW_AT_location, &at) || dwarf_getlocation(&at, &ops, &n) ||
	    n != 1 || ops[0].atom != DW_OP_addr)
		return false;
	*ret = ops[0].number;
	return true;
}
