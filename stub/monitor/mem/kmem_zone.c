/* kmem_zone.c - kmem -i, -z, -n, -V: memory as a whole. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/task/taskinfo.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/mm/zones.h"
#include "stub/monitor/mem/kmem.h"

#define MAX_NODES 1024

void kmem_put_size(uint64_t bytes, struct buf *out)
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
			buf_printf(out, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
				   units[i].name);
		else
			buf_printf(out, "%" PRIu64 " %s", tenths / 10, units[i].name);
		return;
	}
	if (bytes)
		buf_printf(out, "%" PRIu64 " KB", bytes >> 10);
	else
		buf_putc(out, '0');
}

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
	struct member bdev_inode, pages;
	uint64_t off, total;
};

static bool add_bdev(void *ctx, kva_t node)
{
	struct sum *s = ctx;
	kva_t inode = node - s->off;
	uint64_t mapping, n;

	if (kernel_read_member(s->k, inode, "inode", "i_mapping", &mapping, NULL) == VS_OK &&
	    mapping &&
	    kernel_read_member(s->k, mapping, "address_space", "nrpages", &n, NULL) == VS_OK)
		s->total += n;
	return true;
}

/* Pages of the caches of block devices (nr_blockdev_pages()). */
static struct line buffers(struct monitor *m)
{
	struct line l = { .label = "BUFFERS" };
	struct sum s = { .k = m->k };
	struct member list, inodes;
	kva_t va, sb;

	l.st = kernel_symbol(m->k, "blockdev_superblock", &va, &l.why);
	if (l.st == VS_OK)
		l.st = mem_read_u64(m->k->mem, va, &sb, &l.why);
	if (l.st == VS_OK)
		l.st = kernel_member(m->k, "super_block", &inodes, &l.why, "s_inodes", NULL);
	if (l.st == VS_OK)
		l.st = kernel_member(m->k, "inode", &list, &l.why, "i_sb_list", NULL);
	if (l.st)
		return l;
	s.off = list.off;
	l.st = walk_list(m->k, sb + inodes.off, add_bdev, &s, &l.why);
	l.pages = s.total;
	return l;
}

/* Pages of files less those of block devices and of the swap cache, as /proc/meminfo counts Cached.
 */
static struct line cached(struct monitor *m, const struct line *buf)
{
	struct line l = counter(m, "CACHED", VMSTAT_NODE, "NR_FILE_PAGES", NULL);
	uint64_t swap = 0;

	// b6038942480e (5.12); before, swapped pages in memory stay counted
	(void)vmstat_get(m->k, VMSTAT_NODE, "NR_SWAPCACHE", &swap, NULL);
	if (l.st == VS_OK)
		l.pages -= swap + buf->pages <= l.pages ? swap + buf->pages : l.pages;
	return l;
}

static struct line slab(struct monitor *m)
{
	// d42f3245c7e2 (5.9) counts bytes, but still stores pages
	struct line l =
		counter(m, "SLAB", VMSTAT_NODE, "NR_SLAB_RECLAIMABLE_B", "NR_SLAB_RECLAIMABLE");
	struct line u =
		counter(m, "", VMSTAT_NODE, "NR_SLAB_UNRECLAIMABLE_B", "NR_SLAB_UNRECLAIMABLE");

	l.pages += u.pages;
	return l;
}

static void put_huge(struct monitor *m, struct buf *out)
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
		kva_t at = h + i * size;

		if (kernel_read_member(m->k, at, "hstate", "order", &order, NULL) || order > 30 ||
		    kernel_read_member(m->k, at, "hstate", "nr_huge_pages", &all, NULL) ||
		    kernel_read_member(m->k, at, "hstate", "free_huge_pages", &idle, NULL))
			continue;
		total.pages += all << order;
		unused.pages += idle << order;
	}
	unused.st = total.st;
	unused.why = total.why;
	put_line(&total, NULL, out);
	put_line(&unused, &total, out);
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

/* vm_commit_limit() of mm/util.c. */
static void put_commit(struct monitor *m, const struct line *ram, const struct line *swap,
		       struct buf *out)
{
	struct line limit = { .label = "COMMIT LIMIT" }, all = { .label = "COMMITTED" };
	uint64_t ratio, kbytes = 0;
	kva_t va;

	limit.st = kernel_symbol(m->k, "sysctl_overcommit_ratio", &va, &limit.why);
	if (limit.st == VS_OK)
		limit.st = mem_read_uint(m->k->mem, va, 4, &ratio, &limit.why);
	if (kernel_symbol(m->k, "sysctl_overcommit_kbytes", &va, NULL) == VS_OK)
		mem_read_u64(m->k->mem, va, &kbytes, NULL);
	if (limit.st == VS_OK && swap->st) {
		limit.st = swap->st;
		limit.why = swap->why;
	}
	if (limit.st == VS_OK)
		limit.pages = (kbytes ? kbytes >> 2 : ram->pages * ratio / 100) + swap->pages;
	all.st = kernel_symbol(m->k, "vm_committed_as", &va, &all.why);
	if (all.st == VS_OK)
		all.st = kernel_read_member(m->k, va, "percpu_counter", "count", &all.pages,
					    &all.why);
	put_line(&limit, NULL, out);
	put_line(&all, &limit, out);
}

vs_status kmem_summary(struct monitor *m, struct buf *out, struct err *err)
{
	struct line ram = { .label = "TOTAL MEM" }, used = { .label = "USED" };
	struct line unused = counter(m, "FREE", VMSTAT_ZONE, "NR_FREE_PAGES", NULL);
	struct line mapped = counter(m, "SHARED", VMSTAT_NODE, "NR_FILE_MAPPED", NULL);
	struct line buf = buffers(m), cache = cached(m, &buf), slabs = slab(m);
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
	buf_putc(out, '\n');
	put_huge(m, out);
	buf_putc(out, '\n');
	put_swap(&swap, &swapped, out);
	buf_putc(out, '\n');
	put_commit(m, &ram, &swap, out);
	return VS_OK;
}

/* --- -V, -z, -n */

struct listing {
	struct buf *out;
	int width;
};

static void put_counter(void *ctx, const char *name, uint64_t value)
{
	const struct listing *l = ctx;

	buf_printf(l->out, "%*s: %" PRIu64 "\n", l->width, name, value);
}

vs_status kmem_counters(struct monitor *m, struct buf *out, struct err *err)
{
	static const struct {
		const char *title;
		enum vmstat_kind kind;
		int width;
	} parts[] = { { "VM_ZONE_STAT", VMSTAT_ZONE, 26 },
		      { "VM_NODE_STAT", VMSTAT_NODE, 26 },
		      { "VM_EVENT_STATES", VMSTAT_EVENT, 30 } };
	vs_status st = VS_OK;

	for (size_t i = 0; i < 3; i++) {
		struct listing l = { out, parts[i].width };
		struct err why;
		vs_status one;

		buf_printf(out, "%s  %s:\n", i ? "\n" : "", parts[i].title);
		one = vmstat_each(m->k, parts[i].kind, 0, put_counter, &l, &why);
		if (one)
			buf_printf(out, "  (unavailable: %s)\n", why.msg);
		if (one && st == VS_OK && err)
			*err = why;
		st = st ? st : one;
	}
	return st;
}

static vs_status each_zone(struct monitor *m,
			   vs_status (*fn)(struct monitor *m, const struct zone *z, struct buf *out,
					   struct err *err),
			   struct buf *out, struct err *err)
{
	struct node nodes[MAX_NODES];
	struct zone z;
	size_t n;
	vs_status st = nodes_list(m->k, nodes, MAX_NODES, &n, err);

	for (size_t i = 0; i < n && st == VS_OK; i++)
		for (unsigned j = 0; st == VS_OK && !buf_stopped(out); j++) {
			st = zone_load(m->k, &nodes[i], j, &z, err);
			if (st == VS_END) {
				st = VS_OK;
				break;
			}
			if (st == VS_OK)
				st = fn(m, &z, out, err);
		}
	return st;
}

static vs_status put_zone(struct monitor *m, const struct zone *z, struct buf *out, struct err *err)
{
	struct listing l = { out, 22 };

	buf_printf(out, "NODE: %u  ZONE: %u  ADDR: %" PRIx64 "  NAME: \"%s\"\n", z->node, z->index,
		   z->va, z->name);
	if (!z->spanned) {
		buf_puts(out, "  [unpopulated]\n\n");
		return VS_OK;
	}
	buf_printf(out,
		   "  SIZE: %" PRIu64 "  PRESENT: %" PRIu64 "  MANAGED: %" PRIu64
		   "  MIN/LOW/HIGH: %" PRIu64 "/%" PRIu64 "/%" PRIu64 "\n  VM_STAT:\n",
		   z->spanned, z->present, z->managed, z->watermark[0], z->watermark[1],
		   z->watermark[2]);
	if (vmstat_each(m->k, VMSTAT_ZONE, z->va, put_counter, &l, err))
		return err ? err->code : VS_LOST;
	buf_putc(out, '\n');
	return VS_OK;
}

vs_status kmem_zones(struct monitor *m, struct buf *out, struct err *err)
{
	return each_zone(m, put_zone, out, err);
}

static vs_status put_zone_row(struct monitor *m, const struct zone *z, struct buf *out,
			      struct err *err)
{
	kva_t page = 0;
	vs_status st = z->spanned ? page_of_pfn(m->k, z->start_pfn, &page, err) : VS_OK;

	buf_printf(out, "%3u   %-8s %10" PRIu64 "  %16" PRIx64 "  %12" PRIx64 "  %11" PRIu64 "\n",
		   z->index, z->name, z->spanned, page, z->start_pfn << PAGE_SHIFT, z->start_pfn);
	return st;
}

vs_status kmem_nodes(struct monitor *m, struct buf *out, struct err *err)
{
	struct node nodes[MAX_NODES];
	size_t n;
	vs_status st = nodes_list(m->k, nodes, MAX_NODES, &n, err);

	buf_puts(out, "NODE    SIZE      PGLIST_DATA       PRESENT   START_PADDR  START_MAPNR\n");
	for (size_t i = 0; i < n; i++)
		buf_printf(out,
			   "%3u %10" PRIu64 "  %16" PRIx64 "  %9" PRIu64 "  %12" PRIx64
			   "  %11" PRIu64 "\n",
			   nodes[i].id, nodes[i].spanned, nodes[i].va, nodes[i].present,
			   nodes[i].start_pfn << PAGE_SHIFT, nodes[i].start_pfn);
	if (st)
		return st;
	buf_puts(out,
		 "\nZONE  NAME           SIZE       MEM_MAP        START_PADDR  START_MAPNR\n");
	return each_zone(m, put_zone_row, out, err);
}
