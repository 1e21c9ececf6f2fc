// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* mem.h - reading memory: the one interface through which layers give each other memory.
 * A partial read is a result, not an error: len is how much was read, why says what ended it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

typedef uint64_t pa_t;	/* physical address */
typedef uint64_t pfn_t; /* physical address >> 12 */
typedef uint64_t kva_t; /* virtual address as the crashed kernel saw it (slide included) */

struct mem_got {
	size_t len;    /* bytes read, always a prefix of the requested range */
	vs_status why; /* VS_OK if all were read; else why the byte at address + len was not */
};

struct mem {
	/* Fill up to len bytes at dst from address. err (may be NULL) is set when why != VS_OK. */
	struct mem_got (*read)(const struct mem *m, uint64_t addr, void *dst, size_t len,
			       struct err *err);
	void *ctx; /* borrowed */
	/* For the physical memory of a guest whose page tables hold machine addresses: the address
	 * in this memory. False: it is not the guest's. NULL: they are the same. */
	bool (*from_machine)(const struct mem *m, uint64_t machine, uint64_t *ret);
};

/* All len bytes or a failure; dst may be partly written on failure. */
vs_status mem_read(const struct mem *m, uint64_t addr, void *dst, size_t len, struct err *err);
vs_status mem_read_u64(const struct mem *m, uint64_t addr, uint64_t *ret, struct err *err);
vs_status mem_read_u32(const struct mem *m, uint64_t addr, uint32_t *ret, struct err *err);
vs_status mem_read_u16(const struct mem *m, uint64_t addr, uint16_t *ret, struct err *err);
/* An unsigned integer of 1, 2, 4 or 8 bytes; other sizes fail with VS_INVAL. */
vs_status mem_read_uint(const struct mem *m, uint64_t addr, size_t size, uint64_t *ret,
			struct err *err);
/* A NUL-terminated string of at most cap - 1 bytes; longer ones are truncated. If only its first
 * bytes are readable, they are the string; fails if none is. cap > 0. */
vs_status mem_read_str(const struct mem *m, uint64_t addr, char *dst, size_t cap, struct err *err);

/* An array that appears as memory at address base; for tests and for bytes already read.
 * Initialise a with it and use &a->mem; data is borrowed. */
struct mem_array {
	struct mem mem;
	uint64_t base;
	const void *data;
	size_t len;
};
void mem_array_init(struct mem_array *a, uint64_t base, const void *data, size_t len);
