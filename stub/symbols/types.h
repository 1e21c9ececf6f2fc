// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types.h - sizes, member offsets and enumerators of kernel types, from BTF (libbpf) or, without
 * it, from vmlinux's DWARF (libdw). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

struct types;

struct member {
	uint64_t off;		   /* bytes from the start of the outermost struct */
	uint64_t size;		   /* bytes of the member; 0: unknown or incomplete */
	uint8_t bit_off, bit_size; /* bit_size != 0: a bit field, bit_off from the byte at off */
};

/* One type, as its source numbers it; 0 is void, or none. Valid as long as the struct types. */
typedef uint64_t type_ref;

struct type_field {
	type_ref type;
	struct member at; /* relative to the struct it was looked up in */
};

enum type_kind {
	TYPE_VOID,
	TYPE_INT, /* also characters and booleans */
	TYPE_FLOAT,
	TYPE_ENUM,
	TYPE_POINTER,
	TYPE_ARRAY,
	TYPE_STRUCT,
	TYPE_UNION,
	TYPE_FUNCTION,
	TYPE_TYPEDEF,
	TYPE_CONST,
	TYPE_VOLATILE,
	TYPE_QUALIFIER, /* others, which C code need not show: restrict, type tags */
	TYPE_FORWARD,	/* a struct or union that is only declared */
};

struct type_info {
	enum type_kind kind;
	const char *name; /* "" for none */
	uint64_t size;	  /* bytes */
	bool is_signed, is_char, is_bool;
	bool is_union;	 /* of TYPE_FORWARD */
	bool variadic;	 /* of TYPE_FUNCTION */
	type_ref target; /* pointed to, element, aliased, qualified, returned */
	uint64_t count;	 /* elements of an array */
};

/* data is copied. VS_CORRUPT when it is no BTF. */
vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err);
/* DWARF of an ELF file; reads units one after the other, only as far as lookups need. */
vs_status types_from_dwarf(const char *path, struct types **ret, struct err *err);
/* The same of an open file, which is borrowed until the call returns (libdw keeps a map of it). */
vs_status types_from_dwarf_fd(int fd, const char *name, struct types **ret, struct err *err);
void types_destroy(struct types *t);

/* All that follow take t = NULL, of a kernel whose types could not be loaded: nothing is found. */

/* Size of "struct x", "union x" or a typedef named `type` (no keyword). VS_NOTFOUND. */
vs_status types_size(struct types *t, const char *type, uint64_t *ret, struct err *err);
/* A member by path: "comm", "thread.sp", "mem[2].base"; anonymous members are looked through. */
vs_status types_member(struct types *t, const char *type, const char *path, struct member *ret,
		       struct err *err);
/* Value of an enumerator, whatever its enum. */
vs_status types_enumerator(struct types *t, const char *name, int64_t *ret, struct err *err);
/* A type by name: "struct x", "union x", "enum x", or x for any kind; 0 and VS_NOTFOUND. */
vs_status types_find(struct types *t, const char *name, type_ref *ret, struct err *err);
/* Type and place of a member by path, as types_member(). */
vs_status types_field(struct types *t, type_ref type, const char *path, struct type_field *ret,
		      struct err *err);
/* Without typedefs and qualifiers. */
type_ref types_strip(struct types *t, type_ref type);
void types_info(struct types *t, type_ref type, struct type_info *ret);
/* Member, enumerator or parameter i; false past the last one. Name "" for anonymous members. */
bool types_member_at(struct types *t, type_ref type, uint32_t i, struct type_field *ret,
		     const char **name);
bool types_enumerator_at(struct types *t, type_ref type, uint32_t i, const char **name,
			 int64_t *value);
bool types_parameter_at(struct types *t, type_ref type, uint32_t i, type_ref *ret);
/* All types one after the other: 0 starts, 0 ends. DWARF gives none. */
type_ref types_next(struct types *t, type_ref type);
/* Type of a variable or function; 0: BTF records only per-CPU variables and functions. */
type_ref types_variable(struct types *t, const char *name);
/* The BTF blob that the types are from, valid as long as they are; NULL: they are from DWARF. */
const void *types_raw_btf(const struct types *t, size_t *len);
/* "BTF" or "DWARF". */
const char *types_source(const struct types *t);
