/* vmalloc.c - areas of the vmalloc range (mm/vmalloc.c). Until 6.8 one list of all, then a tree for
 * each of several nodes (d093602919ad, 6.9). */
#include "stub/subsys/mm/vmalloc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"

#define MAX_NODES 4096 /* nr_vmap_nodes is at most the number of CPUs, clamped to 128 */

struct collect {
	struct kernel *k;
	struct member start, end, vm;
	uint64_t node_off; /* of the list_head or rb_node */
	VEC(struct vmap_area) areas;
	bool oom;
};

static bool add_area(void *ctx, kva_t node)
{
	struct collect *c = ctx;
	struct vmap_area a = { .va = node - c->node_off };

	if (kernel_read_at(c->k, a.va, &c->start, &a.start, NULL) ||
	    kernel_read_at(c->k, a.va, &c->end, &a.end, NULL))
		return true;
	kernel_read_at(c->k, a.va, &c->vm, &a.vm, NULL);
	if (a.end > a.start)
		c->oom = !vec_push(&c->areas, a);
	return !c->oom;
}

static vs_status load_layout(struct collect *c, struct err *err)
{
	vs_status st = kernel_member(c->k, "vmap_area", &c->start, err, "va_start", NULL);

	if (st == VS_OK)
		st = kernel_member(c->k, "vmap_area", &c->end, err, "va_end", NULL);
	if (st == VS_OK)
		st = kernel_member(c->k, "vmap_area", &c->vm, err, "vm", NULL);
	return st;
}

static vs_status walk_old(struct collect *c, struct err *err)
{
	struct member m;
	kva_t head;
	vs_status st = kernel_symbol_quick(c->k, "vmap_area_list", &head, err);

	if (st == VS_OK)
		st = kernel_member(c->k, "vmap_area", &m, err, "list", NULL);
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
	vs_status st = kernel_member(c->k, "vmap_area", &node, err, "rb_node", NULL), first = VS_OK;

	if (st == VS_OK)
		st = kernel_member(c->k, "vmap_node", &root, err, "busy.root", NULL);
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
	vs_status st = load_layout(&c, err);

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
