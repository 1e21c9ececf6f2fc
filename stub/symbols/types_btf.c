// SPDX-License-Identifier: GPL-3.0-or-later
/* types_btf.c - types from BTF, through libbpf (Documentation/bpf/btf.rst). */
#include "stub/symbols/types_ops.h"

#include "stub/base/btfsign.h"
#include "stub/base/hash.h"

#ifdef HAVE_LIBBPF
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NESTING	8	   /* nested anonymous members */
#define MAX_VISITED	(1u << 20) /* members visited in one lookup */
#define MAX_SIGN_VALUES 4096 /* looked at for each negative enumerator; real enums have fewer */

struct btf_types {
	struct btf *btf;
	uint32_t *buckets; /* type id of the first entry of a hash chain */
	uint32_t *chain;   /* by type id */
	uint32_t nbuckets;
	bool signed_enums; /* BTF marks signed enums */
};

static bool is_composite(const struct btf_type *t)
{
	return btf_is_struct(t) || btf_is_union(t);
}

#define RANK_VARIABLE 4 /* variables and functions, also found by name */

/* Order of preference among types with the same name; -1: not indexed. */
static int rank_of(const struct btf_type *t)
{
	return is_composite(t)			  ? 0
	       : btf_is_typedef(t)		  ? 1
	       : btf_is_any_enum(t)		  ? 2
	       : btf_is_int(t) || btf_is_float(t) ? 3
	       : btf_is_var(t) || btf_is_func(t)  ? RANK_VARIABLE
						  : -1;
}

/* Builds the index by name in one pass, in the order of ids. */
static bool build_index(struct btf_types *b)
{
	uint32_t n = btf__type_cnt(b->btf);

	b->nbuckets = 1;
	while (b->nbuckets < n)
		b->nbuckets *= 2;
	b->buckets = calloc(b->nbuckets, sizeof(*b->buckets));
	b->chain = calloc(n, sizeof(*b->chain));
	if (!b->buckets || !b->chain)
		return false;
	for (uint32_t id = n - 1; id > 0; id--) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);
		const char *name;
		uint32_t *bucket;

		b->signed_enums |= btf_is_any_enum(t) && btf_kflag(t);
		if (rank_of(t) < 0)
			continue;
		name = btf__name_by_offset(b->btf, t->name_off);
		if (!name || !*name)
			continue;
		bucket = &b->buckets[hash_str(name) & (b->nbuckets - 1)];
		b->chain[id] = *bucket;
		*bucket = id;
	}
	return true;
}

static void btf_destroy(void *ctx)
{
	struct btf_types *b = ctx;

	btf__free(b->btf);
	free(b->buckets);
	free(b->chain);
	free(b);
}

static bool is_wanted(const struct btf_type *t, enum find_kind kind)
{
	switch (kind) {
	case FIND_COMPOSITE:
		return is_composite(t) || btf_is_typedef(t);
	case FIND_STRUCT:
		return btf_is_struct(t);
	case FIND_UNION:
		return btf_is_union(t);
	case FIND_ENUM:
		return btf_is_any_enum(t);
	case FIND_ANY:
		return rank_of(t) < RANK_VARIABLE;
	}
	return false;
}

/* First type with that name in the hash chain from id on. */
static uint32_t named(struct btf_types *b, uint32_t id, const char *name)
{
	while (id && strcmp(btf__name_by_offset(b->btf, btf__type_by_id(b->btf, id)->name_off),
			    name) != 0)
		id = b->chain[id];
	return id;
}

/* Of the types with that name, the first one with the best rank. */
static type_ref btf_find(void *ctx, const char *name, enum find_kind kind)
{
	struct btf_types *b = ctx;
	uint32_t id = named(b, b->buckets[hash_str(name) & (b->nbuckets - 1)], name), best = 0;

	for (; id; id = named(b, b->chain[id], name)) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);

		if (is_wanted(t, kind) &&
		    (!best || rank_of(t) < rank_of(btf__type_by_id(b->btf, best))))
			best = id;
	}
	return best;
}

static type_ref btf_variable(void *ctx, const char *name)
{
	struct btf_types *b = ctx;
	uint32_t id = named(b, b->buckets[hash_str(name) & (b->nbuckets - 1)], name);

	while (id && rank_of(btf__type_by_id(b->btf, id)) != RANK_VARIABLE)
		id = named(b, b->chain[id], name);
	return id ? btf__type_by_id(b->btf, id)->type : 0;
}

static type_ref btf_resolve(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;
	const struct btf_type *t;

	// The data is untrusted: ids may be invalid, and modifiers may form a cycle.
	for (int i = 0; i < 64; i++) {
		t = btf__type_by_id(b->btf, (uint32_t)type);
		if (!t || !(btf_is_mod(t) || btf_is_typedef(t)))
			break;
		type = t->type;
	}
	return type;
}

static uint64_t btf_size(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;
	int64_t size = btf__resolve_size(b->btf, (uint32_t)type);

	return size < 0 ? 0 : (uint64_t)size;
}

/* left bounds the work: anonymous members of corrupt types can contain each other repeatedly. */
static bool field_at_depth(struct btf_types *b, type_ref type, const char *name, int depth,
			   unsigned *left, struct type_field *ret)
{
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);
	const struct btf_member *m;

	if (!t || !is_composite(t) || depth > MAX_NESTING)
		return false;
	m = btf_members(t);
	for (uint32_t i = 0; i < btf_vlen(t) && *left; i++) {
		const char *mname = btf__name_by_offset(b->btf, m[i].name_off);
		uint32_t bits = btf_member_bit_offset(t, i);
		uint32_t width = btf_member_bitfield_size(t, i);

		--*left;
		if (mname && *mname) {
			if (strcmp(mname, name) != 0)
				continue;
			*ret = (struct type_field){ .type = m[i].type };
			ret->at.off = bits / 8;
			ret->at.bit_off = bits % 8;
			ret->at.bit_size = (uint8_t)width;
			return true;
		}
		if (field_at_depth(b, btf_resolve(b, m[i].type), name, depth + 1, left, ret)) {
			ret->at.off += bits / 8;
			return true;
		}
	}
	return false;
}

static bool btf_field(void *ctx, type_ref type, const char *name, struct type_field *ret)
{
	unsigned left = MAX_VISITED;

	return field_at_depth(ctx, type, name, 0, &left, ret);
}

static type_ref btf_element(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);

	return t && btf_is_array(t) ? btf_array(t)->type : 0;
}

static bool is_signed(const struct btf_types *b, const struct btf_type *t)
{
	if (btf_kflag(t) || b->signed_enums)
		return btf_kflag(t);
	for (uint32_t i = 0; i < btf_vlen(t) && i < MAX_SIGN_VALUES; i++)
		if (btfsign_is_negative(btf_enum(t)[i].val))
			return true;
	return false;
}

/* Enumerator i of an enum; 64-bit enums have a separate kind (6089fb325cf7, 6.0). */
static uint32_t enumerator_at(const struct btf_types *b, const struct btf_type *t, uint32_t i,
			      int64_t *value)
{
	if (btf_is_enum64(t)) {
		*value = (int64_t)btf_enum64_value(&btf_enum64(t)[i]);
		return btf_enum64(t)[i].name_off;
	}
	*value = btf_enum(t)[i].val;
	if (*value < 0 && !is_signed(b, t))
		*value = (int64_t)(uint32_t)*value;
	return btf_enum(t)[i].name_off;
}

/* Number of enumerators whose values are known. Before that kind, BTF cut them to four bytes. */
static uint32_t enumerators(const struct btf_type *t)
{
	return btf_is_enum(t) && t->size > sizeof(uint32_t) ? 0 : btf_vlen(t);
}

static bool btf_enumerator(void *ctx, const char *name, int64_t *ret)
{
	struct btf_types *b = ctx;
	uint32_t n = btf__type_cnt(b->btf);

	for (uint32_t id = 1; id < n; id++) {
		const struct btf_type *t = btf__type_by_id(b->btf, id);

		if (!btf_is_any_enum(t))
			continue;
		for (uint32_t i = 0; i < enumerators(t); i++) {
			int64_t value;
			const char *ename =
				btf__name_by_offset(b->btf, enumerator_at(b, t, i, &value));

			if (ename && strcmp(ename, name) == 0) {
				*ret = value;
				return true;
			}
		}
	}
	return false;
}

static const char *name_at(struct btf_types *b, uint32_t off)
{
	const char *name = btf__name_by_offset(b->btf, off);

	return name ? name : "";
}

static enum type_kind kind_of(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return TYPE_INT;
	case BTF_KIND_FLOAT:
		return TYPE_FLOAT;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return TYPE_ENUM;
	case BTF_KIND_PTR:
		return TYPE_POINTER;
	case BTF_KIND_ARRAY:
		return TYPE_ARRAY;
	case BTF_KIND_STRUCT:
		return TYPE_STRUCT;
	case BTF_KIND_UNION:
		return TYPE_UNION;
	case BTF_KIND_FUNC_PROTO:
		return TYPE_FUNCTION;
	case BTF_KIND_TYPEDEF:
		return TYPE_TYPEDEF;
	case BTF_KIND_CONST:
		return TYPE_CONST;
	case BTF_KIND_VOLATILE:
		return TYPE_VOLATILE;
	case BTF_KIND_FWD:
		return TYPE_FORWARD;
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		return TYPE_QUALIFIER;
	default:
		return TYPE_VOID;
	}
}

static void btf_info(void *ctx, type_ref type, struct type_info *ret)
{
	struct btf_types *b = ctx;
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);
	uint32_t n;

	if (!t)
		return;
	ret->kind = kind_of(t);
	ret->name = ret->kind == TYPE_QUALIFIER ? "" : name_at(b, t->name_off);
	ret->size = btf_size(ctx, type);
	switch (ret->kind) {
	case TYPE_INT:
		ret->is_signed = btf_int_encoding(t) & BTF_INT_SIGNED;
		ret->is_bool =
			btf_int_encoding(t) & BTF_INT_BOOL || strcmp(ret->name, "_Bool") == 0;
		// pahole does not set BTF_INT_CHAR
		ret->is_char = t->size == 1 && !ret->is_bool;
		break;
	case TYPE_ENUM: // the sign is recorded since 6.0; before, treat enums as signed 32 bits
		ret->is_signed = btf_kflag(t) || btf_is_enum(t);
		break;
	case TYPE_ARRAY:
		ret->target = btf_array(t)->type;
		ret->count = btf_array(t)->nelems;
		break;
	case TYPE_FORWARD:
		ret->is_union = btf_kflag(t);
		break;
	case TYPE_FUNCTION:
		n = btf_vlen(t);
		ret->variadic = n && btf_params(t)[n - 1].type == 0;
		ret->target = t->type;
		break;
	case TYPE_POINTER:
	case TYPE_TYPEDEF:
	case TYPE_CONST:
	case TYPE_VOLATILE:
	case TYPE_QUALIFIER:
		ret->target = t->type;
		break;
	default:
		break;
	}
}

static bool btf_member_at(void *ctx, type_ref type, uint32_t i, struct type_field *ret,
			  const char **name)
{
	struct btf_types *b = ctx;
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);
	const struct btf_member *m;
	uint32_t bits;

	if (!t || !is_composite(t) || i >= btf_vlen(t))
		return false;
	m = btf_members(t) + i;
	bits = btf_member_bit_offset(t, i);
	*name = name_at(b, m->name_off);
	*ret = (struct type_field){ .type = m->type };
	ret->at.off = bits / 8;
	ret->at.bit_off = bits % 8;
	ret->at.bit_size = (uint8_t)btf_member_bitfield_size(t, i);
	ret->at.size = btf_size(ctx, m->type);
	return true;
}

static bool btf_enumerator_at(void *ctx, type_ref type, uint32_t i, const char **name,
			      int64_t *value)
{
	struct btf_types *b = ctx;
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);

	if (!t || !btf_is_any_enum(t) || i >= enumerators(t))
		return false;
	*name = name_at(b, enumerator_at(b, t, i, value));
	return true;
}

static bool btf_parameter_at(void *ctx, type_ref type, uint32_t i, type_ref *ret)
{
	struct btf_types *b = ctx;
	const struct btf_type *t = btf__type_by_id(b->btf, (uint32_t)type);

	// The last parameter of a variadic function is void.
	if (!t || !btf_is_func_proto(t) || i >= btf_vlen(t) || !btf_params(t)[i].type)
		return false;
	*ret = btf_params(t)[i].type;
	return true;
}

static type_ref btf_next(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;

	return type + 1 < btf__type_cnt(b->btf) ? type + 1 : 0;
}

static const void *btf_raw(void *ctx, size_t *len)
{
	struct btf_types *b = ctx;
	uint32_t n;
	const void *p = btf__raw_data(b->btf, &n);

	*len = n;
	return p;
}

static const struct types_ops btf_ops = {
	.name = "BTF",
	.destroy = btf_destroy,
	.find = btf_find,
	.resolve = btf_resolve,
	.size = btf_size,
	.field = btf_field,
	.element = btf_element,
	.enumerator = btf_enumerator,
	.info = btf_info,
	.member_at = btf_member_at,
	.enumerator_at = btf_enumerator_at,
	.parameter_at = btf_parameter_at,
	.variable = btf_variable,
	.next = btf_next,
	.raw_btf = btf_raw,
};

vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err)
{
	struct btf_types *b = calloc(1, sizeof(*b));
	struct types *t;

	if (!b)
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	libbpf_set_print(NULL);
	if (len < UINT32_MAX)
		b->btf = btf__new(data, (uint32_t)len);
	if (!b->btf || libbpf_get_error(b->btf)) {
		b->btf = NULL;
		btf_destroy(b);
		return fail(err, VS_CORRUPT, "BTF of %zu bytes is damaged", len);
	}
	t = build_index(b) ? types_create(&btf_ops, b) : NULL;
	if (!t) {
		btf_destroy(b);
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	}
	*ret = t;
	return VS_OK;
}

#else

vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err)
{
	(void)data, (void)ret;
	return fail(err, VS_UNSUPPORTED, "BTF of %zu bytes: built without libbpf", len);
}

#endif
