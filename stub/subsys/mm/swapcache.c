// SPDX-License-Identifier: GPL-3.0-or-later
/* swapcache.c - how many pages the swap cache has. */
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/mm/zones.h"

#define MAX_SWAP_SPACES (1u << 16)

/* Add the pages of one swap area's cache, which is divided into n address spaces. */
static vs_status add_swap_spaces(struct kernel *k, kva_t spaces, uint64_t n, uint64_t size,
				 uint64_t *sum, struct err *err)
{
	vs_status st = VS_OK;

	for (uint64_t i = 0; st == VS_OK && i < n && i < MAX_SWAP_SPACES; i++) {
		uint64_t pages = 0;

		st = record_field_read(k, &mapping_record, spaces + i * size, MAPPING_NRPAGES,
				       &pages, err);
		*sum += pages;
	}
	return st;
}

/* Before 4b3ef9daa4fc (4.11) each swap area had one address space, in an array of MAX_SWAPFILES. Of
 * these, only the first nr_swapfiles were ever in use. */
static vs_status swap_cache_before_4_11(struct kernel *k, kva_t spaces, uint64_t nareas,
					uint64_t *ret, struct err *err)
{
	uint64_t size;
	vs_status st = types_size(k->types, "address_space", &size, err);

	return st ? st
		  : add_swap_spaces(k, spaces, nareas < MAX_SWAPS ? nareas : MAX_SWAPS, size, ret,
				    err);
}

vs_status swap_cache_pages(struct kernel *k, uint64_t *ret, struct err *err)
{
	kva_t areas, spaces, numbers, first;
	uint64_t n, size, parts;
	vs_status st;

	*ret = 0;
	if (vmstat_get(k, VMSTAT_NODE, "NR_SWAPCACHE", ret, NULL) == VS_OK)
		return VS_OK;
	// no swap in this kernel
	if (kernel_symbol(k, "swapper_spaces", &spaces, NULL))
		return VS_OK;
	st = kernel_symbol(k, "nr_swapfiles", &areas, err);
	if (st == VS_OK)
		st = mem_read_uint(k->mem, areas, 4, &n, err);
	if (st == VS_OK && kernel_symbol(k, "nr_swapper_spaces", &numbers, NULL))
		return swap_cache_before_4_11(k, spaces, n, ret, err);
	if (st == VS_OK)
		st = types_size(k->types, "address_space", &size, err);
	for (uint64_t i = 0; st == VS_OK && i < n && i < MAX_SWAPS; i++) {
		st = mem_read_u64(k->mem, spaces + i * 8, &first, err);
		if (st == VS_OK)
			st = mem_read_uint(k->mem, numbers + i * 4, 4, &parts, err);
		if (st == VS_OK && first)
			st = add_swap_spaces(k, first, parts, size, ret, err);
	}
	return st;
}
