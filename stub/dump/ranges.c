// SPDX-License-Identifier: GPL-3.0-or-later
/* ranges.c - turns overlapping ranges into a sorted, disjoint table.
 * A sweep over the sorted starts keeps the ranges that cover the current address in a heap ordered
 * by rank; its top is the winner until it ends or a better one starts. */
#include "stub/dump/ranges.h"

#include <stdlib.h>

#include "stub/base/vec.h"

void ranges_deinit(struct ranges *r)
{
	vec_free(r);
	r->last = 0;
}

bool ranges_add(struct ranges *r, uint64_t start, uint64_t len, uint64_t src)
{
	return vec_push(r, (struct range){ start, len, src });
}

static int cmp_start(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	return (x->src > y->src) - (x->src < y->src);
}

/* Binary heap of indexes into v, best range at 0. */
struct sweep {
	const struct range *v;
	size_t *heap;
	size_t n;
	bool high_wins;
};

static bool beats(const struct sweep *s, size_t a, size_t b)
{
	uint64_t x = s->v[s->heap[a]].src, y = s->v[s->heap[b]].src;

	return s->high_wins ? x > y : x < y;
}

static void heap_swap(struct sweep *s, size_t a, size_t b)
{
	size_t t = s->heap[a];

	s->heap[a] = s->heap[b];
	s->heap[b] = t;
}

static void heap_push(struct sweep *s, size_t idx)
{
	size_t i = s->n++;

	s->heap[i] = idx;
	while (i > 0 && beats(s, i, (i - 1) / 2)) {
		heap_swap(s, i, (i - 1) / 2);
		i = (i - 1) / 2;
	}
}

static void heap_pop(struct sweep *s)
{
	size_t i = 0;

	heap_swap(s, 0, --s->n);
	for (;;) {
		size_t best = i, l = 2 * i + 1, r = l + 1;

		if (l < s->n && beats(s, l, best))
			best = l;
		if (r < s->n && beats(s, r, best))
			best = r;
		if (best == i)
			return;
		heap_swap(s, i, best);
		i = best;
	}
}

/* Append [from, to) of source range x, merged with the previous piece if it continues it. */
static bool emit(struct ranges *out, const struct range *x, uint64_t from, uint64_t to)
{
	bool still = out->whole || x->src >= RANGE_NOWHERE;
	uint64_t src = still ? x->src : x->src + (from - x->start);
	struct range *p = out->n ? &out->v[out->n - 1] : NULL;

	if (p && p->start + p->len == from && (still ? p->src == src : p->src + p->len == src)) {
		p->len += to - from;
		return true;
	}
	return ranges_add(out, from, to - from, src);
}

static bool sweep_run(struct sweep *s, size_t n, struct ranges *out)
{
	uint64_t pos = 0;
	size_t i = 0;

	while (i < n || s->n) {
		const struct range *top;
		uint64_t end;

		if (!s->n)
			pos = s->v[i].start;
		while (i < n && s->v[i].start <= pos)
			heap_push(s, i++);
		while (s->n && s->v[s->heap[0]].start + s->v[s->heap[0]].len <= pos)
			heap_pop(s);
		if (!s->n)
			continue;
		top = &s->v[s->heap[0]];
		end = top->start + top->len;
		if (i < n && s->v[i].start < end)
			end = s->v[i].start;
		if (!emit(out, top, pos, end))
			return false;
		pos = end;
	}
	return true;
}

bool ranges_resolve(struct ranges *r, bool high_wins)
{
	struct sweep s = { .v = r->v, .high_wins = high_wins };
	struct ranges out = { .whole = r->whole };
	bool sorted = true, ok;

	for (size_t i = 1; i < r->n && sorted; i++)
		sorted = cmp_start(&r->v[i - 1], &r->v[i]) <= 0;
	if (!sorted)
		qsort(r->v, r->n, sizeof(r->v[0]), cmp_start);
	for (size_t i = 1; i < r->n && !r->overlapped; i++)
		r->overlapped = r->v[i].start < r->v[i - 1].start + r->v[i - 1].len;
	if (!r->overlapped)
		return true;
	s.heap = malloc(r->n * sizeof(s.heap[0]));
	if (!s.heap)
		return false;
	ok = sweep_run(&s, r->n, &out);
	free(s.heap);
	if (!ok) {
		ranges_deinit(&out);
		return false;
	}
	free(r->v);
	r->v = out.v;
	r->n = out.n;
	r->cap = out.cap;
	return true;
}

size_t ranges_unite(struct range *v, size_t n)
{
	size_t last = 0;

	qsort(v, n, sizeof(v[0]), cmp_start);
	for (size_t i = 1; i < n; i++) {
		uint64_t end = v[last].start + v[last].len;

		if (v[i].start > end)
			v[++last] = v[i];
		else if (v[i].start + v[i].len > end)
			v[last].len = v[i].start + v[i].len - v[last].start;
	}
	return last + 1;
}

static bool is_first_above(const struct ranges *r, size_t i, uint64_t addr)
{
	return i < r->n && addr - r->v[i].start < r->v[i].len;
}

const struct range *ranges_find(struct ranges *r, uint64_t addr)
{
	size_t lo = 0, hi = r->n;

	// reads are mostly sequential: usually the last hit or its neighbour is right
	if (is_first_above(r, r->last, addr))
		return &r->v[r->last];
	if (is_first_above(r, r->last + 1, addr))
		return &r->v[++r->last];
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (r->v[mid].start + r->v[mid].len > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	if (lo == r->n)
		return NULL;
	r->last = lo;
	return &r->v[lo];
}
