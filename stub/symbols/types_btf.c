// SPDX-License-Identifier: GPL-3.0-or-later
/* types_btf.c - types from BTF, which stays where it is: only the names are indexed. The BTF of a
 * module counts types and strings on from the kernel's, and refers to these. */
#include "stub/symbols/types_ops.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/bigmem.h"
#include "stub/base/btf.h"
#include "stub/base/hash.h"

#define MAX_NESTING 8	       /* nested anonymous members */
#define MAX_VISITED (1u << 20) /* members visited in one lookup */
#define MAX_CHAIN   64	       /* types that refer to each other without a name in between */

struct btf_types {
	const void *data;
	size_t len;
	void *owned; /* data, if it is freed with the types */
	struct btf_sections s;
	const struct btf_types *base; /* of a module's: the kernel's, borrowed; else NULL */
	uint32_t before;	      /* number of types of base: own type ids follow */
	uint32_t strings_before;      /* length of base's strings */
	uint32_t *at;	   /* where each own type is in its section, by type id - before */
	uint32_t n;	   /* 1 + number of own types */
	uint32_t *buckets; /* type id of the first entry of a hash chain */
	uint32_t *chain;   /* by type id - before */
	uint32_t nbuckets;
	bool signed_enums; /* BTF marks signed enums */
};

/* Is there such a type? void is none. */
static bool get(const struct btf_types *b, type_ref type, struct btf_record *ret)
{
	if (b->base && type <= b->before) {
		b = b->base;
	} else {
		type -= b->before;
	}
	if (!type || type >= b->n)
		return false;
	*ret = btf_record_at(b->s.types + b->at[type]);
	return true;
}

static const char *name_at(const struct btf_types *b, uint32_t off)
{
	if (b->base && off < b->strings_before)
		b = b->base;
	off -= b->strings_before;
	return off < b->s.strings_len ? (const char *)b->s.strings + off : "";
}

static bool is_composite(const struct btf_record *r)
{
	return r->kind == BTF_STRUCT || r->kind == BTF_UNION;
}

static bool is_enum(const struct btf_record *r)
{
	return r->kind == BTF_ENUM || r->kind == BTF_ENUM64;
}

static bool is_modifier(const struct btf_record *r)
{
	return r->kind == BTF_VOLATILE || r->kind == BTF_CONST || r->kind == BTF_RESTRICT ||
	       r->kind == BTF_TYPE_TAG;
}

#define RANK_VARIABLE 4 /* variables and functions, also found by name */

/* Order of preference among types with the same name; -1: not indexed. */
static int rank_of(const struct btf_record *r)
{
	switch (r->kind) {
	case BTF_STRUCT:
	case BTF_UNION:
		return 0;
	case BTF_TYPEDEF:
		return 1;
	case BTF_ENUM:
	case BTF_ENUM64:
		return 2;
	case BTF_INT:
	case BTF_FLOAT:
		return 3;
	case BTF_VAR:
	case BTF_FUNC:
		return RANK_VARIABLE;
	default:
		return -1;
	}
}

/* Finds where each type starts. */
static vs_status find_types(struct btf_types *b, struct err *err)
{
	size_t room = b->s.types_len / BTF_RECORD_MIN + 1, left;
	uint64_t size = 0;

	b->at = bigmem_alloc(room * sizeof(*b->at));
	if (!b->at)
		return fail(err, VS_NOMEM, "BTF of %zu bytes", b->len);
	b->n = 1;
	for (uint32_t pos = 0; (left = b->s.types_len - pos); pos += (uint32_t)size) {
		size = btf_record_length(b->s.types + pos, left);
		if (!size)
			return fail(err, VS_CORRUPT,
				    "BTF of %zu bytes: type %u is damaged or of an unknown kind",
				    b->len, b->n);
		b->at[b->n++] = pos;
	}
	return VS_OK;
}

/* Builds the index by name in one pass, in the order of ids. */
static bool build_index(struct btf_types *b)
{
	b->nbuckets = 1;
	while (b->nbuckets < b->n)
		b->nbuckets *= 2;
	b->buckets = calloc(b->nbuckets, sizeof(*b->buckets));
	b->chain = malloc(b->n * sizeof(*b->chain));
	if (!b->buckets || !b->chain)
		return false;
	for (uint32_t id = b->n - 1; id > 0; id--) {
		struct btf_record r = btf_record_at(b->s.types + b->at[id]);
		const char *name = name_at(b, r.name);
		uint32_t *bucket;

		b->signed_enums |= is_enum(&r) && r.flag;
		if (rank_of(&r) < 0 || !*name)
			continue;
		bucket = &b->buckets[hash_str(name) & (b->nbuckets - 1)];
		b->chain[id] = *bucket;
		*bucket = b->before + id;
	}
	return true;
}

static void btf_destroy(void *ctx)
{
	struct btf_types *b = ctx;

	free(b->owned);
	free(b->at);
	free(b->buckets);
	free(b->chain);
	free(b);
}

static bool is_wanted(const struct btf_record *r, enum find_kind kind)
{
	switch (kind) {
	case FIND_COMPOSITE:
		return is_composite(r) || r->kind == BTF_TYPEDEF;
	case FIND_STRUCT:
		return r->kind == BTF_STRUCT;
	case FIND_UNION:
		return r->kind == BTF_UNION;
	case FIND_ENUM:
		return is_enum(r);
	case FIND_ANY:
		return rank_of(r) < RANK_VARIABLE;
	}
	return false;
}

/* First type with that name in the hash chain from id on, and its record. */
static uint32_t named(const struct btf_types *b, uint32_t id, const char *name,
		      struct btf_record *ret)
{
	while (get(b, id, ret) && strcmp(name_at(b, ret->name), name) != 0)
		id = b->chain[id - b->before];
	return id;
}

static uint32_t next_named(const struct btf_types *b, uint32_t id, const char *name,
			   struct btf_record *ret)
{
	return named(b, b->chain[id - b->before], name, ret);
}

static uint32_t first_of_chain(const struct btf_types *b, const char *name)
{
	return b->buckets[hash_str(name) & (b->nbuckets - 1)];
}

/* Of the types with that name, the first one with the best rank. */
static type_ref btf_find(void *ctx, const char *name, enum find_kind kind)
{
	struct btf_types *b = ctx;
	struct btf_record r;
	uint32_t best = 0;
	int best_rank = 0;

	for (uint32_t id = named(b, first_of_chain(b, name), name, &r); id;
	     id = next_named(b, id, name, &r)) {
		if (is_wanted(&r, kind) && (!best || rank_of(&r) < best_rank)) {
			best = id;
			best_rank = rank_of(&r);
		}
	}
	return best;
}

static type_ref btf_variable(void *ctx, const char *name)
{
	struct btf_types *b = ctx;
	struct btf_record r;

	for (uint32_t id = named(b, first_of_chain(b, name), name, &r); id;
	     id = next_named(b, id, name, &r))
		if (rank_of(&r) == RANK_VARIABLE)
			return r.type;
	return 0;
}

static type_ref btf_resolve(void *ctx, type_ref type)
{
	struct btf_record r;

	for (int i = 0; i < MAX_CHAIN; i++) {
		if (!get(ctx, type, &r) || !(is_modifier(&r) || r.kind == BTF_TYPEDEF))
			break;
		type = r.type;
	}
	return type;
}

/* 0: none, unknown, or larger than any object. */
static uint64_t btf_size(void *ctx, type_ref type)
{
	uint64_t factor = 1, size;
	struct btf_record r;
	uint32_t count;

	for (int i = 0; i < MAX_CHAIN && get(ctx, type, &r); i++) {
		switch (r.kind) {
		case BTF_INT:
		case BTF_FLOAT:
		case BTF_ENUM:
		case BTF_ENUM64:
		case BTF_STRUCT:
		case BTF_UNION:
		case BTF_DATASEC:
		case BTF_PTR:
			size = r.kind == BTF_PTR ? sizeof(uint64_t) : r.size;
			return __builtin_mul_overflow(size, factor, &size) ? 0 : size;
		case BTF_ARRAY:
			type = btf_element_of(&r, &count);
			if (__builtin_mul_overflow(factor, count, &factor))
				return 0;
			break;
		case BTF_TYPEDEF:
		case BTF_VOLATILE:
		case BTF_CONST:
		case BTF_RESTRICT:
		case BTF_TYPE_TAG:
		case BTF_VAR:
			type = r.type;
			break;
		default:
			return 0;
		}
	}
	return 0;
}

/* left bounds the work: anonymous members of corrupt types can contain each other repeatedly. */
static bool field_at_depth(struct btf_types *b, type_ref type, const char *name, int depth,
			   unsigned *left, struct type_field *ret)
{
	struct btf_record r;

	if (!get(b, type, &r) || !is_composite(&r) || depth > MAX_NESTING)
		return false;
	for (uint32_t i = 0; i < r.count && *left; i++) {
		struct btf_raw_member m = btf_member_of(&r, i);
		const char *own = name_at(b, m.name);

		--*left;
		if (*own) {
			if (strcmp(own, name) != 0)
				continue;
			*ret = (struct type_field){ .type = m.type };
			ret->at.off = m.bit / 8;
			ret->at.bit_off = m.bit % 8;
			ret->at.bit_size = (uint8_t)m.width;
			return true;
		}
		if (field_at_depth(b, btf_resolve(b, m.type), name, depth + 1, left, ret)) {
			ret->at.off += m.bit / 8;
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
	struct btf_record r;
	uint32_t count;

	return get(ctx, type, &r) && r.kind == BTF_ARRAY ? btf_element_of(&r, &count) : 0;
}

/* Enumerator i of an enum; returns its name. */
static const char *enumerator(const struct btf_types *b, const struct btf_record *r, uint32_t i,
			      int64_t *value)
{
	uint32_t name;

	*value = btf_enumerator_of(r, i, btf_enum_is_signed(r, b->signed_enums), &name);
	return name_at(b, name);
}

static bool btf_enumerator(void *ctx, const char *name, int64_t *ret)
{
	struct btf_types *b = ctx;
	struct btf_record r;
	uint32_t off;

	for (uint32_t id = b->before + 1; get(b, id, &r); id++) {
		for (uint32_t i = 0; is_enum(&r) && i < btf_enumerators(&r); i++) {
			(void)btf_enumerator_of(&r, i, true, &off);
			if (strcmp(name_at(b, off), name) == 0) {
				(void)enumerator(b, &r, i, ret);
				return true;
			}
		}
	}
	return false;
}

static enum type_kind kind_of(const struct btf_record *r)
{
	static const enum type_kind kinds[BTF_KINDS] = {
		[BTF_INT] = TYPE_INT,
		[BTF_FLOAT] = TYPE_FLOAT,
		[BTF_ENUM] = TYPE_ENUM,
		[BTF_ENUM64] = TYPE_ENUM,
		[BTF_PTR] = TYPE_POINTER,
		[BTF_ARRAY] = TYPE_ARRAY,
		[BTF_STRUCT] = TYPE_STRUCT,
		[BTF_UNION] = TYPE_UNION,
		[BTF_FUNC_PROTO] = TYPE_FUNCTION,
		[BTF_TYPEDEF] = TYPE_TYPEDEF,
		[BTF_CONST] = TYPE_CONST,
		[BTF_VOLATILE] = TYPE_VOLATILE,
		[BTF_FWD] = TYPE_FORWARD,
		[BTF_RESTRICT] = TYPE_QUALIFIER,
		[BTF_TYPE_TAG] = TYPE_QUALIFIER,
		[BTF_VOID] = TYPE_VOID,
		[BTF_FUNC] = TYPE_VOID,
		[BTF_VAR] = TYPE_VOID,
		[BTF_DATASEC] = TYPE_VOID,
		[BTF_DECL_TAG] = TYPE_VOID,
	};

	return kinds[r->kind];
}

static void btf_info(void *ctx, type_ref type, struct type_info *ret)
{
	struct btf_types *b = ctx;
	uint32_t name, count;
	struct btf_record r;

	if (!get(b, type, &r))
		return;
	ret->kind = kind_of(&r);
	ret->name = ret->kind == TYPE_QUALIFIER ? "" : name_at(b, r.name);
	ret->size = btf_size(ctx, type);
	switch (ret->kind) {
	case TYPE_INT:
		ret->is_signed = btf_int_word(&r) & BTF_INT_SIGNED_FLAG;
		ret->is_bool =
			btf_int_word(&r) & BTF_INT_BOOL_FLAG || strcmp(ret->name, "_Bool") == 0;
		// pahole does not set BTF_INT_CHAR
		ret->is_char = r.size == 1 && !ret->is_bool;
		break;
	case TYPE_ENUM: // the sign is recorded since 6.0; before, treat enums as signed 32 bits
		ret->is_signed = r.flag || r.kind == BTF_ENUM;
		break;
	case TYPE_ARRAY:
		ret->target = btf_element_of(&r, &count);
		ret->count = count;
		break;
	case TYPE_FORWARD:
		ret->is_union = r.flag;
		break;
	case TYPE_FUNCTION:
		ret->variadic = r.count && btf_parameter_of(&r, r.count - 1, &name) == 0;
		ret->target = r.type;
		break;
	case TYPE_POINTER:
	case TYPE_TYPEDEF:
	case TYPE_CONST:
	case TYPE_VOLATILE:
	case TYPE_QUALIFIER:
		ret->target = r.type;
		break;
	default:
		break;
	}
}

static bool btf_member_at(void *ctx, type_ref type, uint32_t i, struct type_field *ret,
			  const char **name)
{
	struct btf_record r;
	struct btf_raw_member m;

	if (!get(ctx, type, &r) || !is_composite(&r) || i >= r.count)
		return false;
	m = btf_member_of(&r, i);
	*name = name_at(ctx, m.name);
	*ret = (struct type_field){ .type = m.type };
	ret->at.off = m.bit / 8;
	ret->at.bit_off = m.bit % 8;
	ret->at.bit_size = (uint8_t)m.width;
	ret->at.size = btf_size(ctx, m.type);
	return true;
}

static bool btf_enumerator_at(void *ctx, type_ref type, uint32_t i, const char **name,
			      int64_t *value)
{
	struct btf_record r;

	if (!get(ctx, type, &r) || !is_enum(&r) || i >= btf_enumerators(&r))
		return false;
	*name = enumerator(ctx, &r, i, value);
	return true;
}

static bool btf_parameter_at(void *ctx, type_ref type, uint32_t i, type_ref *ret)
{
	struct btf_record r;
	uint32_t name;

	if (!get(ctx, type, &r) || r.kind != BTF_FUNC_PROTO || i >= r.count)
		return false;
	*ret = btf_parameter_of(&r, i, &name);
	return *ret; // the last parameter of a variadic function is void
}

static type_ref btf_next(void *ctx, type_ref type)
{
	struct btf_types *b = ctx;

	type = type ? type + 1 : b->before + 1;
	return type - b->before < b->n ? type : 0;
}

static const void *btf_raw(void *ctx, size_t *len)
{
	struct btf_types *b = ctx;

	*len = b->len;
	return b->data;
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

static vs_status find_parts(struct btf_types *b, struct err *err)
{
	vs_status st = btf_find_sections(b->data, b->len, &b->s, err);

	if (st == VS_OK && (!b->s.strings_len || b->s.strings[b->s.strings_len - 1]))
		st = fail(err, VS_CORRUPT, "BTF of %zu bytes: its last string has no end", b->len);
	if (st == VS_OK)
		st = find_types(b, err);
	if (st == VS_OK && !build_index(b))
		st = fail(err, VS_NOMEM, "BTF of %zu bytes", b->len);
	return st;
}

static vs_status create(const void *data, size_t len, void *owned, const struct btf_types *base,
			struct types **ret, struct err *err)
{
	struct btf_types *b = calloc(1, sizeof(*b));
	struct types *t;
	vs_status st;

	if (!b) {
		free(owned);
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	}
	*b = (struct btf_types){ .data = data, .len = len, .owned = owned, .base = base };
	if (base) {
		b->before = base->n - 1;
		b->strings_before = base->s.strings_len;
	}
	st = find_parts(b, err);
	t = st == VS_OK ? types_create(&btf_ops, b) : NULL;
	if (!t) {
		btf_destroy(b);
		return st ? st : fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	}
	*ret = t;
	return VS_OK;
}

vs_status types_from_btf_in_place(const void *data, size_t len, void *owned, struct types **ret,
				  struct err *err)
{
	return create(data, len, owned, NULL, ret, err);
}

vs_status types_from_split_btf(void *data, size_t len, const struct types *base, struct types **ret,
			       struct err *err)
{
	const struct btf_types *b = types_context(base, &btf_ops);

	if (!b || b->base) {
		free(data);
		return fail(err, VS_NOTFOUND, "the kernel's types are not from BTF");
	}
	return create(data, len, data, b, ret, err);
}

vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err)
{
	void *copy = malloc(len ? len : 1);

	if (!copy)
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	memcpy(copy, data, len);
	return types_from_btf_in_place(copy, len, copy, ret, err);
}
