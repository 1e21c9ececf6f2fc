/* symtab.c - name <-> address lookup. */
#include "stub/kernel/symtab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/arena.h"
#include "stub/base/hash.h"
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

/* Among symbols at one address the one a reader wants to see comes last, where lookup finds it:
 * those with a size, then global ones, then those without a leading underscore or compiler prefix,
 * and of a system call without arguments the entry for 64-bit programs. */
static uint8_t plainness(const struct symbol *s)
{
	return (uint8_t)((s->size ? 16 : 0) + (isupper((unsigned char)s->type) ? 8 : 0) +
			 (strncmp(s->name, "__pfx_", 6) && strncmp(s->name, "__cfi_", 6) ? 4 : 0) +
			 (s->name[0] != '_' ? 2 : 0) + (strncmp(s->name, "__ia32_", 7) != 0));
}

bool symtab_add(struct symtab *t, const char *name, kva_t va, uint64_t size, char type)
{
	struct symbol s = { va, size, arena_strdup(&t->names, name), type, 0, hash_str(name) };

	if (!s.name || t->syms.n >= UINT32_MAX - 1)
		return false;
	s.plainness = plainness(&s);
	return vec_push(&t->syms, s);
}

static int compare(const void *pa, const void *pb)
{
	const struct symbol *a = pa, *b = pb;

	if (a->va != b->va)
		return a->va < b->va ? -1 : 1;
	if (a->plainness != b->plainness)
		return a->plainness < b->plainness ? -1 : 1;
	return strcmp(b->name, a->name);
}

struct key {
	kva_t va;
	uint32_t index;
};

/* Least significant byte first; one that all keys have alike takes no pass. Gives from or to. */
static struct key *radix_sort(struct key *from, struct key *to, uint32_t n)
{
	for (unsigned shift = 0; shift < 64; shift += 8) {
		uint32_t next[256] = { 0 }, sum = 0;
		struct key *other = to;

		for (uint32_t i = 0; i < n; i++)
			next[from[i].va >> shift & 0xff]++;
		if (next[from[0].va >> shift & 0xff] == n)
			continue;
		for (int digit = 0; digit < 256; digit++) {
			uint32_t count = next[digit];

			next[digit] = sum;
			sum += count;
		}
		for (uint32_t i = 0; i < n; i++)
			to[next[from[i].va >> shift & 0xff]++] = from[i];
		to = from;
		from = other;
	}
	return from;
}

/* By address; those at one address keep their order. False without memory: nothing is moved. */
static bool sort_addresses(struct symbol *syms, uint32_t n)
{
	struct key *keys = malloc(2 * (size_t)n * sizeof(*keys));
	struct symbol *sorted = malloc(n * sizeof(*sorted));
	bool ok = keys && sorted;

	if (ok) {
		const struct key *order;

		for (uint32_t i = 0; i < n; i++)
			keys[i] = (struct key){ syms[i].va, i };
		order = radix_sort(keys, keys + n, n);
		for (uint32_t i = 0; i < n; i++)
			sorted[i] = syms[order[i].index];
		memcpy(syms, sorted, n * sizeof(*sorted));
	}
	free(keys);
	free(sorted);
	return ok;
}

/* A kernel has 100,000 and more, and comparing them two by two was half of the time that its
 * symbols took. */
static void sort_symbols(struct symbol *syms, uint32_t n)
{
	if (!sort_addresses(syms, n)) {
		qsort(syms, n, sizeof(*syms), compare);
		return;
	}
	for (uint32_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && syms[end].va == syms[i].va;)
			end++;
		if (end - i > 1)
			qsort(syms + i, end - i, sizeof(*syms), compare);
	}
}

bool symtab_seal(struct symtab *t)
{
	uint32_t n = (uint32_t)t->syms.n;

	if (n)
		sort_symbols(t->syms.v, n);
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

const struct symbol *symtab_lookup(const struct symtab *t, kva_t va)
{
	size_t lo = 0, hi = t->syms.n;
	const struct symbol *s;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (t->syms.v[mid].va <= va)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return NULL;
	s = &t->syms.v[lo - 1];
	if (lo == t->syms.n && s->size && va - s->va >= s->size)
		return NULL;
	return s;
}
