// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* slab_free.h - which objects of slabs are free. A free object is on the list of its slab, on the
 * list of the CPU that allocates from that slab, or in a sheaf of a CPU or node
 * (2d517aa09bbc, 6.18). */
#include <stddef.h>

#include "stub/base/mem.h"
#include "stub/subsys/mm/slab.h"

struct slab_frees;

/* What CPUs and nodes hold of a cache, read once. NULL without memory. */
struct slab_frees *slab_frees_load(struct kernel *k, const struct slab_cache *c);
void slab_frees_destroy(struct slab_frees *f);

/* Which objects of a slab are free: bits by index, malloced, the caller's; *n: how many. A failure
 * when a list is damaged, or something that may hold free objects cannot be read: what was found is
 * given nevertheless (NULL without memory). */
vs_status slab_free_map(const struct slab_frees *f, const struct slab *s, uint8_t **ret,
			unsigned *n, struct err *err);

struct slab_counts {
	uint64_t slabs, total, allocated;
};
/* Slabs, objects, and those that are in use. */
vs_status slab_cache_count(struct kernel *k, const struct slab_cache *c, struct slab_counts *ret,
			   struct err *err);
