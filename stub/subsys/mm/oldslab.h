// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* oldslab.h - the SLAB allocator (mm/slab.c), which kernels before 6.8 may use instead of SLUB. It
 * uses the structs in slab.h; this file has the differences. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;
struct slab;
struct slab_cache;

/* Does this kernel use SLAB? */
bool oldslab_kernel(struct kernel *k);
/* VS_UNSUPPORTED: the kernel is older than 3.14, where slabs begin with another struct. */
vs_status oldslab_check(struct kernel *k, struct err *err);
vs_status oldslab_cache_load(struct kernel *k, kva_t va, struct slab_cache *ret, struct err *err);
/* page: the slab's struct page, or struct slab since 5.17. */
vs_status oldslab_load(struct kernel *k, kva_t page, struct slab *ret, struct err *err);

/* Calls fn for the numbers in a slab's own list of free objects. If fn returns false, ends with
 * VS_CORRUPT. */
vs_status oldslab_free(struct kernel *k, const struct slab *s, bool (*fn)(void *ctx, unsigned i),
		       void *ctx, struct err *err);
/* Calls fn for free objects that CPUs and nodes cache; fn returns false without memory. On failure,
 * some may be missing. */
vs_status oldslab_held(struct kernel *k, const struct slab_cache *c,
		       bool (*fn)(void *ctx, kva_t object), void *ctx, struct err *err);
