// SPDX-License-Identifier: GPL-3.0-or-later
/* cache.c - the swap cache: until 6.17 in address spaces, for each 64 MiB of a swap area one; then
 * in a table for each cluster of an area (swap_table.h), which in 7.x also has the bit of zeros. */
#include "stub/subsys/swap/cache.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"

#define SPACE_SHIFT 14 /* SWAP_ADDRESS_SPACE_SHIFT */
#define MAX_FOLIO   (1ULL << 18)

/* mm/swap_table.h: an entry has flags on top, the lowest of which is that of zeros. Then it is a
 * frame number and 10, or bits of where the page was used and 1; 0: not used. */
#define TABLE_FLAGS_SHIFT 59
#define TABLE_ZEROS	  (1ULL << TABLE_FLAGS_SHIFT)
#define TABLE_KIND	  3
#define TABLE_FRAME	  2

enum { CLUSTER_TABLE };
static const struct record_field cluster_fields[] = {
	[CLUSTER_TABLE] = { { "table" }, RECORD_POINTER, "6.18 and newer" },
};
RECORD(swap_cluster_record, "swap_cluster_info", cluster_fields);

enum { PAGE_PRIVATE };
static const struct record_field page_private_fields[] = {
	[PAGE_PRIVATE] = { { "private" }, RECORD_UINT },
};
RECORD(page_private_record, "page", page_private_fields);

/* The entry in the table of the page's cluster; 0: none. */
static vs_status table_entry(struct kernel *k, const struct swap_area *a, uint64_t offset,
			     uint64_t *ret, struct err *err)
{
	uint64_t cluster_size, table_size, table;
	kva_t cluster;
	vs_status st;

	*ret = 0;
	if (!a->clusters || offset > a->pages ||
	    !record_name(k, &swap_cluster_record, CLUSTER_TABLE))
		return VS_OK;
	if ((st = types_size(k->types, "swap_cluster_info", &cluster_size, err)) ||
	    (st = types_size(k->types, "swap_table", &table_size, err)))
		return st;
	if (table_size < 8)
		return fail(err, VS_CORRUPT, "swap tables of %" PRIu64 " bytes", table_size);
	cluster = a->clusters + offset / (table_size / 8) * cluster_size;
	st = record_field_read(k, &swap_cluster_record, cluster, CLUSTER_TABLE, &table, err);
	return st || !table ? st
			    : mem_read_u64(k->mem, table + offset % (table_size / 8) * 8, ret, err);
}

/* The frame of a page of the swap cache, by its own struct page or the first of its folio, which
 * has the swap entry of the first page. */
static bool frame_of(struct kernel *k, const struct swap_area *a, kva_t page, uint64_t offset,
		     pfn_t *ret)
{
	uint64_t value, size, wanted = swap_entry_value(a->type, offset);

	if (record_field_read(k, &page_private_record, page, PAGE_PRIVATE, &value, NULL) ||
	    value > wanted || wanted - value >= MAX_FOLIO ||
	    types_size(k->types, "page", &size, NULL))
		return false;
	if (value != wanted && page_head(k, page + (wanted - value) * size) != page)
		return false;
	return pfn_of_page(k, page + (wanted - value) * size, ret, NULL) == VS_OK;
}

/* Finds the page in the address space for this part of the area. Its index there is the offset;
 * since 6.12 only the low bits of the offset, because the space implies the others. Both are tried:
 * a space has no other page that either could mean. */
static kva_t page_in_space(struct kernel *k, const struct swap_area *a, uint64_t offset)
{
	uint64_t size, spaces, tree, entry = 0;
	kva_t at;

	if (kernel_symbol(k, "swapper_spaces", &at, NULL) ||
	    types_size(k->types, "address_space", &size, NULL) ||
	    mem_read_u64(k->mem, at + a->type * 8ULL, &spaces, NULL) || !spaces ||
	    record_field_read(k, &mapping_record, spaces + (offset >> SPACE_SHIFT) * size,
			      MAPPING_PAGES, &tree, NULL))
		return 0;
	if (xarray_entry(k, tree, offset, &entry, NULL) ||
	    (!entry && offset >> SPACE_SHIFT &&
	     xarray_entry(k, tree, offset & ((1 << SPACE_SHIFT) - 1), &entry, NULL)))
		return 0;
	return entry & 1 ? 0 : entry; // an odd one is not in memory
}

bool swap_cache_find(struct kernel *k, const struct swap_area *a, uint64_t offset, pfn_t *ret)
{
	uint64_t entry;
	kva_t page;

	if (offset > a->pages || table_entry(k, a, offset, &entry, NULL))
		return false;
	if ((entry & TABLE_KIND) == TABLE_FRAME) {
		uint64_t frame = (entry & (TABLE_ZEROS - 1)) >> 2;

		// The entry is of the first page of a folio.
		return page_of_pfn(k, frame, &page, NULL) == VS_OK &&
		       frame_of(k, a, page_head(k, page), offset, ret);
	}
	page = entry ? 0 : page_in_space(k, a, offset);
	return page && frame_of(k, a, page, offset, ret);
}

vs_status swap_is_zeros(struct kernel *k, const struct swap_area *a, uint64_t offset, bool *ret,
			struct err *err)
{
	uint64_t entry = 0;
	vs_status st = VS_OK;

	*ret = false;
	if (offset > a->pages)
		return VS_OK;
	if (a->zeromap) {
		st = mem_read_u64(k->mem, a->zeromap + offset / 64 * 8, &entry, err);
		*ret = st == VS_OK && entry >> offset % 64 & 1;
		return st;
	}
	st = table_entry(k, a, offset, &entry, err);
	*ret = entry & 1 && entry & TABLE_ZEROS;
	return st;
}
