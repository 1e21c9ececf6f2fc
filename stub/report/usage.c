// SPDX-License-Identifier: GPL-3.0-or-later
/* usage.c - was memory short when the kernel crashed? The counters are those of `kmem -i`. */
#include <inttypes.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/report/parts.h"
#include "stub/subsys/mm/zones.h"
#include "stub/task/taskinfo.h"

#define PAGE_BYTES 4096
#define MAX_ZONES  16

/* The counters of /proc/meminfo, in pages. Before 4.8 all were counters of zones; the older names
 * are those of kmem_info.c. */
static const struct {
	const char *name, *counter, *older;
} uses[] = {
	{ "anonymous", "NR_ANON_MAPPED", NULL },
	{ "files", "NR_FILE_PAGES", NULL },
	{ "shmem", "NR_SHMEM", NULL },
	{ "slab_reclaimable", "NR_SLAB_RECLAIMABLE_B", "NR_SLAB_RECLAIMABLE" },
	{ "slab_unreclaimable", "NR_SLAB_UNRECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE" },
	{ "page_tables", "NR_PAGETABLE", NULL },
};

static bool counter(struct kernel *k, const char *name, uint64_t *ret)
{
	return name && (vmstat_get(k, VMSTAT_NODE, name, ret, NULL) == VS_OK ||
			vmstat_get(k, VMSTAT_ZONE, name, ret, NULL) == VS_OK);
}

static void take_uses(struct kernel *k, struct crash_memory *m)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		uint64_t pages = 0;
		bool known =
			counter(k, uses[i].counter, &pages) || counter(k, uses[i].older, &pages);

		m->by[m->n++] =
			(struct crash_memory_use){ uses[i].name, pages * PAGE_BYTES, known };
	}
}

static void take_free(void *ctx, const char *name, uint64_t value)
{
	if (strcmp(name, "NR_FREE_PAGES") == 0)
		*(uint64_t *)ctx = value;
}

/* Finds the first zone whose free pages are below its min watermark: there, only allocations that
 * must not fail may still take some. */
static vs_status short_zone(struct kernel *k, struct crash_report *r, const char **ret,
			    struct err *err)
{
	struct node nodes[16];
	size_t n = 0;
	vs_status st = nodes_list(k, nodes, 16, &n, err);

	for (size_t i = 0; st == VS_OK && i < n; i++) {
		struct zone z;

		for (unsigned j = 0; j < MAX_ZONES; j++) {
			uint64_t pages = UINT64_MAX;
			vs_status end = zone_load(k, &nodes[i], j, &z, err);

			if (end == VS_END)
				break;
			st = end ? end : vmstat_each(k, VMSTAT_ZONE, z.va, take_free, &pages, err);
			if (st)
				break;
			// an empty zone has no pages to be short of
			if (!z.managed || pages >= z.watermark[0])
				continue;
			*ret = crash_printf(r,
					    "zone %s of node %u has %" PRIu64
					    " free pages, below its min watermark of %" PRIu64,
					    z.name, z.node, pages, z.watermark[0]);
			return VS_OK;
		}
	}
	return st;
}

static void take_verdict(struct kernel *k, struct crash_report *r)
{
	const char *zone = NULL;
	struct err why;
	vs_status st = short_zone(k, r, &zone, &why);

	if (st && !r->oom_killed) {
		crash_miss(r, "memory.verdict", why.msg);
		return;
	}
	if (r->oom_killed)
		r->mem.verdict = zone ? crash_printf(r, "the OOM killer ran; %s", zone)
				      : "the OOM killer ran";
	else
		r->mem.verdict = zone ? zone : "no zone is below its min watermark";
}

void crash_take_memory(struct kernel *k, struct crash_report *r)
{
	uint64_t pages, unused;
	struct err why;
	vs_status st = memory_total_pages(k, &pages, &why);

	if (st == VS_OK)
		st = vmstat_get(k, VMSTAT_ZONE, "NR_FREE_PAGES", &unused, &why);
	if (st) {
		crash_miss(r, "memory", why.msg);
		return;
	}
	r->mem.known = true;
	r->mem.total = pages * PAGE_BYTES;
	r->mem.free = unused * PAGE_BYTES;
	take_uses(k, &r->mem);
	take_verdict(k, r);
}
