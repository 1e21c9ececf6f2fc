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

/* A type by its source's number; 0 is void, or none. Valid as long as the struct types. */
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
	TYPE_QUALIFIER, /* qualifiers to ignore in C text: restrict, type tags */
	TYPE_FORWARD,	/* a struct or union that is only declared */
};

struct type_info {
	enum type_kind kind;
	const char *name; /* "" for none */
	uint64_t size;	  /* bytes */
	bool is_signed, is_char, is_bool;
	bool is_union;	 /* of TYPE_FORWARD */
	bool variadic;	 /* of TYPE_FUNCTION */
	type_ref target; /* the pointed-to, element, aliased, qualified or returned type */
	uint64_t count;	 /* elements of an array */
};

/* data is copied. VS_CORRUPT: it is not valid BTF. */
vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err);
/* The same without a copy: data must stay as long as the types. owned: what they free in the end,
 * also after a failure; NULL: nothing. */
vs_status types_from_btf_in_place(const void *data, size_t len, void *owned, struct types **ret,
				  struct err *err);
/* A module's BTF, which continues base: it must be BTF, and stay as long as the result. data is
 * malloced, and freed with the types, also after a failure. The functions below find own types and
 * enumerators by name, not those of base. */
vs_status types_from_split_btf(void *data, size_t len, const struct types *base, struct types **ret,
			       struct err *err);
/* From the DWARF of an ELF file; reads units in order, only as far as lookups need. */
vs_status types_from_dwarf(const char *path, struct types **ret, struct err *err);
/* The same for an open file, which is borrowed until the call returns (libdw keeps it mapped). */
vs_status types_from_dwarf_fd(int fd, const char *name, struct types **ret, struct err *err);
void types_destroy(struct types *t);

/* In all functions below, t may be NULL if the kernel's types could not be loaded: they find
 * nothing. */

/* Size of "struct x", "union x" or a typedef named `type` (no keyword). VS_NOTFOUND. */
vs_status types_size(struct types *t, const char *type, uint64_t *ret, struct err *err);
/* A member by path: "comm", "thread.sp", "mem[2].base"; also searches anonymous members. */
vs_status types_member(struct types *t, const char *type, const char *path, struct member *ret,
		       struct err *err);
/* Value of an enumerator of any enum. */
vs_status types_enumerator(struct types *t, const char *name, int64_t *ret, struct err *err);
/* Of enumerators that are flags: the mask, if the enumerator is one, or if it is the number of a
 * bit. 0: this kernel has no such flag. */
uint64_t types_flag(struct types *t, const char *name);
uint64_t types_flag_of_bit(struct types *t, const char *name);
/* A type by name: "struct x", "union x", "enum x", or x for any kind; 0 and VS_NOTFOUND. */
vs_status types_find(struct types *t, const char *name, type_ref *ret, struct err *err);
/* Type and place of a member by path, like types_member(). */
vs_status types_field(struct types *t, type_ref type, const char *path, struct type_field *ret,
		      struct err *err);
/* Strips typedefs and qualifiers. */
type_ref types_strip(struct types *t, type_ref type);
void types_info(struct types *t, type_ref type, struct type_info *ret);
/* Member, enumerator or parameter i; false past the last one. Name "" for anonymous members. */
bool types_member_at(struct types *t, type_ref type, uint32_t i, struct type_field *ret,
		     const char **name);
bool types_enumerator_at(struct types *t, type_ref type, uint32_t i, const char **name,
			 int64_t *value);
bool types_parameter_at(struct types *t, type_ref type, uint32_t i, type_ref *ret);
/* Iterates over all types: 0 starts, 0 ends. Not possible with DWARF, which gives none. */
type_ref types_next(struct types *t, type_ref type);
/* Type of a variable or function; 0: BTF records only per-CPU variables and functions. */
type_ref types_variable(struct types *t, const char *name);
/* The BTF data that the types come from, valid as long as they are; NULL: they are from DWARF. */
const void *types_raw_btf(const struct types *t, size_t *len);
/* "BTF" or "DWARF". */
const char *types_source(const struct types *t);

struct buf;
/* The member of a struct, union or array at an offset, as deep as it is found: appends its path
 * ("lock.owner", "mem[2].base") and gets its type and place. size: of the access, 0 unknown; among
 * the members of a union, one of that size is taken. Returns false, and appends nothing, if there
 * is no member. */
bool types_path_at(struct types *t, type_ref type, uint64_t off, uint64_t size, struct buf *out,
		   struct type_field *ret);
