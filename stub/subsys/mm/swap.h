// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* swap.h - swap areas. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"

struct kernel;

#define MAX_SWAPS 32 /* MAX_SWAPFILES of the kernel: 5 bits of a swap entry */

struct swap_area {
	kva_t va; /* struct swap_info_struct */
	unsigned type;
	uint64_t flags;
	uint64_t pages, used; /* without the header's page */
	int prio;
	kva_t bdev;	 /* struct block_device; 0: unknown */
	kva_t zeromap;	 /* a bit for each page of zeros, which is not stored; 0: none */
	kva_t clusters;	 /* array of struct swap_cluster_info; 0: unknown */
	bool file;	 /* a file, not a partition */
	bool knows_file; /* file is known */
	char path[256];	 /* "": unknown */
};

/* Areas in use by type, at most MAX_SWAPS; *n is their number. Skips areas that cannot be read, and
 * returns the failure of the first of them. */
vs_status swap_list(struct kernel *k, struct swap_area *ret, unsigned *n, struct err *err);

/* Pages of the swap cache, as total_swapcache_pages() counts them: in a node counter since
 * b6038942480e (5.12), before that in the address spaces of the swap areas. 0 in a kernel without
 * swap. */
vs_status swap_cache_pages(struct kernel *k, uint64_t *ret, struct err *err);

/* A swap entry as the kernel stores it but in page tables: swp_entry_t. */
static inline uint64_t swap_entry_value(unsigned type, uint64_t offset)
{
	return (uint64_t)type << 58 | offset; // SWP_TYPE_SHIFT: an xarray's value has 63 bits
}

/* Cache for swap_put_place(), filled at the first swapped page; initialise it with { 0 }. */
struct swap_areas {
	struct swap_area v[MAX_SWAPS];
	unsigned n;
	bool loaded;
};

/* Prints "SWAP: /dev/vdd  OFFSET: 12" for a swap entry. */
void swap_put_place(struct kernel *k, struct swap_areas *areas, unsigned type, uint64_t offset,
		    struct buf *out);
