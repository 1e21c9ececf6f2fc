/* mm.h - one node with two zones, page frames, two slab caches, a swap file, the vmalloc areas. */

/* Free pages that CPUs keep. */
PER_CPU(0340, struct per_cpu_pages, dma_lists, V({ 3 }), V({ 0 }));
PER_CPU(0360, struct per_cpu_pages, normal_lists, V({ 20 }), V({ 10 }));

/* Pages 0 to 4095 are zone DMA, 4096 to 16383 zone Normal. */
AT(ffff888000170000)
struct pglist_data node_0 = {
	.nr_zones = 2,
	.node_id = 0,
	.node_start_pfn = 0,
	.node_spanned_pages = 16384,
	.node_present_pages = 16000,
	.node_zones = {
		{
			.name = "DMA",
			.per_cpu_pageset = &dma_lists,
			.zone_start_pfn = 0,
			.spanned_pages = 4096,
			.present_pages = 4000,
			.managed_pages = { 3900 },
			._watermark = { 10, 20, 30 },
			.vm_stat = { [NR_FREE_PAGES] = { 1000 }, [NR_MLOCK] = { 1 } },
		},
		{
			.name = "Normal",
			.per_cpu_pageset = &normal_lists,
			.zone_start_pfn = 4096,
			.spanned_pages = 12288,
			.present_pages = 12000,
			.managed_pages = { 11000 },
			._watermark = { 40, 50, 60 },
			.vm_stat = { [NR_FREE_PAGES] = { 2000 }, [NR_MLOCK] = { 2 } },
		},
	},
};
struct pglist_data *node_data[1] = { &node_0 };
u32 nr_node_ids = 1;

/* -5 counts as 0. */
atomic_long_t vm_zone_stat[NR_VM_ZONE_STAT_ITEMS] = { { 3000 }, { 3 }, { -5 } };
atomic_long_t vm_node_stat[NR_VM_NODE_STAT_ITEMS] = {
	[NR_SLAB_RECLAIMABLE_B] = { 30 }, [NR_SLAB_UNRECLAIMABLE_B] = { 70 },
	[NR_ANON_MAPPED] = { 118 },	  [NR_FILE_MAPPED] = { 410 },
	[NR_FILE_PAGES] = { 500 },	  [NR_SHMEM] = { 12 },
	[NR_SWAPCACHE] = { 3 },		  [NR_PAGETABLE] = { 20 },
	[NR_KERNEL_STACK_KB] = { 64 },
};
atomic_long_t nr_vmalloc_pages = { 50 };
int pcpu_nr_populated = 4, pcpu_nr_units = 2;
PER_CPU(0300, struct vm_event_state, vm_event_states, V({ { 100, 200, 1000 } }),
	V({ { 1, 2, 3 } }));

/* 40 pages, 5 of them used, in the file /swap */
AT(ffff888000171000)
struct swap_info_struct swap_0 = {
	.flags = 3,
	.prio = -2,
	.pages = 40,
	.inuse_pages = 5,
	.swap_file = &swap_file,
};
/* swapoff has released it */
AT(ffff888000171400) struct swap_info_struct swap_1 = { .prio = -3, .pages = 10 };
struct swap_info_struct *swap_info[2] = { &swap_0, &swap_1 };
u32 nr_swapfiles = 2;

/* Two huge pages of 2 MB, one of them free. */
struct hstate hstates[2] = {
	{ .order = 9, .nr_huge_pages = 2, .free_huge_pages = 1, .name = "hugepages-2048kB" }
};
int hugetlb_max_hstate = 1;

/* 700 pages promised, and 8 - 3 that the CPUs have not added yet */
PER_CPU(0400, s32, committed, 8, -3);
struct percpu_counter vm_committed_as = { .count = 700, .counters = &committed };
int sysctl_overcommit_ratio = 50;
unsigned long sysctl_overcommit_kbytes = 0;

/* --- vmalloc: the stacks of worm and init with their guard pages, and the module */
extern struct vmap_area worm_area, init_area, digger_area;
#if NEW /* d093602919ad (6.9): trees of several nodes; digger and worm in one, init in the other   \
	 */
struct vmap_node node_areas[2] = { { { { &worm_area.rb_node } } }, { { { &init_area.rb_node } } } };
struct vmap_node *vmap_nodes = node_areas;
int nr_vmap_nodes = 2;
#endif
AT(ffffffff82205000) struct list_head vmap_area_list = LINKS(&worm_area.list, &digger_area.list);
AT(ffff888000172000)
struct vm_struct worm_stack_vm = { .addr = (void *)0xffffc90000004000, .size = 0x5000 };
AT(ffff888000172100)
struct vm_struct init_stack_vm = { .addr = (void *)0xffffc9000000c000, .size = 0x5000 };
AT(ffff888000172200)
struct vmap_area worm_area = {
	.rb_node = { .rb_right = &digger_area.rb_node },
	.va_start = 0xffffc90000004000,
	.va_end = 0xffffc90000009000,
	.vm = &worm_stack_vm,
	.list = LINKS(&init_area.list, &vmap_area_list),
};
AT(ffff888000172300)
struct vmap_area init_area = {
	.va_start = 0xffffc9000000c000,
	.va_end = 0xffffc90000011000,
	.vm = &init_stack_vm,
	.list = LINKS(&digger_area.list, &worm_area.list),
};
AT(ffff888000172400)
struct vm_struct digger_vm = { .addr = (void *)0xffffffffc0000000, .size = 0x4000 };
AT(ffff888000172500)
struct vmap_area digger_area = {
	.rb_node = { .__rb_parent_color = (unsigned long)&worm_area.rb_node },
	.va_start = 0xffffffffc0000000,
	.va_end = 0xffffffffc0004000,
	.vm = &digger_vm,
	.list = LINKS(&vmap_area_list, &init_area.list),
};

/* --- slabs
 * The cache "burrow" has objects of 500 bytes, 512 apart, 8 in a slab of one page, the pointer to
 * the next free one at 256, stored xored with a number and the reversed bytes of its own place.
 *
 *   page 200: the slab of CPU 1. 2 and 5 are on the list of the CPU, 7 on that of the slab
 *   page 201: on the partial list of CPU 1; 0 and 1 are free
 *   page 202: on the partial list of the node; 3 is free
 */
#define SECRET	       0x1122334455667788
#define SLAB(pfn)      (0xffff888000000000 + ((pfn) << 12))
#define OBJECT(pfn, i) (SLAB(pfn) + (i)*512)
/* 1ad53d9fa3f6 (5.7, and stable kernels since 2020) swapped the bytes. */
#if OLD
#define PLACE(pfn, i) (OBJECT(pfn, i) + 256)
#else
#define PLACE(pfn, i) __builtin_bswap64(OBJECT(pfn, i) + 256)
#endif
#define FREE(pfn, i, next) [((i)*512 + 256) / 8] = (next) ^ SECRET ^ PLACE(pfn, i)
#define PAGE_OF(pfn)	   (0xffffea0000000000 + (pfn)*64)

AT(ffff888000200000)
unsigned long page_200[512] = {
	[0] = 0xb0b0b0b0b0b0b0b0,
	FREE(0x200UL, 2, OBJECT(0x200UL, 5)),
	FREE(0x200UL, 5, 0),
	FREE(0x200UL, 7, 0),
};
AT(ffff888000201000)
unsigned long page_201[512] = { FREE(0x201UL, 0, OBJECT(0x201UL, 1)), FREE(0x201UL, 1, 0) };
AT(ffff888000202000) unsigned long page_202[512] = { FREE(0x202UL, 3, 0) };

extern struct kmem_cache burrow;
extern struct kmem_cache_node burrow_node;
AT(ffffea0000008000)
struct slab slab_200 = {
	.__page_flags = 1 << PG_slab,
	.slab_cache = &burrow,
	.freelist = (void *)OBJECT(0x200UL, 7),
	.objects = 8,
	.inuse = 7,
	.frozen = 1,
	.__page_refcount = { 1 },
};
AT(ffffea0000008040)
struct slab slab_201 = {
	.__page_flags = 1 << PG_slab,
	.slab_cache = &burrow,
	.freelist = (void *)OBJECT(0x201UL, 0),
	.objects = 8,
	.inuse = 6,
	.frozen = 1,
	.__page_refcount = { 1 },
};
AT(ffffea0000008080)
struct slab slab_202 = {
	.__page_flags = 1 << PG_slab,
	.slab_cache = &burrow,
	.freelist = (void *)OBJECT(0x202UL, 3),
	.objects = 8,
	.inuse = 7,
	.slab_list = LINKS(&burrow_node.partial, &burrow_node.partial),
	.__page_refcount = { 1 },
};
PER_CPU(0600, struct kmem_cache_cpu, burrow_cpu, V({}),
	V({ .freelist = (void *)OBJECT(0x200UL, 2), SLABS(&slab_200, &slab_201) }));
PER_CPU(0700, struct kmem_cache_cpu, empty_cpu, V({}), V({}));
AT(ffff888000173000)
struct kmem_cache_node burrow_node = {
	.nr_partial = 1,
	.partial = LINKS(&slab_202.slab_list, &slab_202.slab_list),
	.full = EMPTY(burrow_node.full),
	.nr_slabs = { 3 },
	.total_objects = { 24 },
};
AT(ffff888000173100)
struct kmem_cache_node empty_node = { .partial = EMPTY(empty_node.partial),
				      .full = EMPTY(empty_node.full) };
extern struct kmem_cache empty;
AT(ffffffff82205100) struct list_head slab_caches = LINKS(&burrow.list, &empty.list);
AT(ffff888000173200)
struct kmem_cache burrow = {
	.name = "burrow",
	.cpu_slab = &burrow_cpu,
	.size = 512,
	.object_size = 500,
	.offset = 256,
	.oo = { 8 },
	.random = SECRET,
	.list = LINKS(&empty.list, &slab_caches),
	.node = { &burrow_node },
};
AT(ffff888000173400)
struct kmem_cache empty = {
	.name = "empty",
	.cpu_slab = &empty_cpu,
	.size = 8192,
	.object_size = 8000,
	.oo = { 3 << 16 | 4 },
	.list = LINKS(&slab_caches, &burrow.list),
	.node = { &empty_node },
};

/* --- page frames: 0 reserved, 104 of the kernel, 203 free, 204 a compound page of the page cache
 * with 205 */
AT(ffffea0000000000) struct page page_0 = { .flags = 1 << PG_reserved, ._refcount = { 1 } };
AT(ffffea0000004100) struct page page_104 = { ._refcount = { 1 }, .page_type = ~0U };
AT(ffffea00000080c0) struct page page_203 = { .page_type = 0xffffff7f };
AT(ffffea0000008100)
struct page page_204 = {
	.flags = 1 << PG_head | 1 << PG_lru | 1 << PG_uptodate,
	.mapping = &log_pages,
	.index = 2,
	._refcount = { 3 },
	.page_type = ~0U,
};
AT(ffffea0000008140)
struct page page_205 = { .compound_head = PAGE_OF(0x204UL) + 1, .page_type = ~0U };

/* --- who allocated pages:
 * frames 0x130 to 0x133. The first two are one allocation, the third is free, and the stack of the
 * last is lost */

#if OLD
#define HANDLE(pool, place) ((pool) | (place) << 21 | 1u << 31)
void *stack_slabs[2] = { NULL, (void *)0xffff888000251000 };
#elif NEW
#define HANDLE(pool, place) (((pool) + 1) | (place) << 17)
void *pools[2] = { NULL, (void *)0xffff888000251000 };
void **stack_pools = pools;
#else
#define HANDLE(pool, place) ((pool) | (place) << 16 | 1u << 26)
void *stack_slabs[2] = { NULL, (void *)0xffff888000251000 };
#endif
AT(ffff888000251000)
struct stack_record bury_stack = {
	.size = 2,
	.handle = { HANDLE(1, 0) },
	.entries = { 0xffffffffc0000012, 0xffffffff82000044 },
};

struct owned_page {
	struct page_ext ext;
	struct page_owner owner;
};
#define OWNED(bits, with_order, with)                                                              \
	{                                                                                          \
		{ (bits) },                                                                        \
		{                                                                                  \
			.order = (with_order), .gfp_mask = 0xdc0, .handle = (with)                 \
		}                                                                                  \
	}
AT(ffff888000240000)
struct owned_page owned[0x240] = {
	[0x130] = OWNED(3, 1, HANDLE(1, 0)),
	[0x131] = OWNED(3, 1, HANDLE(1, 0)),
	[0x132] = OWNED(1, 0, HANDLE(1, 0)),
	[0x133] = OWNED(3, 0, HANDLE(1, 9)),
};
AT(ffff888000252000)
struct mem_section section_0[1] = {
	{ .section_mem_map = 0xffffea0000000003, .page_ext = &owned[0].ext },
};
struct mem_section *section_roots[1] = { section_0 };
struct mem_section **mem_section = section_roots;
unsigned long page_ext_size = sizeof(struct owned_page);
struct page_ext_operations page_owner_ops = { .offset = 8, .size = sizeof(struct page_owner) };
const struct trace_print_flags gfpflag_names[] = {
	{ 0xcc0, "GFP_KERNEL" },
	{ 0xc00, "__GFP_RECLAIM" },
	{ 0x100, "__GFP_ZERO" },
	{ 0, NULL },
};
