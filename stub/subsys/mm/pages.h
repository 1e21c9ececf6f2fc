// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pages.h - page frames and their struct page: the vmemmap array, which x86_64 always has
 * (CONFIG_SPARSEMEM_VMEMMAP). */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"

struct kernel;

#define PAGE_SHIFT 12

/* The struct page of a frame, and the reverse; VS_NOTFOUND: page is not in a struct page. */
vs_status page_of_pfn(struct kernel *k, pfn_t pfn, kva_t *ret, struct err *err);
vs_status pfn_of_page(struct kernel *k, kva_t page, pfn_t *ret, struct err *err);
/* First page of the compound page (folio) that page belongs to; page itself if there is none. */
kva_t page_head(struct kernel *k, kva_t page);

/* The use of a page according to its struct page. */
enum page_use { PAGE_OTHER, PAGE_SLAB, PAGE_BUDDY, PAGE_TABLE, PAGE_OFFLINE };
vs_status page_use(struct kernel *k, kva_t page, enum page_use *ret, struct err *err);

/* Reads how a page is used: its flags, mapping and reference count. False: they cannot be read. */
struct page_state {
	uint64_t flags, mapping, refs;
};
bool page_state(struct kernel *k, kva_t page, struct page_state *ret);

/* The place of a page in a file: its struct address_space and its index there. Only the first page
 * of a compound page has them. */
vs_status page_place(struct kernel *k, kva_t page, kva_t *mapping, uint64_t *index,
		     struct err *err);

/* Names of the flag bits of page->flags, separated by commas, without the upper bits (zone, node,
 * ...). */
void page_flags_text(struct kernel *k, uint64_t flags, struct buf *out);

/* Calls fn for each name of a bit of page->flags, also for further names of the same bit, in the
 * order of enum pageflags. */
typedef void (*page_flag_fn)(void *ctx, const char *name, unsigned bit);
vs_status page_flags_each(struct kernel *k, page_flag_fn fn, void *ctx, struct err *err);

/* What crash's `kmem -p` shows of a page. */
struct page_row {
	kva_t page;
	pa_t physical;
	uint64_t mapping, index, refs, flags;
	bool knows_mapping, knows_index, knows_refs;
};
vs_status page_row_load(struct kernel *k, kva_t page, struct page_row *ret, struct err *err);
