// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* oldslab.h - the SLAB allocator (mm/slab.c), which kernels before 6.8 may use instead of SLUB. It
 * uses the structs in slab.h; this file has the differences. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;
struct member;
struct slab;
struct slab_cache;

/* Does this kernel use SLAB? */
bool oldslab_kernel(struct kernel *k);
/* VS_UNSUPPORTED: neither the struct of slabs before 3.14 nor that of 3.14 and later. */
vs_status oldslab_check(struct kernel *k, struct err *err);
/* The list node in the struct that slab.va points to. */
vs_status oldslab_link(struct kernel *k, struct member *ret, struct err *err);
/* slab.va of the slab with this struct page. */
vs_status oldslab_of_page(struct kernel *k, kva_t page, kva_t *ret, struct err *err);
vs_status oldslab_cache_load(struct kernel *k, kva_t va, struct slab_cache *ret, struct err *err);
/* va: as in struct slab. */
vs_status oldslab_load(struct kernel *k, kva_t va, struct slab *ret, struct err *err);

/* Calls fn for the numbers in a slab's own list of free objects. If fn returns false, ends with
 * VS_CORRUPT. */
vs_status oldslab_free(struct kernel *k, const struct slab *s, bool (*fn)(void *ctx, unsigned i),
		       void *ctx, struct err *err);
/* Calls fn for free objects that CPUs and nodes cache; fn returns false without memory. On failure,
 * some may be missing. */
vs_status oldslab_held(struct kernel *k, const struct slab_cache *c,
		       bool (*fn)(void *ctx, kva_t object), void *ctx, struct err *err);
