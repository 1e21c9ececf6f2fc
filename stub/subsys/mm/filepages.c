// SPDX-License-Identifier: GPL-3.0-or-later
/* filepages.c - reads the page cache of a file: an xarray of struct page, of which one of several
 * pages (a folio) is one entry. */
#include "stub/subsys/mm/filepages.h"

#include <inttypes.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/mm/pages.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)
#define MAX_FOLIO  (1ULL << 18) /* pages: 1 GiB */

struct listing {
	struct file_pages *to;
	uint64_t max;
	bool no_memory, too_many;
};

static bool list_entry(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	struct listing *l = ctx;
	struct file_pages *p = l->to;

	if (p->n && first <= p->v[p->n - 1].last) // damaged: entries come in order
		return true;
	l->too_many = p->n >= l->max;
	if (l->too_many)
		return false;
	l->no_memory = !vec_push(p, ((struct file_page){ first, last, entry }));
	return !l->no_memory;
}

/* File systems whose files are only in memory; a page that nobody wrote is zeros. */
static bool has_no_disk(struct kernel *k, kva_t inode)
{
	static const char *const types[] = { "tmpfs", "devtmpfs", "ramfs", "rootfs" };
	char type[32];
	uint64_t sb;

	if (record_field_read(k, &inode_record, inode, INODE_SB, &sb, NULL) ||
	    !fs_type_of_sb(k, sb, type, sizeof(type)))
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

vs_status file_pages_load(struct kernel *k, kva_t inode, struct file_pages *ret, struct err *err)
{
	struct listing l = { ret, dump_info(k->dump)->max_pfn + 1, false, false };
	struct record r;
	uint64_t tree;
	vs_status st = kernel_need_types(k, err);

	*ret = (struct file_pages){ .st = VS_OK };
	if (st)
		return st;
	record_read(k, &inode_record, inode, RECORD_BIT(INODE_MAPPING) | RECORD_BIT(INODE_SIZE),
		    &r);
	st = record_need(&r, INODE_MAPPING, &ret->mapping, err);
	if (st == VS_OK)
		st = record_need(&r, INODE_SIZE, &ret->size, err);
	if (st == VS_OK)
		st = record_field_read(k, &mapping_record, ret->mapping, MAPPING_PAGES, &tree, err);
	if (st)
		return fail_ctx(err, st, "inode %" PRIx64, inode);
	ret->no_disk = has_no_disk(k, inode);
	ret->st = walk_xarray(k, tree, list_entry, &l, &ret->why);
	if (l.no_memory)
		ret->st = fail(&ret->why, VS_NOMEM, "out of memory");
	if (l.too_many)
		ret->st = fail(&ret->why, VS_CORRUPT, "more pages than memory");
	return VS_OK;
}

void file_pages_free(struct file_pages *p)
{
	vec_free(p);
}

/* The number of the first entry that ends at or after a page. */
static size_t find(const struct file_pages *p, uint64_t index)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->v[mid].last < index)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

uint64_t file_pages_next(const struct file_pages *p, uint64_t index)
{
	size_t i = find(p, index);

	return i == p->n ? UINT64_MAX : p->v[i].first > index ? p->v[i].first : index;
}

/* The struct page of page `index`. An entry is that of the folio's first page, whose own index
 * tells how far from it this one is; some older kernels have the page itself there. */
static vs_status frame_of(struct kernel *k, const struct file_pages *p, const struct file_page *e,
			  uint64_t index, pfn_t *ret, struct err *err)
{
	uint64_t first, mapping, size;
	kva_t page = e->entry;
	vs_status st = page_place(k, page, &mapping, &first, err);

	if (st == VS_OK)
		st = types_size(k->types, "page", &size, err);
	if (st)
		return st;
	if (mapping != p->mapping || first > index || index - first >= MAX_FOLIO)
		return fail(err, VS_CORRUPT,
			    "struct page %" PRIx64 " is not page %" PRIu64 " of this file", page,
			    index);
	page += (index - first) * size;
	if (index != first && page_head(k, page) != e->entry)
		return fail(err, VS_CORRUPT,
			    "struct page %" PRIx64 " does not belong to that of %" PRIx64, page,
			    (uint64_t)e->entry);
	return pfn_of_page(k, page, ret, err);
}

vs_status file_page_read(struct kernel *k, const struct file_pages *p, uint64_t index, void *dst,
			 bool *zero, struct err *err)
{
	const struct mem *phys = dump_mem(k->dump);
	size_t i = find(p, index);
	pfn_t pfn;
	vs_status st;

	*zero = false;
	if (i == p->n || p->v[i].first > index) {
		if (p->st)
			return fail(err, p->st, "%s", p->why.msg);
		if (!p->no_disk || index >= (p->size + PAGE_BYTES - 1) / PAGE_BYTES)
			return fail(err, VS_NOTFOUND, "not in memory");
		memset(dst, 0, PAGE_BYTES);
		*zero = true;
		return VS_OK;
	}
	if (p->v[i].entry & 1)
		return fail(err, VS_SWAPPED, p->no_disk ? "swapped out" : "not in memory");
	st = frame_of(k, p, &p->v[i], index, &pfn, err);
	return st ? st : mem_read(phys, pfn << PAGE_SHIFT, dst, PAGE_BYTES, err);
}
