// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_zone.c - kmem -z, -n, -V: zones, nodes and counters. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/nodes.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/zones.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/monitor/table.h"

void kmem_show_size(uint64_t bytes, struct table *t)
{
	static const struct {
		uint64_t unit;
		const char *name;
	} units[] = { { 1ULL << 40, "TB" }, { 1ULL << 30, "GB" }, { 1ULL << 20, "MB" } };

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t tenths, kb = bytes >> 10, unit = units[i].unit >> 10;

		if (bytes < units[i].unit)
			continue;
		tenths = (kb * 10 + unit / 2) / unit;
		if (tenths % 10)
			table_show(t, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
				   units[i].name);
		else
			table_show(t, "%" PRIu64 " %s", tenths / 10, units[i].name);
		return;
	}
	table_show(t, bytes ? "%" PRIu64 " KB" : "%" PRIu64, bytes >> 10);
}

/* --- -V, -z, -n */

/* In text the parts have widths of their own; in JSON they are one table. */
#define STAT_COLUMNS(width)                                                                        \
	{ "table", NULL, 0, COLUMN_TEXT }, { "name", "", width, COLUMN_TEXT },                     \
	{                                                                                          \
		"value", ": ", 0, COLUMN_NUMBER                                                    \
	}
static const struct table_def stat_table = { .name = "rows", .columns = { STAT_COLUMNS(26) } };
static const struct table_def event_table = { .name = "rows", .columns = { STAT_COLUMNS(30) } };

struct stat_print {
	const char *title;
	struct table t;
};

static void put_counter(void *ctx, const char *name, uint64_t value)
{
	struct stat_print *p = ctx;

	table_text(&p->t, p->title);
	table_text(&p->t, name);
	table_uint(&p->t, value);
	table_end_row(&p->t);
}

vs_status kmem_counters(struct monitor *m, struct buf *out, struct err *err)
{
	static const struct {
		const char *title;
		enum vmstat_kind kind;
		const struct table_def *def;
	} parts[] = { { "VM_ZONE_STAT", VMSTAT_ZONE, &stat_table },
		      { "VM_NODE_STAT", VMSTAT_NODE, &stat_table },
		      { "VM_EVENT_STATES", VMSTAT_EVENT, &event_table } };
	bool together = vmstat_is_one_table(m->k);
	vs_status st = VS_OK;

	for (size_t i = 0; i < 3; i++) {
		struct stat_print p = { .title = together && !i ? "VM_STAT" : parts[i].title };
		struct err why;
		vs_status one;

		if (together && parts[i].kind == VMSTAT_NODE)
			continue;
		table_begin(&p.t, parts[i].def, m, out);
		table_layout(&p.t, "%s  %s:\n", i ? "\n" : "", p.title);
		one = vmstat_each(m->k, parts[i].kind, 0, put_counter, &p, &why);
		table_end(&p.t);
		if (one)
			buf_printf(out, "  (unavailable: %s)\n", why.msg);
		if (one && st == VS_OK && err)
			*err = why;
		st = st ? st : one;
	}
	return st;
}

struct zone_print {
	struct monitor *m;
	struct buf *out;
	struct table t;
};

static const struct table_def zone_table = {
	.name = "rows",
	.columns = {
		{ "node", "NODE: ", 0, COLUMN_NUMBER },
		{ "zone", "  ZONE: ", 0, COLUMN_NUMBER },
		{ "address", "  ADDR: ", 0, COLUMN_ADDRESS },
		{ "name", "  NAME: \"", 0, COLUMN_TEXT, "\"\n  " },
		{ "size_pages", "SIZE: ", 0, COLUMN_NUMBER },
		{ "present_pages", "  PRESENT: ", 0, COLUMN_NUMBER },
		{ "managed_pages", "  MANAGED: ", 0, COLUMN_NUMBER },
		{ "min_pages", "  MIN/LOW/HIGH: ", 0, COLUMN_NUMBER },
		{ "low_pages", "/", 0, COLUMN_NUMBER },
		{ "high_pages", "/", 0, COLUMN_NUMBER },
	},
};
static const struct table_def counter_table = {
	.name = "counters",
	.heading = "\n  VM_STAT:\n",
	.columns = {
		{ "name", "", 22, COLUMN_TEXT },
		{ "value", ": ", 0, COLUMN_NUMBER },
	},
};

static void put_zone_counter(void *ctx, const char *name, uint64_t value)
{
	table_text(ctx, name);
	table_uint(ctx, value);
	table_end_row(ctx);
}

static vs_status put_zone(void *ctx, const struct zone *z, struct err *err)
{
	struct zone_print *p = ctx;
	struct table *t = &p->t, counters;
	vs_status st = VS_OK;

	if (buf_stopped(p->out))
		return VS_END;
	table_uint(t, z->node);
	table_uint(t, z->index);
	table_uint(t, z->va);
	table_text(t, z->name);
	if (!z->spanned) {
		table_layout(t, "[unpopulated]\n\n");
		table_hide(t, true);
	}
	table_uint(t, z->spanned);
	table_uint(t, z->present);
	table_uint(t, z->managed);
	for (int i = 0; i < 3; i++)
		table_uint(t, z->watermark[i]);
	table_nest(&counters, &counter_table, t);
	if (z->spanned)
		st = vmstat_each(p->m->k, VMSTAT_ZONE, z->va, put_zone_counter, &counters, err);
	table_end(&counters);
	if (st == VS_OK)
		table_layout(t, "\n");
	table_end_row(t);
	return st;
}

vs_status kmem_zones(struct monitor *m, struct buf *out, struct err *err)
{
	struct zone_print p = { .m = m, .out = out };
	vs_status st;

	table_begin(&p.t, &zone_table, m, out);
	st = zones_each(m->k, put_zone, &p, err);
	table_end(&p.t);
	return st;
}

static const struct table_def node_table = {
	.name = "nodes",
	.heading = "NODE    SIZE      PGLIST_DATA       PRESENT   START_PADDR  START_MAPNR\n",
	.columns = {
		{ "node", "", 3, COLUMN_NUMBER },
		{ "size_pages", " ", 10, COLUMN_NUMBER },
		{ "pglist_data", "  ", 16, COLUMN_ADDRESS },
		{ "present_pages", "  ", 9, COLUMN_NUMBER },
		{ "start_address", "  ", 12, COLUMN_ADDRESS },
		{ "start_pfn", "  ", 11, COLUMN_NUMBER },
	},
};
static const struct table_def node_zone_table = {
	.name = "zones",
	.heading = "\nZONE  NAME           SIZE       MEM_MAP        START_PADDR  START_MAPNR\n",
	.columns = {
		{ "node", NULL, 0, COLUMN_NUMBER },
		{ "zone", "", 3, COLUMN_NUMBER },
		{ "name", "   ", -8, COLUMN_TEXT },
		{ "size_pages", " ", 10, COLUMN_NUMBER },
		{ "mem_map", "  ", 16, COLUMN_ADDRESS },
		{ "start_address", "  ", 12, COLUMN_ADDRESS },
		{ "start_pfn", "  ", 11, COLUMN_NUMBER },
	},
};

static vs_status put_zone_row(void *ctx, const struct zone *z, struct err *err)
{
	struct zone_print *p = ctx;
	kva_t page = 0;
	vs_status st;

	if (buf_stopped(p->out))
		return VS_END;
	st = z->spanned ? page_of_pfn(p->m->k, z->start_pfn, &page, err) : VS_OK;
	table_uint(&p->t, z->node);
	table_uint(&p->t, z->index);
	table_text(&p->t, z->name);
	table_uint(&p->t, z->spanned);
	table_uint(&p->t, page);
	table_uint(&p->t, z->start_pfn << PAGE_SHIFT);
	table_uint(&p->t, z->start_pfn);
	table_end_row(&p->t);
	return st;
}

static void put_node_rows(struct monitor *m, const struct node *v, size_t n, struct buf *out)
{
	struct table t;

	table_begin(&t, &node_table, m, out);
	for (size_t i = 0; i < n; i++) {
		table_uint(&t, v[i].id);
		table_uint(&t, v[i].spanned);
		table_uint(&t, v[i].va);
		table_uint(&t, v[i].present);
		table_uint(&t, v[i].start_pfn << PAGE_SHIFT);
		table_uint(&t, v[i].start_pfn);
		table_end_row(&t);
	}
	table_end(&t);
}

vs_status kmem_nodes(struct monitor *m, struct buf *out, struct err *err)
{
	struct zone_print p = { .m = m, .out = out };
	struct node nodes[KERNEL_NODES_MAX];
	size_t n;
	vs_status st = nodes_list(m->k, nodes, KERNEL_NODES_MAX, &n, err);

	put_node_rows(m, nodes, n, out);
	if (st)
		return st;
	table_begin(&p.t, &node_zone_table, m, out);
	st = zones_each(m->k, put_zone_row, &p, err);
	table_end(&p.t);
	return st;
}
