// SPDX-License-Identifier: GPL-3.0-or-later
/* zsmalloc.c - finds an object of zsmalloc by its handle.
 *
 * A handle is the address of a word with the frame number of the page where the object begins, and
 * its index among the objects of a zspage, a group of pages in equal parts. How many bits each has
 * depends on the kernel's version and configuration, which leaves no trace. But each object begins
 * with its own handle, so only the right way to read the word leads to one that does. */
#include "stub/subsys/swap/zsmalloc.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/module/modtypes.h"
#include "stub/subsys/mm/pages.h"

/* mm/zsmalloc.c */
#define ZSPAGE_MAGIC 0x58
#define ALLOCATED    1 /* lowest bit of the handle in an object */
#define HEAD_SIZE    8
#define MAX_CLASSES  512

#define PAGE_BYTES (1ULL << PAGE_SHIFT)

/* The frame number is in the highest bits: 40 of them, or 34 without 5-level page tables. */
static const struct way {
	unsigned frame_shift, index_shift, index_bits;
} ways[] = {
	{ 24, 1, 23 }, // 5.10, 6.1: the lowest bit locks the handle, or is not used
	{ 24, 0, 24 }, // 6.12
	{ 24, 0, 15 }, // 7.3: between them is the number of the class
	{ 30, 1, 29 }, // the same with 34 bits
	{ 30, 0, 30 }, //
	{ 30, 0, 21 },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

struct finder {
	struct kernel *k;
	vs_status st;
	struct err *err;
};

/* A member by one of two names; the second may be NULL. */
static void find(struct finder *f, const char *type, const char *path, const char *other,
		 struct member *ret)
{
	struct types *t;
	type_ref ref;

	if (f->st)
		return;
	f->st = kernel_find_type_in(f->k, "zsmalloc", type, &t, &ref, f->err);
	if (f->st == VS_OK)
		f->st = types_member(t, type, path, ret, f->err);
	if (f->st && other)
		f->st = types_member(t, type, other, ret, f->err);
}

/* Members of the struct that describes a page: struct zpdesc in newer kernels, else struct page. In
 * this, the next page was in the place of slab's free list up to 5.16 (ffedd09fa9b0), when zspages
 * had no member huge. */
static void find_page(struct finder *f, struct zs_pool *p)
{
	struct types *t;
	struct member huge;
	type_ref ref;

	if (f->st)
		return;
	if (kernel_find_type_in(f->k, "zsmalloc", "zpdesc", &t, &ref, NULL) == VS_OK) {
		find(f, "zpdesc", "zspage", NULL, &p->at.zspage);
		find(f, "zpdesc", "next", NULL, &p->at.next);
		find(f, "zpdesc", "handle", NULL, &p->at.head);
		return;
	}
	find(f, "page", "private", NULL, &p->at.zspage);
	find(f, "page", "index", "__folio_index", &p->at.head);
	if (kernel_find_type_in(f->k, "zsmalloc", "zspage", &t, &ref, NULL) == VS_OK &&
	    types_member(t, "zspage", "huge", &huge, NULL) == VS_OK)
		p->at.next = p->at.head;
	else
		find(f, "page", "freelist", NULL, &p->at.next);
}

vs_status zs_pool_open(struct kernel *k, kva_t va, struct zs_pool *ret, struct err *err)
{
	struct finder f = { k, VS_OK, err };

	*ret = (struct zs_pool){ .k = k, .va = va };
	find(&f, "zs_pool", "size_class", NULL, &ret->at.classes);
	find(&f, "size_class", "size", NULL, &ret->at.size);
	find(&f, "size_class", "objs_per_zspage", NULL, &ret->at.objects);
	find(&f, "size_class", "pages_per_zspage", NULL, &ret->at.pages);
	find(&f, "zspage", "class", NULL, &ret->at.class);
	find(&f, "zspage", "magic", NULL, &ret->at.magic);
	find_page(&f, ret);
	if (f.st)
		return fail_ctx(err, f.st, "the layout of zsmalloc is unknown");
	ret->nclasses = ret->at.classes.size / 8;
	if (!ret->nclasses || ret->nclasses > MAX_CLASSES)
		return fail(err, VS_NOTFOUND, "zsmalloc has %" PRIu64 " classes of sizes",
			    ret->nclasses);
	return VS_OK;
}

/* A place in memory that an object may have. */
struct place {
	kva_t page; /* its struct page */
	pfn_t frame;
	uint64_t zspage;
	uint64_t offset; /* in the page */
	bool alone;	 /* the only object of its page, and without a head */
};

/* The size of the objects of a zspage; 0: this is no zspage. */
static uint64_t size_of(const struct zs_pool *p, kva_t zspage, uint64_t index, bool *alone)
{
	uint64_t magic, class, size, objects, pages;
	kva_t at;

	if (kernel_read_at(p->k, zspage, &p->at.magic, &magic, NULL) || magic != ZSPAGE_MAGIC ||
	    kernel_read_at(p->k, zspage, &p->at.class, &class, NULL) || class >= p->nclasses ||
	    mem_read_u64(p->k->mem, p->va + p->at.classes.off + class * 8, &at, NULL) ||
	    kernel_read_at(p->k, at, &p->at.size, &size, NULL) || size > PAGE_BYTES ||
	    kernel_read_at(p->k, at, &p->at.objects, &objects, NULL) || index >= objects ||
	    kernel_read_at(p->k, at, &p->at.pages, &pages, NULL))
		return 0;
	*alone = objects == 1 && pages == 1;
	return size;
}

/* Reads the word at a handle in one way. VS_NOMATCH: it is not this one. */
static vs_status try_way(const struct zs_pool *p, kva_t handle, uint64_t word,
			 const struct way *way, struct place *ret, struct err *err)
{
	const struct mem *phys = dump_mem(p->k->dump);
	uint64_t index = word >> way->index_shift & ((1ULL << way->index_bits) - 1), size, head;
	struct place at = { .frame = word >> way->frame_shift };
	vs_status st;

	if (at.frame > dump_info(p->k->dump)->max_pfn ||
	    page_of_pfn(p->k, at.frame, &at.page, NULL) ||
	    kernel_read_at(p->k, at.page, &p->at.zspage, &at.zspage, NULL))
		return VS_NOMATCH;
	size = size_of(p, at.zspage, index, &at.alone);
	if (!size)
		return VS_NOMATCH;
	at.offset = size * index % PAGE_BYTES;
	if (at.alone)
		st = kernel_read_at(p->k, at.page, &p->at.head, &head, err);
	else
		st = mem_read_u64(phys, (at.frame << PAGE_SHIFT) + at.offset, &head, err);
	if (st)
		return st;
	*ret = at;
	return head == (handle | ALLOCATED) ? VS_OK : VS_NOMATCH;
}

static vs_status locate(struct zs_pool *p, kva_t handle, struct place *ret, struct err *err)
{
	uint64_t word;
	vs_status st = mem_read_u64(p->k->mem, handle, &word, err), lost = VS_OK;

	if (st)
		return fail_ctx(err, st, "zsmalloc handle %" PRIx64, handle);
	for (unsigned i = 0; i < WAYS; i++) {
		unsigned way = (p->way + i) % WAYS;
		struct err why;

		st = try_way(p, handle, word, &ways[way], ret, &why);
		if (st == VS_OK) {
			p->way = way;
			return VS_OK;
		}
		if (st != VS_NOMATCH && !lost) {
			lost = st;
			fail(err, st, "%s", why.msg);
		}
	}
	return lost ? lost
		    : fail(err, VS_CORRUPT,
			   "zsmalloc handle %" PRIx64 " (%" PRIx64 ") leads to no object of it",
			   handle, word);
}

vs_status zs_read(struct zs_pool *p, kva_t handle, void *dst, size_t size, struct err *err)
{
	const struct mem *phys = dump_mem(p->k->dump);
	struct place at = { 0 };
	uint64_t from, first, zspage;
	kva_t next;
	pfn_t frame;
	vs_status st = locate(p, handle, &at, err);

	if (st)
		return st;
	from = at.offset + (at.alone ? 0 : HEAD_SIZE);
	if (size > PAGE_BYTES || (at.alone && size > PAGE_BYTES - from))
		return fail(err, VS_CORRUPT, "an object of %zu bytes", size);
	// A head fits into its page, as all sizes are multiples of its size.
	first = from + size > PAGE_BYTES ? PAGE_BYTES - from : size;
	st = mem_read(phys, (at.frame << PAGE_SHIFT) + from, dst, first, err);
	if (st || first == size)
		return st;
	if ((st = kernel_read_at(p->k, at.page, &p->at.next, &next, err)) ||
	    (st = kernel_read_at(p->k, next, &p->at.zspage, &zspage, err)) ||
	    (st = pfn_of_page(p->k, next, &frame, err)))
		return fail_ctx(err, st, "the page after frame %" PRIx64, (uint64_t)at.frame);
	if (zspage != at.zspage)
		return fail(err, VS_CORRUPT, "the page after frame %" PRIx64 " is of another group",
			    (uint64_t)at.frame);
	return mem_read(phys, frame << PAGE_SHIFT, (uint8_t *)dst + first, size - first, err);
}
