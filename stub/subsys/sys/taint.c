// SPDX-License-Identifier: GPL-3.0-or-later
/* taint.c - why the kernel or a module is tainted. */
#include "stub/subsys/sys/taint.h"

#include "stub/kernel/kernel.h"

#define MAX_FLAGS 32 /* TAINT_FLAGS_COUNT is 20 in 7.0 */

vs_status taint_mask(struct kernel *k, uint64_t *ret, struct err *err)
{
	kva_t va;
	vs_status st = kernel_symbol(k, "tainted_mask", &va, err);

	return st ? st : mem_read_u64(k->mem, va, ret, err);
}

vs_status taint_put(struct kernel *k, uint64_t mask, struct buf *out, struct err *err)
{
	struct member letter;
	uint64_t size;
	kva_t table;
	// 7fd8329ba502 (4.10): a table of struct taint_flag in the order of the bits.
	vs_status st = kernel_symbol(k, "taint_flags", &table, err);

	if (st == VS_OK)
		st = kernel_member(k, "taint_flag", &letter, err, "c_true", NULL);
	if (st == VS_OK)
		st = types_size(k->types, "taint_flag", &size, err);
	for (unsigned i = 0; st == VS_OK && i < MAX_FLAGS; i++) {
		uint64_t c = 0;

		if (!(mask >> i & 1))
			continue;
		st = kernel_read_at(k, table + i * size, &letter, &c, err);
		if (st == VS_OK)
			buf_putc(out, c > 0x20 && c < 0x7f ? (char)c : '?');
	}
	return st;
}
