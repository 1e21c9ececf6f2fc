// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_paging.c - any bytes as page tables: walks end, and report only what they read.
 * The first 16 bytes select levels, root, masks and the address; the whole input is RAM at 0. */
#include <stdlib.h>

#include "arch/x86_64/x86_64.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mem_array ram;
	struct paging pg = { .levels = 4 };
	struct err err;
	struct walk w;
	uint64_t va;
	vs_status st;

	if (size < 16)
		return 0;
	mem_array_init(&ram, 0, data, size);
	pg.levels = data[0] & 1 ? 5 : 4;
	pg.enc_mask = data[0] & 2 ? 1ULL << 47 : 0;
	pg.max_pa = data[0] & 4 ? size : 0;
	pg.root = load_u16(data + 1);
	va = load_u64(data + 8);
	st = x86_walk(&pg, &ram.mem, va, &w, &err);
	if (w.nsteps < 0 || w.nsteps > pg.levels)
		abort();
	if (st == VS_OK && (w.size < 4096 || (w.pa ^ va) & 4095 || w.pa >> 52))
		abort();
	if (st && err.code != st)
		abort();
	return 0;
}
