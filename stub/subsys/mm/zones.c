// SPDX-License-Identifier: GPL-3.0-or-later
/* zones.c - memory nodes, zones and counters (mm/page_alloc.c, mm/vmstat.c). */
#include "stub/subsys/mm/zones.h"

#include <inttypes.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/nodes.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_ITEMS  1024
#define MAX_ZONES  16
#define MAX_ORDERS 64

enum { NODE_ID, NODE_START, NODE_SPANNED, NODE_PRESENT, NODE_ZONES };
static const struct record_field node_fields[] = {
	[NODE_ID] = { { "node_id" }, RECORD_UINT },
	[NODE_START] = { { "node_start_pfn" }, RECORD_UINT },
	[NODE_SPANNED] = { { "node_spanned_pages" }, RECORD_UINT },
	[NODE_PRESENT] = { { "node_present_pages" }, RECORD_UINT },
	[NODE_ZONES] = { { "node_zones" }, RECORD_ADDRESS },
};
RECORD(node_record, "pglist_data", node_fields);

enum {
	ZONE_START,
	ZONE_SPANNED,
	ZONE_PRESENT,
	ZONE_MANAGED,
	ZONE_NAME,
	ZONE_MARKS,
	ZONE_COUNTERS,
	ZONE_CPUS,
	ZONE_AREAS
};
static const struct record_field zone_fields[] = {
	[ZONE_START] = { { "zone_start_pfn" }, RECORD_UINT },
	[ZONE_SPANNED] = { { "spanned_pages" }, RECORD_UINT },
	[ZONE_PRESENT] = { { "present_pages" }, RECORD_UINT },
	// 9705bea5f833 (5.0)
	[ZONE_MANAGED] = { { "managed_pages.counter", "managed_pages" }, RECORD_UINT },
	[ZONE_NAME] = { { "name" }, RECORD_POINTER },
	// a9214443c013 (5.0)
	[ZONE_MARKS] = { { "_watermark", "watermark" }, RECORD_ADDRESS },
	[ZONE_COUNTERS] = { { "vm_stat" }, RECORD_ADDRESS },
	// 28f836b6777b (5.14)
	[ZONE_CPUS] = { { "per_cpu_pageset", "pageset" }, RECORD_POINTER },
	[ZONE_AREAS] = { { "free_area" }, RECORD_ADDRESS },
};
RECORD(zone_record, "zone", zone_fields);

enum { PCP_COUNT };
static const struct record_field pcp_fields[] = {
	[PCP_COUNT] = { { "count" }, RECORD_UINT },
};
RECORD(pcp_record, "per_cpu_pages", pcp_fields);
static const struct record_field pageset_fields[] = {
	[PCP_COUNT] = { { "pcp.count" }, RECORD_UINT, "before 5.14" },
};
RECORD(pageset_record, "per_cpu_pageset", pageset_fields);

enum { AREA_FREE, AREA_LISTS };
static const struct record_field area_fields[] = {
	[AREA_FREE] = { { "nr_free" }, RECORD_UINT },
	[AREA_LISTS] = { { "free_list" }, RECORD_ADDRESS },
};
RECORD(area_record, "free_area", area_fields);

static vs_status load_node(struct kernel *k, kva_t va, struct node *ret, struct err *err)
{
	struct node n = { .va = va };
	struct record r;
	uint64_t id;
	vs_status st;

	record_read(k, &node_record, va, RECORD_ALL, &r);
	st = record_need(&r, NODE_ID, &id, err);
	if (st == VS_OK)
		st = record_need(&r, NODE_START, &n.start_pfn, err);
	if (st == VS_OK)
		st = record_need(&r, NODE_SPANNED, &n.spanned, err);
	if (st == VS_OK)
		st = record_need(&r, NODE_PRESENT, &n.present, err);
	if (st)
		return fail_ctx(err, st, "pglist_data %" PRIx64, va);
	n.id = (unsigned)id;
	*ret = n;
	return VS_OK;
}

vs_status nodes_list(struct kernel *k, struct node *ret, size_t max, size_t *n, struct err *err)
{
	struct kernel_node nodes[KERNEL_NODES_MAX];
	size_t count;
	vs_status st = kernel_nodes(k, nodes, &count, err);

	*n = 0;
	for (size_t i = 0; st == VS_OK && i < count && *n < max; i++) {
		st = load_node(k, nodes[i].va, &ret[*n], err);
		if (st == VS_OK && ret[*n].id != nodes[i].id)
			st = fail(err, VS_CORRUPT, "pglist_data %" PRIx64 " has node_id %u, not %u",
				  nodes[i].va, ret[*n].id, nodes[i].id);
		if (st == VS_OK)
			++*n;
	}
	return st;
}

int node_of_pfn(struct kernel *k, pfn_t pfn)
{
	struct node nodes[KERNEL_NODES_MAX];
	size_t n;
	int found = -1;

	if (nodes_list(k, nodes, KERNEL_NODES_MAX, &n, NULL))
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (pfn < nodes[i].start_pfn || pfn - nodes[i].start_pfn >= nodes[i].spanned)
			continue;
		if (found >= 0)
			return -1;
		found = (int)nodes[i].id;
	}
	return found;
}

/* Zone number `index` of a node; VS_END past the last one. */
static vs_status zone_load(struct kernel *k, const struct node *node, unsigned index,
			   struct zone *ret, struct err *err)
{
	struct zone z = { .node = node->id, .index = index };
	struct member zones;
	struct record r;
	uint64_t size, marks;
	vs_status st = record_member(k, &node_record, NODE_ZONES, &zones, err);

	if (st == VS_OK)
		st = types_size(k->types, "zone", &size, err);
	if (st)
		return st;
	if (!size || index >= zones.size / size)
		return VS_END;
	z.va = node->va + zones.off + index * size;
	record_read(k, &zone_record, z.va, RECORD_ALL, &r);
	st = record_need(&r, ZONE_SPANNED, &z.spanned, err);
	if (st == VS_OK)
		st = record_need(&r, ZONE_START, &z.start_pfn, err);
	if (st == VS_OK)
		st = record_need(&r, ZONE_PRESENT, &z.present, err);
	if (st == VS_OK)
		st = record_need(&r, ZONE_MANAGED, &z.managed, err);
	if (st == VS_OK)
		st = record_need(&r, ZONE_MARKS, &marks, err);
	for (unsigned i = 0; st == VS_OK && i < 3; i++)
		st = mem_read_u64(k->mem, marks + 8 * i, &z.watermark[i], err);
	if (st)
		return fail_ctx(err, st, "zone %" PRIx64, z.va);
	(void)record_string(&r, ZONE_NAME, z.name, sizeof(z.name));
	*ret = z;
	return VS_OK;
}

static vs_status each_of_node(struct kernel *k, const struct node *node, zone_fn fn, void *ctx,
			      struct err *err)
{
	for (unsigned i = 0; i < MAX_ZONES; i++) {
		struct zone z;
		vs_status st = zone_load(k, node, i, &z, err);

		if (st == VS_END)
			break;
		if (st == VS_OK)
			st = fn(ctx, &z, err);
		if (st)
			return st;
	}
	return VS_OK;
}

vs_status zones_each(struct kernel *k, zone_fn fn, void *ctx, struct err *err)
{
	struct node nodes[KERNEL_NODES_MAX];
	size_t n;
	vs_status st = nodes_list(k, nodes, KERNEL_NODES_MAX, &n, err);

	for (size_t i = 0; i < n && st == VS_OK; i++)
		st = each_of_node(k, &nodes[i], fn, ctx, err);
	return st == VS_END ? VS_OK : st;
}

vs_status zone_cpu_lists(struct kernel *k, const struct zone *z, uint64_t *ret, struct err *err)
{
	const struct record_def *def = &pageset_record;
	uint64_t base, off, count, sum = 0;
	struct member m;
	vs_status st = record_field_read(k, &zone_record, z->va, ZONE_CPUS, &base, err);

	if (record_member(k, def, PCP_COUNT, &m, NULL))
		def = &pcp_record;
	for (unsigned cpu = 0; st == VS_OK && cpu < percpu_ncpus(k); cpu++) {
		st = percpu_offset(k, cpu, &off, err);
		if (st == VS_OK)
			st = record_field_read(k, def, base + off, PCP_COUNT, &count, err);
		if (st == VS_OK && count > z->present)
			st = fail(err, VS_CORRUPT, "CPU %u keeps %" PRIu64 " pages of zone %s", cpu,
				  count, z->name);
		if (st == VS_OK)
			sum += count;
	}
	*ret = sum;
	return st ? fail_ctx(err, st, "free pages of CPUs") : VS_OK;
}

vs_status zone_free_blocks(struct kernel *k, const struct zone *z, uint64_t *ret, unsigned max,
			   unsigned *n, struct err *err)
{
	struct member areas;
	uint64_t size;
	vs_status st = record_member(k, &zone_record, ZONE_AREAS, &areas, err);

	*n = 0;
	if (st == VS_OK)
		st = types_size(k->types, "free_area", &size, err);
	if (st)
		return st;
	for (unsigned i = 0; st == VS_OK && size && i < max && i < areas.size / size; i++) {
		st = record_field_read(k, &area_record, z->va + areas.off + i * size, AREA_FREE,
				       &ret[i], err);
		*n += st == VS_OK;
	}
	return st;
}

static bool count_block(void *ctx, kva_t node)
{
	(void)node;
	++*(uint64_t *)ctx;
	return true;
}

vs_status zone_free_lists(struct kernel *k, const struct zone *z, free_list_fn fn, void *ctx,
			  struct err *err)
{
	struct member areas, lists;
	uint64_t area, head;
	vs_status st = record_member(k, &zone_record, ZONE_AREAS, &areas, err);

	if (st == VS_OK)
		st = record_member(k, &area_record, AREA_LISTS, &lists, err);
	if (st == VS_OK)
		st = types_size(k->types, "free_area", &area, err);
	if (st == VS_OK)
		st = types_size(k->types, "list_head", &head, err);
	if (st)
		return st;
	for (unsigned i = 0; area && head && i < MAX_ORDERS && i < areas.size / area; i++) {
		for (uint64_t at = 0; at + head <= lists.size; at += head) {
			struct free_list l = { i, z->va + areas.off + i * area + lists.off + at,
					       0 };

			st = walk_list(k, l.head, count_block, &l.blocks, err);
			if (st)
				return fail_ctx(err, st, "free blocks of %s", z->name);
			fn(ctx, &l);
		}
	}
	return VS_OK;
}

/* --- counters */

struct source {
	const char *item; /* the enum */
	const char *end;  /* its last enumerator */
	const char *symbol;
};

static const struct source sources[] = {
	[VMSTAT_ZONE] = { "enum zone_stat_item", "NR_VM_ZONE_STAT_ITEMS", "vm_zone_stat" },
	[VMSTAT_NODE] = { "enum node_stat_item", "NR_VM_NODE_STAT_ITEMS", "vm_node_stat" },
	[VMSTAT_EVENT] = { "enum vm_event_item", "NR_VM_EVENT_ITEMS", "vm_event_states" },
};

/* Before 75ef71840539 (4.8) the counters of nodes were among those of zones. */
static const struct source older_source = { "enum zone_stat_item", "NR_VM_ZONE_STAT_ITEMS",
					    "vm_stat" };

bool vmstat_is_one_table(struct kernel *k)
{
	kva_t va;

	return kernel_symbol(k, "vm_zone_stat", &va, NULL) &&
	       kernel_symbol(k, older_source.symbol, &va, NULL) == VS_OK;
}

static const struct source *source_of(struct kernel *k, enum vmstat_kind kind)
{
	return kind == VMSTAT_ZONE && vmstat_is_one_table(k) ? &older_source : &sources[kind];
}

/* Each CPU counts its own events. A sum without one CPU would be too low. */
static vs_status sum_of_cpus(struct kernel *k, const char *symbol, uint64_t i, uint64_t *ret,
			     struct err *err)
{
	vs_status st = VS_OK;
	uint64_t sum = 0, v;
	kva_t va;

	for (unsigned cpu = 0; st == VS_OK && cpu < percpu_ncpus(k); cpu++) {
		st = percpu_symbol(k, symbol, cpu, &va, err);
		if (st == VS_OK)
			st = mem_read_u64(k->mem, va + 8 * i, &v, err);
		if (st == VS_OK)
			sum += v;
	}
	*ret = sum;
	return st;
}

vs_status vmstat_each(struct kernel *k, enum vmstat_kind kind, kva_t zone, vmstat_fn fn, void *ctx,
		      struct err *err)
{
	const struct source *s = source_of(k, kind);
	struct member counters;
	int64_t end = 0, value;
	const char *name;
	type_ref type;
	kva_t va = 0;
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = types_find(k->types, s->item, &type, err);
	if (st == VS_OK)
		st = types_enumerator(k->types, s->end, &end, err);
	if (st == VS_OK && zone)
		st = record_member(k, &zone_record, ZONE_COUNTERS, &counters, err);
	else if (st == VS_OK)
		st = kernel_symbol(k, s->symbol, &va, err);
	if (st)
		return st;
	if (zone)
		va = zone + counters.off;
	if (end < 0 || end > MAX_ITEMS)
		return fail(err, VS_CORRUPT, "%s is %" PRId64, s->end, end);
	for (uint32_t i = 0; types_enumerator_at(k->types, type, i, &name, &value); i++) {
		uint64_t v = 0;

		if (value < 0 || value >= end)
			continue;
		if (kind == VMSTAT_EVENT)
			st = sum_of_cpus(k, s->symbol, (uint64_t)value, &v, err);
		else
			st = mem_read_u64(k->mem, va + 8 * (uint64_t)value, &v, err);
		if (st)
			return fail_ctx(err, st, "%s", name);
		fn(ctx, name, (int64_t)v < 0 && kind != VMSTAT_EVENT ? 0 : v);
	}
	return VS_OK;
}

struct wanted {
	const char *name;
	uint64_t value;
	bool found;
};

static void take_wanted(void *ctx, const char *name, uint64_t value)
{
	struct wanted *w = ctx;

	if (strcmp(name, w->name) == 0) {
		w->value = value;
		w->found = true;
	}
}

static vs_status get(struct kernel *k, enum vmstat_kind kind, kva_t zone, const char *name,
		     uint64_t *ret, struct err *err)
{
	struct wanted w = { .name = name };
	vs_status st = vmstat_each(k, kind, zone, take_wanted, &w, err);

	if (st)
		return st;
	if (!w.found)
		return fail(err, VS_NOTFOUND, "no counter %s", name);
	*ret = w.value;
	return VS_OK;
}

vs_status vmstat_get(struct kernel *k, enum vmstat_kind kind, const char *name, uint64_t *ret,
		     struct err *err)
{
	if (kind == VMSTAT_NODE && vmstat_is_one_table(k))
		kind = VMSTAT_ZONE;
	return get(k, kind, 0, name, ret, err);
}

vs_status zone_free_pages(struct kernel *k, const struct zone *z, uint64_t *ret, struct err *err)
{
	return get(k, VMSTAT_ZONE, z->va, "NR_FREE_PAGES", ret, err);
}
