// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* zones.h - memory nodes, their zones, and memory management counters. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;

struct zone {
	kva_t va; /* struct zone */
	unsigned node, index;
	char name[24];
	uint64_t start_pfn, spanned, present, managed;
	uint64_t watermark[3]; /* min, low, high; pages */
};

struct node {
	kva_t va; /* struct pglist_data */
	unsigned id;
	uint64_t start_pfn, spanned, present;
};

/* The online nodes in order, at most max. */
vs_status nodes_list(struct kernel *k, struct node *ret, size_t max, size_t *n, struct err *err);
/* The node of a page; -1: none has it, or nodes overlap there. */
int node_of_pfn(struct kernel *k, pfn_t pfn);
/* Calls fn for each zone of the online nodes, in order. VS_END from fn ends this early, with VS_OK;
 * any failure is the result. */
typedef vs_status (*zone_fn)(void *ctx, const struct zone *z, struct err *err);
vs_status zones_each(struct kernel *k, zone_fn fn, void *ctx, struct err *err);

/* Free pages of a zone in the kernel's counter, which lacks those that CPUs keep. */
vs_status zone_free_pages(struct kernel *k, const struct zone *z, uint64_t *ret, struct err *err);
/* Free pages of a zone that CPUs keep on lists of their own. */
vs_status zone_cpu_lists(struct kernel *k, const struct zone *z, uint64_t *ret, struct err *err);
/* Free blocks of 2^i pages in ret[i], for orders below *n, at most max. */
vs_status zone_free_blocks(struct kernel *k, const struct zone *z, uint64_t *ret, unsigned max,
			   unsigned *n, struct err *err);

/* One list of free blocks, of 2^order pages and one migrate type each. */
struct free_list {
	unsigned order;
	kva_t head; /* its struct list_head */
	uint64_t blocks;
};
/* Calls fn for each list of a zone; fails where a list cannot be walked to its end. */
typedef void (*free_list_fn)(void *ctx, const struct free_list *l);
vs_status zone_free_lists(struct kernel *k, const struct zone *z, free_list_fn fn, void *ctx,
			  struct err *err);

/* The kinds of counters, by the enum that names them. */
enum vmstat_kind {
	VMSTAT_ZONE,  /* enum zone_stat_item, pages */
	VMSTAT_NODE,  /* enum node_stat_item, mostly pages */
	VMSTAT_EVENT, /* enum vm_event_item, counts since boot */
};
/* Calls fn for each counter with its enumerator's name. zone: counters of one zone (VMSTAT_ZONE),
 * or 0 for all memory. Like the kernel, this ignores what CPUs have not added yet, and shows
 * negative values as 0. */
typedef void (*vmstat_fn)(void *ctx, const char *name, uint64_t value);
vs_status vmstat_each(struct kernel *k, enum vmstat_kind kind, kva_t zone, vmstat_fn fn, void *ctx,
		      struct err *err);
/* Does this kernel (before 4.8) have node counters among those of zones, and no VMSTAT_NODE? */
bool vmstat_is_one_table(struct kernel *k);
/* One counter by name. */
vs_status vmstat_get(struct kernel *k, enum vmstat_kind kind, const char *name, uint64_t *ret,
		     struct err *err);
