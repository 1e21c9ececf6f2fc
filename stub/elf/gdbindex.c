// SPDX-License-Identifier: GPL-3.0-or-later
/* gdbindex.c - writes .gdb_index, version 8.
 *
 *   header | units | (type units: none) | address ranges | hash table | lists of units | names
 *
 * Offsets count from the start of the section; those in the hash table, from that of the lists. */
#include "stub/elf/gdbindex.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/hash.h"

#define VERSION	    8
#define HEADER_SIZE 24
#define KIND_SHIFT  28
#define STATIC_BIT  31

struct slot {
	uint32_t name, list;
};

struct table {
	uint32_t *first; /* by hash_str(): 1 + index of the first entry of a name */
	uint32_t mask;
	struct slot *slots;
	uint32_t nslots; /* a power of two */
};

void gdbindex_deinit(struct gdbindex *x)
{
	buf_deinit(&x->units);
	buf_deinit(&x->ranges);
	vec_free(&x->names);
}

static void put_u32(struct buf *b, uint64_t v)
{
	uint32_t word = (uint32_t)v;

	buf_put(b, &word, sizeof(word));
}

void gdbindex_unit(struct gdbindex *x, uint64_t off, uint64_t len)
{
	buf_put(&x->units, &off, sizeof(off));
	buf_put(&x->units, &len, sizeof(len));
}

void gdbindex_range(struct gdbindex *x, kva_t start, kva_t end, uint32_t unit)
{
	buf_put(&x->ranges, &start, sizeof(start));
	buf_put(&x->ranges, &end, sizeof(end));
	put_u32(&x->ranges, unit);
}

void gdbindex_name(struct gdbindex *x, const char *name, uint32_t unit, enum gdbindex_kind kind,
		   bool is_static)
{
	uint32_t entry = unit | (uint32_t)kind << KIND_SHIFT | (uint32_t)is_static << STATIC_BIT;

	if (x->names.n >= UINT32_MAX / 4 ||
	    !vec_push(&x->names, (struct gdbindex_name){ .name = name, .entry = entry }))
		x->oom = true;
}

static uint32_t gdb_hash(const char *s)
{
	uint32_t h = 0;

	for (; *s; s++)
		h = h * 67 + (uint32_t)tolower((unsigned char)*s) - 113;
	return h;
}

/* Chains the entries of each name, without duplicates (such as enumerators of one name in one
 * unit), as gdb does. */
static bool chain_names(struct gdbindex *x, struct table *t)
{
	uint32_t n = 16;

	while (n < x->names.n * 2)
		n *= 2;
	t->first = calloc(n, sizeof(*t->first));
	t->mask = n - 1;
	if (!t->first)
		return false;
	for (uint32_t i = 0; i < x->names.n; i++) {
		struct gdbindex_name *e = &x->names.v[i];
		uint32_t at = hash_str(e->name) & t->mask, *link;

		while (t->first[at] && strcmp(x->names.v[t->first[at] - 1].name, e->name) != 0)
			at = (at + 1) & t->mask;
		for (link = &t->first[at]; *link && x->names.v[*link - 1].entry != e->entry;)
			link = &x->names.v[*link - 1].next;
		if (!*link)
			*link = i + 1;
	}
	return true;
}

/* Writes what the slots point to: the lists, then the names. */
static bool put_pool(struct gdbindex *x, struct table *t, struct buf *pool)
{
	uint32_t distinct = 0, done = 0;
	AUTO_FREE uint32_t *lists = NULL;

	for (uint32_t i = 0; i <= t->mask; i++)
		distinct += t->first[i] != 0;
	lists = calloc(distinct + 1, sizeof(*lists));
	for (t->nslots = 16; t->nslots < distinct * 2;)
		t->nslots *= 2;
	t->slots = calloc(t->nslots, sizeof(*t->slots));
	if (!lists || !t->slots)
		return false;
	for (uint32_t i = 0; i <= t->mask; i++) {
		uint32_t n = 0;

		if (!t->first[i])
			continue;
		lists[done++] = (uint32_t)pool->len;
		for (uint32_t e = t->first[i]; e; e = x->names.v[e - 1].next)
			n++;
		put_u32(pool, n);
		for (uint32_t e = t->first[i]; e; e = x->names.v[e - 1].next)
			put_u32(pool, x->names.v[e - 1].entry);
	}
	done = 0;
	for (uint32_t i = 0; i <= t->mask; i++) {
		const char *name;
		uint32_t h, at, step;

		if (!t->first[i])
			continue;
		name = x->names.v[t->first[i] - 1].name;
		h = gdb_hash(name);
		at = h & (t->nslots - 1);
		step = ((h * 17) & (t->nslots - 1)) | 1;
		while (t->slots[at].name)
			at = (at + step) & (t->nslots - 1);
		t->slots[at] = (struct slot){ (uint32_t)pool->len, lists[done++] };
		buf_put(pool, name, strlen(name) + 1);
	}
	return true;
}

vs_status gdbindex_build(struct gdbindex *x, struct buf *out, struct err *err)
{
	struct table t = { 0 };
	AUTO(buf) pool = { 0 };
	bool ok = !x->oom && chain_names(x, &t) && put_pool(x, &t, &pool);
	size_t at = HEADER_SIZE;

	if (ok) {
		put_u32(out, VERSION);
		put_u32(out, at);
		at += x->units.len;
		put_u32(out, at);
		put_u32(out, at);
		at += x->ranges.len;
		put_u32(out, at);
		at += t.nslots * sizeof(*t.slots);
		put_u32(out, at);
		buf_put(out, x->units.p, x->units.len);
		buf_put(out, x->ranges.p, x->ranges.len);
		buf_put(out, t.slots, t.nslots * sizeof(*t.slots));
		buf_put(out, pool.p, pool.len);
		ok = !x->units.oom && !x->ranges.oom && !pool.oom && !out->oom &&
		     out->len < UINT32_MAX;
	}
	free(t.first);
	free(t.slots);
	return ok ? VS_OK : fail(err, VS_NOMEM, "no memory for the index of debug information");
}
