// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_page.c - kmem -p: struct pages. */
#include "stub/base/cleanup.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/subsys/mm/pages.h"

static const struct table_def page_table = {
	.name = "rows",
	.heading = "      PAGE       PHYSICAL      MAPPING       INDEX CNT FLAGS\n",
	.if_rows = true,
	.columns = {
		{ "page", "", 16, COLUMN_ADDRESS },
		{ "physical", " ", 8, COLUMN_ADDRESS },
		{ "mapping", " ", 16, COLUMN_ADDRESS },
		{ "index", " ", 8, COLUMN_ADDRESS },
		{ "references", " ", 2, COLUMN_NUMBER },
		{ "flags", " ", 0, COLUMN_ADDRESS },
		{ "flag_names", " ", 0, COLUMN_TEXT },
	},
};

static void put_row(struct monitor *m, const struct page_row *r, struct table *t)
{
	AUTO(buf) names = { 0 };

	table_uint(t, r->page);
	table_uint(t, r->physical);
	table_known(t, r->knows_mapping, r->mapping);
	table_known(t, r->knows_index, r->index);
	if (r->knows_refs)
		table_int(t, (int)r->refs);
	else
		table_unknown(t);
	table_uint(t, r->flags);
	page_flags_text(m->k, r->flags, &names);
	table_text(t, buf_str(&names));
	table_end_row(t);
}

vs_status kmem_put_page(struct monitor *m, kva_t page, const char *before, struct buf *out,
			struct err *err)
{
	struct page_row r;
	struct table t;
	vs_status st = page_row_load(m->k, page, &r, err);

	if (st)
		return st;
	table_begin(&t, &page_table, m, out);
	table_layout(&t, "%s", before);
	put_row(m, &r, &t);
	table_end(&t);
	return VS_OK;
}

vs_status kmem_page_of(struct monitor *m, uint64_t v, kva_t *ret, struct err *err)
{
	struct walk w;
	pfn_t pfn;
	vs_status st;

	if (!m->k->arch->is_kernel_va(v))
		return page_of_pfn(m->k, v >> PAGE_SHIFT, ret, err);
	if (pfn_of_page(m->k, v, &pfn, NULL) == VS_OK)
		return page_of_pfn(m->k, pfn, ret, err);
	st = kmem_walk(m->k->kmem, 0, v, &w, err);
	return st ? st : page_of_pfn(m->k, w.pa >> PAGE_SHIFT, ret, err);
}

static vs_status put_named(struct monitor *m, struct args *a, struct table *t, struct err *err)
{
	for (int i = 0; i < a->argc; i++) {
		struct page_row r;
		uint64_t v;
		kva_t page;
		vs_status st = cmd_address(m, a->argv[i], &v, err);

		if (st == VS_OK)
			st = kmem_page_of(m, v, &page, err);
		if (st == VS_OK)
			st = page_row_load(m->k, page, &r, err);
		if (st)
			return st;
		put_row(m, &r, t);
	}
	return VS_OK;
}

/* Holes in memory have no struct page. */
static vs_status put_all(struct monitor *m, struct buf *out, struct table *t, struct err *err)
{
	pfn_t end = dump_info(m->k->dump)->max_pfn;

	for (pfn_t pfn = 0, next; pfn < end && !buf_stopped(out); pfn = next) {
		struct page_row r;
		kva_t page;
		vs_status st = page_of_pfn(m->k, pfn, &page, err);

		next = pfn + 1;
		if (st)
			return st;
		if (page_row_load(m->k, page, &r, NULL) == VS_OK) {
			put_row(m, &r, t);
			continue;
		}
		page = kmem_next_mapped(m->k->kmem, 0, page);
		if (pfn_of_page(m->k, page, &next, NULL) || next <= pfn)
			break;
	}
	return VS_OK;
}

vs_status kmem_pages(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct table t;
	vs_status st;

	table_begin(&t, &page_table, m, out);
	st = a->argc ? put_named(m, a, &t, err) : put_all(m, out, &t, err);
	table_end(&t);
	return st;
}
