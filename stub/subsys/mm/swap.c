/* swap.c - swap areas (mm/swapfile.c). */
#include "stub/subsys/mm/swap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/fs/fs.h"
#include "stub/kernel/kernel.h"

#define SWP_USED 1 /* include/linux/swap.h */

static void load_file(struct kernel *k, struct swap_area *a)
{
	AUTO(buf) path = { 0 };
	struct fs_file f;
	uint64_t file;

	if (kernel_read_member(k, a->va, "swap_info_struct", "swap_file", &file, NULL) || !file ||
	    fs_file_load(k, file, &f, NULL))
		return;
	a->file = !S_ISBLK(f.mode);
	(void)fs_put_path(k, &f.path, &path, NULL);
	snprintf(a->path, sizeof(a->path), "%s", buf_str(&path));
}

static vs_status load_area(struct kernel *k, kva_t va, unsigned type, struct swap_area *ret,
			   struct err *err)
{
	struct swap_area a = { .va = va, .type = type };
	struct member m;
	uint64_t v;
	vs_status st = kernel_read_member(k, va, "swap_info_struct", "flags", &a.flags, err);

	if (st == VS_OK)
		st = kernel_read_member(k, va, "swap_info_struct", "pages", &a.pages, err);
	// inuse_pages became an atomic_long_t in 6.14.
	if (st == VS_OK)
		st = kernel_member(k, "swap_info_struct", &m, err, "inuse_pages.counter",
				   "inuse_pages", NULL);
	if (st == VS_OK)
		st = kernel_read_at(k, va, &m, &a.used, err);
	if (st == VS_OK)
		st = kernel_read_member(k, va, "swap_info_struct", "prio", &v, err);
	if (st)
		return fail_ctx(err, st, "swap_info_struct %" PRIx64, va);
	a.prio = (int16_t)v;
	// Its upper bits say whether it is on the list of areas with room (SWAP_USAGE_OFFLIST_BIT).
	a.used &= (1ULL << 62) - 1;
	load_file(k, &a);
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
