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

struct symtab {
	VEC(struct symbol) syms;
	struct arena names;
	uint32_t *buckets; /* 1 + index of the first symbol of a hash chain */
	uint32_t *chain;   /* 1 + index of the next */
	uint32_t nbuckets; /* power of two */
};

struct symtab *symtab_create(void)
{
	return calloc(1, sizeof(struct symtab));
}

void symtab_destroy(struct symtab *t)
{
	if (!t)
		return;
	vec_free(&t->syms);
	arena_deinit(&t->names);
	free(t->buckets);
	free(t->chain);
	free(t);
}

/* Ranks the symbols at the same address: the most useful one comes last, where lookup finds it.
 * Preferred are symbols with a size, then global ones, then those without a leading underscore or
 * compiler prefix, and for a system call without arguments the entry for 64-bit programs. */
static uint8_t plainness(const struct symbol *s)
{
	return (uint8_t)((s->size ? 16 : 0) + (isupper((unsigned char)s->type) ? 8 : 0) +
			 (strncmp(s->name, "__pfx_", 6) && strncmp(s->name, "__cfi_", 6) ? 4 : 0) +
			 (s->name[0] != '_' ? 2 : 0) + (strncmp(s->name, "__ia32_", 7) != 0));
}

bool symtab_add(struct symtab *t, const char *name, kva_t va, uint64_t size, char type)
{
	struct symbol s = { va, size, arena_strdup(&t->names, name), type, 0, hash_str(name) };

	return s.name && t->syms.n < UINT32_MAX - 1 && vec_push(&t->syms, s);
}

static int compare_plainness(const void *pa, const void *pb)
{
	const struct symbol *a = pa, *b = pb;

	if (a->plainness != b->plainness)
		return a->plainness < b->plainness ? -1 : 1;
	return strcmp(b->name, a->name);
}

/* Sorts by address, and symbols at the same address by plainness. */
static bool sort_symbols(struct symbol *syms, size_t n)
{
	if (!radix_sort(syms, n, sizeof(*syms)))
		return false;
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && syms[end].va == syms[i].va;)
			end++;
		if (end - i == 1)
			continue;
		for (size_t j = i; j < end; j++)
			syms[j].plainness = plainness(&syms[j]);
		qsort(syms + i, end - i, sizeof(*syms), compare_plainness);
	}
	return true;
}

bool symtab_seal(struct symtab *t)
{
	uint32_t n = (uint32_t)t->syms.n;

	if (!sort_symbols(t->syms.v, n))
		return false;
	free(t->buckets);
	free(t->chain);
	t->nbuckets = 16;
	while (t->nbuckets < n && t->nbuckets < 1u << 30)
		t->nbuckets *= 2;
	t->buckets = calloc(t->nbuckets, sizeof(*t->buckets));
	t->chain = calloc(n + 1, sizeof(*t->chain));
	if (!t->buckets || !t->chain)
		return false;
	for (uint32_t i = n; i-- > 0;) {
		uint32_t *b = &t->buckets[t->syms.v[i].hash & (t->nbuckets - 1)];

		t->chain[i] = *b;
		*b = i + 1;
	}
	return true;
}

size_t symtab_count(const struct symtab *t)
{
	return t->syms.n;
}

const struct symbol *symtab_at(const struct symtab *t, size_t i)
{
	return &t->syms.v[i];
}

void symtab_each_named(const struct symtab *t, const char *name,
		       bool (*fn)(void *ctx, const struct symbol *s), void *ctx)
{
	if (!t->buckets)
		return;
	for (uint32_t i = t->buckets[hash_str(name) & (t->nbuckets - 1)]; i; i = t->chain[i - 1])
		if (strcmp(t->syms.v[i - 1].name, name) == 0 && !fn(ctx, &t->syms.v[i - 1]))
			return;
}

static bool keep_first(void *ctx, const struct symbol *s)
{
	const struct symbol **best = ctx;
	bool better = !*best || strchr("aAuU", (*best)->type);

	if (better)
		*best = s;
	return true;
}

const struct symbol *symtab_find(const struct symtab *t, const char *name)
{
	const struct symbol *best = NULL;

	symtab_each_named(t, name, keep_first, &best);
	return best;
}

size_t symtab_above(const struct symtab *t, kva_t va)
{
	size_t lo = 0, hi = t->syms.n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->syms.v[mid].va <= va)
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
	s = &t->syms.v[above - 1];
	if (above == t->syms.n && s->size && va - s->va >= s->size)
		return NULL;
	return s;
}

kva_t symtab_end(const struct symtab *t, const struct symbol *s)
{
	size_t above;

	if (s->size)
		return s->va + s->size;
	above = symtab_above(t, s->va);
	return above < t->syms.n ? t->syms.v[above].va : s->va;
}
