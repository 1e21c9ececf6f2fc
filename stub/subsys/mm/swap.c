// SPDX-License-Identifier: GPL-3.0-or-later
/* swap.c - swap areas (mm/swapfile.c). */
#include "stub/subsys/mm/swap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/fs/fs.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

#define SWP_USED 1 /* include/linux/swap.h */

enum {
	SWAP_FILE,
	SWAP_FLAGS,
	SWAP_PAGES,
	SWAP_USED,
	SWAP_PRIO,
	SWAP_BDEV,
	SWAP_ZEROS,
	SWAP_CLUSTERS
};
static const struct record_field swap_fields[] = {
	[SWAP_FILE] = { { "swap_file" }, RECORD_POINTER },
	[SWAP_FLAGS] = { { "flags" }, RECORD_UINT },
	[SWAP_PAGES] = { { "pages" }, RECORD_UINT },
	// 6.14: an atomic_long_t
	[SWAP_USED] = { { "inuse_pages.counter", "inuse_pages" }, RECORD_UINT },
	[SWAP_PRIO] = { { "prio" }, RECORD_INT },
	[SWAP_BDEV] = { { "bdev" }, RECORD_POINTER },
	// 0ca0c24e3211 (6.12); later a bit of the swap table, or zero_bitmap of a cluster
	[SWAP_ZEROS] = { { "zeromap" }, RECORD_POINTER, "6.12, and not in 7.3" },
	[SWAP_CLUSTERS] = { { "cluster_info" }, RECORD_POINTER },
};
RECORD(swap_record, "swap_info_struct", swap_fields);

static void load_file(struct kernel *k, kva_t file, struct swap_area *a)
{
	AUTO(buf) path = { 0 };
	struct fs_file f;

	if (!file || fs_file_load(k, file, &f, NULL))
		return;
	a->knows_file = f.knows_inode;
	a->file = !S_ISBLK(f.mode);
	(void)fs_put_path(k, &f.path, &path, NULL);
	snprintf(a->path, sizeof(a->path), "%s", buf_str(&path));
}

static vs_status load_area(struct kernel *k, kva_t va, unsigned type, struct swap_area *ret,
			   struct err *err)
{
	struct swap_area a = { .va = va, .type = type };
	struct record r;
	uint64_t v;
	vs_status st;

	record_read(k, &swap_record, va, RECORD_ALL, &r);
	st = record_need(&r, SWAP_FLAGS, &a.flags, err);
	if (st == VS_OK)
		st = record_need(&r, SWAP_PAGES, &a.pages, err);
	if (st == VS_OK)
		st = record_need(&r, SWAP_USED, &a.used, err);
	if (st == VS_OK)
		st = record_need(&r, SWAP_PRIO, &v, err);
	if (st)
		return fail_ctx(err, st, "swap_info_struct %" PRIx64, va);
	a.prio = (int16_t)v;
	a.bdev = record_pointer(&r, SWAP_BDEV);
	a.zeromap = record_pointer(&r, SWAP_ZEROS);
	a.clusters = record_pointer(&r, SWAP_CLUSTERS);
	// Mask off the flag that the area is not on the list of available ones
	// (SWAP_USAGE_OFFLIST_BIT).
	a.used &= (1ULL << 62) - 1;
	load_file(k, record_pointer(&r, SWAP_FILE), &a);
	*ret = a;
	return VS_OK;
}

vs_status swap_list(struct kernel *k, struct swap_area *ret, unsigned *n, struct err *err)
{
	uint64_t count;
	kva_t table, va;
	vs_status st = kernel_symbol(k, "nr_swapfiles", &va, err);

	*n = 0;
	if (st == VS_OK)
		st = mem_read_uint(k->mem, va, 4, &count, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "swap_info", &table, err);
	if (st)
		return st;
	if (count > MAX_SWAPS)
		return fail(err, VS_CORRUPT, "nr_swapfiles is %" PRIu64, count);
	for (unsigned i = 0; i < count; i++) {
		struct swap_area a = { 0 };
		vs_status one = mem_read_u64(k->mem, table + 8ULL * i, &va, err);

		if (one == VS_OK && va)
			one = load_area(k, va, i, &a, err);
		if (one == VS_OK && va && a.flags & SWP_USED)
			ret[(*n)++] = a;
		st = st ? st : one;
	}
	return st;
}

void swap_put_place(struct kernel *k, struct swap_areas *areas, unsigned type, uint64_t offset,
		    struct buf *out)
{
	if (!areas->loaded)
		(void)swap_list(k, areas->v, &areas->n, NULL);
	areas->loaded = true;
	for (unsigned i = 0; i < areas->n; i++)
		if (areas->v[i].type == type) {
			buf_printf(out, "SWAP: %s  OFFSET: %" PRIu64, areas->v[i].path, offset);
			return;
		}
	buf_printf(out, "SWAP: (no area %u)  OFFSET: %" PRIu64, type, offset);
}
