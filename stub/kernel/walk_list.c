// SPDX-License-Identifier: GPL-3.0-or-later
/* walk_list.c - lists, chains and red-black trees of the crashed kernel. Other trees are in
 * walk_tree.c. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"

#define LIST_NEXT 0 /* struct list_head: next, prev */
#define LIST_PREV 8

bool walk_comes_back(struct walk_cycle *c, kva_t node)
{
	if (c->n && node == c->kept)
		return true;
	if (c->n++ >= c->limit) {
		c->kept = node;
		c->limit = c->limit ? c->limit * 2 : 1;
	}
	return false;
}

static vs_status chain(struct kernel *k, kva_t first, uint64_t next_off, kva_t end, bool ring,
		       walk_fn fn, void *ctx, struct err *err)
{
	struct walk_cycle seen = { 0 };
	kva_t node = first;

	// An odd pointer ends a "nulls" chain (include/linux/list_nulls.h).
	while (node && node != end && !(node & 1)) {
		kva_t next;
		vs_status st;

		if (walk_comes_back(&seen, node) || seen.n > WALK_MAX)
			return fail(err, VS_CORRUPT,
				    "after %zu entries: it comes back to %#" PRIx64, seen.n - 1,
				    node);
		st = mem_read_u64(k->mem, node + next_off, &next, err);
		if (st)
			return fail_ctx(err, st, "after %zu entries", seen.n - 1);
		if (!fn(ctx, node))
			return VS_OK;
		node = next;
	}
	// A circular list that does not return to its head is broken here.
	if (ring && node != end)
		return fail(err, VS_CORRUPT,
			    "after %zu entries: pointer %#" PRIx64 " leads out of the list", seen.n,
			    node);
	return VS_OK;
}

vs_status walk_chain(struct kernel *k, kva_t first, uint64_t next_off, kva_t end, walk_fn fn,
		     void *ctx, struct err *err)
{
	return chain(k, first, next_off, end, false, fn, ctx, err);
}

static vs_status walk_ring(struct kernel *k, kva_t head, uint64_t way, walk_fn fn, void *ctx,
			   struct err *err)
{
	kva_t first;
	vs_status st = mem_read_u64(k->mem, head + way, &first, err);

	return st ? fail_ctx(err, st, "list at %#" PRIx64, head)
		  : chain(k, first, way, head, true, fn, ctx, err);
}

vs_status walk_list(struct kernel *k, kva_t head, walk_fn fn, void *ctx, struct err *err)
{
	return walk_ring(k, head, LIST_NEXT, fn, ctx, err);
}

vs_status walk_list_back(struct kernel *k, kva_t head, walk_fn fn, void *ctx, struct err *err)
{
	return walk_ring(k, head, LIST_PREV, fn, ctx, err);
}

vs_status walk_hlist(struct kernel *k, kva_t head, walk_fn fn, void *ctx, struct err *err)
{
	kva_t first;
	vs_status st = mem_read_u64(k->mem, head, &first, err);

	return st ? fail_ctx(err, st, "list at %#" PRIx64, head)
		  : walk_chain(k, first, LIST_NEXT, 0, fn, ctx, err);
}

struct until_ended {
	walk_fn fn;
	void *ctx;
	bool ended;
};

static bool pass_on(void *ctx, kva_t node)
{
	struct until_ended *u = ctx;

	u->ended = !u->fn(u->ctx, node);
	return !u->ended;
}

void walk_hlists(struct kernel *k, kva_t table, unsigned n, walk_fn fn, void *ctx)
{
	struct until_ended u = { .fn = fn, .ctx = ctx };

	for (unsigned i = 0; i < n && !u.ended; i++)
		(void)walk_hlist(k, table + 8 * (kva_t)i, pass_on, &u, NULL);
}

struct objects {
	VEC(kva_t) va;
	uint64_t off;
	bool full;
};

static bool add_object(void *ctx, kva_t node)
{
	struct objects *o = ctx;

	o->full = !vec_push(&o->va, node - o->off);
	return !o->full;
}

vs_status walk_list_objects(struct kernel *k, kva_t head, uint64_t off, kva_t **ret, size_t *n,
			    struct err *err)
{
	struct objects o = { .off = off };
	vs_status st = walk_list(k, head, add_object, &o, err);

	*ret = o.va.v;
	*n = o.va.n;
	return o.full ? fail(err, VS_NOMEM, "list of %zu entries", *n) : st;
}

/* --- red-black trees */

#define RB_MAX_DEPTH 128 /* maximum height of a valid tree with 2^64 nodes */

/* struct rb_node: __rb_parent_color, rb_right, rb_left (include/linux/rbtree_types.h). */
struct rb_node {
	uint64_t parent_color, right, left;
};

static vs_status read_rb(struct kernel *k, kva_t va, kva_t parent, struct rb_node *ret,
			 struct err *err)
{
	vs_status st = mem_read(k->mem, va, ret, sizeof(*ret), err);

	if (st)
		return st;
	// There is no cycle if every node points to its parent and has two different children.
	if ((ret->parent_color & ~3ULL) != parent || (ret->left && ret->left == ret->right))
		return fail(err, VS_CORRUPT,
			    "node %#" PRIx64 " is not a child of %#" PRIx64 ", which points to it",
			    va, parent);
	return VS_OK;
}

struct rb_level {
	kva_t va;
	struct rb_node node;
};

vs_status walk_rbtree(struct kernel *k, kva_t root, walk_fn fn, void *ctx, struct err *err)
{
	struct rb_level level[RB_MAX_DEPTH];
	kva_t next, parent = 0;
	size_t n = 0;
	int depth = 0;
	vs_status st = mem_read_u64(k->mem, root, &next, err);

	while (st == VS_OK && (next || depth)) {
		if (next && depth == RB_MAX_DEPTH)
			return fail(err, VS_CORRUPT, "after %zu nodes: deeper than %d levels", n,
				    RB_MAX_DEPTH);
		if (next) { // down to the left
			struct rb_level *l = &level[depth];

			st = read_rb(k, next, parent, &l->node, err);
			l->va = parent = next;
			next = l->node.left;
			depth += st == VS_OK;
			continue;
		}
		depth--;
		if (!fn(ctx, level[depth].va))
			return VS_OK;
		n++;
		// Reuse its level for the right subtree, whose nodes still have it as parent.
		parent = level[depth].va;
		next = level[depth].node.right;
	}
	return st ? fail_ctx(err, st, "after %zu nodes", n) : VS_OK;
}
