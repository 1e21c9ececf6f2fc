// SPDX-License-Identifier: GPL-3.0-or-later
/* oldslab.c - the SLAB allocator: a slab has an array with the numbers of its free objects, and
 * CPUs and nodes cache free objects in struct array_cache. */
#include "stub/subsys/mm/oldslab.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
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

vs_status oldslab_check(struct kernel *k, struct err *err)
{
	const struct record_def *def = slab_def(k);

	// 8456a648cf44 (3.14) moved the members of struct slab to struct page.
	if (!record_name(k, def, SLAB_ACTIVE) || !record_name(k, def, SLAB_START))
		return fail(err, VS_UNSUPPORTED, "SLAB before 3.14 is not supported");
	return VS_OK;
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
	(void)record_string(&r, OLD_NAME, c.name, sizeof(c.name));
	*ret = c;
	return VS_OK;
}

vs_status oldslab_load(struct kernel *k, kva_t page, struct slab *ret, struct err *err)
{
	struct slab s = { .page = page, .cpu = -1 };
	uint64_t active, num;
	struct record r;
	vs_status st;

	record_read(k, slab_def(k), page, RECORD_ALL, &r);
	st = record_need(&r, SLAB_CACHE, &s.cache, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_START, &s.start, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_ACTIVE, &active, err);
	if (st == VS_OK)
		st = record_need(&r, SLAB_FREELIST, &s.freelist, err);
	if (st == VS_OK)
		st = record_field_read(k, &oldslab_cache_record, s.cache, OLD_NUM, &num, err);
	if (st)
		return fail_ctx(err, st, "slab %" PRIx64, page);
	if (!num || num > SLAB_MAX_OBJECTS || active > num)
		return fail(err, VS_CORRUPT,
			    "slab %" PRIx64 ": %" PRIu64 " of %" PRIu64 " objects in use", page,
			    active, num);
	s.objects = (unsigned)num;
	s.inuse = (unsigned)active;
	*ret = s;
	return VS_OK;
}

vs_status oldslab_free(struct kernel *k, const struct slab *s, bool (*fn)(void *ctx, unsigned i),
		       void *ctx, struct err *err)
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
		return fail_ctx(err, st, "free list of slab %" PRIx64, s->page);
	for (unsigned i = s->inuse; i < s->objects; i++) {
		uint32_t number = 0;

		for (uint64_t b = 0; b < size; b++)
			number |= (uint32_t)list[i * size + b] << 8 * b;
		if (number >= s->objects || !fn(ctx, number))
			return fail(err, VS_CORRUPT,
				    "free list of slab %" PRIx64
				    " contains number %u of %u objects",
				    s->page, number, s->objects);
	}
	return VS_OK;
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
	if (st || !aliens)
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
