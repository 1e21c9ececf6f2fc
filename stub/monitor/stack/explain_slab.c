// SPDX-License-Identifier: GPL-3.0-or-later
/* explain_slab.c - the slab object that a bad pointer came from: is it free, what is next to it,
 * and what is in it. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/stack/explain.h"
#include "stub/subsys/mm/slab_free.h"

#define POISON_FREE 0x6b /* include/linux/poison.h */
#define POISON_END  0xa5
#define MAX_OBJECT  (64 << 10)

struct object {
	struct slab_cache cache;
	struct slab slab;
	unsigned index;
	kva_t va;
	uint8_t *free; /* a bit per object, owned */
};

/* KFENCE gives a page of its pool to one object, which no list of the cache has. */
static bool maybe_kfence(struct kernel *k, kva_t va, const struct slab *s)
{
	kva_t symbol, pool;

	return s->objects == 1 && kernel_symbol(k, "__kfence_pool", &symbol, NULL) == VS_OK &&
	       (mem_read_u64(k->mem, symbol, &pool, NULL) || (pool && va >= pool));
}

/* Only if all lists of free objects can be read. */
static bool find(struct kernel *k, kva_t va, struct object *o)
{
	struct slab_frees *frees;
	unsigned n;
	vs_status st;

	if (slab_of(k, va, &o->slab, NULL) || slab_cache_load(k, o->slab.cache, &o->cache, NULL) ||
	    va < o->slab.start || !o->cache.size || maybe_kfence(k, va, &o->slab))
		return false;
	if ((va - o->slab.start) / o->cache.size >= o->slab.objects)
		return false;
	o->index = (unsigned)((va - o->slab.start) / o->cache.size);
	o->va = o->slab.start + o->index * o->cache.size + o->cache.red_left_pad;
	if (va < o->va || va - o->va >= o->cache.object_size)
		return false;
	frees = slab_frees_load(k, &o->cache);
	if (!frees)
		return false;
	st = slab_free_map(frees, &o->slab, &o->free, &n, NULL);
	slab_frees_destroy(frees);
	return st == VS_OK;
}

static bool is_free(const struct object *o, unsigned i)
{
	return o->free[i / 8] >> i % 8 & 1;
}

static void put_neighbour(const struct object *o, unsigned i, const char *where, struct buf *out)
{
	buf_printf(out, "%s it: %" PRIx64 ", %s", where,
		   o->slab.start + i * o->cache.size + o->cache.red_left_pad,
		   is_free(o, i) ? "free" : "in use");
}

/* Of an object that the allocator fills when it is freed. */
static void put_poison(struct explain *x, const struct object *o)
{
	AUTO_FREE uint8_t *bytes = NULL;
	uint64_t size = o->cache.object_size, i;

	if (!size || size > MAX_OBJECT || !(bytes = malloc(size)) ||
	    mem_read(x->m->k->mem, o->va, bytes, size, NULL) || bytes[0] != POISON_FREE)
		return;
	for (i = 0; i + 1 < size && bytes[i] == POISON_FREE; i++)
		;
	if (i + 1 == size && bytes[i] == POISON_END)
		buf_puts(x->out, "       it is filled with the poison of freed slab memory, as its "
				 "release left it\n");
	else
		buf_printf(x->out,
			   "       it begins with the poison of freed slab memory; offset %" PRIu64
			   " has something else\n",
			   i);
}

void explain_slab(struct explain *x, kva_t va)
{
	struct object o = { 0 };

	if (!find(x->m->k, va, &o)) {
		free(o.free);
		return;
	}
	explain_label(x, "SLAB");
	buf_printf(x->out, "%" PRIx64 " is at offset %" PRIu64 " of an object of %s, ", va,
		   va - o.va, o.cache.name);
	buf_printf(x->out, "%" PRIx64 ", which is %s\n", o.va,
		   is_free(&o, o.index) ? "free" : "in use");
	if (is_free(&o, o.index)) {
		if (va - o.va <= o.cache.offset && o.cache.offset < va - o.va + sizeof(kva_t))
			buf_puts(x->out, "       there, free objects of this cache have the "
					 "allocator's pointer to the next one\n");
		put_poison(x, &o);
	}
	if (o.slab.objects > 1) {
		buf_puts(x->out, "       ");
		if (o.index)
			put_neighbour(&o, o.index - 1, "before", x->out);
		if (o.index && o.index + 1 < o.slab.objects)
			buf_puts(x->out, "; ");
		if (o.index + 1 < o.slab.objects)
			put_neighbour(&o, o.index + 1, "behind", x->out);
		buf_putc(x->out, '\n');
	}
	buf_puts(x->out, "       [the allocator's lists]\n");
	free(o.free);
}
