// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_owner.c - who allocated pages: for oom, and for kmem ADDRESS. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/subsys/mm/pageowner.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/stackdepot.h"

static const struct table_def owner_table = {
	.name = "page_owners",
	.heading = "\nPAGE OWNERS  PAGES        kB  COUNT  ORDER  FLAGS, AND THE STACK THAT "
		   "ALLOCATED THEM\n",
	.columns = {
		{ "pages", "          ", 8, COLUMN_NUMBER },
		{ "kb", " ", 9, COLUMN_NUMBER },
		{ "allocations", " ", 6, COLUMN_NUMBER },
		{ "order", " ", 6, COLUMN_NUMBER },
		{ "gfp", NULL, 0, COLUMN_ADDRESS },
		{ "gfp_names", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def frame_table = {
	.name = "stack",
	.columns = {
		{ "address", NULL, 0, COLUMN_ADDRESS },
		{ "function", "      ", 0, COLUMN_TEXT },
	},
};

/* "func+12 [module]", or the address. */
static void put_frame_name(struct monitor *m, kva_t pc, struct buf *out)
{
	if (!cmd_put_caller(m, pc, out))
		buf_printf(out, "%016" PRIx64, pc);
}

static void put_stack(struct monitor *m, kva_t handle, struct table *row)
{
	kva_t frames[DEPOT_FRAMES];
	struct table t;
	struct err why;
	size_t n;
	vs_status st = depot_stack(m->k, handle, frames, &n, &why);

	if (st)
		table_remark(row, "  ", "%s", why.msg);
	table_layout(row, "\n");
	table_nest(&t, &frame_table, row);
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) name = { 0 };

		put_frame_name(m, frames[i], &name);
		table_uint(&t, frames[i]);
		table_text(&t, buf_str(&name));
		table_end_row(&t);
	}
	table_end(&t);
}

static bool stopped(void *ctx)
{
	return buf_stopped(ctx);
}

void kmem_put_owners(struct monitor *m, size_t max, struct buf *out)
{
	AUTO_FREE struct owner_stack *v = NULL;
	struct page_owners o;
	struct table t;
	uint64_t unread, pages = 0;
	struct err why;
	size_t n = 0;
	vs_status st = page_owners_open(m->k, &o, &why);

	if (st == VS_NOTFOUND)
		return;
	table_begin(&t, &owner_table, m, out);
	if (st == VS_OK)
		st = page_owner_stacks(&o, stopped, out, &v, &n, &unread, &why);
	for (size_t i = 0; i < n; i++)
		pages += v[i].pages;
	for (size_t i = 0; i < n && i < max; i++) {
		AUTO(buf) names = { 0 };

		gfp_text(m->k, v[i].gfp, &names);
		table_uint(&t, v[i].pages);
		table_uint(&t, v[i].pages << 2);
		table_uint(&t, v[i].allocations);
		table_uint(&t, v[i].order);
		table_uint(&t, v[i].gfp);
		table_text(&t, buf_str(&names));
		put_stack(m, v[i].handle, &t);
		table_end_row(&t);
	}
	table_end(&t);
	if (st)
		buf_printf(out, "  (not complete: %s)\n", why.msg);
	else
		buf_printf(out, "  %zu stacks have %" PRIu64 " pages\n", n, pages);
	if (st == VS_OK && unread)
		buf_printf(out, "  (the dump lacks the owners of %" PRIu64 " pages)\n", unread);
}

void kmem_put_owner(struct monitor *m, kva_t page, struct buf *out)
{
	kva_t frames[DEPOT_FRAMES];
	struct page_owners o;
	struct page_owner owner;
	struct err why;
	size_t n = 0;
	pfn_t pfn;
	vs_status st = page_owners_open(m->k, &o, &why);

	if (st == VS_OK)
		st = pfn_of_page(m->k, page, &pfn, &why);
	if (st == VS_OK)
		st = page_owner_of(&o, pfn, &owner, &why);
	if (st == VS_NOTFOUND)
		return;
	buf_puts(out, "PAGE OWNER: ");
	if (st) {
		buf_printf(out, "(unknown: %s)\n", why.msg);
		return;
	}
	buf_printf(out, "%s order %u, ",
		   owner.allocated ? "allocated with" : "free; last allocated with", owner.order);
	gfp_text(m->k, owner.gfp, out);
	st = depot_stack(m->k, owner.handle, frames, &n, &why);
	if (st)
		buf_printf(out, "  (%s)", why.msg);
	buf_putc(out, '\n');
	for (size_t i = 0; i < n; i++) {
		buf_puts(out, "      ");
		put_frame_name(m, frames[i], out);
		buf_putc(out, '\n');
	}
}
