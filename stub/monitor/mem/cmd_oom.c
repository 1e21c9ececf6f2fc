// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_oom.c - oom: where memory is, and who holds it. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/subsys/fs/cached.h"
#include "stub/subsys/mm/cgroups.h"
#include "stub/subsys/mm/usage.h"
#include "stub/subsys/mm/zones.h"
#include "stub/subsys/sys/oomlog.h"
#include "stub/triage/hog.h"

#define TOP	   10
#define MAX_FILES  1000
#define MAX_ORDERS 32
#define KB(pages)  ((pages) << 2)

struct tops {
	struct monitor *m;
	struct buf *out;
	size_t max; /* rows of a table */
};

static void put_why(struct tops *t, vs_status st, const struct err *why)
{
	if (st)
		buf_printf(t->out, "  (not complete: %s)\n", why->msg);
}

/* --- what the log says, and the verdict */

static void put_log(struct tops *t, const struct oom_log *l)
{
	buf_puts(t->out, "    OOM: ");
	if (l->has_pid)
		buf_printf(t->out, "PID %d ", l->pid);
	buf_printf(t->out, "(\"%s\")", l->comm);
	if (l->has_order && l->order < 0)
		buf_puts(t->out, " ran the OOM killer, because a user asked for it with sysrq");
	else if (l->has_order && l->order < MAX_ORDERS)
		buf_printf(t->out, " asked for %" PRIu64 " kB (order %d)", UINT64_C(4) << l->order,
			   l->order);
	if (l->gfp[0])
		buf_printf(t->out, " with %s", l->gfp);
	if (l->has_time)
		buf_printf(t->out, ", when the kernel was up for %" PRIu64 " s",
			   l->ts_nsec / 1000000000);
	buf_putc(t->out, '\n');
	if (l->has_limit)
		buf_printf(t->out,
			   "         cgroup %s had %" PRIu64 " kB, and may have %" PRIu64 " kB\n",
			   l->cgroup[0] ? l->cgroup : "?", l->usage_kb, l->limit_kb);
	if (l->killed)
		buf_printf(t->out, "         PID %d (\"%s\") was killed", l->killed_pid,
			   l->killed_comm);
	if (l->killed && l->has_killed_sizes)
		buf_printf(t->out,
			   ", with %" PRIu64 " kB anonymous, %" PRIu64 " kB of files, %" PRIu64
			   " kB shmem",
			   l->killed_anon_kb, l->killed_file_kb, l->killed_shmem_kb);
	buf_puts(t->out, l->killed ? "\n         [the log]\n" : "         [the log]\n");
}

static void put_verdict(struct tops *t, const struct mem_usage *u, const struct oom_log *log)
{
	struct hog h;
	struct err why;

	if (hog_find(t->m->k, u, log, &h, &why)) {
		buf_printf(t->out, "VERDICT: (unknown: %s)\n", why.msg);
		return;
	}
	buf_puts(t->out, "VERDICT: ");
	hog_put(&h, t->out);
	buf_printf(t->out, "\n         [%s]\n", h.basis);
}

/* --- the sum */

static void put_usage(struct tops *t, const struct mem_usage *u)
{
	const char *ram = "TOTAL MEM";
	struct table uses;

	table_begin(&uses, &kmem_count_table, t->m, t->out);
	kmem_put_count(ram, &u->total, NULL, NULL, &uses);
	kmem_put_count("FREE", &u->unused, ram, &u->total, &uses);
	kmem_put_uses(u, ram, &u->total, &uses);
	table_end(&uses);
	if (u->swap_cache.st == VS_OK && u->swap_cache.pages)
		buf_printf(t->out,
			   "  (the swap cache has %" PRIu64
			   " pages; those without a user are in OTHER)\n",
			   u->swap_cache.pages);
	if (u->by[USE_HUGE].st == VS_OK && u->by[USE_HUGE].pages)
		buf_printf(t->out, "  (%" PRIu64 " pages of HUGE PAGES are not in use)\n",
			   u->huge_free.pages);
	if (u->cma.st == VS_OK && u->cma.pages)
		buf_printf(t->out,
			   "  (%" PRIu64
			   " pages are of CMA, which only movable pages may use; %" PRIu64
			   " of them are free)\n",
			   u->cma.pages, u->cma_free.pages);
	if (u->balloon.st == VS_OK && u->balloon.pages)
		buf_printf(t->out,
			   "  (the host took %" PRIu64
			   " pages with a balloon, mostly out of TOTAL MEM)\n",
			   u->balloon.pages);
}

/* --- tables */

static void put_slabs(struct tops *t, const struct mem_usage *u)
{
	AUTO_FREE struct holder *v = NULL;
	uint64_t sum;
	size_t n;
	struct err why;
	vs_status st = hog_slab_caches(t->m->k, &v, &n, &sum, &why);

	buf_puts(t->out,
		 "\nSLAB CACHES        PAGES        kB    SLABS   OBJECTS  RECLAIMABLE  NAME\n");
	for (size_t i = 0; i < n && i < t->max && v[i].pages; i++)
		buf_printf(t->out,
			   "%16" PRIx64 " %7" PRIu64 " %9" PRIu64 " %8" PRIu64 " %9" PRIu64
			   "  %-11s  %s\n",
			   v[i].va, v[i].pages, KB(v[i].pages), v[i].number, v[i].objects,
			   v[i].reclaimable ? "yes" : "no", v[i].name);
	put_why(t, st, &why);
	if (st || u->by[USE_SLAB].st)
		return;
	buf_printf(t->out, "  %zu caches have %" PRIu64 " pages", n, sum);
	// Since 6a486c0ad4dc (5.4) SLAB counts them.
	if (sum <= u->by[USE_SLAB].pages)
		buf_printf(t->out,
			   "; the other %" PRIu64 " of SLAB are of no cache, as those of a large "
			   "kmalloc()",
			   u->by[USE_SLAB].pages - sum);
	buf_putc(t->out, '\n');
}

static void put_vmalloc(struct tops *t)
{
	AUTO_FREE struct holder *v = NULL;
	uint64_t sum;
	size_t n;
	struct err why;
	vs_status st = hog_vmalloc_callers(t->m->k, &v, &n, &sum, &why);

	buf_puts(t->out, "\nVMALLOC    PAGES        kB  AREAS  CALLER\n");
	for (size_t i = 0; i < n && i < t->max; i++)
		buf_printf(t->out, "        %8" PRIu64 " %9" PRIu64 " %6" PRIu64 "  %s\n",
			   v[i].pages, KB(v[i].pages), v[i].number, v[i].name);
	put_why(t, st, &why);
	buf_printf(t->out, "  %zu callers have %" PRIu64 " pages, kernel stacks included\n", n,
		   sum);
}

static vs_status put_zone(void *ctx, const struct zone *z, struct err *err)
{
	struct tops *t = ctx;
	uint64_t blocks[MAX_ORDERS], unused, lists;
	unsigned orders;
	vs_status st;

	if (!z->managed)
		return VS_OK;
	st = zone_free_pages(t->m->k, z, &unused, err);
	if (st == VS_OK)
		st = zone_cpu_lists(t->m->k, z, &lists, err);
	if (st == VS_OK)
		st = zone_free_blocks(t->m->k, z, blocks, MAX_ORDERS, &orders, err);
	if (st)
		return st;
	buf_printf(t->out,
		   "%4u  %-8s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %9" PRIu64,
		   z->node, z->name, z->managed, z->watermark[0], z->watermark[1], unused, lists);
	for (unsigned i = 0; i < orders; i++)
		buf_printf(t->out, " %5" PRIu64, blocks[i]);
	buf_putc(t->out, '\n');
	return VS_OK;
}

static void put_zones(struct tops *t)
{
	struct err why;

	buf_puts(t->out,
		 "\nNODE  ZONE      MANAGED      MIN      LOW     FREE CPU LISTS  FREE BLOCKS "
		 "OF ORDER 0, 1, 2...\n");
	put_why(t, zones_each(t->m->k, put_zone, t, &why), &why);
}

static void put_processes(struct tops *t)
{
	AUTO_FREE struct hog_process *v = NULL;
	size_t n;
	struct err why;
	vs_status st = hog_processes(t->m->k, &v, &n, &why);

	buf_puts(t->out, "\nPROCESSES  PID    RSS kB   SWAP kB  COMM\n");
	for (size_t i = 0; i < n && i < t->max; i++)
		buf_printf(t->out, "      %8d %9" PRIu64 " %9" PRIu64 "  %s\n", v[i].task.pid,
			   KB(v[i].memory.rss), KB(v[i].memory.swap), v[i].task.comm);
	put_why(t, st, &why);
}

static void put_files(struct tops *t)
{
	AUTO_FREE struct cached_file *v = calloc(t->max, sizeof(*v));
	size_t n = 0;
	struct err why;
	vs_status st = v ? cached_files(t->m->k, v, t->max, &n, &why)
			 : fail(&why, VS_NOMEM, "out of memory");

	buf_puts(t->out, "\nFILES      PAGES        kB  TYPE      PATH\n");
	for (size_t i = 0; i < n; i++) {
		buf_printf(t->out, "        %8" PRIu64 " %9" PRIu64 "  %-8s  ", v[i].pages,
			   KB(v[i].pages), v[i].type);
		if (!cached_put_path(t->m->k, &v[i], t->out))
			buf_printf(t->out, "(no name; inode %" PRIx64 ")", v[i].inode);
		buf_putc(t->out, '\n');
	}
	put_why(t, st, &why);
}

static int by_pages(const void *a, const void *b)
{
	const struct cgroup_memory *x = a, *y = b;

	if (x->pages != y->pages)
		return x->pages < y->pages ? 1 : -1;
	return strcmp(x->path, y->path);
}

static void put_cgroups(struct tops *t)
{
	AUTO_FREE struct cgroup_memory *v = NULL;
	size_t n;
	struct err why;
	vs_status st = cgroup_memory_list(t->m->k, &v, &n, &why);

	if (st == VS_NOTFOUND || (st == VS_OK && !n)) {
		buf_puts(t->out, "\nCGROUPS: none\n");
		return;
	}
	buf_puts(t->out, "\nCGROUPS        kB  LIMIT kB  PATH\n");
	if (n)
		qsort(v, n, sizeof(*v), by_pages);
	for (size_t i = 0; i < n && i < t->max; i++) {
		buf_printf(t->out, "        %9" PRIu64, KB(v[i].pages));
		if (v[i].limit == CGROUP_NO_LIMIT)
			buf_printf(t->out, " %9s", "max");
		else
			buf_printf(t->out, " %9" PRIu64, KB(v[i].limit));
		buf_printf(t->out, "  %s\n", v[i].path);
	}
	put_why(t, st, &why);
}

static vs_status cmd_oom(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct tops t = { m, out, cmd_has(a, "a") ? MAX_FILES : TOP };
	struct mem_usage u;
	struct oom_log log;
	struct err why;
	vs_status st = kernel_need_types(m->k, err), log_st;

	if (st)
		return st;
	mem_usage_load(m->k, &u);
	log_st = oom_log_find(m->k, &log, &why);
	put_verdict(&t, &u, &log);
	if (log.found)
		put_log(&t, &log);
	else if (log_st)
		buf_printf(out, "    OOM: (unknown: %s)\n", why.msg);
	else
		buf_puts(out, "    OOM: the log does not say that memory ran out\n");
	buf_putc(out, '\n');
	put_usage(&t, &u);
	put_zones(&t);
	put_slabs(&t, &u);
	put_vmalloc(&t);
	put_processes(&t);
	put_files(&t);
	put_cgroups(&t);
	return VS_OK;
}

static const struct cmd_opt options[] = {
	{ "a", .help = "up to 1000 rows of each table, not the 10 largest" },
	{ 0 },
};

const struct cmd verb_oom = {
	.name = "oom",
	.run = cmd_oom,
	.brief = "where memory is, and who holds it",
	.synopsis = "oom [-a]",
	.help = "Name the largest holder of memory, decode the log's report of the OOM killer, and "
		"list what\n"
		"memory is used for: rows that share no page, which with FREE and OTHER add up to "
		"TOTAL MEM;\n"
		"OTHER is what no counter has, such as pages that a driver took and never freed. "
		"Below: free\n"
		"blocks by zone, and the largest slab caches, callers of vmalloc(), processes by "
		"RSS "
		"and swap,\n"
		"files in memory, and cgroups. Brackets say on what a statement rests. The "
		"counters "
		"lack small\n"
		"changes that CPUs have not added yet, as in /proc/meminfo.\n",
	.example = "  oom\n"
		   "  VERDICT: slab cache l2o_leak holds 230 MiB, 82% of memory\n"
		   "           [the number of the cache's slabs]\n"
		   "      OOM: PID 149 (\"sh\") asked for 4 kB (order 0) with GFP_KERNEL, when the "
		   "kernel was up for 21 s\n"
		   "           [the log]\n",
	.options = options,
};
