// SPDX-License-Identifier: GPL-3.0-or-later
/* oldslab.c - the SLAB allocator: a slab has an array with the numbers of its free objects, and
 * CPUs and nodes cache free objects in struct array_cache. */
#include "stub/subsys/mm/oldslab.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/addressmap.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/slab.h"

#define MAX_HELD 65536 /* entries of an array_cache */
#define LOW_BITS 7ULL  /* 072bb0aa5e06 (3.6) to 4.20 marked some entries (SLAB_OBJ_PFMEMALLOC) */

enum {
	OLD_SIZE,
	OLD_OBJECT_SIZE,
	OLD_ORDER,
	OLD_NUM,
	OLD_FLAGS,
	OLD_OFFSET,
	OLD_CPUS,
	OLD_ARRAY,
	OLD_NAME
};
static const struct record_field cache_fields[] = {
	[OLD_SIZE] = { { "size" }, RECORD_UINT },
	[OLD_OBJECT_SIZE] = { { "object_size" }, RECORD_UINT },
	[OLD_ORDER] = { { "gfporder" }, RECORD_UINT, "CONFIG_SLAB" },
	[OLD_NUM] = { { "num" }, RECORD_UINT, "CONFIG_SLAB" },
	[OLD_FLAGS] = { { "flags" }, RECORD_UINT },
	[OLD_OFFSET] = { { "obj_offset" }, RECORD_UINT, "CONFIG_DEBUG_SLAB" },
	[OLD_CPUS] = { { "cpu_cache" }, RECORD_POINTER, "CONFIG_SLAB" },
	[OLD_ARRAY] = { { "array" }, RECORD_ADDRESS, "before 3.19" },
	[OLD_NAME] = { { "name" }, RECORD_POINTER },
};
RECORD(oldslab_cache_record, "kmem_cache", cache_fields);

enum { HELD_AVAIL, HELD_ENTRIES };
static const struct record_field held_fields[] = {
	[HELD_AVAIL] = { { "avail" }, RECORD_UINT, "CONFIG_SLAB" },
	[HELD_ENTRIES] = { { "entry" }, RECORD_ADDRESS, "CONFIG_SLAB" },
};
RECORD(array_cache_record, "array_cache", held_fields);

/* Before 8456a648cf44 (3.14). The numbers of free objects are a chain in the array after it. */
enum { OWN_START, OWN_INUSE, OWN_FREE, OWN_LINK };
static const struct record_field own_fields[] = {
	[OWN_START] = { { "s_mem" }, RECORD_POINTER, "CONFIG_SLAB" },
	[OWN_INUSE] = { { "inuse" }, RECORD_UINT, "before 3.14, CONFIG_SLAB" },
	[OWN_FREE] = { { "free" }, RECORD_UINT, "before 3.14, CONFIG_SLAB" },
	[OWN_LINK] = { { "list" }, RECORD_ADDRESS, "before 3.14, CONFIG_SLAB" },
};
RECORD(own_slab_record, "slab", own_fields);

enum { PAGE_CACHE, PAGE_OWN };
static const struct record_field page_fields[] = {
	[PAGE_CACHE] = { { "slab_cache" }, RECORD_POINTER, "before 5.17" },
	[PAGE_OWN] = { { "slab_page" }, RECORD_POINTER, "before 3.14, CONFIG_SLAB" },
};
RECORD(own_page_record, "page", page_fields);

enum { NODE_SHARED, NODE_ALIEN };
static const struct record_field node_fields[] = {
	[NODE_SHARED] = { { "shared" }, RECORD_POINTER, "CONFIG_SLAB" },
	[NODE_ALIEN] = { { "alien" }, RECORD_POINTER, "CONFIG_SLAB" },
};
RECORD(oldslab_node_record, "kmem_cache_node", node_fields);

enum { ALIEN_HELD };
static const struct record_field alien_fields[] = {
	[ALIEN_HELD] = { { "ac" }, RECORD_ADDRESS, "CONFIG_SLAB" },
};
RECORD(alien_cache_record, "alien_cache", alien_fields);

bool oldslab_kernel(struct kernel *k)
{
	struct member m;

	return record_member(k, &oldslab_cache_record, OLD_ORDER, &m, NULL) == VS_OK &&
	       record_member(k, &oldslab_cache_record, OLD_NUM, &m, NULL) == VS_OK;
}

/* Do slabs have a struct of their own, outside struct page? */
static bool own_struct(struct kernel *k)
{
	return record_name(k, &own_slab_record, OWN_FREE) &&
	       record_name(k, &own_page_record, PAGE_OWN);
}

vs_status oldslab_check(struct kernel *k, struct err *err)
{
	const struct record_def *def = slab_def(k);

	if (!own_struct(k) &&
	    (!record_name(k, def, SLAB_ACTIVE) || !record_name(k, def, SLAB_START)))
		return fail(err, VS_UNSUPPORTED, "this form of SLAB is not supported");
	return VS_OK;
}

vs_status oldslab_link(struct kernel *k, struct member *ret, struct err *err)
{
	return own_struct(k) ? record_member(k, &own_slab_record, OWN_LINK, ret, err)
			     : record_member(k, slab_def(k), SLAB_LINK, ret, err);
}

vs_status oldslab_cache_load(struct kernel *k, kva_t va, struct slab_cache *ret, struct err *err)
{
	struct slab_cache c = { .va = va };
	struct record r;
	uint64_t num = 0;
	vs_status st;

	record_read(k, &oldslab_cache_record, va, RECORD_ALL, &r);
	st = record_need(&r, OLD_SIZE, &c.size, err);
	if (st == VS_OK)
		st = record_need(&r, OLD_OBJECT_SIZE, &c.object_size, err);
	if (st == VS_OK)
		st = record_need(&r, OLD_ORDER, &c.order, err);
	if (st == VS_OK)
		st = record_need(&r, OLD_NUM, &num, err);
	if (st == VS_OK)
		st = record_need(&r, OLD_FLAGS, &c.flags, err);
	if (st == VS_OK && record_name(k, &oldslab_cache_record, OLD_OFFSET))
		st = record_need(&r, OLD_OFFSET, &c.red_left_pad, err);
	if (st)
		return fail_ctx(err, st, "kmem_cache %" PRIx64, va);
	if (!c.size || c.size > 64 << 20 || c.object_size > c.size || c.red_left_pad > c.size ||
	    c.order > 16 || !num || num > SLAB_MAX_OBJECTS)
		return fail(err, VS_CORRUPT,
			    "kmem_cache %" PRIx64 ": %" PRIu64 " objects of size %" PRIu64, va, num,
			    c.size);
	c.objects = (unsigned)num;
	c.reclaimable = c.flags & SLAB_RECLAIM_ACCOUNT;
	(void)record_string(&r, OLD_NAME, c.name, sizeof(c.name));
	*ret = c;
	return VS_OK;
}

/* The struct page of a slab with a struct of its own, which does not have its cache. */
static vs_status page_of_slab(struct kernel *k, const struct slab *s, kva_t *ret, struct err *err)
{
	kva_t base;
	vs_status st = addressmap_direct(k, &base, err);

	if (st == VS_OK && s->start < base)
		st = fail(err, VS_CORRUPT, "objects of slab %" PRIx64 " at %" PRIx64, s->va,
			  s->start);
	if (st == VS_OK)
		st = page_of_pfn(k, (s->start - base) >> PAGE_SHIFT, ret, err);
	if (st == VS_OK)
		*ret = page_head(k, *ret);
	return st;
}

static vs_status load_own(struct kernel *k, struct slab *s, uint64_t *inuse, struct err *err)
{
	struct record r;
	vs_status st;

	record_read(k, &own_slab_record, s->va, RECORD_ALL, &r);
	st = record_need(&r, OWN_START, &s->start, err);
	if (st == VS_OK)
		st = record_need(&r, OWN_INUSE, inuse, err);
	if (st == VS_OK)
		st = record_need(&r, OWN_FREE, &s->freelist, err);
	if (st == VS_OK)
		st = page_of_slab(k, s, &s->page, err);
	return st ? st
		  : record_field_read(k, &own_page_record, s->page, PAGE_CACHE, &s->cache, err);
}

static vs_status load_page(struct kernel *k, struct slab *s, uint64_t *inuse, struct err *err)
{
	struct record r;
	vs_status st;

	record_read(k, slab_def(k), s->va, RECORD_ALL, &r);
	st = record_need(&r, SLAB_CACHE, &s->cache, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_START, &s->start, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_ACTIVE, inuse, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_FREELIST, &s->freelist, err);
	s->page = s->va;
	return st;
}

vs_status oldslab_of_page(struct kernel *k, kva_t page, kva_t *ret, struct err *err)
{
	*ret = page;
	return own_struct(k) ? record_field_read(k, &own_page_record, page, PAGE_OWN, ret, err)
			     : VS_OK;
}

vs_status oldslab_load(struct kernel *k, kva_t va, struct slab *ret, struct err *err)
{
	struct slab s = { .va = va, .cpu = -1 };
	uint64_t inuse = 0, num;
	vs_status st = own_struct(k) ? load_own(k, &s, &inuse, err) : load_page(k, &s, &inuse, err);

	if (st == VS_OK)
		st = record_field_read(k, &oldslab_cache_record, s.cache, OLD_NUM, &num, err);
	if (st)
		return fail_ctx(err, st, "slab %" PRIx64, va);
	if (!num || num > SLAB_MAX_OBJECTS || inuse > num)
		return fail(err, VS_CORRUPT,
			    "slab %" PRIx64 ": %" PRIu64 " of %" PRIu64 " objects in use", va,
			    inuse, num);
	s.objects = (unsigned)num;
	s.inuse = (unsigned)inuse;
	*ret = s;
	return VS_OK;
}

static vs_status bad_number(const struct slab *s, uint32_t number, struct err *err)
{
	return fail(err, VS_CORRUPT,
		    "free list of slab %" PRIx64 " contains number %u of %u objects", s->va, number,
		    s->objects);
}

/* Follows the chain that begins with slab.free: entry i of the array after struct slab is the
 * number of the free object after object i. BUFCTL_END, all bits set, ends it. */
static vs_status free_of_own(struct kernel *k, const struct slab *s,
			     bool (*fn)(void *ctx, unsigned i), void *ctx, struct err *err)
{
	AUTO_FREE uint32_t *next = malloc(s->objects * sizeof(*next));
	uint64_t size, own;
	uint32_t i = (uint32_t)s->freelist;
	vs_status st = types_size(k->types, "slab", &own, err);

	if (st == VS_OK)
		st = types_size(k->types, "kmem_bufctl_t", &size, err);
	if (st == VS_OK && size != sizeof(*next))
		st = fail(err, VS_UNSUPPORTED, "kmem_bufctl_t has %" PRIu64 " bytes", size);
	if (st == VS_OK && !next)
		st = fail(err, VS_NOMEM, "no memory for a slab of %u objects", s->objects);
	if (st == VS_OK)
		st = mem_read(k->mem, s->va + own, next, s->objects * sizeof(*next), err);
	if (st)
		return fail_ctx(err, st, "free list of slab %" PRIx64, s->va);
	for (unsigned n = s->inuse; n < s->objects; n++) {
		if (i >= s->objects || !fn(ctx, i))
			return bad_number(s, i, err);
		i = next[i];
	}
	return i == UINT32_MAX ? VS_OK : bad_number(s, i, err);
}

/* Free objects are listed from entry `inuse` of the array to its end. */
static vs_status free_of_page(struct kernel *k, const struct slab *s,
			      bool (*fn)(void *ctx, unsigned i), void *ctx, struct err *err)
{
	AUTO_FREE uint8_t *list = NULL;
	uint64_t size;
	vs_status st = types_size(k->types, "freelist_idx_t", &size, err);

	if (st == VS_OK && size != 1 && size != 2 && size != 4)
		st = fail(err, VS_UNSUPPORTED, "freelist_idx_t has %" PRIu64 " bytes", size);
	if (st || s->inuse == s->objects)
		return st;
	list = malloc(s->objects * size);
	if (!list)
		return fail(err, VS_NOMEM, "no memory for a slab of %u objects", s->objects);
	st = mem_read(k->mem, s->freelist, list, s->objects * size, err);
	if (st)
		return fail_ctx(err, st, "free list of slab %" PRIx64, s->va);
	for (unsigned i = s->inuse; i < s->objects; i++) {
		uint32_t number = 0;

		for (uint64_t b = 0; b < size; b++)
			number |= (uint32_t)list[i * size + b] << 8 * b;
		if (number >= s->objects || !fn(ctx, number))
			return bad_number(s, number, err);
	}
	return VS_OK;
}

vs_status oldslab_free(struct kernel *k, const struct slab *s, bool (*fn)(void *ctx, unsigned i),
		       void *ctx, struct err *err)
{
	return own_struct(k) ? free_of_own(k, s, fn, ctx, err) : free_of_page(k, s, fn, ctx, err);
}

/* --- cached free objects */

struct held {
	struct kernel *k;
	const struct slab_cache *c;
	bool (*fn)(void *ctx, kva_t object);
	void *ctx;
};

static vs_status each_of_cache(struct held *h, kva_t cache, struct err *err)
{
	AUTO_FREE uint64_t *entries = NULL;
	uint64_t n, at;
	struct record r;
	vs_status st;

	if (!cache)
		return VS_OK;
	record_read(h->k, &array_cache_record, cache, RECORD_ALL, &r);
	st = record_need(&r, HELD_AVAIL, &n, err);
	if (st == VS_OK)
		st = record_need(&r, HELD_ENTRIES, &at, err);
	if (st == VS_OK && n > MAX_HELD)
		st = fail(err, VS_CORRUPT, "array_cache %" PRIx64 " holds %" PRIu64 " objects",
			  cache, n);
	if (st || !n)
		return st;
	entries = calloc(n, sizeof(*entries));
	if (!entries)
		return fail(err, VS_NOMEM, "out of memory");
	st = mem_read(h->k->mem, at, entries, n * sizeof(*entries), err);
	for (uint64_t i = 0; st == VS_OK && i < n; i++)
		if (!h->fn(h->ctx, (entries[i] & ~LOW_BITS) + h->c->red_left_pad))
			st = fail(err, VS_NOMEM, "out of memory");
	return st;
}

/* This is a per-CPU struct; before 3.19, there is a pointer for each CPU. */
static vs_status held_by_cpu(struct held *h, unsigned cpu, struct err *err)
{
	struct kernel *k = h->k;
	struct member m;
	uint64_t base, off;
	vs_status st;

	if (record_member(k, &oldslab_cache_record, OLD_CPUS, &m, NULL)) {
		st = record_member(k, &oldslab_cache_record, OLD_ARRAY, &m, err);
		if (st == VS_OK)
			st = mem_read_u64(k->mem, h->c->va + m.off + 8 * cpu, &base, err);
		return st ? st : each_of_cache(h, base, err);
	}
	st = record_field_read(k, &oldslab_cache_record, h->c->va, OLD_CPUS, &base, err);
	if (st == VS_OK)
		st = percpu_offset(k, cpu, &off, err);
	return st ? st : each_of_cache(h, base + off, err);
}

/* Objects shared by a node's CPUs, and objects of other nodes that it will return: an array of
 * pointers by node. */
static vs_status held_by_node(struct held *h, unsigned i, struct err *err)
{
	struct kernel *k = h->k;
	kva_t node = slab_cache_node(k, h->c, i);
	struct member inside = { 0 };
	uint64_t shared, aliens, alien = 0;
	struct record r;
	vs_status st;

	if (!node)
		return VS_OK;
	record_read(k, &oldslab_node_record, node, RECORD_ALL, &r);
	st = record_need(&r, NODE_SHARED, &shared, err);
	if (st == VS_OK)
		st = each_of_cache(h, shared, err);
	aliens = record_pointer(&r, NODE_ALIEN);
	// Without CONFIG_NUMA it was BAD_ALIEN_MAGIC, no pointer, before 4.7.
	if (st || !k->arch->is_kernel_va(aliens))
		return st;
	(void)record_member(k, &alien_cache_record, ALIEN_HELD, &inside, NULL); // 3.18 and later
	for (unsigned other = 0; st == VS_OK && other < slab_nr_nodes(k); other++) {
		st = mem_read_u64(k->mem, aliens + 8 * other, &alien, err);
		if (st == VS_OK && alien)
			st = each_of_cache(h, alien + inside.off, err);
	}
	return st;
}

vs_status oldslab_held(struct kernel *k, const struct slab_cache *c,
		       bool (*fn)(void *ctx, kva_t object), void *ctx, struct err *err)
{
	struct held h = { k, c, fn, ctx };
	vs_status st = VS_OK, one;

	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		one = held_by_cpu(&h, cpu, st ? NULL : err);
		st = st ? st : one;
	}
	for (unsigned i = 0; i < slab_nr_nodes(k); i++) {
		one = held_by_node(&h, i, st ? NULL : err);
		st = st ? st : one;
	}
	return st;
}
