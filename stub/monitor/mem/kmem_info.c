// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_info.c - kmem -i: memory usage. */
#include "stub/kernel/percpu.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/usage.h"

const struct table_def kmem_count_table = {
	.name = "rows",
	.heading = "                 PAGES        TOTAL      PERCENTAGE\n",
	.columns = {
		{ "name", "", 13, COLUMN_TEXT },
		{ "pages", " ", 8, COLUMN_NUMBER },
		{ "bytes", " ", 12, COLUMN_NUMBER },
		{ "percent", " ", 4, COLUMN_NUMBER, "% of " },
		{ "of", "", 0, COLUMN_TEXT },
	},
};

void kmem_put_count(const char *label, const struct mem_count *l, const char *of_label,
		    const struct mem_count *of, struct table *t)
{
	table_text(t, label);
	if (l->st) {
		table_hide(t, true);
		table_remark(t, "  ", "unavailable: %s", l->why.msg);
		table_end_row(t);
		return;
	}
	table_uint(t, l->pages);
	kmem_show_size(l->pages << PAGE_SHIFT, t);
	table_uint(t, l->pages << PAGE_SHIFT);
	if (of) {
		table_uint(t, of->st == VS_OK && of->pages ? l->pages * 100 / of->pages : 0);
		table_text(t, of_label);
	} else {
		table_layout(t, "         ----");
	}
	table_end_row(t);
}

static void put_swap(struct kernel *k, struct mem_count *total, struct table *t)
{
	struct mem_count used, unused;

	mem_swap_load(k, total, &used);
	unused = *total;
	unused.pages -= used.pages <= total->pages ? used.pages : total->pages;
	kmem_put_count("TOTAL SWAP", total, NULL, NULL, t);
	kmem_put_count("SWAP USED", &used, "TOTAL SWAP", total, t);
	kmem_put_count("SWAP FREE", &unused, "TOTAL SWAP", total, t);
}

/* RAM without huge pages, of which vm_commit_limit() in mm/util.c takes a share. A kernel without
 * huge pages has no counter for them. */
static struct mem_count commit_base(const struct mem_count *ram, const struct mem_count *huge)
{
	struct mem_count l = *ram;

	if (l.st == VS_OK && huge->st && huge->st != VS_NOTFOUND) {
		l.st = huge->st;
		l.why = huge->why;
	}
	if (l.st == VS_OK && huge->st == VS_OK)
		l.pages -= huge->pages <= l.pages ? huge->pages : l.pages;
	return l;
}

static void put_commit(struct monitor *m, const struct mem_count *ram, const struct mem_count *swap,
		       const struct mem_count *huge, struct table *t)
{
	struct mem_count limit = { 0 }, all = { 0 };
	struct mem_count base = commit_base(ram, huge);
	const struct mem_count *unknown;
	uint64_t ratio, kbytes = 0;
	int64_t sum;
	kva_t va;

	limit.st = kernel_symbol(m->k, "sysctl_overcommit_ratio", &va, &limit.why);
	if (limit.st == VS_OK)
		limit.st = mem_read_uint(m->k->mem, va, 4, &ratio, &limit.why);
	if (kernel_symbol(m->k, "sysctl_overcommit_kbytes", &va, NULL) == VS_OK)
		mem_read_u64(m->k->mem, va, &kbytes, NULL);
	unknown = swap->st ? swap : !kbytes && base.st ? &base : NULL;
	if (limit.st == VS_OK && unknown) {
		limit.st = unknown->st;
		limit.why = unknown->why;
	}
	if (limit.st == VS_OK)
		limit.pages = (kbytes ? kbytes >> 2 : base.pages * ratio / 100) + swap->pages;
	all.st = kernel_symbol(m->k, "vm_committed_as", &va, &all.why);
	// vm_memory_committed() adds up all CPUs since 56f3547bfa4d (5.9)
	if (all.st == VS_OK)
		all.st = percpu_counter_sum(m->k, va, &sum, &all.why);
	if (all.st == VS_OK)
		all.pages = sum > 0 ? (uint64_t)sum : 0;
	kmem_put_count("COMMIT LIMIT", &limit, NULL, NULL, t);
	kmem_put_count("COMMITTED", &all, "COMMIT LIMIT", &limit, t);
}

void kmem_put_uses(const struct mem_usage *u, const char *of_label, const struct mem_count *of,
		   struct table *t)
{
	static const char *const labels[USE_COUNT] = {
		[USE_ANON] = "ANONYMOUS",
		[USE_SHMEM] = "SHMEM",
		[USE_FILES] = "FILES",
		[USE_BUFFERS] = "BUFFERS",
		[USE_SLAB] = "SLAB",
		[USE_TABLES] = "PAGE TABLES",
		[USE_STACKS] = "KERNEL STACKS",
		[USE_VMALLOC] = "VMALLOC",
		[USE_PERCPU] = "PER-CPU",
		[USE_HUGE] = "HUGE PAGES",
		[USE_CPU_LISTS] = "CPU LISTS",
		[USE_SECONDARY] = "SECOND TABLES",
		[USE_ZSMALLOC] = "ZSMALLOC",
		[USE_BOUNCE] = "BOUNCE",
		[USE_MISC] = "MISC DRIVERS",
		[USE_GPU] = "GPU",
	};

	for (unsigned i = 0; i < USE_COUNT; i++) {
		const struct mem_count *c = &u->by[i];

		// Rare uses are shown where they are.
		if (i >= USE_COUNTED && (c->st == VS_NOTFOUND || (c->st == VS_OK && !c->pages)))
			continue;
		kmem_put_count(labels[i], c, of_label, of, t);
	}
	if (u->rest.st || !u->excess) {
		kmem_put_count("OTHER", &u->rest, of_label, of, t);
		return;
	}
	table_text(t, "OTHER");
	table_int(t, -(int64_t)u->excess);
	table_hide(t, true);
	table_remark(t, "  ", "rows above overlap");
	table_end_row(t);
}

vs_status kmem_summary(struct monitor *m, struct buf *out, struct err *err)
{
	struct mem_usage u;
	struct mem_count swap;
	struct table t;
	const char *ram = "TOTAL MEM";
	vs_status st = kernel_need_types(m->k, err);

	if (st)
		return st;
	mem_usage_load(m->k, &u);
	table_begin(&t, &kmem_count_table, m, out);
	kmem_put_count(ram, &u.total, NULL, NULL, &t);
	kmem_put_count("FREE", &u.unused, ram, &u.total, &t);
	kmem_put_count("USED", &u.used, ram, &u.total, &t);
	kmem_put_count("SHARED", &u.mapped, ram, &u.total, &t);
	kmem_put_count("BUFFERS", &u.by[USE_BUFFERS], ram, &u.total, &t);
	kmem_put_count("CACHED", &u.cached, ram, &u.total, &t);
	kmem_put_count("SLAB", &u.by[USE_SLAB], ram, &u.total, &t);
	table_layout(&t, "\n       USED BY\n");
	kmem_put_uses(&u, "USED", &u.used, &t);
	table_layout(&t, "\n");
	kmem_put_count("TOTAL HUGE", &u.by[USE_HUGE], NULL, NULL, &t);
	kmem_put_count("HUGE FREE", &u.huge_free, "TOTAL HUGE", &u.by[USE_HUGE], &t);
	table_layout(&t, "\n");
	put_swap(m->k, &swap, &t);
	table_layout(&t, "\n");
	put_commit(m, &u.total, &swap, &u.by[USE_HUGE], &t);
	table_end(&t);
	return VS_OK;
}
