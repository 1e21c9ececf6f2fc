// SPDX-License-Identifier: GPL-3.0-or-later
/* symtab.c - name <-> address lookup. */
#include "stub/symbols/symtab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/arena.h"
#include "stub/base/bigmem.h"
#include "stub/base/hash.h"
#include "stub/base/radix.h"
#include "stub/base/vec.h"

/* Names are packed, without the arena's alignment: a kernel has 5 MB of them. */
#define FIRST_NAMES 4096
#define MAX_NAMES   (1u << 20)

#define RANKED (1u << 31) /* in the index of a key: its run of equal addresses is in order */

/* The symbols by address. Sorting costs more than all the rest, and many commands look up names
 * only, so the first lookup by address does it, in memory that symtab_seal() has allocated. Those
 * at the same address are put in order when one of them is looked up, because that takes their
 * names. */
struct address_order {
	struct radix_key *keys;	  /* address, index in syms; NULL: not sorted yet */
	struct radix_key *memory; /* for twice n keys; NULL: not sealed */
	uint32_t n;		  /* symbols that were there when the table was sealed */
};

/* Names, packed; and the coder of those that are still coded. */
struct names {
	struct arena arena;
	char *free; /* room in the arena */
	size_t free_bytes, block_bytes;
	struct symtab_coder coder; /* no decode: all names were added as they are */
};

struct symtab {
	VEC(struct symbol) syms; /* as they were added; size of a coded one is its ref */
	struct names *names;
	uint32_t *buckets; /* 1 + index of the first symbol of a hash chain */
	uint32_t *chain;   /* 1 + index of the next */
	uint32_t nbuckets; /* power of two */
	struct address_order *order;
};

struct symtab *symtab_create(void)
{
	struct symtab *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->order = calloc(1, sizeof(*t->order));
	t->names = calloc(1, sizeof(*t->names));
	if (!t->order || !t->names) {
		free(t->order);
		free(t->names);
		free(t);
		return NULL;
	}
	return t;
}

void symtab_destroy(struct symtab *t)
{
	if (!t)
		return;
	if (t->names->coder.destroy)
		t->names->coder.destroy(t->names->coder.ctx);
	arena_deinit(&t->names->arena);
	free(t->names);
	vec_free(&t->syms);
	free(t->buckets);
	free(t->chain);
	free(t->order->memory);
	free(t->order);
	free(t);
}

void symtab_set_coder(struct symtab *t, const struct symtab_coder *coder)
{
	t->names->coder = *coder;
}

static char *keep_name(struct names *n, const char *name, size_t len)
{
	char *p;

	if (n->free_bytes <= len) {
		n->block_bytes = n->block_bytes ? n->block_bytes * 4 : FIRST_NAMES;
		if (n->block_bytes > MAX_NAMES)
			n->block_bytes = MAX_NAMES;
		n->free_bytes = n->block_bytes > len ? n->block_bytes : len + 1;
		n->free = arena_alloc(&n->arena, n->free_bytes);
		if (!n->free) {
			n->free_bytes = 0;
			return NULL;
		}
	}
	p = n->free;
	memcpy(p, name, len + 1);
	n->free += len + 1;
	n->free_bytes -= len + 1;
	return p;
}

static bool add(struct symtab *t, struct symbol s)
{
	return t->syms.n < RANKED - 1 && vec_push(&t->syms, s);
}

bool symtab_add_borrowed(struct symtab *t, const char *name, size_t len, kva_t va, uint64_t size,
			 char type)
{
	return add(t, (struct symbol){ va, size, name, type, hash_bytes(name, len) });
}

bool symtab_add(struct symtab *t, const char *name, kva_t va, uint64_t size, char type)
{
	size_t len = strlen(name);
	char *kept = keep_name(t->names, name, len);

	return kept && symtab_add_borrowed(t, kept, len, va, size, type);
}

bool symtab_add_coded(struct symtab *t, uint32_t ref, uint32_t hash, kva_t va, char type)
{
	return add(t, (struct symbol){ va, ref, NULL, type, hash });
}

bool symtab_reserve(struct symtab *t, size_t n)
{
	struct symbol *p =
		n < SIZE_MAX / sizeof(*p) && !t->syms.n ? bigmem_alloc(n * sizeof(*p)) : NULL;

	if (!p)
		return false;
	free(t->syms.v);
	t->syms.v = p;
	t->syms.cap = n;
	return true;
}

/* The symbol with its name. Without memory, or when the coder fails, which it does not for what it
 * added itself, the name is empty. */
static struct symbol *with_name(const struct symtab *t, uint32_t i)
{
	struct symbol *s = &t->syms.v[i];
	const struct symtab_coder *coder = &t->names->coder;
	char name[SYMTAB_NAME_MAX];

	if (s->name)
		return s;
	if (coder->decode(coder->ctx, (uint32_t)s->size, name))
		s->name = keep_name(t->names, name, strlen(name));
	if (!s->name)
		s->name = "";
	s->size = 0;
	return s;
}

static uint32_t hash_name(const struct symtab *t, const char *name)
{
	return t->names->coder.hash ? t->names->coder.hash(name) : hash_str(name);
}

/* The low bits of a coder's hash alone would depend on the last letters of a name too much. */
static uint32_t *bucket_of(const struct symtab *t, uint32_t hash)
{
	return &t->buckets[(hash ^ hash >> 15) & (t->nbuckets - 1)];
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
	t->order->memory = bigmem_alloc((2 * (size_t)n + 1) * sizeof(*t->order->memory));
	if (!t->buckets || !t->chain || !t->order->memory)
		return false;
	for (uint32_t i = n; i-- > 0;) {
		uint32_t *b = bucket_of(t, t->syms.v[i].hash);

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

static struct radix_key *sorted_keys(const struct symtab *t)
{
	struct address_order *o = t->order;
	size_t n = o->n;

	if (o->keys || !o->memory)
		return o->keys;
	for (uint32_t i = 0; i < n; i++)
		o->memory[i] = (struct radix_key){ t->syms.v[i].va, i };
	o->keys = radix_sort_keys(o->memory, o->memory + n, n);
	return o->keys;
}

/* Puts the symbols at the address of key i in order. */
static void rank_run(const struct symtab *t, struct radix_key *keys, size_t i)
{
	size_t start = i, end = i + 1, n = t->order->n;

	while (start && keys[start - 1].v == keys[i].v)
		start--;
	while (end < n && keys[end].v == keys[i].v)
		end++;
	if (end - start > 1) {
		for (size_t j = start; j < end; j++)
			(void)with_name(t, keys[j].index);
		qsort_r(keys + start, end - start, sizeof(*keys), compare_keys, t->syms.v);
	}
	for (size_t j = start; j < end; j++)
		keys[j].index |= RANKED;
}

size_t symtab_count(const struct symtab *t)
{
	return t->syms.n;
}

const struct symbol *symtab_at(const struct symtab *t, size_t i)
{
	struct radix_key *keys = sorted_keys(t);

	if (keys && !(keys[i].index & RANKED))
		rank_run(t, keys, i);
	return with_name(t, keys ? keys[i].index & ~RANKED : (uint32_t)i);
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
		uint32_t at = *i - 1;

		*i = t->chain[at];
		if (t->syms.v[at].hash == hash && strcmp(with_name(t, at)->name, name) == 0)
			return &t->syms.v[at];
	}
	return NULL;
}

void symtab_each_named(const struct symtab *t, const char *name,
		       bool (*fn)(void *ctx, const struct symbol *s), void *ctx)
{
	VEC(const struct symbol *) found = { 0 };
	uint32_t hash = hash_name(t, name), i = t->buckets ? *bucket_of(t, hash) : 0;
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
	uint32_t hash = hash_name(t, name), i = t->buckets ? *bucket_of(t, hash) : 0;
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
