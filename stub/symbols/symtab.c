// SPDX-License-Identifier: GPL-3.0-or-later
/* symtab.c - name <-> address lookup. */
#include "stub/symbols/symtab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/arena.h"
#include "stub/base/hash.h"
#include "stub/base/radix.h"
#include "stub/base/vec.h"

/* Names are packed, without the arena's alignment: a kernel has 5 MB of them. */
#define FIRST_NAMES 4096
#define MAX_NAMES   (1u << 20)

/* The symbols by address. Sorting costs more than all the rest, and many commands look up names
 * only, so the first lookup by address does it, in memory that symtab_seal() has allocated. */
struct address_order {
	struct radix_key *keys;	  /* address, index in syms; NULL: not sorted yet */
	struct radix_key *memory; /* for twice n keys; NULL: not sealed */
	uint32_t n;		  /* symbols that were there when the table was sealed */
};

struct symtab {
	VEC(struct symbol) syms; /* as they were added */
	struct arena names;
	char *free_names; /* room in the arena */
	size_t free_bytes, block_bytes;
	uint32_t *buckets; /* 1 + index of the first symbol of a hash chain */
	uint32_t *chain;   /* 1 + index of the next */
	uint32_t nbuckets; /* power of two */
	struct address_order *order;
};

struct symtab *symtab_create(void)
{
	struct symtab *t = calloc(1, sizeof(*t));

	if (t)
		t->order = calloc(1, sizeof(*t->order));
	if (t && !t->order) {
		free(t);
		return NULL;
	}
	return t;
}

void symtab_destroy(struct symtab *t)
{
	if (!t)
		return;
	vec_free(&t->syms);
	arena_deinit(&t->names);
	free(t->buckets);
	free(t->chain);
	free(t->order->memory);
	free(t->order);
	free(t);
}

static char *keep_name(struct symtab *t, const char *name, size_t len)
{
	char *p;

	if (t->free_bytes <= len) {
		t->block_bytes = t->block_bytes ? t->block_bytes * 4 : FIRST_NAMES;
		if (t->block_bytes > MAX_NAMES)
			t->block_bytes = MAX_NAMES;
		t->free_bytes = t->block_bytes > len ? t->block_bytes : len + 1;
		t->free_names = arena_alloc(&t->names, t->free_bytes);
		if (!t->free_names) {
			t->free_bytes = 0;
			return NULL;
		}
	}
	p = t->free_names;
	memcpy(p, name, len + 1);
	t->free_names += len + 1;
	t->free_bytes -= len + 1;
	return p;
}

bool symtab_add_borrowed(struct symtab *t, const char *name, size_t len, kva_t va, uint64_t size,
			 char type)
{
	struct symbol s = { va, size, name, type, hash_bytes(name, len) };

	return t->syms.n < UINT32_MAX - 1 && vec_push(&t->syms, s);
}

bool symtab_add(struct symtab *t, const char *name, kva_t va, uint64_t size, char type)
{
	size_t len = strlen(name);
	char *kept = keep_name(t, name, len);

	return kept && symtab_add_borrowed(t, kept, len, va, size, type);
}

bool symtab_seal(struct symtab *t)
{
	uint32_t n = (uint32_t)t->syms.n;

	free(t->buckets);
	free(t->chain);
	free(t->order->memory);
	t->nbuckets = 16;
	while (t->nbuckets < n && t->nbuckets < 1u << 30)
		t->nbuckets *= 2;
	t->buckets = calloc(t->nbuckets, sizeof(*t->buckets));
	t->chain = calloc(n + 1, sizeof(*t->chain));
	*t->order = (struct address_order){ .n = n };
	t->order->memory = malloc((2 * (size_t)n + 1) * sizeof(*t->order->memory));
	if (!t->buckets || !t->chain || !t->order->memory)
		return false;
	for (uint32_t i = n; i-- > 0;) {
		uint32_t *b = &t->buckets[t->syms.v[i].hash & (t->nbuckets - 1)];

		t->chain[i] = *b;
		*b = i + 1;
	}
	return true;
}

/* --- by address */

/* Ranks the symbols at the same address: the most useful one comes last, where lookup finds it.
 * Preferred are symbols with a size, then global ones, then those without a leading underscore or
 * compiler prefix, and for a system call without arguments the entry for 64-bit programs. */
static int plainness(const struct symbol *s)
{
	return (s->size ? 16 : 0) + (isupper((unsigned char)s->type) ? 8 : 0) +
	       (strncmp(s->name, "__pfx_", 6) && strncmp(s->name, "__cfi_", 6) ? 4 : 0) +
	       (s->name[0] != '_' ? 2 : 0) + (strncmp(s->name, "__ia32_", 7) != 0);
}

/* The order of two symbols of one table. */
static int compare(const struct symbol *a, const struct symbol *b)
{
	int pa, pb;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	pa = plainness(a);
	pb = plainness(b);
	if (pa != pb)
		return pa < pb ? -1 : 1;
	pa = strcmp(b->name, a->name);
	return pa ? pa : (a > b) - (a < b);
}

static int compare_keys(const void *pa, const void *pb, void *syms)
{
	const struct symbol *v = syms;
	const struct radix_key *a = pa, *b = pb;

	return compare(&v[a->index], &v[b->index]);
}

static const struct radix_key *sorted_keys(const struct symtab *t)
{
	struct address_order *o = t->order;
	size_t n = o->n;

	if (o->keys || !o->memory)
		return o->keys;
	for (uint32_t i = 0; i < n; i++)
		o->memory[i] = (struct radix_key){ t->syms.v[i].va, i };
	o->keys = radix_sort_keys(o->memory, o->memory + n, n);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && o->keys[end].v == o->keys[i].v;)
			end++;
		if (end - i > 1)
			qsort_r(o->keys + i, end - i, sizeof(*o->keys), compare_keys, t->syms.v);
	}
	return o->keys;
}

size_t symtab_count(const struct symtab *t)
{
	return t->syms.n;
}

const struct symbol *symtab_at(const struct symtab *t, size_t i)
{
	const struct radix_key *keys = sorted_keys(t);

	return &t->syms.v[keys ? keys[i].index : i];
}

/* Index of the first symbol at or above va. */
static size_t at_or_above(const struct symtab *t, kva_t va)
{
	return va ? symtab_above(t, va - 1) : 0;
}

size_t symtab_index(const struct symtab *t, const struct symbol *s)
{
	size_t i = at_or_above(t, s->va);

	while (i < t->order->n && symtab_at(t, i) != s)
		i++;
	return i;
}

/* --- by name */

static int by_address(const void *pa, const void *pb)
{
	return compare(*(const struct symbol *const *)pa, *(const struct symbol *const *)pb);
}

/* The next symbol with that name in its chain from 1 + index i. */
static const struct symbol *next_named(const struct symtab *t, const char *name, uint32_t hash,
				       uint32_t *i)
{
	while (*i) {
		const struct symbol *s = &t->syms.v[*i - 1];

		*i = t->chain[*i - 1];
		if (s->hash == hash && strcmp(s->name, name) == 0)
			return s;
	}
	return NULL;
}

void symtab_each_named(const struct symtab *t, const char *name,
		       bool (*fn)(void *ctx, const struct symbol *s), void *ctx)
{
	VEC(const struct symbol *) found = { 0 };
	uint32_t hash = hash_str(name), i = t->buckets ? t->buckets[hash & (t->nbuckets - 1)] : 0;
	const struct symbol *s;

	while ((s = next_named(t, name, hash, &i)))
		if (!vec_push(&found, s))
			break;
	if (found.n > 1)
		qsort(found.v, found.n, sizeof(*found.v), by_address);
	for (size_t j = 0; j < found.n; j++)
		if (!fn(ctx, found.v[j]))
			break;
	vec_free(&found);
}

static bool has_place(const struct symbol *s)
{
	return !strchr("aAuU", s->type);
}

/* Is s a better answer than best? The first function or object by address is, else the last of what
 * has no place. */
static bool is_better(const struct symbol *s, const struct symbol *best)
{
	if (!best || has_place(s) != has_place(best))
		return !best || has_place(s);
	return has_place(s) ? compare(s, best) < 0 : compare(s, best) > 0;
}

const struct symbol *symtab_find(const struct symtab *t, const char *name)
{
	uint32_t hash = hash_str(name), i = t->buckets ? t->buckets[hash & (t->nbuckets - 1)] : 0;
	const struct symbol *s, *best = NULL;

	while ((s = next_named(t, name, hash, &i)))
		if (is_better(s, best))
			best = s;
	return best;
}

size_t symtab_above(const struct symtab *t, kva_t va)
{
	const struct radix_key *keys = sorted_keys(t);
	size_t lo = 0, hi = keys ? t->order->n : 0;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (keys[mid].v <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

const struct symbol *symtab_lookup(const struct symtab *t, kva_t va)
{
	size_t above = symtab_above(t, va);
	const struct symbol *s;

	if (above == 0)
		return NULL;
	s = symtab_at(t, above - 1);
	if (above == t->order->n && s->size && va - s->va >= s->size)
		return NULL;
	return s;
}

kva_t symtab_end(const struct symtab *t, const struct symbol *s)
{
	size_t above;

	if (s->size)
		return s->va + s->size;
	above = symtab_above(t, s->va);
	return above < t->order->n ? symtab_at(t, above)->va : s->va;
}
