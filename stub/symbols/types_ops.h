// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types_ops.h - the interface between types.c and a source of types (types_btf.c, types_dwarf.c). A
 * type is an opaque number of the source; 0 is none. */
#include "stub/symbols/types.h"

/* Which kinds of named types a search accepts, best first. */
enum find_kind {
	FIND_COMPOSITE, /* complete structs and unions, then typedefs */
	FIND_STRUCT,
	FIND_UNION,
	FIND_ENUM,
	FIND_ANY, /* composites, typedefs, enums, base types */
};

struct types_ops {
	const char *name;
	void (*destroy)(void *ctx);
	/* 0: none. */
	type_ref (*find)(void *ctx, const char *name, enum find_kind kind);
	/* Strip typedefs, const, volatile. */
	type_ref (*resolve)(void *ctx, type_ref type);
	uint64_t (*size)(void *ctx, type_ref type);
	/* Member of a struct or union by name, looking through anonymous ones. */
	bool (*field)(void *ctx, type_ref type, const char *name, struct type_field *ret);
	/* Element type of an array; 0: not an array. */
	type_ref (*element)(void *ctx, type_ref type);
	bool (*enumerator)(void *ctx, const char *name, int64_t *ret);
	/* See types_info(), types_member_at() etc. in types.h. */
	void (*info)(void *ctx, type_ref type, struct type_info *ret);
	bool (*member_at)(void *ctx, type_ref type, uint32_t i, struct type_field *ret,
			  const char **name);
	bool (*enumerator_at)(void *ctx, type_ref type, uint32_t i, const char **name,
			      int64_t *value);
	bool (*parameter_at)(void *ctx, type_ref type, uint32_t i, type_ref *ret);
	/* The next of all types; 0 starts and ends the iteration. NULL: not possible. */
	type_ref (*next)(void *ctx, type_ref type);
	/* Type of a variable; 0: none of that name, or not recorded. */
	type_ref (*variable)(void *ctx, const char *name);
	/* See types_raw_btf() in types.h. NULL: the source is not BTF. */
	const void *(*raw_btf)(void *ctx, size_t *len);
};

/* Used by types_from_btf() and types_from_dwarf(). */
struct types *types_create(const struct types_ops *ops, void *ctx);
/* What the types were created with, if they are of this source; else NULL. */
const void *types_context(const struct types *t, const struct types_ops *ops);
