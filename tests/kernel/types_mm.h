// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* types_mm.h - structs of pages, slabs, zones; types.h includes it. */

/* --- pages, slabs, zones */

enum pageflags {
	PG_locked,
	PG_writeback,
	PG_referenced,
	PG_uptodate,
	PG_dirty,
	PG_lru,
	PG_head,
	PG_waiters,
	PG_active,
	PG_workingset,
	PG_owner_priv_1,
	PG_slab,
	PG_reserved,
	__NR_PAGEFLAGS,
};
struct page {
	unsigned long flags;
	union {
#if OLD /* until bb192ed9aa71 (5.17); in another order, as slab's own */
		struct {
			struct kmem_cache *slab_cache;
			union {
				struct list_head slab_list;
				struct {
					struct page *next;
					int pages;
				};
			};
			void *freelist;
			struct {
				unsigned inuse : 16, objects : 15, frozen : 1;
			};
		};
#endif
		struct {
			struct list_head lru;
			struct address_space *mapping;
			unsigned long index;
			unsigned long private;
		};
		struct {
			unsigned long compound_head;
		};
	};
	union {
		atomic_t _mapcount;
		u32 page_type;
	};
	atomic_t _refcount;
	unsigned long memcg_data;
};
#if OLD
#define slab		page
#define __page_flags	flags
#define __page_refcount _refcount
#else
struct slab {
	unsigned long __page_flags;
	struct kmem_cache *slab_cache;
	union {
		struct list_head slab_list;
		struct {
			struct slab *next;
			int slabs;
		};
	};
	void *freelist;
	union {
		unsigned long counters;
		struct {
			unsigned inuse : 16, objects : 15, frozen : 1;
		};
	};
	u32 __unused;
	atomic_t __page_refcount;
	unsigned long memcg_data;
};
#endif
struct kmem_cache_order_objects {
	u32 x;
};
struct kmem_cache_cpu {
	void **freelist;
	unsigned long tid;
#if OLD
	struct page *page, *partial;
#define SLABS(own, rest) .page = (own), .partial = (rest)
#else
	struct slab *slab, *partial;
#define SLABS(own, rest) .slab = (own), .partial = (rest)
#endif
};
struct kmem_cache_node {
	u32 list_lock;
	unsigned long nr_partial;
	struct list_head partial;
	atomic_long_t nr_slabs, total_objects;
	struct list_head full;
};
struct kmem_cache {
	struct kmem_cache_cpu *cpu_slab;
	u32 flags;
	unsigned long min_partial;
	u32 size, object_size;
	u32 offset;
	struct kmem_cache_order_objects oo, min;
	int refcount;
	u32 inuse, align, red_left_pad;
	const char *name;
	struct list_head list;
	unsigned long random;
	struct kmem_cache_node *node[1];
};
enum zone_stat_item { NR_FREE_PAGES, NR_MLOCK, NR_BOUNCE, NR_VM_ZONE_STAT_ITEMS };
enum node_stat_item {
	NR_SLAB_RECLAIMABLE_B,
	NR_SLAB_UNRECLAIMABLE_B,
	NR_ANON_MAPPED,
	NR_FILE_MAPPED,
	NR_FILE_PAGES,
	NR_FILE_DIRTY,
	NR_SHMEM,
	NR_SWAPCACHE,
	NR_PAGETABLE,
	NR_KERNEL_STACK_KB,
	NR_VM_NODE_STAT_ITEMS,
};
enum vm_event_item { PGPGIN, PGPGOUT, PGFAULT, NR_VM_EVENT_ITEMS };
struct vm_event_state {
	unsigned long event[NR_VM_EVENT_ITEMS];
};
enum zone_watermarks { WMARK_MIN, WMARK_LOW, WMARK_HIGH, NR_WMARK };
enum migratetype { MIGRATE_UNMOVABLE, MIGRATE_MOVABLE, MIGRATE_TYPES };
struct free_area {
	struct list_head free_list[MIGRATE_TYPES];
	unsigned long nr_free;
};
struct per_cpu_pages {
	int count, high;
};
struct zone {
	unsigned long _watermark[NR_WMARK];
	struct pglist_data *zone_pgdat;
	struct per_cpu_pages *per_cpu_pageset;
	unsigned long zone_start_pfn;
	atomic_long_t managed_pages;
	unsigned long spanned_pages, present_pages;
	const char *name;
	struct free_area free_area[11];
	atomic_long_t vm_stat[NR_VM_ZONE_STAT_ITEMS];
};
struct pglist_data {
	struct zone node_zones[2];
	int nr_zones;
	unsigned long node_start_pfn, node_present_pages, node_spanned_pages;
	int node_id;
};
struct hstate {
	int next_nid_to_alloc;
	u32 order;
	unsigned long nr_huge_pages, free_huge_pages;
	char name[32];
};
struct swap_info_struct {
	unsigned long flags;
	short prio;
	signed char type;
	u32 max, pages, inuse_pages;
	struct file *swap_file;
};
struct vm_struct {
	struct vm_struct *next;
	void *addr;
	unsigned long size, flags;
	struct page **pages;
	u32 nr_pages;
	unsigned long phys_addr;
	const void *caller;
};
struct vmap_node {
	struct {
		struct rb_root root;
	} busy;
};
struct vmap_area {
	unsigned long va_start, va_end;
	struct rb_node rb_node;
	struct list_head list;
	union {
		unsigned long subtree_max_size;
		struct vm_struct *vm;
	};
};

/* --- who allocated pages */

struct mem_section {
	unsigned long section_mem_map;
	void *usage;
	struct page_ext *page_ext;
	unsigned long pad;
};
enum page_ext_flags { PAGE_EXT_OWNER, PAGE_EXT_OWNER_ALLOCATED };
struct page_ext {
	unsigned long flags;
};
struct page_ext_operations {
	unsigned long offset, size;
	bool (*need)(void);
	void (*init)(void);
};
struct page_owner {
	unsigned short order;
	short last_migrate_reason;
	u32 gfp_mask;
	u32 handle;
#if OLD
	u32 free_handle;
#else
	u64 ts_nsec;
#endif
};
union handle_parts {
	u32 handle;
	struct {
#if OLD
		u32 slabindex : 21, offset : 10, valid : 1;
#elif NEW
		u32 pool_index_plus_1 : 17, offset : 10, extra : 5;
#else
		u32 slabindex : 16, offset : 10, valid : 1, extra : 5;
#endif
	};
};
struct stack_record {
#if NEW
	struct list_head hash_list;
#else
	struct stack_record *next;
#endif
	u32 hash;
	u32 size;
	union handle_parts handle;
#if NEW
	refcount_t count;
#endif
	unsigned long entries[2];
};
struct trace_print_flags {
	unsigned long mask;
	const char *name;
};
