// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_swap.c - swap: the swap areas and their usage. */
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/table.h"

static const struct table_def swap_table = {
	.name = "rows",
	.heading = "SWAP_INFO_STRUCT    TYPE       SIZE       USED     PCT  PRI  FILENAME\n",
	.if_rows = true,
	.columns = {
		{ "swap_info_struct", "", 16, COLUMN_ADDRESS },
		{ "type", "  ", -9, COLUMN_TEXT },
		{ "size_kb", " ", 8, COLUMN_NUMBER, "k" },
		{ "used_kb", " ", 9, COLUMN_NUMBER, "k" },
		{ "used_percent", " ", 6, COLUMN_NUMBER, "%" },
		{ "priority", " ", 4, COLUMN_NUMBER },
		{ "filename", "  ", 0, COLUMN_TEXT },
	},
};

static void put_area(const struct swap_area *a, struct table *t)
{
	table_uint(t, a->va);
	table_text(t, !a->knows_file ? NULL : a->file ? "FILE" : "PARTITION");
	table_uint(t, a->pages << (PAGE_SHIFT - 10));
	table_uint(t, a->used << (PAGE_SHIFT - 10));
	table_uint(t, a->pages ? a->used * 100 / a->pages : 0);
	table_int(t, a->prio);
	if (!a->path[0])
		table_show(t, "(unknown)");
	table_text(t, a->path[0] ? a->path : NULL);
	table_end_row(t);
}

static vs_status cmd_swap(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct swap_area areas[MAX_SWAPS];
	struct table t;
	unsigned n;
	vs_status st = swap_list(m->k, areas, &n, err);

	(void)a;
	table_begin(&t, &swap_table, m, out);
	for (unsigned i = 0; i < n; i++)
		put_area(&areas[i], &t);
	table_end(&t);
	return st;
}

const struct cmd verb_swap = {
	.name = "swap",
	.run = cmd_swap,
	.brief = "swap areas",
	.synopsis = "swap",
	.json = true,
	.example = "  swap\n"
		   "  SWAP_INFO_STRUCT    TYPE       SIZE       USED     PCT  PRI  FILENAME\n"
		   "  ff4a5aa2c18cc800  PARTITION    32764k       268k      0%   -2  /dev/vdd\n",
};
