// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* slab.h - slab caches and the objects in them: of SLUB, and of SLAB, gone since 6.8 (oldslab.h).
 */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;
struct record_def;

struct slab_cache {
	kva_t va; /* struct kmem_cache */
	char name[64];
	uint64_t object_size, size; /* size is with padding and metadata */
	uint64_t offset;	    /* of the free pointer in a free object */
	uint64_t order;		    /* pages of a slab, as a power of 2 */
	uint64_t order_objects;	    /* objects of such a slab; 0 with SLAB */
	/* The same for slabs that SLUB makes when memory is short. */
	uint64_t min_order, min_objects;
	bool reclaimable; /* the kernel counts its slabs as reclaimable */
	uint64_t flags, random, red_left_pad;
	unsigned objects; /* per slab with SLAB; 0 with SLUB, where slabs may differ */
};

/* All caches, newest first as in the kernel's list. The caller frees *ret. If the list is broken,
 * fails and returns what was found. */
vs_status slab_caches(struct kernel *k, struct slab_cache **ret, size_t *n, struct err *err);
vs_status slab_cache_load(struct kernel *k, kva_t va, struct slab_cache *ret, struct err *err);
/* One slab: a run of pages cut into objects. */
struct slab {
	kva_t va;    /* its struct slab; before 5.17 its struct page, but SLAB before 3.14 */
	kva_t page;  /* its struct page */
	kva_t cache; /* struct kmem_cache */
	kva_t start; /* first object */
	unsigned objects, inuse;
	int cpu; /* the CPU that allocates from it, set by slab_each(); -1: none */
	/* The slab's own; a CPU that allocates from it has another one. With SLAB, the address of
	 * the list of numbers; before 3.14 the number of the first free object. */
	kva_t freelist;
};
/* In a cache's flags, until cc61eb851461 (6.9) numbered them anew. */
#define SLAB_RECLAIM_ACCOUNT (UINT64_C(1) << 17)
#define SLAB_MAX_OBJECTS     32767 /* MAX_OBJS_PER_PAGE of mm/slub.c */

/* Rows of the table that describes a slab's struct. */
enum slab_field {
	SLAB_CACHE,
	SLAB_OBJECTS, /* this row and the next: only SLUB */
	SLAB_INUSE,
	SLAB_FREELIST,
	SLAB_NEXT,  /* in the chain of a CPU's partial slabs; some kernels have none */
	SLAB_LINK,  /* of lists */
	SLAB_START, /* this row and the next: only SLAB */
	SLAB_ACTIVE,
};
/* The table of this kernel: of struct slab, or of struct page before 5.17, where slabs have no
 * struct of their own. */
const struct record_def *slab_def(struct kernel *k);

/* The slab that holds va. VS_NOTFOUND: va is not in a slab. */
vs_status slab_of(struct kernel *k, kva_t va, struct slab *ret, struct err *err);
/* The name of the cache of the object at va; *object is the object's start (may be NULL). */
vs_status slab_cache_name(struct kernel *k, kva_t va, char *ret, size_t cap, kva_t *object);

/* Calls fn for the slabs on the cache's lists: partial ones and those of CPUs. Full slabs are on no
 * list unless the cache is debugged. */
typedef bool (*slab_fn)(void *ctx, const struct slab *s, const char *where);
vs_status slab_each(struct kernel *k, const struct slab_cache *c, slab_fn fn, void *ctx,
		    struct err *err);

/* What a CPU allocates from: its slab (0: none), the CPU's private list of free objects in that
 * slab, and a chain of partial slabs. VS_NOTFOUND: this kernel has none (7.0 has sheaves instead).
 */
struct slab_cpu {
	uint64_t slab, freelist, partial;
};
vs_status slab_cpu(struct kernel *k, const struct slab_cache *c, unsigned cpu, struct slab_cpu *ret,
		   struct err *err);
/* struct kmem_cache_node of a node; 0: none. Nodes are 0 to slab_nr_nodes() - 1. */
kva_t slab_cache_node(struct kernel *k, const struct slab_cache *c, unsigned node);
unsigned slab_nr_nodes(struct kernel *k);
