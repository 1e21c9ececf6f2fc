// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* zsmalloc.h - objects of the kernel's allocator for compressed pages (mm/zsmalloc.c). Their sizes
 * vary, and an object may go on in another page. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"
#include "stub/symbols/types.h"

struct kernel;

/* A pool. It is plain data; k is borrowed. */
struct zs_pool {
	struct kernel *k;
	kva_t va; /* struct zs_pool */
	struct {
		struct member classes;		    /* of the pool */
		struct member size, objects, pages; /* of a class */
		struct member class, magic;	    /* of a zspage */
		struct member zspage, next, head;   /* of a page */
	} at;
	uint64_t nclasses;
	unsigned way; /* how the last object's location was encoded; zsmalloc.c */
};

/* Finds the layout of the kernel's zsmalloc in the types. VS_NOTFOUND: it is unknown. */
vs_status zs_pool_open(struct kernel *k, kva_t va, struct zs_pool *ret, struct err *err);
/* Reads the first size bytes (at most a page) of the object with this handle into dst. VS_CORRUPT:
 * the handle leads to no object that has it. Others: memory cannot be read. */
vs_status zs_read(struct zs_pool *p, kva_t handle, void *dst, size_t size, struct err *err);
