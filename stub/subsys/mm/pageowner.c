// SPDX-License-Identifier: GPL-3.0-or-later
/* pageowner.c - implements pageowner.h. Each section of memory has an array of struct page_ext, one
 * for each page, which struct page_owner follows at page_owner_ops.offset. */
#include "stub/subsys/mm/pageowner.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/subsys/mm/pages.h"

#define PAGE_BYTES	 (1ULL << PAGE_SHIFT)
#define SECTION_BITS	 27 /* of x86_64, if VMCOREINFO lacks it (before 5.13) */
#define SECTION_FLAGS	 3  /* SECTION_MARKED_PRESENT, SECTION_HAS_MEM_MAP */
#define MAX_ENTRY	 1024
#define CHUNK		 128 /* entries that are read at once */
#define MAX_GFP_NAMES	 64
#define PAGE_EXT_INVALID 1 /* since 6.1: the memory was taken away */

enum { OPS_OFFSET };
static const struct record_field ops_fields[] = {
	[OPS_OFFSET] = { { "offset" }, RECORD_UINT, "CONFIG_PAGE_EXTENSION" },
};
RECORD(page_ext_ops_record, "page_ext_operations", ops_fields);

enum { EXT_FLAGS };
static const struct record_field ext_fields[] = {
	[EXT_FLAGS] = { { "flags" }, RECORD_UINT, "CONFIG_PAGE_EXTENSION" },
};
RECORD(page_ext_record, "page_ext", ext_fields);

enum { OWNER_ORDER, OWNER_GFP, OWNER_HANDLE };
static const struct record_field owner_fields[] = {
	[OWNER_ORDER] = { { "order" }, RECORD_UINT, "CONFIG_PAGE_OWNER" },
	[OWNER_GFP] = { { "gfp_mask" }, RECORD_UINT, "CONFIG_PAGE_OWNER" },
	[OWNER_HANDLE] = { { "handle" }, RECORD_UINT, "CONFIG_PAGE_OWNER" },
};
RECORD(page_owner_record, "page_owner", owner_fields);

enum { SECTION_EXT };
static const struct record_field section_fields[] = {
	[SECTION_EXT] = { { "page_ext" }, RECORD_UINT, "CONFIG_PAGE_EXTENSION" },
};
RECORD(mem_section_record, "mem_section", section_fields);

enum { GFP_MASK, GFP_NAME };
static const struct record_field gfp_fields[] = {
	[GFP_MASK] = { { "mask" }, RECORD_UINT },
	[GFP_NAME] = { { "name" }, RECORD_POINTER },
};
RECORD(gfp_name_record, "trace_print_flags", gfp_fields);

/* --- where the entries are */

/* mem_section is an array of pointers to arrays of sections that fill a page; since 83e3c48729d9
 * (4.15) a pointer to such an array. */
static vs_status open_sections(struct kernel *k, struct page_owners *o, struct err *err)
{
	struct member ext;
	uint64_t bits, first, v;
	vs_status st = kernel_symbol(k, "mem_section", &o->sections, err);

	if (st == VS_OK)
		st = record_member(k, &mem_section_record, SECTION_EXT, &ext, err);
	if (st == VS_OK)
		st = types_size(k->types, "mem_section", &o->section_size, err);
	if (st)
		return st;
	if (o->section_size < 8 || o->section_size > PAGE_BYTES)
		return fail(err, VS_CORRUPT, "struct mem_section has %" PRIu64 " bytes",
			    o->section_size);
	o->per_root = PAGE_BYTES / o->section_size;
	if (!vmcoreinfo_number(k->vmci, "SECTION_SIZE_BITS", &bits))
		bits = SECTION_BITS;
	if (bits < PAGE_SHIFT + 7 || bits > 40)
		return fail(err, VS_CORRUPT, "sections of 2^%" PRIu64 " bytes", bits);
	o->section_pages = 1ULL << (bits - PAGE_SHIFT);
	// The second word is a section's, with flags, or points to the first section.
	st = mem_read_u64(k->mem, o->sections, &first, err);
	if (st == VS_OK)
		st = mem_read_u64(k->mem, first, &v, err);
	if (st == VS_OK && k->arch->is_kernel_va(v) && !(v & SECTION_FLAGS))
		o->sections = first;
	return st;
}

static vs_status open_owner(struct kernel *k, struct page_owners *o, struct err *err)
{
	int64_t bit;
	vs_status st = types_enumerator(k->types, "PAGE_EXT_OWNER_ALLOCATED", &bit, err);

	if (st == VS_OK && (bit < 0 || bit > 63))
		st = fail(err, VS_CORRUPT, "PAGE_EXT_OWNER_ALLOCATED is %" PRId64, bit);
	if (st)
		return st;
	o->allocated = 1ULL << bit;
	st = record_member(k, &page_ext_record, EXT_FLAGS, &o->flags, err);
	if (st == VS_OK)
		st = record_member(k, &page_owner_record, OWNER_ORDER, &o->order, err);
	if (st == VS_OK)
		st = record_member(k, &page_owner_record, OWNER_GFP, &o->gfp, err);
	if (st == VS_OK)
		st = record_member(k, &page_owner_record, OWNER_HANDLE, &o->handle, err);
	return st;
}

static bool fits(const struct page_owners *o, const struct member *m, uint64_t at)
{
	return m->size > 0 && m->size <= 8 && at + m->off + m->size <= o->size;
}

vs_status page_owners_open(struct kernel *k, struct page_owners *ret, struct err *err)
{
	struct page_owners o = { .k = k };
	kva_t ops, size;
	vs_status st = kernel_need_types(k, err);

	if (st)
		return st;
	if (kernel_symbol(k, "page_owner_ops", &ops, NULL) ||
	    kernel_symbol(k, "page_ext_size", &size, NULL))
		return fail(err, VS_NOTFOUND, "this kernel does not record owners of pages");
	st = record_field_read(k, &page_ext_ops_record, ops, OPS_OFFSET, &o.at, err);
	if (st)
		return st;
	if (!o.at)
		return fail(err, VS_NOTFOUND, "page_owner=on was not on the command line");
	st = mem_read_u64(k->mem, size, &o.size, err);
	if (st == VS_OK)
		st = open_owner(k, &o, err);
	if (st == VS_OK &&
	    (o.size > MAX_ENTRY || o.at > MAX_ENTRY || !fits(&o, &o.flags, 0) ||
	     !fits(&o, &o.order, o.at) || !fits(&o, &o.gfp, o.at) || !fits(&o, &o.handle, o.at)))
		st = fail(err, VS_CORRUPT, "page_ext_size is %" PRIu64, o.size);
	if (st == VS_OK)
		st = open_sections(k, &o, err);
	*ret = o;
	return st;
}

/* What to add to a frame's number times the size of an entry; false: the section has no entries. */
static bool entries_of(const struct page_owners *o, uint64_t section, kva_t *ret)
{
	uint64_t root;

	if (mem_read_u64(o->k->mem, o->sections + section / o->per_root * sizeof(kva_t), &root,
			 NULL) ||
	    !root ||
	    record_field_read(o->k, &mem_section_record,
			      root + section % o->per_root * o->section_size, SECTION_EXT, ret,
			      NULL))
		return false;
	return *ret && !(*ret & PAGE_EXT_INVALID);
}

/* --- entries */

static uint64_t load(const uint8_t *p, const struct member *m)
{
	uint64_t v = 0;

	memcpy(&v, p + m->off, m->size);
	return v;
}

static struct page_owner decode(const struct page_owners *o, const uint8_t *entry, kva_t va)
{
	struct page_owner v = {
		.allocated = load(entry, &o->flags) & o->allocated,
		.order = (unsigned)load(entry + o->at, &o->order),
		.gfp = load(entry + o->at, &o->gfp),
	};

	if (load(entry + o->at, &o->handle))
		v.handle = va + o->at + o->handle.off;
	return v;
}

vs_status page_owner_of(const struct page_owners *o, pfn_t pfn, struct page_owner *ret,
			struct err *err)
{
	uint8_t entry[MAX_ENTRY];
	kva_t base;
	vs_status st;

	if (!entries_of(o, pfn / o->section_pages, &base))
		return fail(err, VS_NOTFOUND, "its section has no owners");
	base += pfn * o->size;
	st = mem_read(o->k->mem, base, entry, o->size, err);
	if (st)
		return st;
	*ret = decode(o, entry, base);
	return ret->handle ? VS_OK : fail(err, VS_NOTFOUND, "it never had an owner");
}

/* --- all of memory */

struct table {
	struct owner_stack *v; /* of cap, a power of 2; handle 0: unused */
	size_t cap, n;
};

static struct owner_stack *slot_of(const struct table *t, const struct owner_stack *key)
{
	uint64_t h = (key->key ^ key->gfp << 32 ^ (uint64_t)key->order << 20) *
		     UINT64_C(0x9e3779b97f4a7c15);
	size_t i = h >> 32 & (t->cap - 1);

	while (t->v[i].handle &&
	       (t->v[i].key != key->key || t->v[i].gfp != key->gfp || t->v[i].order != key->order))
		i = (i + 1) & (t->cap - 1);
	return &t->v[i];
}

static bool grow(struct table *t)
{
	struct table bigger = { .cap = t->cap ? t->cap * 2 : 1024, .n = t->n };

	bigger.v = calloc(bigger.cap, sizeof(*bigger.v));
	if (!bigger.v)
		return false;
	for (size_t i = 0; i < t->cap; i++)
		if (t->v[i].handle)
			*slot_of(&bigger, &t->v[i]) = t->v[i];
	free(t->v);
	*t = bigger;
	return true;
}

static bool count(struct table *t, const struct page_owner *p, uint32_t handle)
{
	struct owner_stack key = {
		.gfp = p->gfp, .key = handle, .order = p->order, .handle = p->handle
	};
	struct owner_stack *s;

	if (t->n * 2 >= t->cap && !grow(t))
		return false;
	s = slot_of(t, &key);
	if (!s->handle) {
		*s = key;
		t->n++;
	}
	s->pages += 1ULL << p->order;
	s->allocations++;
	return true;
}

/* Like the kernel's own list: pages after the first one of an allocation are left out. */
static bool count_chunk(const struct page_owners *o, struct table *t, pfn_t pfn, kva_t va,
			const uint8_t *entries)
{
	for (unsigned i = 0; i < CHUNK; i++, entries += o->size, va += o->size) {
		struct page_owner p = decode(o, entries, va);

		if (!p.allocated || !p.handle || p.order > 40 ||
		    (pfn + i) & ((1ULL << p.order) - 1))
			continue;
		if (!count(t, &p, (uint32_t)load(entries + o->at, &o->handle)))
			return false;
	}
	return true;
}

static int by_pages(const void *a, const void *b)
{
	const struct owner_stack *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages > y->pages ? -1 : 1;
	return x->key != y->key ? (x->key < y->key ? -1 : 1) : 0;
}

static size_t pack(struct table *t)
{
	size_t n = 0;

	for (size_t i = 0; i < t->cap; i++)
		if (t->v[i].handle)
			t->v[n++] = t->v[i];
	if (n)
		qsort(t->v, n, sizeof(*t->v), by_pages);
	return n;
}

vs_status page_owner_stacks(const struct page_owners *o, bool (*stop)(void *ctx), void *ctx,
			    struct owner_stack **ret, size_t *n, uint64_t *unread, struct err *err)
{
	AUTO_FREE uint8_t *chunk = malloc(CHUNK * o->size);
	pfn_t end = dump_info(o->k->dump)->max_pfn;
	struct table t = { 0 };
	bool ok = chunk;

	*unread = 0;
	for (pfn_t first = 0; ok && first < end && !(stop && stop(ctx));
	     first += o->section_pages) {
		kva_t base;

		if (!entries_of(o, first / o->section_pages, &base))
			continue;
		for (pfn_t pfn = first; ok && pfn < end && pfn < first + o->section_pages;
		     pfn += CHUNK) {
			kva_t va = base + pfn * o->size;

			if (mem_read(o->k->mem, va, chunk, CHUNK * o->size, NULL))
				*unread += CHUNK;
			else
				ok = count_chunk(o, &t, pfn, va, chunk);
		}
	}
	*n = pack(&t);
	*ret = t.v;
	return ok ? VS_OK : fail(err, VS_NOMEM, "out of memory");
}

/* --- flags of an allocation */

void gfp_text(struct kernel *k, uint64_t gfp, struct buf *out)
{
	const char *sep = "";
	uint64_t size, mask;
	kva_t table;

	if (kernel_symbol(k, "gfpflag_names", &table, NULL) == VS_OK &&
	    types_size(k->types, "trace_print_flags", &size, NULL) == VS_OK) {
		for (unsigned i = 0; i < MAX_GFP_NAMES && gfp; i++) {
			struct record r;
			char name[64];

			record_read(k, &gfp_name_record, table + i * size, RECORD_ALL, &r);
			if (!record_get(&r, GFP_MASK, &mask) || !record_pointer(&r, GFP_NAME))
				break;
			if (!mask || (gfp & mask) != mask ||
			    !record_string(&r, GFP_NAME, name, sizeof(name)))
				continue;
			buf_printf(out, "%s%s", sep, name);
			sep = "|";
			gfp &= ~mask;
		}
	}
	if (gfp || !*sep)
		buf_printf(out, "%s%#" PRIx64, sep, gfp);
}
