// SPDX-License-Identifier: GPL-3.0-or-later
/* btfdie.c - writes the entries of .debug_info for BTF types, unit by unit.
 * An entry refers to others by their offsets in the unit, which are known once all are written. So
 * references stay empty until the end of the unit, and a list says which type goes where. */
#include "stub/elf/btfdie.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/elf/btfabbrev.h"

#define QUEUED	UINT32_MAX
#define POINTER 8

/* --- bytes */

static void put_u8(struct btfdie *d, uint64_t v)
{
	buf_putc(&d->info, (char)v);
}

static void put_u32(struct btfdie *d, uint64_t v)
{
	uint32_t word = (uint32_t)v;

	buf_put(&d->info, &word, sizeof(word));
}

static void put_u64(struct btfdie *d, uint64_t v)
{
	buf_put(&d->info, &v, sizeof(v));
}

static void put_uleb(struct btfdie *d, uint64_t v)
{
	for (; v >= 0x80; v >>= 7)
		put_u8(d, (v & 0x7f) | 0x80);
	put_u8(d, v);
}

static void put_sleb(struct btfdie *d, int64_t v)
{
	for (; v < -0x40 || v >= 0x40; v >>= 7)
		put_u8(d, (uint64_t)(v & 0x7f) | 0x80);
	put_u8(d, (uint64_t)v & 0x7f);
}

/* Writes a name in place (DW_FORM_string) because .debug_str lacks it. */
static void put_string(struct btfdie *d, const char *s)
{
	buf_put(&d->info, s, strlen(s) + 1);
}

/* .debug_str starts with a copy of the kernel's strings; other names follow. For split BTF, it has
 * only the names put here. */
static void put_name(struct btfdie *d, const char *name)
{
	const struct btftab *t = d->t;
	uintptr_t off = (uintptr_t)name - (uintptr_t)t->strings;

	if (!*name || (!t->base && off < t->strings_len)) {
		put_u32(d, *name ? off : 0);
		return;
	}
	put_u32(d, d->str.len);
	buf_put(&d->str, name, strlen(name) + 1);
}

/* --- references */

static bool is_composite(enum btf_kind kind)
{
	return kind == BTF_STRUCT || kind == BTF_UNION;
}

/* Skips type tags, which C does not have. The chain ends, as cycles are marked bad. */
static uint32_t untagged(const struct btfdie *d, uint32_t id)
{
	struct btf_record r;

	while (!btftab_is_bad(d->t, id) && (r = btftab_get(d->t, id)).kind == BTF_TYPE_TAG)
		id = r.type;
	return id;
}

void btfdie_need(struct btfdie *d, uint32_t id)
{
	enum btf_kind kind;

	id = untagged(d, id);
	if (id == 0 || d->entry[id])
		return;
	kind = btftab_get(d->t, id).kind;
	if (kind == BTF_FUNC || kind == BTF_VAR || kind == BTF_DATASEC || kind == BTF_DECL_TAG)
		return; // no types
	d->entry[id] = QUEUED;
	if (!vec_push(&d->queue, id))
		d->oom = true;
}

static void put_ref(struct btfdie *d, uint32_t id)
{
	struct btfdie_patch p = { .at = (uint32_t)d->info.len, .id = untagged(d, id) };

	btfdie_need(d, p.id);
	put_u32(d, 0);
	if (!vec_push(&d->patches, p))
		d->oom = true;
}

/* Begins an entry: of this shape if there is no type, else of the next one, which has one. */
static void begin_with_type(struct btfdie *d, enum btfabbrev shape, uint32_t *type)
{
	*type = untagged(d, *type);
	put_u8(d, *type ? shape + 1 : shape);
}

/* --- types */

/* DWARF has special encodings for characters and booleans; BTF marks only some of them. */
static uint8_t encoding(const struct btfdie *d, const struct btf_record *r, const char *name)
{
	uint8_t bits = btf_int_word(r) >> 24 & 0xff;
	bool is_signed = bits & 1;

	if ((bits & 4) || strcmp(name, "_Bool") == 0)
		return DW_ATE_boolean;
	if (strcmp(name, "unsigned char") == 0)
		return DW_ATE_unsigned_char;
	if (strcmp(name, "signed char") == 0)
		return DW_ATE_signed_char;
	// Since 6.2 the kernel is built with -funsigned-char (3bc753c06dd0).
	if (strcmp(name, "char") == 0)
		return is_signed || !d->t->signed_chars ? DW_ATE_signed_char : DW_ATE_unsigned_char;
	// Before BTF had floats (b1828f0b0481, 5.13), it called them integers.
	if (strcmp(name, "float") == 0 || strcmp(name, "double") == 0 ||
	    strcmp(name, "long double") == 0)
		return DW_ATE_float;
	return is_signed ? DW_ATE_signed : DW_ATE_unsigned;
}

static void put_base(struct btfdie *d, const struct btf_record *r)
{
	const char *name = btftab_name(d->t, r->name);

	put_u8(d, AB_BASE);
	put_name(d, name);
	put_u8(d, r->size);
	put_u8(d, r->kind == BTF_FLOAT ? DW_ATE_float : encoding(d, r, name));
}

static void put_array(struct btfdie *d, const struct btf_record *r)
{
	uint32_t count, element = btf_element_of(r, &count);

	put_u8(d, AB_ARRAY);
	put_ref(d, element);
	// BTF does not distinguish [] and [0]. Since 14 or so gdb refuses ptype/o for structs with
	// [].
	put_u8(d, AB_RANGE);
	put_uleb(d, count);
	put_u8(d, 0);
}

static void put_member(struct btfdie *d, const struct btf_record *r, uint32_t i)
{
	struct btf_member_at m = btftab_member(d->t, r, i);
	const char *name = btftab_name(d->t, m.name);

	put_u8(d, (m.width ? AB_BITS : AB_MEMBER) + (*name != '\0'));
	if (*name)
		put_name(d, name);
	put_ref(d, m.type);
	if (m.width)
		put_uleb(d, m.width);
	put_uleb(d, m.width ? m.bit : m.bit / 8);
}

static void put_declared(struct btfdie *d, const struct btf_record *r, bool is_union)
{
	put_u8(d, is_union ? AB_UNION_DECLARED : AB_STRUCT_DECLARED);
	put_name(d, btftab_name(d->t, r->name));
}

static void put_composite(struct btfdie *d, const struct btf_record *r)
{
	const char *name = btftab_name(d->t, r->name);

	put_u8(d, (r->kind == BTF_UNION ? AB_UNION : AB_STRUCT) + (*name != '\0'));
	put_u32(d, r->size);
	if (*name)
		put_name(d, name);
	for (uint32_t i = 0; i < r->count; i++)
		put_member(d, r, i);
	put_u8(d, 0);
}

static void put_enum(struct btfdie *d, const struct btf_record *r)
{
	const char *name = btftab_name(d->t, r->name);
	bool signed_enum = btf_enum_is_signed(r, d->t->signed_enums);

	if (*name && btftab_is_declared_enum(r)) {
		put_u8(d, AB_ENUM_DECLARED);
		put_name(d, name);
		return;
	}
	put_u8(d, AB_ENUM + (*name != '\0'));
	put_u8(d, r->size);
	if (*name)
		put_name(d, name);
	for (uint32_t i = 0; i < btf_enumerators(r); i++) {
		uint32_t ename;
		int64_t value = btf_enumerator_of(r, i, signed_enum, &ename);
		bool is_signed = signed_enum && value < 0;

		put_u8(d, is_signed ? AB_ENUMERATOR_SIGNED : AB_ENUMERATOR);
		put_name(d, btftab_name(d->t, ename));
		if (is_signed)
			put_sleb(d, value);
		else
			put_uleb(d, (uint64_t)value);
	}
	put_u8(d, 0);
}

/* named: with the parameters' names, for a function. */
static void put_parameters(struct btfdie *d, const struct btf_record *proto, bool named)
{
	for (uint32_t i = 0; i < proto->count; i++) {
		uint32_t name, type = btf_parameter_of(proto, i, &name);
		const char *s = named ? btftab_name(d->t, name) : "";

		if (!type) {
			put_u8(d, AB_ELLIPSIS);
			continue;
		}
		put_u8(d, *s ? AB_PARAMETER_NAMED : AB_PARAMETER);
		if (*s)
			put_name(d, s);
		put_ref(d, type);
	}
	put_u8(d, 0);
}

static void put_proto(struct btfdie *d, const struct btf_record *r)
{
	uint32_t type = r->type;

	begin_with_type(d, AB_PROTO, &type);
	if (type)
		put_ref(d, type);
	put_parameters(d, r, false);
}

/* Pointers, qualifiers, typedefs. */
static void put_modifier(struct btfdie *d, const struct btf_record *r)
{
	static const uint8_t shapes[BTF_KINDS] = {
		[BTF_PTR] = AB_POINTER,	      [BTF_TYPEDEF] = AB_TYPEDEF,   [BTF_CONST] = AB_CONST,
		[BTF_VOLATILE] = AB_VOLATILE, [BTF_RESTRICT] = AB_RESTRICT,
	};
	uint32_t type = r->type;

	begin_with_type(d, shapes[r->kind], &type);
	if (r->kind == BTF_PTR)
		put_u8(d, POINTER);
	if (r->kind == BTF_TYPEDEF)
		put_name(d, btftab_name(d->t, r->name));
	if (type)
		put_ref(d, type);
}

static bool is_declared(const struct btfdie *d, const struct btf_record *r, uint32_t id)
{
	if (!*btftab_name(d->t, r->name) || d->several[id])
		return false;
	return d->scope == BTFDIE_DECLARED || id < d->t->first;
}

static void put_type(struct btfdie *d, uint32_t id)
{
	struct btf_record r = btftab_get(d->t, id);
	bool bad = btftab_is_bad(d->t, id);

	if (bad && is_composite(r.kind) && *btftab_name(d->t, r.name)) {
		put_declared(d, &r, r.kind == BTF_UNION);
		return;
	}
	if (bad) {
		put_u8(d, AB_DAMAGED);
		put_string(d, "<damaged type>");
		return;
	}
	switch (r.kind) {
	case BTF_INT:
	case BTF_FLOAT:
		put_base(d, &r);
		break;
	case BTF_ARRAY:
		put_array(d, &r);
		break;
	case BTF_STRUCT:
	case BTF_UNION:
		if (is_declared(d, &r, id))
			put_declared(d, &r, r.kind == BTF_UNION);
		else
			put_composite(d, &r);
		break;
	case BTF_ENUM: // gdb does not look up the definition of a declared enum
	case BTF_ENUM64:
		put_enum(d, &r);
		break;
	case BTF_FWD:
		put_declared(d, &r, r.flag);
		break;
	case BTF_FUNC_PROTO:
		put_proto(d, &r);
		break;
	default:
		put_modifier(d, &r);
	}
}

/* --- units */

/* Marks structs, unions and enums with equal names; the three share one namespace. Comparing the
 * offsets of names is enough: BTF has each string once. */
static bool find_several(struct btfdie *d)
{
	uint32_t size = 16, *slots;

	while (size < d->t->n && size < 1u << 30)
		size *= 2;
	size *= 2; // at most half full
	slots = calloc(size, sizeof(*slots));
	for (uint32_t id = 1; slots && id < d->t->n; id++) {
		struct btf_record r = btftab_get(d->t, id);
		uint32_t at = r.name * 2654435761u & (size - 1);

		if (!r.name ||
		    !(is_composite(r.kind) || r.kind == BTF_ENUM || r.kind == BTF_ENUM64))
			continue;
		while (slots[at] && btftab_get(d->t, slots[at]).name != r.name)
			at = (at + 1) & (size - 1);
		if (slots[at])
			d->several[slots[at]] = d->several[id] = true;
		else
			slots[at] = id;
	}
	free(slots);
	return slots != NULL;
}

vs_status btfdie_init(struct btfdie *d, const struct btftab *t, struct err *err)
{
	*d = (struct btfdie){ .t = t };
	d->entry = calloc(t->n, sizeof(*d->entry));
	d->several = calloc(t->n, sizeof(*d->several));
	if (!d->entry || !d->several || !find_several(d))
		return fail(err, VS_NOMEM, "no memory for %u types", t->n);
	if (t->base)
		buf_putc(&d->str, '\0');
	else
		buf_put(&d->str, t->strings, (size_t)t->strings_len + 1);
	return VS_OK;
}

void btfdie_deinit(struct btfdie *d)
{
	buf_deinit(&d->info);
	buf_deinit(&d->str);
	free(d->entry);
	free(d->several);
	vec_free(&d->queue);
	vec_free(&d->patches);
}

size_t btfdie_begin_unit(struct btfdie *d, const char *name, enum btfdie_scope scope, kva_t lo,
			 kva_t hi)
{
	d->unit = d->info.len;
	d->scope = scope;
	put_u32(d, 0); // the length, filled in at the end
	buf_put(&d->info, "\4\0", 2);
	put_u32(d, 0);
	put_u8(d, sizeof(kva_t));
	put_u8(d, hi ? AB_UNIT_CODE : AB_UNIT);
	put_string(d, name);
	put_u8(d, DW_LANG_C99);
	if (hi) {
		put_u64(d, lo);
		put_u64(d, hi - lo);
	}
	return d->unit;
}

void btfdie_function(struct btfdie *d, const char *name, uint32_t proto, kva_t va, uint64_t size,
		     bool global)
{
	struct btf_record r = btftab_get(d->t, proto);
	uint32_t type = r.type;

	begin_with_type(d, AB_FUNCTION, &type);
	put_name(d, name);
	put_u8(d, global);
	put_u64(d, va);
	put_u32(d, size);
	if (type)
		put_ref(d, type);
	put_parameters(d, &r, true);
}

void btfdie_variable(struct btfdie *d, const char *name, uint32_t type, kva_t va, bool global)
{
	put_u8(d, AB_VARIABLE);
	put_name(d, name);
	put_u8(d, global);
	put_ref(d, type);
	put_uleb(d, 1 + sizeof(va));
	put_u8(d, DW_OP_addr);
	put_u64(d, va);
}

void btfdie_end_unit(struct btfdie *d, size_t start)
{
	uint32_t len;

	for (size_t i = 0; i < d->queue.n; i++) {
		uint32_t id = d->queue.v[i];

		d->entry[id] = (uint32_t)(d->info.len - start);
		put_type(d, id);
	}
	put_u8(d, 0);
	len = (uint32_t)(d->info.len - start - sizeof(len));
	if (!d->info.oom) {
		memcpy(d->info.p + start, &len, sizeof(len));
		for (size_t i = 0; i < d->patches.n; i++)
			memcpy(d->info.p + d->patches.v[i].at, &d->entry[d->patches.v[i].id],
			       sizeof(*d->entry));
	}
	for (size_t i = 0; i < d->queue.n; i++)
		d->entry[d->queue.v[i]] = 0;
	d->queue.n = d->patches.n = 0;
}

vs_status btfdie_finish(struct btfdie *d, struct err *err)
{
	if (d->oom || d->info.oom || d->str.oom)
		return fail(err, VS_NOMEM, "no memory for %u types", d->t->n);
	if (d->info.len > INT32_MAX || d->str.len > INT32_MAX)
		return fail(err, VS_UNSUPPORTED, "%zu bytes of types", d->info.len);
	return VS_OK;
}
