// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* walk.h - walks the kernel's lists and trees with a limit, and visits no node twice, because the
 * data may be damaged or in the middle of a change.
 * A walk calls fn for each node until fn returns false, which ends it with VS_OK. If the walk
 * fails, fn has had all nodes before, and err says after how many and why. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

#define WALK_MAX (16u << 20) /* nodes; more than any list of a real kernel */

/* node: address of the struct list_head, rb_node, ... inside the object. */
typedef bool (*walk_fn)(void *ctx, kva_t node);

/* Brent's cycle check, for walks other than those below: remembers one node, and replaces it at
 * powers of two. Initialise with zeros. Returns true if the chain has been at node before. */
struct walk_cycle {
	kva_t kept;
	size_t n, limit;
};
bool walk_comes_back(struct walk_cycle *c, kva_t node);

/* A circular list of struct list_head; fn does not get head itself. */
vs_status walk_list(struct kernel *k, kva_t head, walk_fn fn, void *ctx, struct err *err);
/* The same in reverse order. */
vs_status walk_list_back(struct kernel *k, kva_t head, walk_fn fn, void *ctx, struct err *err);
/* struct hlist_head, hlist_nulls_head or llist_head at head. */
vs_status walk_hlist(struct kernel *k, kva_t head, walk_fn fn, void *ctx, struct err *err);
/* A table of n such heads, until fn ends it. Skips what cannot be read. */
void walk_hlists(struct kernel *k, kva_t table, unsigned n, walk_fn fn, void *ctx);
/* Any chain: from the node at first, with next pointers at next_off, up to 0, an odd value (nulls)
 * or end. fn gets the pointers' values. */
vs_status walk_chain(struct kernel *k, kva_t first, uint64_t next_off, kva_t end, walk_fn fn,
		     void *ctx, struct err *err);
/* struct rb_root (or rb_root_cached) at root, in order. Every node must point to its parent. */
vs_status walk_rbtree(struct kernel *k, kva_t root, walk_fn fn, void *ctx, struct err *err);

/* All objects of a list, for lists that fit in memory. off: of the list_head in each object. The
 * caller frees *ret, which has all objects up to a failure. */
vs_status walk_list_objects(struct kernel *k, kva_t head, uint64_t off, kva_t **ret, size_t *n,
			    struct err *err);

/* One entry of an array-like tree: the pointer (or value entry, an odd number) stored for the
 * indices first to last. */
typedef bool (*walk_entry_fn)(void *ctx, uint64_t first, uint64_t last, uint64_t entry);

/* Both continue after a node below the root that cannot be read or does not match its parent: fn
 * gets everything elsewhere, and err has the number of such nodes and the reason for the first. */
/* struct xarray (also radix_tree_root since 4.7, and an idr's idr_rt) at xa. */
vs_status walk_xarray(struct kernel *k, kva_t xa, walk_entry_fn fn, void *ctx, struct err *err);
/* The entry of an xarray for one index; 0: it has none. VS_CORRUPT and others: a node on the way to
 * it cannot be read. */
vs_status xarray_entry(struct kernel *k, kva_t xa, uint64_t index, uint64_t *ret, struct err *err);
/* Walks the entries of a struct idr, of any kernel. A damaged layer only loses entries below it. */
vs_status walk_idr_at(struct kernel *k, kva_t idr, walk_entry_fn fn, void *ctx, struct err *err);
/* The struct idr that a symbol names. */
vs_status walk_idr(struct kernel *k, const char *symbol, walk_entry_fn fn, void *ctx,
		   struct err *err);
/* struct maple_tree (since 6.1) at mt. */
vs_status walk_maple(struct kernel *k, kva_t mt, walk_entry_fn fn, void *ctx, struct err *err);
