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
	bool file;	 /* a file, not a partition */
	bool knows_file; /* which of both it is */
	char path[256];	 /* "" when it cannot be told */
};

/* Areas in use, by type: their number, at most MAX_SWAPS. One that cannot be read is left out, and
 * the failure is that of the first such. */
vs_status swap_list(struct kernel *k, struct swap_area *ret, unsigned *n, struct err *err);

/* Areas for swap_put_place(), read when the first swapped page asks; begin with { 0 }. */
struct swap_areas {
	struct swap_area v[MAX_SWAPS];
	unsigned n;
	bool loaded;
};

/* "SWAP: /dev/vdd  OFFSET: 12" of a swap entry. */
void swap_put_place(struct kernel *k, struct swap_areas *areas, unsigned type, uint64_t offset,
		    struct buf *out);
