// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cache.h - what the kernel knows of a page in a swap area without reading it. */
#include <stdbool.h>

#include "stub/base/mem.h"

struct kernel;
struct swap_area;

/* Is the page in the swap cache, as it is about to be written, or was read? *ret is its frame. */
bool swap_cache_find(struct kernel *k, const struct swap_area *a, uint64_t offset, pfn_t *ret);
/* Is it zeros, so that it was not stored (0ca0c24e3211, Linux 6.12)? Other than VS_OK: that cannot
 * be told. */
vs_status swap_is_zeros(struct kernel *k, const struct swap_area *a, uint64_t offset, bool *ret,
			struct err *err);
