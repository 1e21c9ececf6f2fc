// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_info.c - kmem -i: memory usage. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/record.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/task/taskinfo.h"
#include "stub/task/tasks.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/mm/zones.h"
#include "stub/monitor/mem/kmem.h"

/* One for 64 MiB each (SWAP_ADDRESS_SPACE_PAGES): more than an area can have. */

struct line {
	const char *label;
	vs_status st;
	struct err why;
	uint64_t pages;
};

static void put_line(const struct line *l, const struct line *of, struct buf *out)
{
	AUTO(buf) size = { 0 };

	if (l->st) {
		buf_printf(out, "%13s  (unavailable: %s)\n", l->label, l->why.msg);
		return;
	}
	kmem_put_size(l->pages << PAGE_SHIFT, &size);
	buf_printf(out, "%13s %8" PRIu64 " %12s", l->label, l->pages, buf_str(&size));
	if (!of || of == l)
		buf_puts(out, "         ----\n");
	else
		buf_printf(out, " %4" PRIu64 "%% of %s\n",
			   of->st == VS_OK && of->pages ? l->pages * 100 / of->pages : 0,
			   of->label);
}

static struct line counter(struct monitor *m, const char *label, enum vmstat_kind kind,
			   const char *name, const char *older)
{
	struct line l = { .label = label };

	l.st = vmstat_get(m->k, kind, name, &l.pages, &l.why);
	if (l.st && older)
		l.st = vmstat_get(m->k, kind, older, &l.pages, &l.why);
	return l;
}

struct sum {
	struct kernel *k;
	uint64_t off, total;
	vs_status st; /* a failure makes the sum unknown: a partial sum would be wrong */
	struct err why;
};

static bool add_bdev(void *ctx, kva_t node)
{
	struct sum *s = ctx;
	uint64_t mapping, n = 0;

	s->st = record_field_read(s->k, &inode_record, node - s->off, INODE_MAPPING, &mapping,
				  &s->why);
	if (s->st == VS_OK && mapping)
		s->st = record_field_read(s->k, &mapping_record, mapping, MAPPING_NRPAGES, &n,
					  &s->why);
	s->total += n;
	return s->st == VS_OK;
}

/* Pages of the caches of block devices (nr_blockdev_pages()). */
static struct line buffers(struct monitor *m)
{
	struct line l = { .label = "BUFFERS" };
	struct sum s = { .k = m->k };
	struct member list;
	kva_t va, sb, inodes;

	l.st = kernel_symbol(m->k, "blockdev_superblock", &va, &l.why);
	if (l.st == VS_OK)
		l.st = mem_read_u64(m->k->mem, va, &sb, &l.why);
	if (l.st == VS_OK)
		l.st = record_field_read(m->k, &sb_record, sb, SB_INODES, &inodes, &l.why);
	if (l.st == VS_OK)
		l.st = record_member(m->k, &inode_record, INODE_SB_LIST, &list, &l.why);
	if (l.st)
		return l;
	s.off = list.off;
	l.st = walk_list(m->k, inodes, add_bdev, &s, &l.why);
	if (l.st == VS_OK && s.st) {
		l.st = s.st;
		l.why = s.why;
	}
	l.pages = s.total;
	return l;
}

/* Pages of files without those of block devices and the swap cache: Cached in /proc/meminfo. */
static struct line cached(struct monitor *m, const struct line *buf)
{
	struct line l = counter(m, "CACHED", VMSTAT_NODE, "NR_FILE_PAGES", NULL);
	uint64_t swap;

	if (l.st == VS_OK && buf->st) {
		l.st = buf->st;
		l.why = buf->why;
	}
	if (l.st == VS_OK)
		l.st = swap_cache_pages(m->k, &swap, &l.why);
	if (l.st == VS_OK)
		l.pages -= swap + buf->pages <= l.pages ? swap + buf->pages : l.pages;
	return l;
}

static struct line slab(struct monitor *m)
{
	// d42f3245c7e2 (5.9) added "_B" for bytes to the names, but the kernel still stores pages
	struct line l =
		counter(m, "SLAB", VMSTAT_NODE, "NR_SLAB_RECLAIMABLE_B", "NR_SLAB_RECLAIMABLE");
	struct line u =
		counter(m, "", VMSTAT_NODE, "NR_SLAB_UNRECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE");

	if (l.st == VS_OK && u.st) {
		l.st = u.st;
		l.why = u.why;
	}
	l.pages += u.pages;
	return l;
}

enum { HUGE_ORDER, HUGE_ALL, HUGE_FREE };
static const struct record_field huge_fields[] = {
	[HUGE_ORDER] = { { "order" }, RECORD_UINT, "with CONFIG_HUGETLB_PAGE" },
	[HUGE_ALL] = { { "nr_huge_pages" }, RECORD_UINT, "with CONFIG_HUGETLB_PAGE" },
	[HUGE_FREE] = { { "free_huge_pages" }, RECORD_UINT, "with CONFIG_HUGETLB_PAGE" },
};
RECORD(huge_record, "hstate", huge_fields);

static void count_huge(struct monitor *m, struct line *all_pages, struct line *free_pages)
{
	struct line total = { .label = "TOTAL HUGE" }, unused = { .label = "HUGE FREE" };
	uint64_t n = 0, size = 0, order, all, idle;
	kva_t va, h = 0;

	total.st = kernel_symbol(m->k, "hugetlb_max_hstate", &va, &total.why);
	if (total.st == VS_OK)
		total.st = mem_read_uint(m->k->mem, va, 4, &n, &total.why);
	if (total.st == VS_OK)
		total.st = kernel_symbol(m->k, "hstates", &h, &total.why);
	if (total.st == VS_OK)
		total.st = types_size(m->k->types, "hstate", &size, &total.why);
	for (uint64_t i = 0; total.st == VS_OK && i < n && i < 16; i++) {
		struct record r;

		record_read(m->k, &huge_record, h + i * size, RECORD_ALL, &r);
		total.st = record_need(&r, HUGE_ORDER, &order, &total.why);
		if (total.st == VS_OK)
			total.st = record_need(&r, HUGE_ALL, &all, &total.why);
		if (total.st == VS_OK)
			total.st = record_need(&r, HUGE_FREE, &idle, &total.why);
		if (total.st == VS_OK && order > 30)
			total.st =
				fail(&total.why, VS_CORRUPT, "huge pages of order %" PRIu64, order);
		if (total.st)
			break;
		total.pages += all << order;
		unused.pages += idle << order;
	}
	unused.st = total.st;
	unused.why = total.why;
	*all_pages = total;
	*free_pages = unused;
}

static void count_swap(struct monitor *m, struct line *total, struct line *used)
{
	struct swap_area areas[MAX_SWAPS];
	unsigned n;

	total->st = used->st = swap_list(m->k, areas, &n, &total->why);
	used->why = total->why;
	for (unsigned i = 0; i < n; i++) {
		total->pages += areas[i].pages;
		used->pages += areas[i].used;
	}
}

static void put_swap(const struct line *total, const struct line *used, struct buf *out)
{
	struct line unused = { "SWAP FREE", total->st, total->why, total->pages - used->pages };

	put_line(total, NULL, out);
	put_line(used, total, out);
	put_line(&unused, total, out);
}

static void subtract(struct line *l, const struct line *part)
{
	if (l->st == VS_OK && part->st == VS_OK)
		l->pages -= part->pages <= l->pages ? part->pages : l->pages;
}

/* RAM without huge pages, of which vm_commit_limit() in mm/util.c takes a share. A kernel without
 * huge pages has no counter for them. */
static struct line commit_base(const struct line *ram, const struct line *huge)
{
	struct line l = *ram;

	if (l.st == VS_OK && huge->st && huge->st != VS_NOTFOUND) {
		l.st = huge->st;
		l.why = huge->why;
	}
	subtract(&l, huge);
	return l;
}

static void put_commit(struct monitor *m, const struct line *ram, const struct line *swap,
		       const struct line *huge, struct buf *out)
{
	struct line limit = { .label = "COMMIT LIMIT" }, all = { .label = "COMMITTED" };
	struct line base = commit_base(ram, huge);
	const struct line *unknown;
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
	put_line(&limit, NULL, out);
	put_line(&all, &limit, out);
}

/* --- used memory, by user */

/* A counter of nodes, or of zones in older kernels. */
static struct line counter_of(struct monitor *m, const char *label, const char *name)
{
	struct line l = counter(m, label, VMSTAT_NODE, name, NULL);

	return l.st ? counter(m, label, VMSTAT_ZONE, name, NULL) : l;
}

/* Before 4.8, anonymous pages had another name. Nothing shows whether that counter includes huge
 * pages, so if there are any, the row is unavailable. */
static struct line anonymous(struct monitor *m)
{
	struct line l = counter_of(m, "ANONYMOUS", "NR_ANON_MAPPED"), older;
	uint64_t huge = 0;

	if (l.st == VS_OK)
		return l;
	older = counter_of(m, "ANONYMOUS", "NR_ANON_PAGES");
	(void)vmstat_get(m->k, VMSTAT_ZONE, "NR_ANON_TRANSPARENT_HUGEPAGES", &huge, NULL);
	if (older.st == VS_OK && huge)
		older.st = fail(&older.why, VS_UNSUPPORTED,
				"it is unknown whether NR_ANON_PAGES includes huge pages");
	return older.st == VS_NOTFOUND ? l : older;
}

/* The counter is in KiB; older kernels (4.4) count stacks. */
static struct line stacks(struct monitor *m)
{
	struct line l = counter_of(m, "KERNEL STACKS", "NR_KERNEL_STACK_KB"), older;

	l.pages >>= PAGE_SHIFT - 10;
	if (l.st == VS_OK)
		return l;
	older = counter_of(m, "KERNEL STACKS", "NR_KERNEL_STACK");
	older.pages *= task_stack_size(m->k) >> PAGE_SHIFT;
	return older.st ? l : older;
}

static struct line word_line(struct monitor *m, const char *label, const char *symbol, size_t size)
{
	struct line l = { .label = label };
	kva_t va;

	l.st = kernel_symbol(m->k, symbol, &va, &l.why);
	if (l.st == VS_OK)
		l.st = mem_read_uint(m->k->mem, va, size, &l.pages, &l.why);
	return l;
}

/* Pages of vmalloc areas: a counter of nodes since 7.0, nr_vmalloc_pages before. */
static struct line vmalloc_pages(struct monitor *m)
{
	struct line l = counter(m, "VMALLOC", VMSTAT_NODE, "NR_VMALLOC", NULL);

	return l.st ? word_line(m, "VMALLOC", "nr_vmalloc_pages", 8) : l;
}

/* Like pcpu_nr_pages() of mm/percpu.c. Neither this nor TOTAL MEM includes the first chunk, which
 * boot code allocates. */
static struct line percpu_pages(struct monitor *m)
{
	struct line l = word_line(m, "PER-CPU", "pcpu_nr_populated", 4);
	struct line units = word_line(m, "PER-CPU", "pcpu_nr_units", 4);

	if (l.st || units.st)
		return l.st ? l : units;
	l.pages *= units.pages;
	return l;
}

enum { STACK_AREA };
static const struct record_field stack_fields[] = {
	[STACK_AREA] = { { "stack_vm_area" }, RECORD_POINTER, "CONFIG_VMAP_STACK" },
};
RECORD(stack_area_record, "task_struct", stack_fields);

enum {
	BY_ANON,
	BY_SHMEM,
	BY_FILES,
	BY_BUFFERS,
	BY_SLAB,
	BY_TABLES,
	BY_STACKS,
	BY_VMALLOC,
	BY_PERCPU,
	BY_HUGE,
	BY_COUNT
};

/* Prints rows that share no page, and OTHER for the rest: together they make up USED. */
static void put_users(struct monitor *m, const struct line *used, const struct line *buffer_pages,
		      const struct line *cache, const struct line *slabs, const struct line *huge,
		      struct buf *out)
{
	struct line by[BY_COUNT] = {
		[BY_ANON] = anonymous(m),
		[BY_SHMEM] = counter_of(m, "SHMEM", "NR_SHMEM"),
		[BY_FILES] = *cache,
		[BY_BUFFERS] = *buffer_pages,
		[BY_SLAB] = *slabs,
		[BY_TABLES] = counter_of(m, "PAGE TABLES", "NR_PAGETABLE"),
		[BY_STACKS] = stacks(m),
		[BY_VMALLOC] = vmalloc_pages(m),
		[BY_PERCPU] = percpu_pages(m),
		[BY_HUGE] = *huge,
	};
	struct line other = { .label = "OTHER", .st = used->st, .why = used->why };
	int64_t rest = (int64_t)used->pages;

	by[BY_FILES].label = "FILES";
	by[BY_HUGE].label = "HUGE PAGES";
	subtract(&by[BY_FILES], &by[BY_SHMEM]); // CACHED counts both
	// Stacks in areas of vmalloc() are counted there as well.
	if (record_name(m->k, &stack_area_record, STACK_AREA))
		subtract(&by[BY_VMALLOC], &by[BY_STACKS]);
	buf_puts(out, "\n       USED BY\n");
	for (unsigned i = 0; i < BY_COUNT; i++) {
		put_line(&by[i], used, out);
		if (by[i].st == VS_OK) {
			rest -= (int64_t)by[i].pages;
		} else if (other.st == VS_OK) {
			other.st = by[i].st;
			other.why = by[i].why;
		}
	}
	if (other.st == VS_OK && rest < 0)
		buf_printf(out, "%13s %8" PRId64 "  (rows above overlap)\n", other.label, rest);
	other.pages = (uint64_t)rest;
	if (other.st || rest >= 0)
		put_line(&other, used, out);
}

vs_status kmem_summary(struct monitor *m, struct buf *out, struct err *err)
{
	struct line ram = { .label = "TOTAL MEM" }, used = { .label = "USED" };
	struct line unused = counter(m, "FREE", VMSTAT_ZONE, "NR_FREE_PAGES", NULL);
	struct line mapped = counter(m, "SHARED", VMSTAT_NODE, "NR_FILE_MAPPED", NULL);
	struct line buf = buffers(m), cache = cached(m, &buf), slabs = slab(m);
	struct line huge, idle_huge;
	struct line swap = { .label = "TOTAL SWAP" }, swapped = { .label = "SWAP USED" };
	vs_status st = kernel_need_types(m->k, err);

	if (st)
		return st;
	ram.st = memory_total_pages(m->k, &ram.pages, &ram.why);
	count_swap(m, &swap, &swapped);
	used.st = ram.st ? ram.st : unused.st;
	used.why = ram.st ? ram.why : unused.why;
	used.pages = ram.pages - unused.pages;
	buf_puts(out, "                 PAGES        TOTAL      PERCENTAGE\n");
	put_line(&ram, NULL, out);
	put_line(&unused, &ram, out);
	put_line(&used, &ram, out);
	put_line(&mapped, &ram, out);
	put_line(&buf, &ram, out);
	put_line(&cache, &ram, out);
	put_line(&slabs, &ram, out);
	count_huge(m, &huge, &idle_huge);
	put_users(m, &used, &buf, &cache, &slabs, &huge, out);
	buf_putc(out, '\n');
	put_line(&huge, NULL, out);
	put_line(&idle_huge, &huge, out);
	buf_putc(out, '\n');
	put_swap(&swap, &swapped, out);
	buf_putc(out, '\n');
	put_commit(m, &ram, &swap, &huge, out);
	return VS_OK;
}
