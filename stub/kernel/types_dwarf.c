/* types_dwarf.c - types from vmlinux's DWARF, through libdw, for kernels without BTF.
 * A lookup scans units in order and stops at the first that has the type. */
#include "stub/kernel/types_ops.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/vec.h"

#define MAX_NESTING 8

struct dwarf_types {
	int fd;
	Dwarf *dw;
	VEC(Dwarf_Die) dies; /* types handed out; type_ref is 1 + index here */
};

static void dw_destroy(void *ctx)
{
	struct dwarf_types *d = ctx;

	vec_free(&d->dies);
	dwarf_end(d->dw);
	if (d->fd >= 0)
		close(d->fd);
	free(d);
}

static type_ref keep(struct dwarf_types *d, const Dwarf_Die *die)
{
	return vec_push(&d->dies, *die) ? d->dies.n : 0;
}

static Dwarf_Die *die_of(struct dwarf_types *d, type_ref type)
{
	return type && type <= d->dies.n ? &d->dies.v[type - 1] : NULL;
}

static bool is_wanted(Dwarf_Die *die, const char *name)
{
	int tag = dwarf_tag(die);
	const char *dname;

	if (tag != DW_TAG_structure_type && tag != DW_TAG_union_type && tag != DW_TAG_typedef)
		return false;
	dname = dwarf_diename(die);
	return dname && strcmp(dname, name) == 0 && !dwarf_hasattr(die, DW_AT_declaration);
}

static type_ref dw_find(void *ctx, const char *name)
{
	struct dwarf_types *d = ctx;
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit, die;

	for (size_t i = 0; i < d->dies.n; i++)
		if (is_wanted(&d->dies.v[i], name))
			return i + 1;
	while (dwarf_get_units(d->dw, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
		if (dwarf_child(&unit, &die) != 0)
			continue;
		do {
			if (is_wanted(&die, name))
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

static uint64_t dw_size(void *ctx, type_ref type)
{
	Dwarf_Die *die = die_of(ctx, type);
	Dwarf_Word size;

	return die && dwarf_aggregate_size(die, &size) == 0 ? size : 0;
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

static type_ref dw_element(void *ctx, type_ref type)
{
	Dwarf_Die *die = die_of(ctx, type), elem;

	if (!die || dwarf_tag(die) != DW_TAG_array_type || !member_type(die, &elem))
		return 0;
	return keep(ctx, &elem);
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
		    dwarf_formsdata(&attr, &v) == 0) {
			*ret = v;
			return true;
		}
	} while (dwarf_siblingof(&c, &c) == 0);
	return false;
}

static bool dw_enumerator(void *ctx, const char *name, int64_t *ret)
{
	struct dwarf_types *d = ctx;
	Dwarf_CU *cu = NULL;
	Dwarf_Die unit, die;

	while (dwarf_get_units(d->dw, cu, &cu, NULL, NULL, &unit, NULL) == 0) {
		if (dwarf_child(&unit, &die) != 0)
			continue;
		do {
			if (dwarf_tag(&die) == DW_TAG_enumeration_type && enum_has(&die, name, ret))
				return true;
		} while (dwarf_siblingof(&die, &die) == 0);
	}
	return false;
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
};

vs_status types_from_dwarf(const char *path, struct types **ret, struct err *err)
{
	struct dwarf_types *d = calloc(1, sizeof(*d));
	struct types *t;

	if (!d)
		return fail(err, VS_NOMEM, "%s", path);
	d->fd = open(path, O_RDONLY | O_CLOEXEC);
	d->dw = d->fd >= 0 ? dwarf_begin(d->fd, DWARF_C_READ) : NULL;
	t = d->dw ? types_create(&dwarf_ops, d) : NULL;
	if (!t) {
		dw_destroy(d);
		return fail(err, VS_NOTFOUND, "%s: no DWARF", path);
	}
	*ret = t;
	return VS_OK;
}
