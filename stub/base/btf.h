// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btf.h - reads BTF, the kernel's compact description of its types, where it lies: nothing is
 * copied. Format: Documentation/bpf/btf.rst and include/uapi/linux/btf.h.
 *
 *   header | types: 12 bytes each, then what the kind adds | strings
 *
 * Types are numbered from 1; 0 is void. The data is untrusted: numbers of types may be invalid, and
 * types may form cycles. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/bytes.h"
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

/* The two sections of a blob. */
struct btf_sections {
	const uint8_t *types;
	uint32_t types_len;
	const uint8_t *strings;
	uint32_t strings_len;
};

#define BTF_RECORD_MIN 12 /* bytes that all types have */

/* One type: the common 12 bytes, and what follows them. */
struct btf_record {
	enum btf_kind kind;
	bool flag; /* kind_flag: a struct has bit fields, an enum is signed, a union is
		      forward-declared */
	uint32_t name;
	uint32_t count; /* vlen: members, enumerators, parameters */
	uint32_t size;	/* in bytes, of an int, float, enum, struct, union */
	uint32_t type;	/* of kinds that refer to a type; the same word as size */
	const uint8_t *more;
};

struct btf_raw_member {
	uint32_t name, type;
	uint32_t bit;	/* from the start of the struct */
	uint32_t width; /* in bits; 0: not a bit field, or old BTF whose type has the width */
};

/* VS_CORRUPT: this is not BTF, or its sections do not fit. ret points into data. */
vs_status btf_find_sections(const void *data, size_t len, struct btf_sections *ret,
			    struct err *err);

/* Returns the bytes that the type at p takes with what its kind adds, of at most left; 0: they do
 * not fit, or the kind is unknown, so that no later type can be found. */
uint64_t btf_record_length(const uint8_t *p, size_t left);
/* The type at p, where btf_record_length() found one. */
static inline struct btf_record btf_record_at(const uint8_t *p)
{
	uint32_t info = load_u32(p + 4);

	return (struct btf_record){
		.kind = (enum btf_kind)(info >> 24 & 0x1f),
		.flag = info >> 31,
		.name = load_u32(p),
		.count = info & 0xffff,
		.size = load_u32(p + 8),
		.type = load_u32(p + 8),
		.more = p + BTF_RECORD_MIN,
	};
}

/* Member i (below r->count) of a struct or union. */
struct btf_raw_member btf_member_of(const struct btf_record *r, uint32_t i);
/* Number of enumerators whose values are known: none of an enum of eight bytes before Linux 6.0,
 * whose BTF cuts values to four bytes (6089fb325cf7). */
uint32_t btf_enumerators(const struct btf_record *r);
/* Value of enumerator i (below r->count), and its name. */
int64_t btf_enumerator_of(const struct btf_record *r, uint32_t i, bool is_signed, uint32_t *name);
/* Are the values of this enum signed? Before Linux 6.0 BTF does not say: then it is a guess by the
 * values. signed_enums: some enum of this blob is marked. */
bool btf_enum_is_signed(const struct btf_record *r, bool signed_enums);
/* Type of parameter i (below r->count) of a prototype; 0 with name 0 is "...". */
uint32_t btf_parameter_of(const struct btf_record *r, uint32_t i, uint32_t *name);
/* Type of an array's elements, and their number. */
uint32_t btf_element_of(const struct btf_record *r, uint32_t *count);
/* The word of an int that has its encoding: bits, offset, and the flags below. */
uint32_t btf_int_word(const struct btf_record *r);

#define BTF_INT_SIGNED_FLAG (1u << 24)
#define BTF_INT_BOOL_FLAG   (4u << 24)
