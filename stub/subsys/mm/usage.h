// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* usage.h - what memory is used for, by the kernel's counters: numbers of pages. The kernel lets
 * each CPU keep small changes of a counter to itself for a while; as in /proc/meminfo, those are
 * not included. */
#include <stdint.h>

#include "stub/base/err.h"

struct kernel;

/* A number of pages, or why it is unknown. VS_NOTFOUND: this kernel has no such counter. */
struct mem_count {
	vs_status st;
	struct err why;
	uint64_t pages;
};

/* Uses that share no page. */
enum mem_use {
	USE_ANON,
	USE_SHMEM,
	USE_FILES, /* without shmem, the swap cache and buffers */
	USE_BUFFERS,
	USE_SLAB,
	USE_TABLES,
	USE_STACKS,
	USE_VMALLOC, /* without stacks */
	USE_PERCPU,  /* without what boot code allocates, which TOTAL MEM does not include either */
	USE_HUGE,    /* hugetlb pages, used or not */
	USE_CPU_LISTS,		     /* free pages that each CPU keeps */
	USE_COUNTED,		     /* the uses below exist in some kernels only */
	USE_SECONDARY = USE_COUNTED, /* page tables of KVM guests and IOMMUs, since 6.1 */
	USE_ZSMALLOC,		     /* of zram and zswap */
	USE_BOUNCE,
	USE_MISC, /* that drivers can give back (NR_KERNEL_MISC_RECLAIMABLE) */
	USE_GPU,  /* since 6.19 */
	USE_COUNT
};

struct mem_usage {
	struct mem_count total, unused; /* all pages that the kernel manages; free ones */
	struct mem_count used;		/* the difference */
	struct mem_count by[USE_COUNT];
	struct mem_count rest; /* used pages in none of the uses; if they overlap, `excess` */
	uint64_t excess;       /* by how much the uses are more than the used pages, if not 0 */

	/* Parts and sums of the above. */
	struct mem_count file_pages; /* with shmem, the swap cache and buffers */
	struct mem_count mapped, cached, reclaimable, unreclaimable, huge_free;
	struct mem_count swap_cache; /* may be counted as anonymous, too; else it is in `rest` */
	struct mem_count cma, cma_free;
	struct mem_count balloon; /* taken by the host; usually not in `total` */
};

void mem_usage_load(struct kernel *k, struct mem_usage *ret);
/* The name of a use: "anonymous", "cpu_lists"; USE_COUNT: of the rest, "unaccounted". */
const char *mem_use_name(unsigned use);
/* Swap space: all, and used. */
void mem_swap_load(struct kernel *k, struct mem_count *total, struct mem_count *used);
