// SPDX-License-Identifier: GPL-3.0-or-later
/* pages.c - page frames and their struct page. */
#include "stub/subsys/mm/pages.h"

#include <inttypes.h>
#include <string.h>

#include "stub/kernel/addressmap.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"

/* The address of the struct page array and the size of its elements. */
static vs_status vmemmap(struct kernel *k, kva_t *base, uint64_t *size, struct err *err)
{
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = types_size(k->types, "page", size, err);
	if (st == VS_OK && (*size < 32 || *size > 256))
		st = fail(err, VS_CORRUPT, "struct page has %" PRIu64 " bytes", *size);
	return st ? st : addressmap_vmemmap(k, base, err);
}

vs_status page_of_pfn(struct kernel *k, pfn_t pfn, kva_t *ret, struct err *err)
{
	uint64_t size;
	kva_t base;
	vs_status st = vmemmap(k, &base, &size, err);

	if (st == VS_OK)
		*ret = base + pfn * size;
	return st;
}

vs_status pfn_of_page(struct kernel *k, kva_t page, pfn_t *ret, struct err *err)
{
	uint64_t size;
	kva_t base;
	vs_status st = vmemmap(k, &base, &size, err);

	if (st)
		return st;
	if (page < base || (page - base) / size >= dump_info(k->dump)->max_pfn)
		return fail(err, VS_NOTFOUND, "%#" PRIx64 " is not in a struct page", page);
	*ret = (page - base) / size;
	return VS_OK;
}

enum { PAGE_FLAGS, PAGE_HEAD, PAGE_FIRST, PAGE_TYPE, PAGE_MAPPING, PAGE_INDEX, PAGE_REFS };
static const struct record_field page_fields[] = {
	// 53fbef56e07d (6.18): a struct of one word
	[PAGE_FLAGS] = { { "flags.f", "flags" }, RECORD_UINT },
	// d50569612c29 (7.1): a tail page has a mask instead of its head's address
	[PAGE_HEAD] = { { "compound_info", "compound_head" }, RECORD_UINT },
	// 1d798ca3f164 (4.4): before, a flag marked tail pages, which pointed to their head
	[PAGE_FIRST] = { { "first_page" }, RECORD_POINTER, "before 4.4" },
	// 6e292b9be7f4 (4.18)
	[PAGE_TYPE] = { { "page_type" }, RECORD_UINT },
	[PAGE_MAPPING] = { { "mapping" }, RECORD_POINTER },
	// 6.16: "index" is for users of the union other than folios
	[PAGE_INDEX] = { { "__folio_index", "index" }, RECORD_UINT },
	// 0139aa7b7fa1 (4.7)
	[PAGE_REFS] = { { "_refcount.counter", "_count.counter" }, RECORD_INT },
};
RECORD(page_record, "page", page_fields);

static kva_t head_before_4_4(struct kernel *k, kva_t page)
{
	uint64_t flags, head;
	int64_t tail;
	pfn_t pfn;

	if (types_enumerator(k->types, "PG_tail", &tail, NULL) || tail < 0 || tail >= 64 ||
	    record_field_read(k, &page_record, page, PAGE_FLAGS, &flags, NULL) ||
	    !(flags >> tail & 1) ||
	    record_field_read(k, &page_record, page, PAGE_FIRST, &head, NULL) ||
	    pfn_of_page(k, head, &pfn, NULL))
		return page;
	return head;
}

kva_t page_head(struct kernel *k, kva_t page)
{
	struct member m;
	uint64_t v;
	pfn_t pfn;

	if (record_member(k, &page_record, PAGE_FIRST, &m, NULL) == VS_OK)
		return head_before_4_4(k, page);
	if (record_field_read(k, &page_record, page, PAGE_HEAD, &v, NULL) || !(v & 1))
		return page;
	// A tail page has its head's address + 1, or a mask from which it follows.
	return pfn_of_page(k, v - 1, &pfn, NULL) == VS_OK ? v - 1 : page & v;
}

static vs_status read_flags(struct kernel *k, kva_t page, uint64_t *ret, struct err *err)
{
	return record_field_read(k, &page_record, page, PAGE_FLAGS, ret, err);
}

bool page_state(struct kernel *k, kva_t page, struct page_state *ret)
{
	struct record r;

	record_read(k, &page_record, page, RECORD_ALL, &r);
	return record_get(&r, PAGE_FLAGS, &ret->flags) &&
	       record_get(&r, PAGE_MAPPING, &ret->mapping) && record_get(&r, PAGE_REFS, &ret->refs);
}

vs_status page_place(struct kernel *k, kva_t page, kva_t *mapping, uint64_t *index, struct err *err)
{
	struct record r;
	vs_status st;

	record_read(k, &page_record, page, RECORD_BIT(PAGE_MAPPING) | RECORD_BIT(PAGE_INDEX), &r);
	st = record_need(&r, PAGE_MAPPING, mapping, err);
	if (st == VS_OK)
		st = record_need(&r, PAGE_INDEX, index, err);
	return st ? fail_ctx(err, st, "struct page at %" PRIx64, page) : VS_OK;
}

/* page_type of 6.12 and later: the type in the top byte (46df8e73a4a3). Before, inverted bits below
 * PAGE_TYPE_BASE 0xf0000000, named by macros: 0x80 buddy (since 4.18), 0x100 offline, 0x200 table.
 */
static enum page_use use_of_type(struct kernel *k, uint32_t type)
{
	static const struct {
		const char *name;
		enum page_use use;
	} names[] = { { "PGTY_slab", PAGE_SLAB },
		      { "PGTY_buddy", PAGE_BUDDY },
		      { "PGTY_table", PAGE_TABLE },
		      { "PGTY_offline", PAGE_OFFLINE } };
	int64_t v;

	if (types_enumerator(k->types, "PGTY_buddy", &v, NULL) == VS_OK) {
		for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
			if (types_enumerator(k->types, names[i].name, &v, NULL) == VS_OK &&
			    type >> 24 == (uint64_t)v)
				return names[i].use;
		return PAGE_OTHER;
	}
	if ((type & 0xf0000000) != 0xf0000000 || (type & 0xffffff80) == 0xffffff80)
		return PAGE_OTHER;
	return !(type & 0x80)	 ? PAGE_BUDDY
	       : !(type & 0x100) ? PAGE_OFFLINE
	       : !(type & 0x200) ? PAGE_TABLE
				 : PAGE_OTHER;
}

vs_status page_use(struct kernel *k, kva_t page, enum page_use *ret, struct err *err)
{
	uint64_t flags, type;
	vs_status st = read_flags(k, page, &flags, err);

	if (st)
		return st;
	if (flags & types_flag_of_bit(k->types, "PG_slab")) { // until 6.9
		*ret = PAGE_SLAB;
		return VS_OK;
	}
	st = record_field_read(k, &page_record, page, PAGE_TYPE, &type, err);
	if (st == VS_NOTFOUND) {
		*ret = PAGE_OTHER;
		return VS_OK;
	}
	if (st == VS_OK)
		*ret = use_of_type(k, (uint32_t)type);
	return st;
}

void page_flags_text(struct kernel *k, uint64_t flags, struct buf *out)
{
	const char *name, *sep = "";
	uint64_t seen = 0;
	type_ref type;
	int64_t bit, end;

	if (types_find(k->types, "enum pageflags", &type, NULL) ||
	    types_enumerator(k->types, "__NR_PAGEFLAGS", &end, NULL))
		return;
	for (uint32_t i = 0; types_enumerator_at(k->types, type, i, &name, &bit); i++) {
		// Aliases of a bit follow its main name.
		if (bit < 0 || bit >= end || bit >= 64 || seen >> bit & 1)
			continue;
		seen |= 1ULL << bit;
		if (!(flags >> bit & 1))
			continue;
		buf_printf(out, "%s%s", sep, strncmp(name, "PG_", 3) == 0 ? name + 3 : name);
		sep = ",";
	}
}

vs_status page_flags_each(struct kernel *k, page_flag_fn fn, void *ctx, struct err *err)
{
	int64_t bit, end;
	const char *name;
	type_ref type;
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = types_find(k->types, "enum pageflags", &type, err);
	if (st == VS_OK)
		st = types_enumerator(k->types, "__NR_PAGEFLAGS", &end, err);
	if (st)
		return st;
	for (uint32_t i = 0; types_enumerator_at(k->types, type, i, &name, &bit); i++)
		if (bit >= 0 && bit < end && bit < 64)
			fn(ctx, name, (unsigned)bit);
	return VS_OK;
}

vs_status page_row_load(struct kernel *k, kva_t page, struct page_row *ret, struct err *err)
{
	struct record r;
	pfn_t pfn;
	vs_status st = pfn_of_page(k, page, &pfn, err);

	*ret = (struct page_row){ .page = page };
	if (st == VS_OK) {
		record_read(k, &page_record, page, RECORD_ALL, &r);
		st = record_need(&r, PAGE_FLAGS, &ret->flags, err);
	}
	if (st)
		return fail_ctx(err, st, "struct page at %" PRIx64, page);
	ret->physical = pfn << PAGE_SHIFT;
	ret->knows_mapping = record_get(&r, PAGE_MAPPING, &ret->mapping);
	ret->knows_index = record_get(&r, PAGE_INDEX, &ret->index);
	ret->knows_refs = record_get(&r, PAGE_REFS, &ret->refs);
	return VS_OK;
}
