// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btftab.h - the types of a BTF blob by number, checked once so that later code can trust them.
 * Format: Documentation/bpf/btf.rst and include/uapi/linux/btf.h. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/btf.h"
#include "stub/base/err.h"

struct btf_member_at {
	uint32_t name, type;
	uint64_t bit;	/* from the start of the struct */
	uint32_t width; /* in bits; 0: not a bit field */
};

struct btftab {
	const struct btftab *base; /* for split BTF: types 1 .. first - 1 and their strings */
	uint32_t first, n;	   /* the types here are first .. n - 1 */
	char *strings;		   /* those here, without control characters */
	uint32_t strings_start, strings_len;
	uint8_t *types;	    /* copy of the section */
	const uint8_t **at; /* by type - first, like sizes and bad */
	uint64_t *sizes;    /* in bytes, of an object; 0: unknown or none */
	bool *bad;	    /* gdb must not see it as it is */
	uint32_t nbad;	    /* number of bad types */
	struct err why;	    /* what is wrong with the first bad type */
	bool signed_enums;  /* BTF marks signed enums (6089fb325cf7, Linux 6.0) */
	bool signed_chars;  /* BTF marks signed char (pahole 1.23) */
};

/* Reads and checks BTF. base is borrowed and only for split BTF (a module's), else NULL. data is
 * copied. VS_CORRUPT: this is not BTF, or its sections do not fit. Marks types bad that are wrong
 * by themselves, and one type of each cycle that gdb would follow forever. */
vs_status btftab_create(const void *data, size_t len, const struct btftab *base,
			struct btftab **ret, struct err *err);
void btftab_destroy(struct btftab *t);

/* Returns type id, which must be below t->n. 0 is void. */
struct btf_record btftab_get(const struct btftab *t, uint32_t id);
bool btftab_is_bad(const struct btftab *t, uint32_t id);
/* Returns the bytes of an object of this type, 0 if there are none or unknown. */
uint64_t btftab_size(const struct btftab *t, uint32_t id);
/* Returns the name at this offset, "" for none and for offsets outside. Valid as long as t. */
const char *btftab_name(const struct btftab *t, uint32_t off);

/* Returns element i (below r->count) of a struct or union. */
struct btf_member_at btftab_member(const struct btftab *t, const struct btf_record *r, uint32_t i);
/* Is it an enum that the kernel's C only declares? */
bool btftab_is_declared_enum(const struct btf_record *r);
