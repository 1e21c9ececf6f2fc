// SPDX-License-Identifier: GPL-3.0-or-later
/* usage.c - was memory short when the kernel crashed? The counters are those of `kmem -i`. */
#include <inttypes.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/report/parts.h"
#include "stub/subsys/mm/usage.h"
#include "stub/subsys/mm/zones.h"
#include "stub/subsys/sys/oomlog.h"
#include "stub/triage/hog.h"

#define PAGE_BYTES 4096
#define MAX_ZONES  16

static void add_use(struct crash_memory *m, const char *name, const struct mem_count *c)
{
	m->by[m->n++] = (struct crash_memory_use){ name, c->pages * PAGE_BYTES, c->st == VS_OK };
}

/* `files` includes shmem, as in /proc/meminfo; what kernels of some versions count separately is
 * left out where it is 0. */
static void take_uses(const struct mem_usage *u, struct crash_memory *m)
{
	add_use(m, "anonymous", &u->by[USE_ANON]);
	add_use(m, "files", &u->file_pages);
	add_use(m, "shmem", &u->by[USE_SHMEM]);
	add_use(m, "slab_reclaimable", &u->reclaimable);
	add_use(m, "slab_unreclaimable", &u->unreclaimable);
	add_use(m, "page_tables", &u->by[USE_TABLES]);
	for (unsigned i = USE_STACKS; i < USE_COUNT; i++)
		if (i < USE_COUNTED || (u->by[i].st == VS_OK && u->by[i].pages))
			add_use(m, mem_use_name(i), &u->by[i]);
	add_use(m, mem_use_name(USE_COUNT), &u->rest);
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

static void take_hog(struct kernel *k, const struct mem_usage *u, struct crash_report *r)
{
	AUTO(buf) text = { 0 };
	struct oom_log log;
	struct hog h;
	struct err why;

	(void)oom_log_find(k, &log, NULL);
	if (hog_find(k, u, &log, &h, &why)) {
		crash_miss(r, "memory.hog", why.msg);
		return;
	}
	hog_put(&h, &text);
	r->mem.hog = (struct crash_hog){ .use = mem_use_name(h.use),
					 .kind = h.kind,
					 .name = h.kind ? crash_copy(r, h.name) : NULL,
					 .bytes = h.pages * PAGE_BYTES,
					 .held_bytes = h.held * PAGE_BYTES,
					 .text = crash_copy(r, buf_str(&text)) };
}

void crash_take_memory(struct kernel *k, struct crash_report *r)
{
	struct mem_usage u = { 0 };
	struct err why;
	vs_status st = kernel_need_types(k, &why);

	if (st == VS_OK) {
		mem_usage_load(k, &u);
		st = u.used.st;
		why = u.used.why;
	}
	if (st) {
		crash_miss(r, "memory", why.msg);
		return;
	}
	r->mem.known = true;
	r->mem.total = u.total.pages * PAGE_BYTES;
	r->mem.free = u.unused.pages * PAGE_BYTES;
	take_uses(&u, &r->mem);
	take_verdict(k, r);
	take_hog(k, &u, r);
}
