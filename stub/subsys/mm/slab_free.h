// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* slab_free.h - finds free objects in slabs. A free object is on the list of its slab, on the
 * list of the CPU that allocates from that slab, or in a sheaf of a CPU or node
 * (2d517aa09bbc, 6.18). */
#include <stddef.h>

#include "stub/base/mem.h"
#include "stub/subsys/mm/slab.h"

struct slab_frees;

/* Reads once what CPUs and nodes hold of a cache. NULL without memory. */
struct slab_frees *slab_frees_load(struct kernel *k, const struct slab_cache *c);
void slab_frees_destroy(struct slab_frees *f);

/* Which objects of a slab are free: a bit per index in *ret, which the caller frees, and their
 * number in *n. Fails if a list is damaged, or something that may hold free objects cannot be read;
 * *ret still has what was found (NULL without memory). */
vs_status slab_free_map(const struct slab_frees *f, const struct slab *s, uint8_t **ret,
			unsigned *n, struct err *err);

struct slab_counts {
	uint64_t slabs, total, allocated;
};
/* Counts slabs, objects, and allocated objects. */
vs_status slab_cache_count(struct kernel *k, const struct slab_cache *c, struct slab_counts *ret,
			   struct err *err);

/* Counts slabs, objects (not the allocated ones, which takes longer), and the pages of the slabs.
 */
struct slab_size {
	uint64_t slabs, total, pages;
};
vs_status slab_cache_size(struct kernel *k, const struct slab_cache *c, struct slab_size *ret,
			  struct err *err);
