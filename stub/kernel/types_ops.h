#pragma once
/* types_ops.h - what a source of types (types_btf.c, types_dwarf.c) offers to types.c. A type is an
 * opaque number of the source; 0 is none. */
#include "stub/kernel/types.h"

typedef uint64_t type_ref;

struct type_field {
	type_ref type;
	struct member at; /* relative to the struct it was looked up in */
};

struct types_ops {
	const char *name;
	void (*destroy)(void *ctx);
	/* A complete struct, union or typedef of that name; 0: none. */
	type_ref (*find)(void *ctx, const char *name);
	/* Strip typedefs, const, volatile. */
	type_ref (*resolve)(void *ctx, type_ref type);
	uint64_t (*size)(void *ctx, type_ref type);
	/* Member of a struct or union by name, looking through anonymous ones. */
	bool (*field)(void *ctx, type_ref type, const char *name, struct type_field *ret);
	/* Element type of an array; 0: not an array. */
	type_ref (*element)(void *ctx, type_ref type);
	bool (*enumerator)(void *ctx, const char *name, int64_t *ret);
};

/* The parts behind types_from_btf() and types_from_dwarf(). */
struct types *types_create(const struct types_ops *ops, void *ctx);
