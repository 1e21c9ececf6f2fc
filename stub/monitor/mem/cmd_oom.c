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
	struct table_def def = kmem_count_table;
	struct table uses;

	def.name = "uses";
	table_begin(&uses, &def, t->m, t->out);
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

static const struct table_def slab_table = {
	.name = "slab_caches",
	.heading =
		"\nSLAB CACHES        PAGES        kB    SLABS   OBJECTS  RECLAIMABLE  NAME\n",
	.columns = {
		{ "cache", "", 16, COLUMN_ADDRESS },
		{ "pages", " ", 7, COLUMN_NUMBER },
		{ "kb", " ", 9, COLUMN_NUMBER },
		{ "slabs", " ", 8, COLUMN_NUMBER },
		{ "objects", " ", 9, COLUMN_NUMBER },
		{ "reclaimable", "  ", -11, COLUMN_FLAG },
		{ "name", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def vmalloc_table = {
	.name = "vmalloc",
	.heading = "\nVMALLOC    PAGES        kB  AREAS  CALLER\n",
	.columns = {
		{ "pages", "        ", 8, COLUMN_NUMBER },
		{ "kb", " ", 9, COLUMN_NUMBER },
		{ "areas", " ", 6, COLUMN_NUMBER },
		{ "caller", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def zone_table = {
	.name = "zones",
	.heading = "\nNODE  ZONE      MANAGED      MIN      LOW     FREE CPU LISTS  FREE BLOCKS "
		   "OF ORDER 0, 1, 2...\n",
	.columns = {
		{ "node", "", 4, COLUMN_NUMBER },
		{ "zone", "  ", -8, COLUMN_TEXT },
		{ "managed_pages", " ", 8, COLUMN_NUMBER },
		{ "min_pages", " ", 8, COLUMN_NUMBER },
		{ "low_pages", " ", 8, COLUMN_NUMBER },
		{ "free_pages", " ", 8, COLUMN_NUMBER },
		{ "cpu_list_pages", " ", 9, COLUMN_NUMBER },
	},
};
static const struct table_def block_table = {
	.name = "free_blocks",
	.same_line = true,
	.columns = {
		{ "order", NULL, 0, COLUMN_NUMBER },
		{ "blocks", " ", 5, COLUMN_NUMBER },
	},
};
static const struct table_def process_table = {
	.name = "processes",
	.heading = "\nPROCESSES  PID    RSS kB   SWAP kB  COMM\n",
	.columns = {
		{ "pid", "      ", 8, COLUMN_NUMBER },
		{ "rss_kb", " ", 9, COLUMN_NUMBER },
		{ "swap_kb", " ", 9, COLUMN_NUMBER },
		{ "comm", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def file_table = {
	.name = "files",
	.heading = "\nFILES      PAGES        kB  TYPE      PATH\n",
	.columns = {
		{ "pages", "        ", 8, COLUMN_NUMBER },
		{ "kb", " ", 9, COLUMN_NUMBER },
		{ "type", "  ", -8, COLUMN_TEXT },
		{ "inode", NULL, 0, COLUMN_ADDRESS },
		{ "path", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def cgroup_table = {
	.name = "cgroups",
	.heading = "\nCGROUPS        kB  LIMIT kB  PATH\n",
	.columns = {
		{ "kb", "        ", 9, COLUMN_NUMBER },
		{ "limit_kb", " ", 9, COLUMN_NUMBER },
		{ "path", "  ", 0, COLUMN_TEXT },
	},
};

static void put_slabs(struct tops *t, const struct mem_usage *u)
{
	AUTO_FREE struct holder *v = NULL;
	struct table rows;
	uint64_t sum;
	size_t n;
	struct err why;
	vs_status st = hog_slab_caches(t->m->k, &v, &n, &sum, &why);

	table_begin(&rows, &slab_table, t->m, t->out);
	for (size_t i = 0; i < n && i < t->max && v[i].pages; i++) {
		table_uint(&rows, v[i].va);
		table_uint(&rows, v[i].pages);
		table_uint(&rows, KB(v[i].pages));
		table_uint(&rows, v[i].number);
		table_uint(&rows, v[i].objects);
		table_show(&rows, "%s", v[i].reclaimable ? "yes" : "no");
		table_flag(&rows, v[i].reclaimable);
		table_text(&rows, v[i].name);
		table_end_row(&rows);
	}
	table_end(&rows);
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
	struct table rows;
	uint64_t sum;
	size_t n;
	struct err why;
	vs_status st = hog_vmalloc_callers(t->m->k, &v, &n, &sum, &why);

	table_begin(&rows, &vmalloc_table, t->m, t->out);
	for (size_t i = 0; i < n && i < t->max; i++) {
		table_uint(&rows, v[i].pages);
		table_uint(&rows, KB(v[i].pages));
		table_uint(&rows, v[i].number);
		table_text(&rows, v[i].name);
		table_end_row(&rows);
	}
	table_end(&rows);
	put_why(t, st, &why);
	buf_printf(t->out, "  %zu callers have %" PRIu64 " pages, kernel stacks included\n", n,
		   sum);
}

struct zone_rows {
	struct tops *t;
	struct table rows;
};

static vs_status put_zone(void *ctx, const struct zone *z, struct err *err)
{
	struct zone_rows *r = ctx;
	struct tops *t = r->t;
	struct table *row = &r->rows, list;
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
	table_uint(row, z->node);
	table_text(row, z->name);
	table_uint(row, z->managed);
	table_uint(row, z->watermark[0]);
	table_uint(row, z->watermark[1]);
	table_uint(row, unused);
	table_uint(row, lists);
	table_nest(&list, &block_table, row);
	for (unsigned i = 0; i < orders; i++) {
		table_uint(&list, i);
		table_uint(&list, blocks[i]);
		table_end_row(&list);
	}
	table_end(&list);
	table_end_row(row);
	return VS_OK;
}

static void put_zones(struct tops *t)
{
	struct zone_rows r = { .t = t };
	struct err why;
	vs_status st;

	table_begin(&r.rows, &zone_table, t->m, t->out);
	st = zones_each(t->m->k, put_zone, &r, &why);
	table_end(&r.rows);
	put_why(t, st, &why);
}

static void put_processes(struct tops *t)
{
	AUTO_FREE struct hog_process *v = NULL;
	struct table rows;
	size_t n;
	struct err why;
	vs_status st = hog_processes(t->m->k, &v, &n, &why);

	table_begin(&rows, &process_table, t->m, t->out);
	for (size_t i = 0; i < n && i < t->max; i++) {
		table_int(&rows, v[i].task.pid);
		table_uint(&rows, KB(v[i].memory.rss));
		table_uint(&rows, KB(v[i].memory.swap));
		table_text(&rows, v[i].task.comm);
		table_end_row(&rows);
	}
	table_end(&rows);
	put_why(t, st, &why);
}

static void put_files(struct tops *t)
{
	AUTO_FREE struct cached_file *v = calloc(t->max, sizeof(*v));
	struct table rows;
	size_t n = 0;
	struct err why;
	vs_status st = v ? cached_files(t->m->k, v, t->max, &n, &why)
			 : fail(&why, VS_NOMEM, "out of memory");

	table_begin(&rows, &file_table, t->m, t->out);
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) path = { 0 };
		bool named = cached_put_path(t->m->k, &v[i], &path);

		table_uint(&rows, v[i].pages);
		table_uint(&rows, KB(v[i].pages));
		table_text(&rows, v[i].type);
		table_uint(&rows, v[i].inode);
		if (!named)
			table_show(&rows, "(no name; inode %" PRIx64 ")", v[i].inode);
		table_text(&rows, named ? buf_str(&path) : NULL);
		table_end_row(&rows);
	}
	table_end(&rows);
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
	struct table rows;
	size_t n;
	struct err why;
	vs_status st = cgroup_memory_list(t->m->k, &v, &n, &why);

	if (st == VS_NOTFOUND || (st == VS_OK && !n)) {
		buf_puts(t->out, "\nCGROUPS: none\n");
		return;
	}
	table_begin(&rows, &cgroup_table, t->m, t->out);
	if (n)
		qsort(v, n, sizeof(*v), by_pages);
	for (size_t i = 0; i < n && i < t->max; i++) {
		bool limited = v[i].limit != CGROUP_NO_LIMIT;

		table_uint(&rows, KB(v[i].pages));
		if (!limited)
			table_show(&rows, "max");
		table_known(&rows, limited, KB(v[i].limit));
		table_text(&rows, v[i].path);
		table_end_row(&rows);
	}
	table_end(&rows);
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
	kmem_put_owners(m, t.max, out);
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
		"files in memory, and cgroups; and the stacks that allocated most pages, if the "
		"kernel "
		"recorded\n"
		"them (page_owner=on). Brackets say on what a statement rests. The "
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
	.json = true,
};
