// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_free.c - kmem -f, -g: the lists of free blocks of each zone, and the flags of pages. */
#include <inttypes.h>

#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/zones.h"
#include "stub/monitor/mem/kmem.h"

/* --- -f */

static const struct table_def zone_table = {
	.name = "rows",
	.columns = {
		{ "node", NULL, 0, COLUMN_NUMBER },
		{ "zone", "ZONE  NAME        SIZE    FREE      MEM_MAP       START_PADDR  "
			  "START_MAPNR\n", 3, COLUMN_NUMBER },
		{ "name", "   ", -7, COLUMN_TEXT },
		{ "size_pages", " ", 8, COLUMN_NUMBER },
		{ "free_pages", " ", 7, COLUMN_NUMBER },
		{ "mem_map", "  ", 16, COLUMN_ADDRESS },
		{ "start_address", "  ", 11, COLUMN_ADDRESS },
		{ "start_pfn", "  ", 11, COLUMN_NUMBER, "\n" },
	},
};
static const struct table_def list_table = {
	.name = "lists",
	.heading = "AREA    SIZE  FREE_AREA_STRUCT  BLOCKS  PAGES\n",
	.columns = {
		{ "order", "", 3, COLUMN_NUMBER },
		{ "block_kb", "  ", 6, COLUMN_NUMBER, "k" },
		{ "list", "  ", 16, COLUMN_ADDRESS },
		{ "blocks", "  ", 6, COLUMN_NUMBER },
		{ "pages", " ", 6, COLUMN_NUMBER },
	},
};

struct free_print {
	struct monitor *m;
	struct table zones, lists;
	struct buf *out;
	uint64_t walked; /* pages on the lists of a zone */
	uint64_t all, all_counted;
};

static void put_list(void *ctx, const struct free_list *l)
{
	struct free_print *p = ctx;
	uint64_t pages = l->blocks << l->order;

	table_uint(&p->lists, l->order);
	table_uint(&p->lists, UINT64_C(4) << l->order);
	table_uint(&p->lists, l->head);
	table_uint(&p->lists, l->blocks);
	table_uint(&p->lists, pages);
	table_end_row(&p->lists);
	p->walked += pages;
}

static vs_status put_zone(void *ctx, const struct zone *z, struct err *err)
{
	struct free_print *p = ctx;
	struct table *t = &p->zones;
	uint64_t counted = 0;
	kva_t page = 0;
	vs_status st = VS_OK;

	if (buf_stopped(p->out))
		return VS_END;
	if (z->spanned)
		st = zone_free_pages(p->m->k, z, &counted, err);
	if (st == VS_OK && z->spanned)
		st = page_of_pfn(p->m->k, z->start_pfn, &page, err);
	if (st)
		return st;
	table_uint(t, z->node);
	table_uint(t, z->index);
	table_text(t, z->name);
	table_uint(t, z->spanned);
	table_uint(t, counted);
	table_uint(t, page);
	table_uint(t, z->start_pfn << PAGE_SHIFT);
	table_uint(t, z->start_pfn);
	p->walked = 0;
	if (z->spanned) {
		table_nest(&p->lists, &list_table, t);
		st = zone_free_lists(p->m->k, z, put_list, p, err);
		table_end(&p->lists);
	}
	if (st == VS_OK && p->walked != counted)
		table_remark(t, "", "%" PRIu64 " pages on the lists, %" PRIu64 " counted",
			     p->walked, counted);
	p->all += p->walked;
	p->all_counted += counted;
	table_layout(t, "\n");
	table_end_row(t);
	return st;
}

vs_status kmem_free_lists(struct monitor *m, struct buf *out, struct err *err)
{
	struct free_print p = { .m = m, .out = out };
	vs_status st;

	table_begin(&p.zones, &zone_table, m, out);
	st = zones_each(m->k, put_zone, &p, err);
	if (st == VS_OK)
		table_layout(&p.zones, "nr_free_pages: %" PRIu64 "  (%s)\n", p.all_counted,
			     p.all == p.all_counted ? "verified" : "the lists have others");
	table_end(&p.zones);
	return st;
}

/* --- -g */

static const struct table_def flag_table = {
	.name = "rows",
	.columns = {
		{ "flag", "", -22, COLUMN_TEXT },
		{ "bit", "  ", 2, COLUMN_NUMBER },
		{ "value", "  ", 7, COLUMN_ADDRESS },
	},
};

struct flag_print {
	struct table t;
	uint64_t flags; /* shown are those set here */
	uint64_t seen;	/* a bit's further names are only in the whole list */
	bool all;
};

static void put_flag(void *ctx, const char *name, unsigned bit)
{
	struct flag_print *p = ctx;
	uint64_t value = UINT64_C(1) << bit;

	if (!p->all && (!(p->flags & value) || p->seen & value))
		return;
	p->seen |= value;
	table_text(&p->t, name);
	table_uint(&p->t, bit);
	table_show(&p->t, "%07" PRIx64, value);
	table_uint(&p->t, value);
	table_end_row(&p->t);
}

vs_status kmem_page_flags(struct monitor *m, const char *flags, struct buf *out, struct err *err)
{
	struct flag_print p = { .all = !flags };
	vs_status st = flags ? cmd_hex_number(flags, &p.flags, err) : VS_OK;

	if (st)
		return st;
	table_begin(&p.t, &flag_table, m, out);
	if (flags)
		table_layout(&p.t, "FLAGS: %" PRIx64 "\n", p.flags);
	table_layout(&p.t, "PAGE-FLAG              BIT  VALUE\n");
	st = page_flags_each(m->k, put_flag, &p, err);
	table_end(&p.t);
	return st;
}
