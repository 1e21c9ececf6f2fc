// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btftab.h - the types of a BTF blob by number, checked once so that what writes them for gdb need
 * not doubt them. The format: Documentation/bpf/btf.rst and include/uapi/linux/btf.h. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

enum btf_kind {
	BTF_VOID = 0,
	BTF_INT,
	BTF_PTR,
	BTF_ARRAY,
	BTF_STRUCT,
	BTF_UNION,
	BTF_ENUM,
	BTF_FWD,
	BTF_TYPEDEF,
	BTF_VOLATILE,
	BTF_CONST,
	BTF_RESTRICT,
	BTF_FUNC,
	BTF_FUNC_PROTO,
	BTF_VAR,
	BTF_DATASEC,
	BTF_FLOAT,
	BTF_DECL_TAG,
	BTF_TYPE_TAG,
	BTF_ENUM64,
	BTF_KINDS,
};

/* One type: the 12 bytes that all have, and what follows them. */
struct btf_record {
	enum btf_kind kind;
	bool flag; /* kind_flag: bit fields of a struct, signed enum, forward declared union */
	uint32_t name;
	uint32_t count; /* vlen: members, enumerators, parameters */
	uint32_t size;	/* bytes: of an int, float, enum, struct, union */
	uint32_t type;	/* of those that refer to one; the same word as size */
	const uint8_t *more;
};

struct btf_member_at {
	uint32_t name, type;
	uint64_t bit;	/* from the start of the struct */
	uint32_t width; /* in bits; 0: no bit field */
};

struct btftab {
	const struct btftab *base; /* of split BTF: types 1 .. first - 1, and the first strings */
	uint32_t first, n;	   /* own types are first .. n - 1 */
	char *strings;		   /* own ones, without control characters */
	uint32_t strings_start, strings_len;
	uint8_t *types;	    /* copy of the section */
	const uint8_t **at; /* by number less first */
	uint64_t *sizes;    /* bytes of an object of that type; 0: unknown or none */
	bool *bad;	    /* not to be shown as it is */
	uint32_t nbad;	    /* how many are */
	struct err why;	    /* of the first bad one */
	bool signed_enums;  /* the sign of enums is recorded (6089fb325cf7, Linux 6.0) */
	bool signed_chars;  /* and that of characters (pahole 1.23) */
};

/* Read and check. base: of split BTF (a module's), borrowed; else NULL. data is copied. VS_CORRUPT:
 * no BTF, or its sections are not inside it. Types that are wrong by themselves are marked bad, and
 * so is one type of each cycle that gdb would follow without end. */
vs_status btftab_create(const void *data, size_t len, const struct btftab *base,
			struct btftab **ret, struct err *err);
void btftab_destroy(struct btftab *t);

/* Type id, which must be below t->n. 0 is void. */
struct btf_record btftab_get(const struct btftab *t, uint32_t id);
bool btftab_is_bad(const struct btftab *t, uint32_t id);
/* Bytes of an object of that type; 0: of none, or unknown. */
uint64_t btftab_size(const struct btftab *t, uint32_t id);
/* A name by its offset; "" for none and for offsets outside. Valid as long as t. */
const char *btftab_name(const struct btftab *t, uint32_t off);

/* Element i (below r->count) of a struct or union, and of an enum its value: as it is when signed,
 * else to be read as unsigned. */
struct btf_member_at btftab_member(const struct btftab *t, const struct btf_record *r, uint32_t i);
int64_t btftab_enumerator(const struct btftab *t, const struct btf_record *r, uint32_t i,
			  uint32_t *name, bool *is_signed);
/* Parameter i of a prototype: its type; 0 with name 0 is "...". */
uint32_t btftab_parameter(const struct btf_record *r, uint32_t i, uint32_t *name);
uint32_t btftab_element(const struct btf_record *r, uint32_t *count);
