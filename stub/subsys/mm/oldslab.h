// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* oldslab.h - the allocator SLAB (mm/slab.c), which kernels before 6.8 may have in place of SLUB.
 * Its slabs and caches are those of slab.h; here is what differs. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;
struct slab;
struct slab_cache;

/* Does this kernel have SLAB? */
bool oldslab_kernel(struct kernel *k);
/* VS_UNSUPPORTED: one from before 3.14, whose slabs begin with a struct of their own. */
vs_status oldslab_check(struct kernel *k, const char *page_type, struct err *err);
vs_status oldslab_cache_load(struct kernel *k, kva_t va, struct slab_cache *ret, struct err *err);
/* page_type: "page", or "slab" since 5.17. */
vs_status oldslab_load(struct kernel *k, kva_t page, const char *page_type, struct slab *ret,
		       struct err *err);

/* The numbers of the free objects of a slab, as its own list has them, until fn returns false,
 * which is VS_CORRUPT. */
vs_status oldslab_free(struct kernel *k, const struct slab *s, bool (*fn)(void *ctx, unsigned i),
		       void *ctx, struct err *err);
/* Free objects that CPUs and nodes keep back. fn: false when it has no room. A failure says that
 * some may be missing. */
vs_status oldslab_held(struct kernel *k, const struct slab_cache *c,
		       bool (*fn)(void *ctx, kva_t object), void *ctx, struct err *err);
