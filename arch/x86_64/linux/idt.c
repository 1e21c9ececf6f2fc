// SPDX-License-Identifier: GPL-3.0-or-later
/* idt.c - reads the interrupt descriptor table. */
#include "arch/x86_64/linux/linux.h"

#include "stub/kernel/kernel.h"

/* A gate has 16 bytes: offset bits 0-15, selector, flags, offset bits 16-31, 32-63 (Intel SDM vol.
 * 3, 6.14.1) */
vs_status linux_x86_vector(struct kernel *k, unsigned i, kva_t *ret, struct err *err)
{
	uint64_t low, high;
	kva_t table;
	vs_status st = kernel_symbol(k, "idt_table", &table, err);

	if (st == VS_OK)
		st = mem_read_u64(k->mem, table + 16 * i, &low, err);
	if (st == VS_OK)
		st = mem_read_u64(k->mem, table + 16 * i + 8, &high, err);
	if (st)
		return st;
	*ret = (low & 0xffff) | (low >> 32 & 0xffff0000) | high << 32;
	return VS_OK;
}
