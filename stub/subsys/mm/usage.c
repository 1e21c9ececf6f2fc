// SPDX-License-Identifier: GPL-3.0-or-later
/* usage.c - what memory is used for. */
#include "stub/subsys/mm/usage.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/fs/fs_record.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/mm/zones.h"
#include "stub/task/taskinfo.h"
#include "stub/task/tasks.h"

static void subtract(struct mem_count *l, const struct mem_count *part)
{
	if (l->st == VS_OK && part->st == VS_OK)
		l->pages -= part->pages <= l->pages ? part->pages : l->pages;
}

/* Makes l unknown if the other one is. */
static void needs(struct mem_count *l, const struct mem_count *other)
{
	if (l->st || other->st == VS_OK)
		return;
	l->st = other->st;
	l->why = other->why;
}

/* A counter of nodes, or of zones in older kernels. */
static struct mem_count counter(struct kernel *k, const char *name)
{
	struct mem_count l = { 0 };

	l.st = vmstat_get(k, VMSTAT_NODE, name, &l.pages, &l.why);
	if (l.st)
		l.st = vmstat_get(k, VMSTAT_ZONE, name, &l.pages, &l.why);
	return l;
}

static struct mem_count counter_or(struct kernel *k, const char *name, const char *older)
{
	struct mem_count l = counter(k, name);

	return l.st ? counter(k, older) : l;
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
static struct mem_count buffers(struct kernel *k)
{
	struct mem_count l = { 0 };
	struct sum s = { .k = k };
	struct member list;
	kva_t va, sb, inodes;

	l.st = kernel_symbol(k, "blockdev_superblock", &va, &l.why);
	if (l.st == VS_OK)
		l.st = mem_read_u64(k->mem, va, &sb, &l.why);
	if (l.st == VS_OK)
		l.st = record_field_read(k, &sb_record, sb, SB_INODES, &inodes, &l.why);
	if (l.st == VS_OK)
		l.st = record_member(k, &inode_record, INODE_SB_LIST, &list, &l.why);
	if (l.st)
		return l;
	s.off = list.off;
	l.st = walk_list(k, inodes, add_bdev, &s, &l.why);
	if (l.st == VS_OK && s.st) {
		l.st = s.st;
		l.why = s.why;
	}
	l.pages = s.total;
	return l;
}

/* Pages of files without those of block devices and the swap cache: Cached in /proc/meminfo. */
static struct mem_count cached(struct kernel *k, const struct mem_count *buf,
			       const struct mem_count *swap)
{
	struct mem_count l = counter(k, "NR_FILE_PAGES");

	needs(&l, buf);
	needs(&l, swap);
	subtract(&l, swap);
	subtract(&l, buf);
	return l;
}

enum { HUGE_ORDER, HUGE_ALL, HUGE_FREE };
static const struct record_field huge_fields[] = {
	[HUGE_ORDER] = { { "order" }, RECORD_UINT, "with CONFIG_HUGETLB_PAGE" },
	[HUGE_ALL] = { { "nr_huge_pages" }, RECORD_UINT, "with CONFIG_HUGETLB_PAGE" },
	[HUGE_FREE] = { { "free_huge_pages" }, RECORD_UINT, "with CONFIG_HUGETLB_PAGE" },
};
RECORD(huge_record, "hstate", huge_fields);

/* Is the code there that counts them for /proc/meminfo? All names of functions are known, those of
 * data are not in every kernel. */
static bool has_huge_pages(struct kernel *k)
{
	kva_t va;

	return kernel_symbol(k, "hugetlb_report_meminfo", &va, NULL) == VS_OK ||
	       kernel_symbol(k, "hugetlb_max_hstate", &va, NULL) == VS_OK;
}

static void count_huge(struct kernel *k, struct mem_count *all_pages, struct mem_count *free_pages)
{
	struct mem_count total = { 0 }, unused = { 0 };
	uint64_t n = 0, size = 0, order, all, idle;
	kva_t va, h = 0;

	if (!has_huge_pages(k)) {
		*all_pages = *free_pages = total;
		return;
	}
	total.st = kernel_symbol(k, "hugetlb_max_hstate", &va, &total.why);
	if (total.st == VS_OK)
		total.st = mem_read_uint(k->mem, va, 4, &n, &total.why);
	if (total.st == VS_OK)
		total.st = kernel_symbol(k, "hstates", &h, &total.why);
	if (total.st == VS_OK)
		total.st = types_size(k->types, "hstate", &size, &total.why);
	for (uint64_t i = 0; total.st == VS_OK && i < n && i < 16; i++) {
		struct record r;

		record_read(k, &huge_record, h + i * size, RECORD_ALL, &r);
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

/* Before 4.8, anonymous pages had another name. Nothing shows whether that counter includes huge
 * pages, so if there are any, the row is unavailable. */
static struct mem_count anonymous(struct kernel *k)
{
	struct mem_count l = counter(k, "NR_ANON_MAPPED"), older;
	uint64_t huge = 0;

	if (l.st == VS_OK)
		return l;
	older = counter(k, "NR_ANON_PAGES");
	(void)vmstat_get(k, VMSTAT_ZONE, "NR_ANON_TRANSPARENT_HUGEPAGES", &huge, NULL);
	if (older.st == VS_OK && huge)
		older.st = fail(&older.why, VS_UNSUPPORTED,
				"it is unknown whether NR_ANON_PAGES includes huge pages");
	return older.st == VS_NOTFOUND ? l : older;
}

/* The counter is in KiB; older kernels (4.4) count stacks. */
static struct mem_count stacks(struct kernel *k)
{
	struct mem_count l = counter(k, "NR_KERNEL_STACK_KB"), older;

	l.pages >>= PAGE_SHIFT - 10;
	if (l.st == VS_OK)
		return l;
	older = counter(k, "NR_KERNEL_STACK");
	older.pages *= task_stack_size(k) >> PAGE_SHIFT;
	return older.st ? l : older;
}

static struct mem_count word(struct kernel *k, const char *symbol, size_t size)
{
	struct mem_count l = { 0 };
	kva_t va;

	l.st = kernel_symbol(k, symbol, &va, &l.why);
	if (l.st == VS_OK)
		l.st = mem_read_uint(k->mem, va, size, &l.pages, &l.why);
	return l;
}

/* Pages of vmalloc areas: a counter of nodes since 7.0, nr_vmalloc_pages before. */
static struct mem_count vmalloc_pages(struct kernel *k)
{
	struct mem_count l = counter(k, "NR_VMALLOC");

	return l.st ? word(k, "nr_vmalloc_pages", 8) : l;
}

/* Like pcpu_nr_pages() of mm/percpu.c. Neither this nor TOTAL MEM includes the first chunk, which
 * boot code allocates. */
static struct mem_count percpu_pages(struct kernel *k)
{
	struct mem_count l = word(k, "pcpu_nr_populated", 4);
	struct mem_count units = word(k, "pcpu_nr_units", 4);

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

static vs_status add_cpu_lists(void *ctx, const struct zone *z, struct err *err)
{
	struct sum *s = ctx;
	uint64_t pages = 0;
	vs_status st = z->managed ? zone_cpu_lists(s->k, z, &pages, err) : VS_OK;

	s->total += pages;
	return st;
}

/* Free pages that CPUs keep; the kernel's counters of free pages do not include them. */
static struct mem_count cpu_lists(struct kernel *k)
{
	struct mem_count l = { 0 };
	struct sum s = { .k = k };

	l.st = zones_each(k, add_cpu_lists, &s, &l.why);
	l.pages = s.total;
	return l;
}

/* What virtio and VMware balloons took minus what they gave back; since 6.19 a counter. */
static struct mem_count balloon(struct kernel *k)
{
	struct mem_count l = counter(k, "NR_BALLOON_PAGES");
	uint64_t in = 0, out = 0;

	if (l.st == VS_OK)
		return l;
	l.st = vmstat_get(k, VMSTAT_EVENT, "BALLOON_INFLATE", &in, &l.why);
	if (l.st == VS_OK)
		l.st = vmstat_get(k, VMSTAT_EVENT, "BALLOON_DEFLATE", &out, &l.why);
	l.pages = in > out ? in - out : 0;
	return l;
}

static void find_rest(struct mem_usage *u)
{
	uint64_t sum = 0;

	u->rest = u->used;
	for (unsigned i = 0; i < USE_COUNT; i++) {
		if (i >= USE_COUNTED && u->by[i].st == VS_NOTFOUND)
			continue;
		needs(&u->rest, &u->by[i]);
		sum += u->by[i].pages;
	}
	if (u->rest.st)
		return;
	u->excess = sum > u->used.pages ? sum - u->used.pages : 0;
	u->rest.pages = u->excess ? 0 : u->used.pages - sum;
}

static void load_uses(struct kernel *k, struct mem_usage *u)
{
	struct mem_count reclaimed_gpu = counter(k, "NR_GPU_RECLAIM");

	u->by[USE_ANON] = anonymous(k);
	u->by[USE_SHMEM] = counter(k, "NR_SHMEM");
	u->by[USE_BUFFERS] = buffers(k);
	u->swap_cache.st = swap_cache_pages(k, &u->swap_cache.pages, &u->swap_cache.why);
	u->cached = cached(k, &u->by[USE_BUFFERS], &u->swap_cache);
	u->by[USE_FILES] = u->cached; // which includes shmem
	subtract(&u->by[USE_FILES], &u->by[USE_SHMEM]);
	// d42f3245c7e2 (5.9) added "_B" for bytes to the names, but the kernel still stores pages
	u->reclaimable = counter_or(k, "NR_SLAB_RECLAIMABLE_B", "NR_SLAB_RECLAIMABLE");
	u->unreclaimable = counter_or(k, "NR_SLAB_UNRECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE");
	u->by[USE_SLAB] = u->reclaimable;
	needs(&u->by[USE_SLAB], &u->unreclaimable);
	u->by[USE_SLAB].pages += u->unreclaimable.pages;
	u->by[USE_TABLES] = counter(k, "NR_PAGETABLE");
	u->by[USE_STACKS] = stacks(k);
	u->by[USE_VMALLOC] = vmalloc_pages(k);
	// Stacks in areas of vmalloc() are counted there as well.
	if (record_name(k, &stack_area_record, STACK_AREA))
		subtract(&u->by[USE_VMALLOC], &u->by[USE_STACKS]);
	u->by[USE_PERCPU] = percpu_pages(k);
	count_huge(k, &u->by[USE_HUGE], &u->huge_free);
	u->by[USE_CPU_LISTS] = cpu_lists(k);
	u->by[USE_SECONDARY] = counter(k, "NR_SECONDARY_PAGETABLE");
	u->by[USE_ZSMALLOC] = counter(k, "NR_ZSPAGES");
	u->by[USE_BOUNCE] = counter(k, "NR_BOUNCE");
	u->by[USE_MISC] = counter(k, "NR_KERNEL_MISC_RECLAIMABLE");
	u->by[USE_GPU] = counter(k, "NR_GPU_ACTIVE");
	needs(&u->by[USE_GPU], &reclaimed_gpu);
	u->by[USE_GPU].pages += reclaimed_gpu.pages;
}

void mem_usage_load(struct kernel *k, struct mem_usage *ret)
{
	struct mem_usage u = { 0 };

	u.total.st = memory_total_pages(k, &u.total.pages, &u.total.why);
	u.unused = counter(k, "NR_FREE_PAGES");
	u.used = u.total;
	needs(&u.used, &u.unused);
	subtract(&u.used, &u.unused);
	u.mapped = counter(k, "NR_FILE_MAPPED");
	u.file_pages = counter(k, "NR_FILE_PAGES");
	load_uses(k, &u);
	find_rest(&u);
	u.cma = word(k, "totalcma_pages", 8);
	u.cma_free = counter(k, "NR_FREE_CMA_PAGES");
	u.balloon = balloon(k);
	*ret = u;
}

const char *mem_use_name(unsigned use)
{
	static const char *const names[USE_COUNT + 1] = {
		[USE_ANON] = "anonymous",
		[USE_SHMEM] = "shmem",
		[USE_FILES] = "files",
		[USE_BUFFERS] = "buffers",
		[USE_SLAB] = "slab",
		[USE_TABLES] = "page_tables",
		[USE_STACKS] = "kernel_stacks",
		[USE_VMALLOC] = "vmalloc",
		[USE_PERCPU] = "per_cpu",
		[USE_HUGE] = "huge_pages",
		[USE_CPU_LISTS] = "cpu_lists",
		[USE_SECONDARY] = "secondary_page_tables",
		[USE_ZSMALLOC] = "zsmalloc",
		[USE_BOUNCE] = "bounce",
		[USE_MISC] = "misc_reclaimable",
		[USE_GPU] = "gpu",
		[USE_COUNT] = "unaccounted",
	};

	return use <= USE_COUNT ? names[use] : "?";
}

void mem_swap_load(struct kernel *k, struct mem_count *total, struct mem_count *used)
{
	struct swap_area areas[MAX_SWAPS];
	unsigned n;

	*total = (struct mem_count){ 0 };
	total->st = swap_list(k, areas, &n, &total->why);
	*used = *total;
	for (unsigned i = 0; i < n; i++) {
		total->pages += areas[i].pages;
		used->pages += areas[i].used;
	}
}
