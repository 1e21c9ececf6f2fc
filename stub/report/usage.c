// SPDX-License-Identifier: GPL-3.0-or-later
/* usage.c - was memory short when the kernel crashed? The counters are those of `kmem -i`. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/report/parts.h"
#include "stub/subsys/mm/usage.h"
#include "stub/subsys/mm/zones.h"
#include "stub/subsys/sys/oomlog.h"
#include "stub/triage/hog.h"

#define PAGE_BYTES 4096

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

struct shortage {
	struct kernel *k;
	struct crash_report *r;
	const char *text; /* NULL: no zone is short */
};

static vs_status see_zone(void *ctx, const struct zone *z, struct err *err)
{
	struct shortage *s = ctx;
	uint64_t pages;
	vs_status st = zone_free_pages(s->k, z, &pages, err);

	// an empty zone has no pages to be short of
	if (st || !z->managed || pages >= z->watermark[0])
		return st;
	s->text = crash_printf(s->r,
			       "zone %s of node %u has %" PRIu64
			       " free pages, below its min watermark of %" PRIu64,
			       z->name, z->node, pages, z->watermark[0]);
	return VS_END;
}

static void take_verdict(struct kernel *k, struct crash_report *r)
{
	// Below the min watermark, only allocations that must not fail may still take some.
	struct shortage s = { .k = k, .r = r };
	struct err why;
	vs_status st = zones_each(k, see_zone, &s, &why);

	if (st && !r->oom_killed) {
		crash_miss(r, "memory.verdict", why.msg);
		return;
	}
	if (r->oom_killed)
		r->mem.verdict = s.text ? crash_printf(r, "the OOM killer ran; %s", s.text)
					: "the OOM killer ran";
	else
		r->mem.verdict = s.text ? s.text : "no zone is below its min watermark";
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
