// SPDX-License-Identifier: GPL-3.0-or-later
/* slab_free.c - free lists and sheaves of SLUB (mm/slub.c), and free objects that SLAB caches
 * (oldslab.h). */
#include "stub/subsys/mm/slab_free.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/mm/oldslab.h"

#define MAX_HELD 1000000 /* objects in sheaves */

struct cpu_list {
	kva_t slab, freelist;
};

struct slab_frees {
	struct kernel *k;
	const struct slab_cache *c;
	VEC(struct cpu_list) cpus;
	VEC(kva_t) held; /* in sheaves, or cached by SLAB, in ascending order */
	vs_status st;	 /* the first failure to read something */
	struct err why;
};

static void keep_failure(struct slab_frees *f, vs_status st, const struct err *why)
{
	if (!st || f->st)
		return;
	f->st = st;
	f->why = *why;
}

static void add_cpus(struct slab_frees *f)
{
	unsigned ncpus = percpu_ncpus(f->k);

	for (unsigned cpu = 0; cpu < ncpus; cpu++) {
		struct slab_cpu own;
		struct err why;
		vs_status st = slab_cpu(f->k, f->c, cpu, &own, &why);

		if (st == VS_NOTFOUND)
			return;
		keep_failure(f, st, &why);
		if (st == VS_OK && own.slab && own.freelist &&
		    !vec_push(&f->cpus, ((struct cpu_list){ own.slab, own.freelist })))
			keep_failure(f, VS_NOMEM, &(struct err){ .msg = "out of memory" });
	}
}

/* --- sheaves */

enum { CACHE_SHEAVES, CACHE_BARN };
static const struct record_field cache_fields[] = {
	[CACHE_SHEAVES] = { { "cpu_sheaves" }, RECORD_POINTER, "since 6.18" },
	[CACHE_BARN] = { { "per_node[0].barn" }, RECORD_ADDRESS, "since 7.1" },
};
RECORD(sheaves_cache_record, "kmem_cache", cache_fields);

enum { SHEAF_SIZE, SHEAF_OBJECTS, SHEAF_LINK };
static const struct record_field sheaf_fields[] = {
	[SHEAF_SIZE] = { { "size" }, RECORD_UINT, "since 6.18" },
	[SHEAF_OBJECTS] = { { "objects" }, RECORD_ADDRESS, "since 6.18" },
	[SHEAF_LINK] = { { "barn_list" }, RECORD_ADDRESS, "since 6.18" },
};
RECORD(slab_sheaf_record, "slab_sheaf", sheaf_fields);

enum { CPU_MAIN, CPU_SPARE, CPU_RCU_FREE, CPU_SHEAVES };
static const struct record_field cpu_fields[CPU_SHEAVES] = {
	[CPU_MAIN] = { { "main" }, RECORD_POINTER, "since 6.18" },
	[CPU_SPARE] = { { "spare" }, RECORD_POINTER, "since 6.18" },
	[CPU_RCU_FREE] = { { "rcu_free" }, RECORD_POINTER, "since 6.18" },
};
RECORD(percpu_sheaves_record, "slub_percpu_sheaves", cpu_fields);

enum { BARN_FULL };
static const struct record_field barn_fields[] = {
	[BARN_FULL] = { { "sheaves_full" }, RECORD_ADDRESS, "since 6.18" },
};
RECORD(node_barn_record, "node_barn", barn_fields);

enum { NODE_BARN, NODE_SLABS, NODE_OBJECTS };
static const struct record_field node_fields[] = {
	[NODE_BARN] = { { "barn" }, RECORD_POINTER, "6.18 to 7.0" },
	[NODE_SLABS] = { { "nr_slabs.counter" }, RECORD_UINT, "CONFIG_SLUB_DEBUG" },
	[NODE_OBJECTS] = { { "total_objects.counter" }, RECORD_UINT, "CONFIG_SLUB_DEBUG" },
};
RECORD(slub_node_record, "kmem_cache_node", node_fields);

static vs_status read_sheaf(struct slab_frees *f, kva_t sheaf, struct err *err)
{
	uint64_t n, objects = 0;
	struct record r;
	vs_status st;

	record_read(f->k, &slab_sheaf_record, sheaf, RECORD_ALL, &r);
	st = record_need(&r, SHEAF_SIZE, &n, err);
	if (st == VS_OK)
		st = record_need(&r, SHEAF_OBJECTS, &objects, err);
	if (st == VS_OK && (n > SLAB_MAX_OBJECTS || f->held.n + n > MAX_HELD))
		st = fail(err, VS_CORRUPT, "sheaf %" PRIx64 " has %" PRIu64 " objects", sheaf, n);
	for (uint64_t i = 0; st == VS_OK && i < n; i++) {
		uint64_t object;

		st = mem_read_u64(f->k->mem, objects + 8 * i, &object, err);
		if (st == VS_OK && !vec_push(&f->held, object))
			st = fail(err, VS_NOMEM, "out of memory");
	}
	return st;
}

static void add_sheaf(struct slab_frees *f, kva_t sheaf)
{
	struct err why;

	if (sheaf)
		keep_failure(f, read_sheaf(f, sheaf, &why), &why);
}

struct barn_walk {
	struct slab_frees *f;
	uint64_t off; /* of the node in struct slab_sheaf */
};

static bool add_listed_sheaf(void *ctx, kva_t node)
{
	struct barn_walk *w = ctx;

	add_sheaf(w->f, node - w->off);
	return w->f->st == VS_OK;
}

static void add_sheaves_of_cpus(struct slab_frees *f)
{
	unsigned ncpus = percpu_ncpus(f->k);
	struct err why;
	uint64_t base, off;
	vs_status st;

	if (!record_name(f->k, &sheaves_cache_record, CACHE_SHEAVES))
		return;
	st = record_field_read(f->k, &sheaves_cache_record, f->c->va, CACHE_SHEAVES, &base, &why);
	keep_failure(f, st, &why);
	for (unsigned cpu = 0; st == VS_OK && base && cpu < ncpus; cpu++) {
		struct record r;

		if (percpu_offset(f->k, cpu, &off, NULL))
			continue;
		record_read(f->k, &percpu_sheaves_record, base + off, RECORD_ALL, &r);
		for (unsigned i = 0; i < CPU_SHEAVES; i++) {
			uint64_t sheaf = 0;

			keep_failure(f, record_need(&r, i, &sheaf, &why), &why);
			add_sheaf(f, sheaf);
		}
	}
}

/* The barn of a node with its full sheaves; 0: none. */
static vs_status barn_of(struct kernel *k, const struct slab_cache *c, unsigned i, kva_t *ret,
			 struct err *err)
{
	struct member m;
	uint64_t step = 0;
	kva_t node;

	*ret = 0;
	if (record_member(k, &sheaves_cache_record, CACHE_BARN, &m, NULL) == VS_OK &&
	    types_size(k->types, "kmem_cache_per_node_ptrs", &step, NULL) == VS_OK)
		return mem_read_u64(k->mem, c->va + m.off + step * i, ret, err);
	node = slab_cache_node(k, c, i); // until 7.0 the barn is in the node
	if (!node || !record_name(k, &slub_node_record, NODE_BARN))
		return VS_OK;
	return record_field_read(k, &slub_node_record, node, NODE_BARN, ret, err);
}

static void add_sheaves_of_nodes(struct slab_frees *f)
{
	struct barn_walk w = { .f = f };
	struct member link, full;
	struct err why;

	if (record_member(f->k, &slab_sheaf_record, SHEAF_LINK, &link, NULL) ||
	    record_member(f->k, &node_barn_record, BARN_FULL, &full, NULL))
		return;
	w.off = link.off;
	for (unsigned i = 0; i < slab_nr_nodes(f->k); i++) {
		kva_t barn;

		keep_failure(f, barn_of(f->k, f->c, i, &barn, &why), &why);
		if (barn)
			keep_failure(f,
				     walk_list(f->k, barn + full.off, add_listed_sheaf, &w, &why),
				     &why);
	}
}

/* --- SLAB */

static bool add_held(void *ctx, kva_t object)
{
	struct slab_frees *f = ctx;

	return f->held.n < MAX_HELD && vec_push(&f->held, object);
}

static int by_address(const void *a, const void *b)
{
	const kva_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct slab_frees *slab_frees_load(struct kernel *k, const struct slab_cache *c)
{
	struct slab_frees *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->k = k;
	f->c = c;
	if (c->objects) {
		struct err why;

		keep_failure(f, oldslab_held(k, c, add_held, f, &why), &why);
	} else {
		add_cpus(f);
		add_sheaves_of_cpus(f);
		add_sheaves_of_nodes(f);
	}
	if (f->held.n)
		qsort(f->held.v, f->held.n, sizeof(f->held.v[0]), by_address);
	return f;
}

void slab_frees_destroy(struct slab_frees *f)
{
	if (!f)
		return;
	vec_free(&f->cpus);
	vec_free(&f->held);
	free(f);
}

/* --- one slab */

struct map {
	const struct slab_frees *f;
	const struct slab *s;
	uint8_t *bits;
	unsigned n;
};

/* Does an object of the slab start there? */
static bool object_index(const struct map *m, kva_t object, uint64_t *ret)
{
	const struct slab_cache *c = m->f->c;
	kva_t first = m->s->start + c->red_left_pad;

	*ret = (object - first) / c->size;
	return object >= first && (object - first) % c->size == 0 && *ret < m->s->objects;
}

/* Marks an object as free. False: no object of the slab starts there. */
static bool mark(struct map *m, kva_t object)
{
	uint64_t index;

	if (!object_index(m, object, &index))
		return false;
	if (!(m->bits[index / 8] >> index % 8 & 1))
		m->n++;
	m->bits[index / 8] |= (uint8_t)(1 << index % 8);
	return true;
}

static bool can_follow(const struct map *m, kva_t next)
{
	uint64_t index;

	return next == 0 || object_index(m, next, &index);
}

/* Decodes a free pointer. CONFIG_SLAB_FREELIST_HARDENED xors it with a number of the cache and the
 * place of the pointer, whose bytes are swapped since 1ad53d9fa3f6 (5.7, and in stable kernels
 * before): the right one of the two leads to an object of the slab. Without that option, random is
 * 0. */
static kva_t decode(const struct map *m, uint64_t stored, kva_t place)
{
	uint64_t random = m->f->c->random;
	kva_t next = stored ^ random ^ __builtin_bswap64(place);

	if (!random)
		return stored;
	return !can_follow(m, next) && can_follow(m, stored ^ random ^ place)
		       ? stored ^ random ^ place
		       : next;
}

static vs_status mark_list(struct map *m, kva_t first, struct err *err)
{
	const struct slab_cache *c = m->f->c;
	kva_t object = first;

	for (unsigned n = 0; object; n++) {
		kva_t place = object + c->offset;
		uint64_t stored;
		vs_status st;

		if (n >= m->s->objects || !mark(m, object))
			return fail(err, VS_CORRUPT,
				    "free list of slab %" PRIx64 " leads to %" PRIx64 " after %u",
				    m->s->page, object, n);
		st = mem_read_u64(m->f->k->mem, place, &stored, err);
		if (st)
			return fail_ctx(err, st, "free list of slab %" PRIx64, m->s->page);
		object = decode(m, stored, place);
	}
	return VS_OK;
}

static void mark_held(struct map *m)
{
	const struct slab_frees *f = m->f;
	kva_t end = m->s->start + m->s->objects * f->c->size;
	size_t lo = 0, hi = f->held.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (f->held.v[mid] < m->s->start)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < f->held.n && f->held.v[lo] < end; lo++)
		mark(m, f->held.v[lo]);
}

static bool mark_number(void *ctx, unsigned i)
{
	struct map *m = ctx;

	return mark(m, m->s->start + m->f->c->red_left_pad + i * m->f->c->size);
}

/* The objects on the free lists of a slab and of the CPU that holds it. */
static vs_status mark_lists(struct map *m, struct err *err)
{
	const struct slab_frees *f = m->f;
	vs_status st = f->c->objects ? oldslab_free(f->k, m->s, mark_number, m, err)
				     : mark_list(m, m->s->freelist, err);

	for (size_t i = 0; i < f->cpus.n && st == VS_OK; i++)
		if (f->cpus.v[i].slab == m->s->page)
			st = mark_list(m, f->cpus.v[i].freelist, err);
	return st;
}

vs_status slab_free_map(const struct slab_frees *f, const struct slab *s, uint8_t **ret,
			unsigned *n, struct err *err)
{
	struct map m = { f, s, calloc(1, s->objects / 8 + 1), 0 };
	vs_status st;

	*ret = m.bits;
	*n = 0;
	if (!m.bits)
		return fail(err, VS_NOMEM, "slab of %u objects", s->objects);
	st = mark_lists(&m, err);
	mark_held(&m);
	*n = m.n;
	if (st == VS_OK && f->st) {
		st = f->st;
		if (err)
			*err = f->why;
	}
	return st;
}

/* --- counts */

struct count {
	const struct slab_frees *f;
	uint64_t free;
	struct slab_counts *seen; /* for SLAB, which has no counters of its own */
	vs_status st;
	struct err why;
};

static bool count_slab(void *ctx, const struct slab *s, const char *where)
{
	struct count *n = ctx;
	struct map m = { .f = n->f, .s = s };
	struct err why;
	vs_status st;

	(void)where;
	if (n->seen) {
		n->seen->slabs++;
		n->seen->total += s->objects;
	}
	// Only a slab that a CPU holds has free objects that its own count does not include.
	if (s->cpu < 0) {
		n->free += s->objects - s->inuse;
		return true;
	}
	m.bits = calloc(1, s->objects / 8 + 1);
	st = m.bits ? mark_lists(&m, &why) : fail(&why, VS_NOMEM, "slab of %u objects", s->objects);
	free(m.bits);
	n->free += m.n; // objects in sheaves are counted elsewhere
	if (st && n->st == VS_OK) {
		n->st = st;
		n->why = why;
	}
	return true;
}

static vs_status count_nodes(struct kernel *k, const struct slab_cache *c, struct slab_counts *ret,
			     struct err *err)
{
	unsigned nodes = slab_nr_nodes(k);
	vs_status st = VS_OK;

	*ret = (struct slab_counts){ 0 };
	for (unsigned i = 0; i < nodes && st == VS_OK && !c->objects; i++) {
		kva_t node = slab_cache_node(k, c, i);
		uint64_t slabs = 0, total = 0;
		struct record r;

		if (!node)
			continue;
		record_read(k, &slub_node_record, node, RECORD_ALL, &r);
		st = record_need(&r, NODE_SLABS, &slabs, err);
		if (st == VS_OK)
			st = record_need(&r, NODE_OBJECTS, &total, err);
		ret->slabs += slabs;
		ret->total += total;
	}
	return st;
}

vs_status slab_cache_count(struct kernel *k, const struct slab_cache *c, struct slab_counts *ret,
			   struct err *err)
{
	struct count n = { .f = NULL };
	struct slab_frees *f;
	vs_status st = count_nodes(k, c, ret, err);

	if (st)
		return st;
	f = slab_frees_load(k, c);
	if (!f)
		return fail(err, VS_NOMEM, "out of memory");
	n.f = f;
	n.seen = c->objects ? ret : NULL;
	st = slab_each(k, c, count_slab, &n, err);
	n.free += f->held.n;
	if (st == VS_OK && (n.st || f->st)) {
		st = n.st ? n.st : f->st;
		if (err)
			*err = n.st ? n.why : f->why;
	}
	slab_frees_destroy(f);
	ret->allocated = n.free < ret->total ? ret->total - n.free : 0;
	return st;
}

static bool count_listed(void *ctx, const struct slab *s, const char *where)
{
	struct slab_counts *n = ctx;

	(void)where;
	n->slabs++;
	n->total += s->objects;
	return true;
}

vs_status slab_cache_size(struct kernel *k, const struct slab_cache *c, struct slab_size *ret,
			  struct err *err)
{
	struct slab_counts n = { 0 };
	uint64_t big = c->order_objects, few = c->min_objects, large;
	vs_status st =
		c->objects ? slab_each(k, c, count_listed, &n, err) : count_nodes(k, c, &n, err);

	if (st)
		return st;
	if (n.slabs > dump_info(k->dump)->max_pfn)
		return fail(err, VS_CORRUPT, "%s has %" PRIu64 " slabs", c->name, n.slabs);
	*ret = (struct slab_size){ n.slabs, n.total, n.slabs << c->order };
	if (c->objects || big == few || !n.slabs)
		return VS_OK;
	// Slabs are of two sizes, and the number of objects tells how many there are of each.
	large = big > few && n.total >= few * n.slabs ? (n.total - few * n.slabs) / (big - few) : 0;
	if (large > n.slabs || large * big + (n.slabs - large) * few != n.total)
		return fail(err, VS_CORRUPT,
			    "%s: %" PRIu64 " slabs of %" PRIu64 " or %" PRIu64
			    " objects cannot have %" PRIu64 " objects",
			    c->name, n.slabs, big, few, n.total);
	ret->pages = (large << c->order) + ((n.slabs - large) << c->min_order);
	return VS_OK;
}
