// SPDX-License-Identifier: GPL-3.0-or-later
/* slab.c - slab caches and the objects in them: SLUB (mm/slub.c), with SLAB in oldslab.c. */
#include "stub/subsys/mm/slab.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/addressmap.h"
#include "stub/kernel/kernel.h"
#include "stub/subsys/mm/oldslab.h"
#include "stub/subsys/mm/pages.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_ORDER 16
#define MAX_NODES 1024

/* 5.17 (bb192ed9aa719) took struct slab out of struct page. */
static const struct record_field slab_fields[] = {
	[SLAB_CACHE] = { { "slab_cache" }, RECORD_POINTER, "since 5.17" },
	[SLAB_OBJECTS] = { { "objects" }, RECORD_UINT, "since 5.17" },
	[SLAB_INUSE] = { { "inuse" }, RECORD_UINT, "since 5.17" },
	[SLAB_FREELIST] = { { "freelist" }, RECORD_POINTER, "since 5.17" },
	[SLAB_NEXT] = { { "next" }, RECORD_ADDRESS, "5.17 to 6.19, CONFIG_SLUB_CPU_PARTIAL" },
	[SLAB_LINK] = { { "slab_list" }, RECORD_ADDRESS, "since 5.17" },
	[SLAB_START] = { { "s_mem" }, RECORD_POINTER, "CONFIG_SLAB" },
	[SLAB_ACTIVE] = { { "active" }, RECORD_UINT, "CONFIG_SLAB" },
};
RECORD(slab_record, "slab", slab_fields);
static const struct record_field page_fields[] = {
	[SLAB_CACHE] = { { "slab_cache" }, RECORD_POINTER, "before 5.17" },
	[SLAB_OBJECTS] = { { "objects" }, RECORD_UINT, "before 5.17" },
	[SLAB_INUSE] = { { "inuse" }, RECORD_UINT, "before 5.17" },
	[SLAB_FREELIST] = { { "freelist" }, RECORD_POINTER, "before 5.17" },
	[SLAB_NEXT] = { { "next" }, RECORD_ADDRESS, "before 5.17" },
	[SLAB_LINK] = { { "slab_list", "lru" }, RECORD_ADDRESS },
	[SLAB_START] = { { "s_mem" }, RECORD_POINTER, "CONFIG_SLAB" },
	[SLAB_ACTIVE] = { { "active" }, RECORD_UINT, "CONFIG_SLAB" },
};
RECORD(slab_page_record, "page", page_fields);

const struct record_def *slab_def(struct kernel *k)
{
	uint64_t size;

	return kernel_need_types(k, NULL) == VS_OK &&
			       types_size(k->types, "slab", &size, NULL) == VS_OK
		       ? &slab_record
		       : &slab_page_record;
}

enum {
	CACHE_SIZE,
	CACHE_OBJECT_SIZE,
	CACHE_OFFSET,
	CACHE_ORDER,
	CACHE_MIN,
	CACHE_FLAGS,
	CACHE_RANDOM,
	CACHE_PAD,
	CACHE_NAME,
	CACHE_LIST,
	CACHE_CPUS,
	CACHE_NODE,
	CACHE_PER_NODE,
	CACHE_NODES,
};
static const struct record_field cache_fields[] = {
	[CACHE_SIZE] = { { "size" }, RECORD_UINT },
	[CACHE_OBJECT_SIZE] = { { "object_size" }, RECORD_UINT },
	[CACHE_OFFSET] = { { "offset" }, RECORD_UINT },
	// struct kmem_cache_order_objects: the order above OO_SHIFT, 16 bits
	[CACHE_ORDER] = { { "oo.x" }, RECORD_UINT },
	[CACHE_MIN] = { { "min.x" }, RECORD_UINT },
	[CACHE_FLAGS] = { { "flags" }, RECORD_UINT },
	[CACHE_RANDOM] = { { "random" }, RECORD_UINT, "CONFIG_SLAB_FREELIST_HARDENED" },
	[CACHE_PAD] = { { "red_left_pad" }, RECORD_UINT, "CONFIG_SLUB_DEBUG" },
	[CACHE_NAME] = { { "name" }, RECORD_POINTER },
	[CACHE_LIST] = { { "list" }, RECORD_ADDRESS },
	[CACHE_CPUS] = { { "cpu_slab" }, RECORD_POINTER, "before 7.0" },
	// In 7.1 the pointer is next to that of the node's barn.
	[CACHE_NODE] = { { "per_node[0].node", "node[0]" }, RECORD_ADDRESS },
	[CACHE_PER_NODE] = { { "per_node" }, RECORD_ADDRESS, "since 7.1" },
	// With SLAB before 3.19 a pointer to the array, which is then no node[0].
	[CACHE_NODES] = { { "node" }, RECORD_POINTER, "before 3.19, CONFIG_SLAB" },
};
RECORD(kmem_cache_record, "kmem_cache", cache_fields);

enum { CPU_FREELIST, CPU_SLAB, CPU_PARTIAL };
static const struct record_field cpu_fields[] = {
	[CPU_FREELIST] = { { "freelist" }, RECORD_POINTER, "before 7.0" },
	[CPU_SLAB] = { { "slab", "page" }, RECORD_POINTER, "before 7.0" },
	[CPU_PARTIAL] = { { "partial" }, RECORD_POINTER, "before 7.0, CONFIG_SLUB_CPU_PARTIAL" },
};
RECORD(kmem_cache_cpu_record, "kmem_cache_cpu", cpu_fields);

enum { NODE_PARTIAL, NODE_FULL, NODE_SLABS_PARTIAL, NODE_SLABS_FULL, NODE_SLABS_FREE };
static const struct record_field node_fields[] = {
	[NODE_PARTIAL] = { { "partial" }, RECORD_ADDRESS },
	[NODE_FULL] = { { "full" }, RECORD_ADDRESS, "CONFIG_SLUB_DEBUG" },
	[NODE_SLABS_PARTIAL] = { { "slabs_partial" }, RECORD_ADDRESS, "CONFIG_SLAB" },
	[NODE_SLABS_FULL] = { { "slabs_full" }, RECORD_ADDRESS, "CONFIG_SLAB" },
	[NODE_SLABS_FREE] = { { "slabs_free" }, RECORD_ADDRESS, "CONFIG_SLAB" },
};
RECORD(kmem_cache_node_record, "kmem_cache_node", node_fields);

/* Gives 0 if the kernel has no such member. If it has, fails unless the member can be read, because
 * finding free objects needs it. */
static vs_status need_if_there(const struct record *r, unsigned field, uint64_t *ret,
			       struct err *err)
{
	*ret = 0;
	return record_name(r->k, r->def, field) ? record_need(r, field, ret, err) : VS_OK;
}

static bool is_reclaimable(struct kernel *k, uint64_t flags)
{
	uint64_t mask = types_flag_of_bit(k->types, "_SLAB_RECLAIM_ACCOUNT");

	return flags & (mask ? mask : SLAB_RECLAIM_ACCOUNT);
}

vs_status slab_cache_load(struct kernel *k, kva_t va, struct slab_cache *ret, struct err *err)
{
	struct slab_cache c = { .va = va };
	struct record r;
	uint64_t oo, min, pad;
	vs_status st;

	if (oldslab_kernel(k))
		return oldslab_cache_load(k, va, ret, err);
	record_read(k, &kmem_cache_record, va, RECORD_ALL, &r);
	st = record_need(&r, CACHE_SIZE, &c.size, err);
	if (st == VS_OK)
		st = record_need(&r, CACHE_OBJECT_SIZE, &c.object_size, err);
	if (st == VS_OK)
		st = record_need(&r, CACHE_OFFSET, &c.offset, err);
	if (st == VS_OK)
		st = record_need(&r, CACHE_ORDER, &oo, err);
	if (st == VS_OK)
		st = need_if_there(&r, CACHE_MIN, &min, err);
	if (st == VS_OK)
		st = record_need(&r, CACHE_FLAGS, &c.flags, err);
	if (st == VS_OK)
		st = need_if_there(&r, CACHE_RANDOM, &c.random, err);
	if (st == VS_OK)
		st = need_if_there(&r, CACHE_PAD, &pad, err);
	if (st)
		return fail_ctx(err, st, "kmem_cache %" PRIx64, va);
	c.order = oo >> 16;
	c.order_objects = oo & 0xffff;
	min = min ? min : oo;
	c.min_order = min >> 16;
	c.min_objects = min & 0xffff;
	c.reclaimable = is_reclaimable(k, c.flags);
	if (!c.size || c.size > 64 << 20 || c.object_size > c.size || c.offset > c.size ||
	    c.order > MAX_ORDER || c.min_order > c.order)
		return fail(err, VS_CORRUPT, "kmem_cache %" PRIx64 ": size %" PRIu64, va, c.size);
	c.red_left_pad = pad > c.size ? 0 : pad;
	(void)record_string(&r, CACHE_NAME, c.name, sizeof(c.name));
	*ret = c;
	return VS_OK;
}

vs_status slab_caches(struct kernel *k, struct slab_cache **ret, size_t *n, struct err *err)
{
	VEC(struct slab_cache) v = { 0 };
	struct member list;
	kva_t head, *va = NULL;
	size_t count = 0;
	vs_status st = kernel_symbol(k, "slab_caches", &head, err);

	*ret = NULL;
	*n = 0;
	if (st == VS_OK)
		st = record_member(k, &kmem_cache_record, CACHE_LIST, &list, err);
	if (st)
		return st;
	if (oldslab_kernel(k))
		st = oldslab_check(k, err);
	if (st)
		return st;
	st = walk_list_objects(k, head, list.off, &va, &count, err);
	for (size_t i = 0; i < count; i++) {
		struct slab_cache c;
		struct err why;
		vs_status one = slab_cache_load(k, va[i], &c, &why);

		if (one && st == VS_OK) {
			st = one;
			if (err)
				*err = why;
		}
		if (one == VS_OK && !vec_push(&v, c))
			break;
	}
	free(va);
	*ret = v.v;
	*n = v.n;
	return st;
}

/* --- one slab */

static vs_status load_slab(struct kernel *k, kva_t page, struct slab *ret, struct err *err)
{
	struct slab s = { .va = page, .page = page, .cpu = -1 };
	uint64_t objects, inuse;
	struct record r;
	kva_t base;
	pfn_t pfn;
	vs_status st;

	if (oldslab_kernel(k))
		return oldslab_load(k, page, ret, err);
	record_read(k, slab_def(k), page, RECORD_ALL, &r);
	st = record_need(&r, SLAB_CACHE, &s.cache, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_OBJECTS, &objects, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_INUSE, &inuse, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_FREELIST, &s.freelist, err);
	if (st == VS_OK)
		st = pfn_of_page(k, page, &pfn, err);
	if (st == VS_OK)
		st = addressmap_direct(k, &base, err);
	if (st)
		return fail_ctx(err, st, "slab %" PRIx64, page);
	s.start = base + (pfn << PAGE_SHIFT);
	s.objects = (unsigned)objects;
	s.inuse = (unsigned)inuse;
	if (!s.objects || s.objects > SLAB_MAX_OBJECTS || s.inuse > s.objects)
		return fail(err, VS_CORRUPT, "slab %" PRIx64 ": %u of %u objects in use", page,
			    s.inuse, s.objects);
	*ret = s;
	return VS_OK;
}

vs_status slab_of(struct kernel *k, kva_t va, struct slab *ret, struct err *err)
{
	enum page_use use;
	struct walk w;
	kva_t page, base;
	vs_status st = addressmap_direct(k, &base, err);

	if (st == VS_OK && va < base)
		return fail(err, VS_NOTFOUND, "%" PRIx64 " is not in a slab", va);
	if (st == VS_OK)
		st = kmem_walk(k->kmem, 0, va, &w, err);
	if (st)
		return st;
	// Objects only have addresses in the direct map.
	if (w.pa != va - base)
		return fail(err, VS_NOTFOUND, "%" PRIx64 " is not in a slab", va);
	st = page_of_pfn(k, w.pa >> PAGE_SHIFT, &page, err);
	if (st)
		return st;
	page = page_head(k, page);
	st = page_use(k, page, &use, err);
	if (st)
		return st;
	if (use != PAGE_SLAB)
		return fail(err, VS_NOTFOUND, "%" PRIx64 " is not in a slab", va);
	if (oldslab_kernel(k))
		st = oldslab_of_page(k, page, &page, err);
	return st ? st : load_slab(k, page, ret, err);
}

vs_status slab_cache_name(struct kernel *k, kva_t va, char *ret, size_t cap, kva_t *object)
{
	struct slab_cache c;
	struct slab s;
	vs_status st = slab_of(k, va, &s, NULL);

	if (st == VS_OK)
		st = slab_cache_load(k, s.cache, &c, NULL);
	if (st)
		return st;
	snprintf(ret, cap, "%s", c.name);
	if (object)
		*object = s.start + (va - s.start) / c.size * c.size + c.red_left_pad;
	return VS_OK;
}

/* --- slabs on lists */

vs_status slab_cpu(struct kernel *k, const struct slab_cache *c, unsigned cpu, struct slab_cpu *ret,
		   struct err *err)
{
	struct member m;
	uint64_t base, off;
	struct record r;
	vs_status st;

	if (record_member(k, &kmem_cache_record, CACHE_CPUS, &m, err))
		return VS_NOTFOUND;
	st = record_field_read(k, &kmem_cache_record, c->va, CACHE_CPUS, &base, err);
	if (st == VS_OK)
		st = percpu_offset(k, cpu, &off, err);
	if (st)
		return st;
	record_read(k, &kmem_cache_cpu_record, base + off, RECORD_ALL, &r);
	st = record_need(&r, CPU_FREELIST, &ret->freelist, err);
	if (st == VS_OK)
		st = record_need(&r, CPU_SLAB, &ret->slab, err);
	if (st)
		return fail_ctx(err, st, "CPU %u's slab of %s", cpu, c->name);
	return need_if_there(&r, CPU_PARTIAL, &ret->partial, err);
}

struct each {
	struct kernel *k;
	slab_fn fn;
	void *ctx;
	const char *where;
	struct member node; /* of lists */
	vs_status st;
	struct err why;
	bool stopped;
};

/* Skips a slab that cannot be read; the status at the end tells. */
static bool give(struct each *e, kva_t page, int cpu)
{
	struct slab s;
	struct err why;
	vs_status st = load_slab(e->k, page, &s, &why);

	if (st) {
		if (e->st == VS_OK)
			e->why = why;
		e->st = e->st ? e->st : st;
		return true;
	}
	s.cpu = cpu;
	e->stopped = !e->fn(e->ctx, &s, e->where);
	return !e->stopped;
}

static bool give_listed(void *ctx, kva_t node)
{
	struct each *e = ctx;

	return give(e, node - e->node.off, -1);
}

static bool give_chained(void *ctx, kva_t page)
{
	return give(ctx, page, -1);
}

static void keep_failure(struct each *e, vs_status st, const struct err *why)
{
	if (st && e->st == VS_OK) {
		e->st = st;
		e->why = *why;
	}
}

static void each_of_cpus(struct each *e, const struct slab_cache *c)
{
	unsigned ncpus = percpu_ncpus(e->k);
	struct member next;
	bool chains = record_member(e->k, slab_def(e->k), SLAB_NEXT, &next, NULL) == VS_OK;

	for (unsigned cpu = 0; cpu < ncpus && !e->stopped; cpu++) {
		struct slab_cpu cs;
		struct err why;
		vs_status st = slab_cpu(e->k, c, cpu, &cs, &why);

		if (st == VS_NOTFOUND)
			return;
		keep_failure(e, st, &why);
		if (st)
			continue;
		e->where = "cpu";
		if (cs.slab && !give(e, cs.slab, (int)cpu))
			return;
		e->where = "cpu partial";
		if (chains && cs.partial)
			keep_failure(
				e, walk_chain(e->k, cs.partial, next.off, 0, give_chained, e, &why),
				&why);
	}
}

kva_t slab_cache_node(struct kernel *k, const struct slab_cache *c, unsigned node)
{
	struct member m;
	uint64_t v = 0, step, nodes = c->va;

	if (record_member(k, &kmem_cache_record, CACHE_NODE, &m, NULL) == VS_OK)
		nodes += m.off;
	else if (record_field_read(k, &kmem_cache_record, c->va, CACHE_NODES, &nodes, NULL))
		return 0;
	step = record_name(k, &kmem_cache_record, CACHE_PER_NODE) &&
			       types_size(k->types, "kmem_cache_per_node_ptrs", &step, NULL) ==
				       VS_OK
		       ? step
		       : 8;
	mem_read_u64(k->mem, nodes + step * node, &v, NULL);
	return k->arch->is_kernel_va(v) ? v : 0;
}

unsigned slab_nr_nodes(struct kernel *k)
{
	uint64_t n = 1;
	kva_t va;

	if (kernel_symbol(k, "nr_node_ids", &va, NULL) == VS_OK)
		mem_read_uint(k->mem, va, 4, &n, NULL);
	return n >= 1 && n <= MAX_NODES ? (unsigned)n : 1;
}

/* The lists of a node; some exist only with SLAB, or with SLAB_STORE_USER. */
static void each_of_node(struct each *e, kva_t node)
{
	static const struct {
		unsigned field;
		const char *where;
	} lists[] = { { NODE_PARTIAL, "node partial" },
		      { NODE_FULL, "node full" },
		      { NODE_SLABS_PARTIAL, "partial" },
		      { NODE_SLABS_FULL, "full" },
		      { NODE_SLABS_FREE, "free" } };
	struct member list;
	struct err why;

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]) && !e->stopped; i++) {
		if (record_member(e->k, &kmem_cache_node_record, lists[i].field, &list, NULL))
			continue;
		e->where = lists[i].where;
		keep_failure(e, walk_list(e->k, node + list.off, give_listed, e, &why), &why);
	}
}

vs_status slab_each(struct kernel *k, const struct slab_cache *c, slab_fn fn, void *ctx,
		    struct err *err)
{
	struct each e = { .k = k, .fn = fn, .ctx = ctx };
	const struct record_def *node = &kmem_cache_node_record;
	struct member partial;
	vs_status st = oldslab_kernel(k) ? oldslab_link(k, &e.node, err)
					 : record_member(k, slab_def(k), SLAB_LINK, &e.node, err);
	unsigned nodes = slab_nr_nodes(k);

	if (st == VS_OK && !record_name(k, node, NODE_SLABS_PARTIAL))
		st = record_member(k, node, NODE_PARTIAL, &partial, err);
	if (st)
		return st;
	each_of_cpus(&e, c);
	for (unsigned i = 0; i < nodes && !e.stopped; i++) {
		kva_t va = slab_cache_node(k, c, i);

		if (va)
			each_of_node(&e, va);
	}
	if (e.st && err)
		*err = e.why;
	return e.st;
}
