// SPDX-License-Identifier: GPL-3.0-or-later
/* types_dwarf.c - types from vmlinux's DWARF, through libdw, for kernels without BTF.
 * A lookup scans units in order and stops at the first that has the type. */
#include "stub/symbols/types_ops.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/bytes.h"
#include "stub/base/vec.h"

#define MAX_NESTING 8

/* A type that has a type_ref. DWARF has one entry for all dimensions of an array; dim is how many
 * are stripped. */
struct kept {
	Dwarf_Die die;
	unsigned dim;
	uint32_t next; /* 1 + index of the next entry in its hash chain; 0: none */
};

#define KEPT_BUCKETS 1024

struct dwarf_types {
	int fd;
	Dwarf *dw;
	VEC(struct kept) kept; /* type_ref is 1 + index here */
	uint32_t buckets[KEPT_BUCKETS];
};

static void dw_destroy(void *ctx)
{
	struct dwarf_types *d = ctx;

	vec_free(&d->kept);
	dwarf_end(d->dw);
	if (d->fd >= 0)
		close(d->fd);
	free(d);
}

static type_ref keep_dim(struct dwarf_types *d, const Dwarf_Die *die, unsigned dim)
{
	uint32_t *bucket = &d->buckets[(((uintptr_t)die->addr >> 2) + dim) % KEPT_BUCKETS];

	for (uint32_t i = *bucket; i; i = d->kept.v[i - 1].next)
		if (d->kept.v[i - 1].die.addr == die->addr && d->kept.v[i - 1].dim == dim)
			return i;
	if (d->kept.n == UINT32_MAX - 1 || !vec_push(&d->kept, (struct kept){ *die, dim, *bucket }))
		return 0;
	return *bucket = (uint32_t)d->kept.n;
}

static type_ref keep(struct dwarf_types *d, const Dwarf_Die *die)
{
	return keep_dim(d, die, 0);
}

/* Valid until the next keep(). */
static Dwarf_Die *die_of(struct dwarf_types *d, type_ref type)
{
	return type && type <= d->kept.n ? &d->kept.v[type - 1].die : NULL;
}

static bool is_kind(int tag, enum find_kind kind)
{
	switch (kind) {
	case FIND_STRUCT:
		return tag == DW_TAG_structure_type;
	case FIND_UNION:
		return tag == DW_TAG_union_type;
	case FIND_ENUM:
		return tag == DW_TAG_enumeration_type;
	case FIND_ANY:
		if (tag == DW_TAG_enumeration_type || tag == DW_TAG_base_type)
			return true;
		/* fallthrough */
	case FIND_COMPOSITE:
		return tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
		       tag == DW_TAG_typedef;
	}
	return false;
}

static bool is_wanted(Dwarf_Die *die, const char *name, enum find_kind kind)
{
	const char *dname;

	if (!is_kind(dwarf_tag(die), kind))
		return false;
	dname = dwarf_diename(die);
	return dname && strcmp(dname, name) == 0 && !dwarf_hasattr(die, DW_AT_declaration);
}

/* Goes through all units: also partial units, the units of dwz's common file, and those in .dwo
 * files for their skeletons. */
struct units {
	Dwarf *dw; /* NULL: none read yet */
	Dwarf_CU *cu;
};

static bool next_unit(struct dwarf_types *d, struct units *u, Dwarf_Die *ret)
{
	Dwarf_Die unit, sub;
	uint8_t type;

	if (!u->dw)
		u->dw = d->dw;
	while (dwarf_get_units(u->dw, u->cu, &u->cu, NULL, &type, &unit, &sub) != 0) {
		Dwarf *common = u->dw == d->dw ? dwarf_getalt(d->dw) : NULL;

		if (!common)
			return false;
		*u = (struct units){ common, NULL };
	}
	*ret = type == DW_UT_skeleton && sub.addr ? sub : unit;
	return true;
}

static type_ref dw_find(void *ctx, const char *name, enum find_kind kind)
{
	struct dwarf_types *d = ctx;
	struct units units = { 0 };
	Dwarf_Die unit, die;

	for (size_t i = 0; i < d->kept.n; i++)
		if (is_wanted(&d->kept.v[i].die, name, kind))
			return i + 1;
	while (next_unit(d, &units, &unit)) {
		if (dwarf_child(&unit, &die) != 0)
			continue;
		do {
			if (is_wanted(&die, name, kind))
				return keep(d, &die);
		} while (dwarf_siblingof(&die, &die) == 0);
	}
	return 0;
}

static type_ref dw_resolve(void *ctx, type_ref type)
{
	struct dwarf_types *d = ctx;
	Dwarf_Die *die = die_of(d, type), peeled;

	if (!die || dwarf_peel_type(die, &peeled) != 0)
		return type;
	return peeled.addr == die->addr ? type : keep(d, &peeled);
}

static bool attr_udata(Dwarf_Die *die, unsigned at, Dwarf_Word *ret)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(die, at, &attr) && dwarf_formudata(&attr, ret) == 0;
}

static void member_place(Dwarf_Die *m, struct member *at)
{
	Dwarf_Word v = 0, width = 0;

	*at = (struct member){ 0 };
	if (attr_udata(m, DW_AT_data_member_location, &v))
		at->off = v;
	if (!attr_udata(m, DW_AT_bit_size, &width))
		return;
	at->bit_size = (uint8_t)width;
	if (attr_udata(m, DW_AT_data_bit_offset, &v)) {
		at->off = v / 8;
		at->bit_off = v % 8;
	} else if (attr_udata(m, DW_AT_bit_offset, &v)) { // DWARF 3: counted from the top
		Dwarf_Word unit = 4;

		attr_udata(m, DW_AT_byte_size, &unit);
		v = unit * 8 - v - width;
		at->off += v / 8;
		at->bit_off = v % 8;
	}
}

static bool member_type(Dwarf_Die *m, Dwarf_Die *ret)
{
	Dwarf_Attribute attr;

	return dwarf_attr_integrate(m, DW_AT_type, &attr) && dwarf_formref_die(&attr, ret);
}

static bool field_at_depth(struct dwarf_types *d, Dwarf_Die *s, const char *name, int depth,
			   struct type_field *ret)
{
	Dwarf_Die m, type, peeled;

	if (depth > MAX_NESTING || dwarf_child(s, &m) != 0)
		return false;
	do {
		const char *mname = dwarf_diename(&m);

		if (dwarf_tag(&m) != DW_TAG_member || !member_type(&m, &type))
			continue;
		if (mname && strcmp(mname, name) == 0) {
			member_place(&m, &ret->at);
			ret->type = keep(d, &type);
			return ret->type != 0;
		}
		if (!mname && dwarf_peel_type(&type, &peeled) == 0 &&
		    field_at_depth(d, &peeled, name, depth + 1, ret)) {
			struct member outer;

			member_place(&m, &outer);
			ret->at.off += outer.off;
			return true;
		}
	} while (dwarf_siblingof(&m, &m) == 0);
	return false;
}

static bool dw_field(void *ctx, type_ref type, const char *name, struct type_field *ret)
{
	Dwarf_Die *die = die_of(ctx, type), copy;

	if (!die)
		return false;
	copy = *die; // keep() may move the array
	return field_at_depth(ctx, &copy, name, 0, ret);
}

/* Number of elements in dimension dim of an array; false past the last one. A flexible array has
 * 0. */
static bool dimension(Dwarf_Die *array, unsigned dim, uint64_t *count)
{
	Dwarf_Die range;
	Dwarf_Word v;

	if (dwarf_child(array, &range) != 0)
		return false;
	do {
		if (dwarf_tag(&range) != DW_TAG_subrange_type || dim--)
			continue;
		*count = attr_udata(&range, DW_AT_count, &v)	     ? v
			 : attr_udata(&range, DW_AT_upper_bound, &v) ? v + 1
								     : 0;
		return true;
	} while (dwarf_siblingof(&range, &range) == 0);
	return false;
}

static type_ref dw_element(void *ctx, type_ref type)
{
	struct dwarf_types *d = ctx;
	Dwarf_Die *die = die_of(ctx, type), array, elem;
	uint64_t count;
	unsigned dim;

	if (!die || dwarf_tag(die) != DW_TAG_array_type)
		return 0;
	array = *die;
	dim = d->kept.v[type - 1].dim + 1;
	if (dimension(&array, dim, &count))
		return keep_dim(d, &array, dim);
	return member_type(&array, &elem) ? keep(d, &elem) : 0;
}

/* The size of an array without its first dimensions. libdw cannot tell it in a unit without
 * DW_AT_language, as dwz makes them, because the lowest index depends on the language. */
static bool size_of(const Dwarf_Die *die, unsigned dim, uint64_t *ret)
{
	Dwarf_Die at = *die, next;
	uint64_t times = 1, count;
	Dwarf_Word size;

	for (int depth = 0; depth < MAX_NESTING; depth++, at = next, dim = 0) {
		if (dwarf_peel_type(&at, &next) != 0)
			return false;
		at = next;
		if (dwarf_tag(&at) != DW_TAG_array_type)
			return dwarf_aggregate_size(&at, &size) == 0 && !mul_ovf(size, times, ret);
		for (; dimension(&at, dim, &count); dim++)
			if (mul_ovf(times, count, &times))
				return false;
		if (!member_type(&at, &next))
			return false;
	}
	return false;
}

static uint64_t dw_size(void *ctx, type_ref type)
{
	struct dwarf_types *d = ctx;
	Dwarf_Die *die = die_of(d, type);
	uint64_t size;

	return die && size_of(die, d->kept.v[type - 1].dim, &size) ? size : 0;
}

/* Compilers write a non-negative value in as few bytes as possible: one byte 240 is not -16.
 * Negative values use a different form. */
static bool constant(Dwarf_Attribute *attr, Dwarf_Sword *ret)
{
	unsigned form = dwarf_whatform(attr);
	Dwarf_Word v;

	if (form == DW_FORM_sdata || form == DW_FORM_implicit_const)
		return dwarf_formsdata(attr, ret) == 0;
	if (dwarf_formudata(attr, &v))
		return false;
	*ret = (Dwarf_Sword)v;
	return true;
}

static bool enum_has(Dwarf_Die *e, const char *name, int64_t *ret)
{
	Dwarf_Die c;

	if (dwarf_child(e, &c) != 0)
		return false;
	do {
		const char *cname = dwarf_diename(&c);
		Dwarf_Attribute attr;
		Dwarf_Sword v;

		if (cname && strcmp(cname, name) == 0 && dwarf_attr(&c, DW_AT_const_value, &attr) &&
		    constant(&attr, &v)) {
			*ret = v;
			return true;
		}
	} while (dwarf_siblingof(&c, &c) == 0);
	return false;
}

static bool dw_enumerator(void *ctx, const char *name, int64_t *ret)
{
	struct dwarf_types *d = ctx;
	struct units units = { 0 };
	Dwarf_Die unit, die;

	while (next_unit(d, &units, &unit)) {
		if (dwarf_child(&unit, &die) != 0)
			continue;
		do {
			if (dwarf_tag(&die) == DW_TAG_enumeration_type && enum_has(&die, name, ret))
				return true;
		} while (dwarf_siblingof(&die, &die) == 0);
	}
	return false;
}

static enum type_kind kind_of(Dwarf_Die *die)
{
	bool declared = dwarf_hasattr(die, DW_AT_declaration);

	switch (dwarf_tag(die)) {
	case DW_TAG_base_type:
		return TYPE_INT;
	case DW_TAG_enumeration_type:
		return TYPE_ENUM;
	case DW_TAG_pointer_type:
		return TYPE_POINTER;
	case DW_TAG_array_type:
		return TYPE_ARRAY;
	case DW_TAG_structure_type:
		return declared ? TYPE_FORWARD : TYPE_STRUCT;
	case DW_TAG_union_type:
		return declared ? TYPE_FORWARD : TYPE_UNION;
	case DW_TAG_subroutine_type:
	case DW_TAG_subprogram:
		return TYPE_FUNCTION;
	case DW_TAG_typedef:
		return TYPE_TYPEDEF;
	case DW_TAG_const_type:
		return TYPE_CONST;
	case DW_TAG_volatile_type:
		return TYPE_VOLATILE;
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		return TYPE_QUALIFIER;
	default:
		return TYPE_VOID;
	}
}

static void base_info(Dwarf_Die *die, struct type_info *ret)
{
	Dwarf_Word encoding;

	if (!attr_udata(die, DW_AT_encoding, &encoding))
		return;
	if (encoding == DW_ATE_float)
		ret->kind = TYPE_FLOAT;
	ret->is_bool = encoding == DW_ATE_boolean;
	ret->is_char = encoding == DW_ATE_signed_char || encoding == DW_ATE_unsigned_char;
	ret->is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;
}

/* The i-th child with that tag. */
static bool child_at(Dwarf_Die *die, int tag, uint32_t i, Dwarf_Die *ret)
{
	if (dwarf_child(die, ret) != 0)
		return false;
	do {
		if (dwarf_tag(ret) == tag && i-- == 0)
			return true;
	} while (dwarf_siblingof(ret, ret) == 0);
	return false;
}

static void dw_info(void *ctx, type_ref type, struct type_info *ret)
{
	struct dwarf_types *d = ctx;
	Dwarf_Die *found = die_of(ctx, type), die, target;
	const char *name;

	if (!found)
		return;
	die = *found;
	name = dwarf_diename(&die);
	ret->kind = kind_of(&die);
	ret->name = name ? name : "";
	ret->size = dw_size(ctx, type);
	ret->is_union = dwarf_tag(&die) == DW_TAG_union_type;
	if (ret->kind == TYPE_INT)
		base_info(&die, ret);
	if (ret->kind == TYPE_ENUM)
		ret->is_signed = true;
	if (ret->kind == TYPE_FUNCTION)
		ret->variadic = child_at(&die, DW_TAG_unspecified_parameters, 0, &target);
	if (ret->kind == TYPE_ARRAY) {
		dimension(&die, d->kept.v[type - 1].dim, &ret->count);
		ret->target = dw_element(ctx, type);
	} else if (member_type(&die, &target)) {
		ret->target = keep(d, &target);
	}
}

static bool dw_member_at(void *ctx, type_ref type, uint32_t i, struct type_field *ret,
			 const char **name)
{
	Dwarf_Die *found = die_of(ctx, type), die, m, mtype;
	const char *mname;

	if (!found)
		return false;
	die = *found;
	if (!child_at(&die, DW_TAG_member, i, &m) || !member_type(&m, &mtype))
		return false;
	mname = dwarf_diename(&m);
	*name = mname ? mname : "";
	member_place(&m, &ret->at);
	ret->type = keep(ctx, &mtype);
	ret->at.size = dw_size(ctx, ret->type);
	return true;
}

static bool dw_enumerator_at(void *ctx, type_ref type, uint32_t i, const char **name,
			     int64_t *value)
{
	Dwarf_Die *found = die_of(ctx, type), e;
	Dwarf_Attribute attr;
	Dwarf_Sword v;

	if (!found || !child_at(found, DW_TAG_enumerator, i, &e) || !dwarf_diename(&e) ||
	    !dwarf_attr(&e, DW_AT_const_value, &attr) || !constant(&attr, &v))
		return false;
	*name = dwarf_diename(&e);
	*value = v;
	return true;
}

static bool dw_parameter_at(void *ctx, type_ref type, uint32_t i, type_ref *ret)
{
	Dwarf_Die *found = die_of(ctx, type), p, ptype;

	if (!found || !child_at(found, DW_TAG_formal_parameter, i, &p) || !member_type(&p, &ptype))
		return false;
	*ret = keep(ctx, &ptype);
	return true;
}

/* Searches only the top level of units, not static variables in functions. */
static type_ref dw_variable(void *ctx, const char *name)
{
	struct dwarf_types *d = ctx;
	struct units units = { 0 };
	Dwarf_Die unit, die, type;

	while (next_unit(d, &units, &unit)) {
		if (dwarf_child(&unit, &die) != 0)
			continue;
		do {
			int tag = dwarf_tag(&die);
			const char *dname = tag == DW_TAG_variable || tag == DW_TAG_subprogram
						    ? dwarf_diename(&die)
						    : NULL;

			if (!dname || strcmp(dname, name) != 0)
				continue;
			if (tag == DW_TAG_subprogram)
				return keep(d, &die);
			if (member_type(&die, &type))
				return keep(d, &type);
		} while (dwarf_siblingof(&die, &die) == 0);
	}
	return 0;
}

static const struct types_ops dwarf_ops = {
	.name = "DWARF",
	.destroy = dw_destroy,
	.find = dw_find,
	.resolve = dw_resolve,
	.size = dw_size,
	.field = dw_field,
	.element = dw_element,
	.enumerator = dw_enumerator,
	.info = dw_info,
	.member_at = dw_member_at,
	.enumerator_at = dw_enumerator_at,
	.parameter_at = dw_parameter_at,
	.variable = dw_variable,
};

vs_status types_from_dwarf_fd(int fd, const char *name, struct types **ret, struct err *err)
{
	struct dwarf_types *d = calloc(1, sizeof(*d));
	struct types *t;

	if (!d)
		return fail(err, VS_NOMEM, "%s", name);
	d->fd = dup(fd);
	d->dw = d->fd >= 0 ? dwarf_begin(d->fd, DWARF_C_READ) : NULL;
	t = d->dw ? types_create(&dwarf_ops, d) : NULL;
	if (!t) {
		dw_destroy(d);
		return fail(err, VS_NOTFOUND, "%s: no DWARF", name);
	}
	*ret = t;
	return VS_OK;
}

vs_status types_from_dwarf(const char *path, struct types **ret, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	vs_status st = types_from_dwarf_fd(fd, path, ret, err);

	if (fd >= 0)
		close(fd);
	return st;
}
