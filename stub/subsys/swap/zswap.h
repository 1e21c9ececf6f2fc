// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* zswap.h - pages that were compressed instead of written to their swap area (mm/zswap.c). As of
 * kernels that keep them in xarrays (6.8 and newer) and in zsmalloc without zpool (6.18). */
#include <stdbool.h>

#include "stub/subsys/swap/zsmalloc.h"

struct codec;

#define ZSWAP_NAMES 32 /* bytes of the name of an algorithm */

/* zswap of a kernel. It is plain data; k is borrowed. */
struct zswap {
	struct kernel *k;
	kva_t trees, counts; /* by swap area; 0: this kernel has none, or of another layout */
	uint64_t tree_size;
	kva_t pool_of; /* the struct zswap_pool that pool is of; 0: none yet */
	struct zs_pool pool;
	char algorithm[ZSWAP_NAMES];
};

struct zswap_entry {
	kva_t handle; /* of zsmalloc */
	size_t size;  /* bytes stored; a page: not compressed */
	char algorithm[ZSWAP_NAMES];
};

/* Cannot fail: without zswap, zswap_find() finds nothing. */
void zswap_open(struct kernel *k, struct zswap *ret);
/* VS_NOTFOUND: the page is not in zswap. Others: why that cannot be told, or its entry not read. */
vs_status zswap_find(struct zswap *z, unsigned type, uint64_t offset, struct zswap_entry *ret,
		     struct err *err);
vs_status zswap_read(struct zswap *z, const struct zswap_entry *e, struct codec *c, void *page,
		     struct err *err);
