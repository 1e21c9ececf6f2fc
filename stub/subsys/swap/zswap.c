// SPDX-License-Identifier: GPL-3.0-or-later
/* zswap.c - finds pages in zswap: in an xarray for each 64 MiB of a swap area, by offset. */
#include "stub/subsys/swap/zswap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/swap/unpack.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)
#define TREE_SHIFT 14 /* ZSWAP_ADDRESS_SPACE_SHIFT */

enum { ENTRY_SWP, ENTRY_LENGTH, ENTRY_POOL, ENTRY_HANDLE };
static const struct record_field entry_fields[] = {
	[ENTRY_SWP] = { { "swpentry.val" }, RECORD_UINT, "with zswap, 6.8 and newer" },
	[ENTRY_LENGTH] = { { "length" }, RECORD_UINT, "with zswap" },
	[ENTRY_POOL] = { { "pool" }, RECORD_POINTER, "with zswap" },
	[ENTRY_HANDLE] = { { "handle" }, RECORD_UINT, "with zswap" },
};
RECORD(zswap_entry_record, "zswap_entry", entry_fields);

enum { POOL_ZS, POOL_NAME };
static const struct record_field pool_fields[] = {
	[POOL_ZS] = { { "zs_pool" }, RECORD_POINTER, "with zswap, 6.18 and newer" },
	[POOL_NAME] = { { "tfm_name" }, RECORD_ADDRESS, "with zswap" },
};
RECORD(zswap_pool_record, "zswap_pool", pool_fields);

void zswap_open(struct kernel *k, struct zswap *ret)
{
	*ret = (struct zswap){ .k = k };
	if (!record_name(k, &zswap_entry_record, ENTRY_SWP) ||
	    types_size(k->types, "xarray", &ret->tree_size, NULL) ||
	    kernel_symbol(k, "nr_zswap_trees", &ret->counts, NULL) ||
	    kernel_symbol(k, "zswap_trees", &ret->trees, NULL))
		ret->trees = 0;
}

static vs_status need_pool(struct zswap *z, kva_t va, struct err *err)
{
	struct record r;
	uint64_t pool;
	vs_status st;

	if (z->pool_of == va)
		return VS_OK;
	z->pool_of = 0;
	record_read(z->k, &zswap_pool_record, va, RECORD_ALL, &r);
	if ((st = record_need(&r, POOL_ZS, &pool, err)) ||
	    (st = zs_pool_open(z->k, pool, &z->pool, err)))
		return fail_ctx(err, st, "zswap");
	(void)record_string(&r, POOL_NAME, z->algorithm, sizeof(z->algorithm));
	z->pool_of = va;
	return VS_OK;
}

vs_status zswap_find(struct zswap *z, unsigned type, uint64_t offset, struct zswap_entry *ret,
		     struct err *err)
{
	uint64_t trees, count, entry, swp, size, pool, handle;
	struct record r;
	vs_status st;

	if (!z->trees || type >= MAX_SWAPS)
		return VS_NOTFOUND;
	if ((st = mem_read_u64(z->k->mem, z->trees + type * 8ULL, &trees, err)) ||
	    (st = mem_read_uint(z->k->mem, z->counts + type * 4ULL, 4, &count, err)))
		return fail_ctx(err, st, "zswap");
	if (!trees || offset >> TREE_SHIFT >= count)
		return VS_NOTFOUND;
	st = xarray_entry(z->k, trees + (offset >> TREE_SHIFT) * z->tree_size, offset, &entry, err);
	if (st)
		return fail_ctx(err, st, "zswap");
	if (!entry)
		return VS_NOTFOUND;
	record_read(z->k, &zswap_entry_record, entry, RECORD_ALL, &r);
	if ((st = record_need(&r, ENTRY_SWP, &swp, err)) ||
	    (st = record_need(&r, ENTRY_LENGTH, &size, err)) ||
	    (st = record_need(&r, ENTRY_POOL, &pool, err)) ||
	    (st = record_need(&r, ENTRY_HANDLE, &handle, err)))
		return st;
	if (swp != swap_entry_value(type, offset) || !size || size > PAGE_BYTES)
		return fail(err, VS_CORRUPT, "zswap_entry %" PRIx64 " is damaged", entry);
	st = need_pool(z, pool, err);
	if (st)
		return st;
	*ret = (struct zswap_entry){ .handle = handle, .size = (size_t)size };
	snprintf(ret->algorithm, sizeof(ret->algorithm), "%s", z->algorithm);
	return VS_OK;
}

vs_status zswap_read(struct zswap *z, const struct zswap_entry *e, struct codec *c, void *page,
		     struct err *err)
{
	uint8_t stored[PAGE_BYTES];
	vs_status st = zs_read(&z->pool, e->handle, stored, e->size, err);

	if (st == VS_OK && e->size == PAGE_BYTES)
		memcpy(page, stored, PAGE_BYTES);
	else if (st == VS_OK)
		st = unpack_page(c, e->algorithm, stored, e->size, page, PAGE_BYTES, err);
	return st ? fail_ctx(err, st, "zswap") : VS_OK;
}
