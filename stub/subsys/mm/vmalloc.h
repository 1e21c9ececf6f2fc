// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmalloc.h - areas of the vmalloc range, modules included. */
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;

struct vmap_area {
	kva_t va;	  /* struct vmap_area */
	kva_t start, end; /* with its guard page */
	kva_t vm;	  /* struct vm_struct, 0: none (a per-CPU chunk, vm_map_ram()) */
};

/* All areas by address. The caller frees *ret. If a list or tree is broken, fails and returns what
 * was found. */
vs_status vmap_areas(struct kernel *k, struct vmap_area **ret, size_t *n, struct err *err);
/* The area that holds va among those of vmap_areas(), or NULL. */
const struct vmap_area *vmap_find(const struct vmap_area *v, size_t n, kva_t va);

/* The pages that were allocated for an area, and for whom; 0 pages for I/O memory and the like. */
struct vmap_pages {
	uint64_t pages;
	kva_t caller; /* an address in the function */
};
vs_status vmap_pages_load(struct kernel *k, const struct vmap_area *a, struct vmap_pages *ret,
			  struct err *err);
