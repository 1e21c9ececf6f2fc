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

/* data is copied. VS_CORRUPT when it is no BTF. */
vs_status types_from_btf(const void *data, size_t len, struct types **ret, struct err *err);
/* DWARF of an ELF file; reads units one after the other, only as far as lookups need. */
vs_status types_from_dwarf(const char *path, struct types **ret, struct err *err);
void types_destroy(struct types *t);

/* Size of "struct x", "union x" or a typedef named `type` (no keyword). VS_NOTFOUND. */
vs_status types_size(struct types *t, const char *type, uint64_t *ret, struct err *err);
/* A member by path: "comm", "thread.sp", "mem[2].base"; anonymous members are looked through. */
vs_status types_member(struct types *t, const char *type, const char *path, struct member *ret,
		       struct err *err);
/* Value of an enumerator, whatever its enum. */
vs_status types_enumerator(struct types *t, const char *name, int64_t *ret, struct err *err);
/* "BTF" or "DWARF". */
const char *types_source(const struct types *t);
