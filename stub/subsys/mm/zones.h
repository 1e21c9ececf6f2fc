// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* zones.h - memory nodes, their zones, and the counters of the memory management. */
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

/* Online nodes in order, at most max. */
vs_status nodes_list(struct kernel *k, struct node *ret, size_t max, size_t *n, struct err *err);
/* The node that a page belongs to; -1: none has it, or nodes overlap there. */
int node_of_pfn(struct kernel *k, pfn_t pfn);
/* Zone index of a node; VS_END past the last one. */
vs_status zone_load(struct kernel *k, const struct node *node, unsigned index, struct zone *ret,
		    struct err *err);

/* The counters, by what enumerates them. */
enum vmstat_kind {
	VMSTAT_ZONE,  /* enum zone_stat_item, pages */
	VMSTAT_NODE,  /* enum node_stat_item, pages mostly */
	VMSTAT_EVENT, /* enum vm_event_item, counts since boot */
};
/* Calls fn for each counter by its enumerator's name. zone: one zone's counters (VMSTAT_ZONE), 0:
 * of all of memory. As the kernel reads them: what CPUs have not yet added is left out (negative is
 * 0). */
typedef void (*vmstat_fn)(void *ctx, const char *name, uint64_t value);
vs_status vmstat_each(struct kernel *k, enum vmstat_kind kind, kva_t zone, vmstat_fn fn, void *ctx,
		      struct err *err);
/* Does the kernel (before 4.8) count nodes among the zones, so that there is no VMSTAT_NODE? */
bool vmstat_is_one_table(struct kernel *k);
/* One of them. */
vs_status vmstat_get(struct kernel *k, enum vmstat_kind kind, const char *name, uint64_t *ret,
		     struct err *err);
