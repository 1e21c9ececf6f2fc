// SPDX-License-Identifier: GPL-3.0-or-later
/* vmalloc.c - areas of the vmalloc range (mm/vmalloc.c): one list of all until 6.8, then a tree for
 * each of several nodes (d093602919ad, 6.9). */
#include "stub/subsys/mm/vmalloc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_NODES 4096 /* nr_vmap_nodes is at most the number of CPUs, clamped to 128 */

enum { VMAP_START, VMAP_END, VMAP_VM, VMAP_LIST, VMAP_RB_NODE };
static const struct record_field vmap_fields[] = {
	[VMAP_START] = { { "va_start" }, RECORD_UINT },
	[VMAP_END] = { { "va_end" }, RECORD_UINT },
	[VMAP_VM] = { { "vm" }, RECORD_POINTER },
	[VMAP_LIST] = { { "list" }, RECORD_ADDRESS },
	[VMAP_RB_NODE] = { { "rb_node" }, RECORD_ADDRESS },
};
RECORD(vmap_record, "vmap_area", vmap_fields);

enum { VM_FLAGS, VM_PAGES, VM_CALLER };
static const struct record_field vm_fields[] = {
	[VM_FLAGS] = { { "flags" }, RECORD_UINT },
	[VM_PAGES] = { { "nr_pages" }, RECORD_UINT },
	[VM_CALLER] = { { "caller" }, RECORD_POINTER },
};
RECORD(vm_record, "vm_struct", vm_fields);

#define VM_ALLOC 2 /* include/linux/vmalloc.h: pages of vmalloc() */

enum { VMAP_NODE_BUSY };
static const struct record_field vmap_node_fields[] = {
	[VMAP_NODE_BUSY] = { { "busy.root" }, RECORD_ADDRESS, "since 6.9" },
};
RECORD(vmap_node_record, "vmap_node", vmap_node_fields);

struct collect {
	struct kernel *k;
	uint64_t node_off; /* of the list_head or rb_node */
	VEC(struct vmap_area) areas;
	bool oom;
};

static bool add_area(void *ctx, kva_t node)
{
	struct collect *c = ctx;
	struct vmap_area a = { .va = node - c->node_off };
	struct record r;

	record_read(c->k, &vmap_record, a.va, RECORD_ALL, &r);
	if (!record_get(&r, VMAP_START, &a.start) || !record_get(&r, VMAP_END, &a.end))
		return true;
	a.vm = record_pointer(&r, VMAP_VM);
	if (a.end > a.start)
		c->oom = !vec_push(&c->areas, a);
	return !c->oom;
}

/* Fails if the types lack a member; otherwise the walk would silently find nothing. */
static vs_status check_layout(struct collect *c, struct err *err)
{
	struct member m;
	vs_status st = record_member(c->k, &vmap_record, VMAP_START, &m, err);

	if (st == VS_OK)
		st = record_member(c->k, &vmap_record, VMAP_END, &m, err);
	return st ? st : record_member(c->k, &vmap_record, VMAP_VM, &m, err);
}

static vs_status walk_old(struct collect *c, struct err *err)
{
	struct member m;
	kva_t head;
	vs_status st = kernel_symbol_quick(c->k, "vmap_area_list", &head, err);

	if (st == VS_OK)
		st = record_member(c->k, &vmap_record, VMAP_LIST, &m, err);
	if (st)
		return st;
	c->node_off = m.off;
	return walk_list(c->k, head, add_area, c, err);
}

static vs_status walk_nodes(struct collect *c, kva_t nodes, struct err *err)
{
	struct member node, root;
	uint64_t size, n;
	kva_t va;
	vs_status st = record_member(c->k, &vmap_record, VMAP_RB_NODE, &node, err), first = VS_OK;

	if (st == VS_OK)
		st = record_member(c->k, &vmap_node_record, VMAP_NODE_BUSY, &root, err);
	if (st == VS_OK)
		st = types_size(c->k->types, "vmap_node", &size, err);
	if (st == VS_OK)
		st = kernel_symbol(c->k, "nr_vmap_nodes", &va, err);
	if (st == VS_OK)
		st = mem_read_uint(c->k->mem, va, 4, &n, err);
	if (st == VS_OK)
		st = mem_read_u64(c->k->mem, nodes, &nodes, err);
	if (st)
		return st;
	if (n > MAX_NODES)
		return fail(err, VS_CORRUPT, "nr_vmap_nodes is %" PRIu64, n);
	c->node_off = node.off;
	for (uint64_t i = 0; i < n; i++) {
		struct err why;

		st = walk_rbtree(c->k, nodes + i * size + root.off, add_area, c, &why);
		if (st && first == VS_OK && err)
			*err = why;
		first = first ? first : st;
	}
	return first;
}

static int by_start(const void *a, const void *b)
{
	const struct vmap_area *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

vs_status vmap_areas(struct kernel *k, struct vmap_area **ret, size_t *n, struct err *err)
{
	struct collect c = { .k = k };
	kva_t nodes;
	vs_status st = check_layout(&c, err);

	if (st == VS_OK)
		st = kernel_symbol(k, "vmap_nodes", &nodes, NULL) == VS_OK
			     ? walk_nodes(&c, nodes, err)
			     : walk_old(&c, err);
	if (c.oom)
		st = fail(err, VS_NOMEM, "%zu vmalloc areas", c.areas.n);
	if (c.areas.n)
		qsort(c.areas.v, c.areas.n, sizeof(*c.areas.v), by_start);
	*ret = c.areas.v;
	*n = c.areas.n;
	return st ? fail_ctx(err, st, "vmalloc areas") : VS_OK;
}

const struct vmap_area *vmap_find(const struct vmap_area *v, size_t n, kva_t va)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (va < v[mid].start)
			hi = mid;
		else if (va >= v[mid].end)
			lo = mid + 1;
		else
			return &v[mid];
	}
	return NULL;
}

vs_status vmap_pages_load(struct kernel *k, const struct vmap_area *a, struct vmap_pages *ret,
			  struct err *err)
{
	uint64_t flags, pages = 0, caller = 0;
	struct record r;
	vs_status st;

	*ret = (struct vmap_pages){ 0 };
	if (!a->vm)
		return VS_OK;
	record_read(k, &vm_record, a->vm, RECORD_ALL, &r);
	st = record_need(&r, VM_FLAGS, &flags, err);
	if (st == VS_OK && !(flags & VM_ALLOC))
		return VS_OK;
	if (st == VS_OK)
		st = record_need(&r, VM_PAGES, &pages, err);
	if (st == VS_OK)
		st = record_need(&r, VM_CALLER, &caller, err);
	if (st == VS_OK && pages > (a->end - a->start) >> 12)
		st = fail(err, VS_CORRUPT, "vm_struct %" PRIx64 ": %" PRIu64 " pages", a->vm,
			  pages);
	if (st == VS_OK)
		*ret = (struct vmap_pages){ pages, caller };
	return st;
}
