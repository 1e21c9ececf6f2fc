// SPDX-License-Identifier: GPL-3.0-or-later
/* flatmap.c - index of a flattened container.
 * makedumpfile and QEMU write a few streams in turn (page descriptors, page data), each without
 * gaps, in records of many sizes: 64 KiB of data, 600 bytes of descriptors. So the table of records
 * has no pattern that could shorten it, but any group of neighbouring records covers just one or
 * two stretches of the file inside.
 *
 *   container   D0 P0 D1 P1 D2 P2 D3 P3 ...         groups of 4: D0..P1, D2..P3
 *   inside      | D0 D1 | D2 D3 | ... | P0 P1 | P2 P3 | ...         4 entries, not 8
 *
 * Stretches have no gaps. So where two groups overlap, the later one wins, as each of its records
 * would; only the order inside a group needs the record headers. */
#include "stub/dump/flat/flatmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stub/dump/pagecache.h"

/* Records per group, whose headers are read again for one byte: few enough for fast reads, enough
 * for 10^9 records of one byte. */
#define GROUP_MIN 8
#define GROUP_MAX 4096
/* Memory of expanded groups. */
#define EXPANDED ((size_t)8 << 20)

/* A cached group: its pieces, disjoint and sorted. n records make less than 2 n pieces. */
struct group {
	size_t n;
	struct range v[];
};

void flatmap_init(struct flatmap *m, size_t limit)
{
	*m = (struct flatmap){ .limit = limit, .group = 1 };
}

void flatmap_deinit(struct flatmap *m)
{
	ranges_deinit(&m->v);
	pagecache_destroy(m->expanded);
}

/* Makes each group hold `times` as many records. All groups except the last one are full. */
static void regroup(struct flatmap *m, size_t times)
{
	struct range *v = m->v.v;
	size_t last = m->fill ? m->fill : m->group, taken = 0, i = 0, out = 0;

	while (i < m->v.n) {
		uint64_t src = m->group == 1 ? v[i].src - FLAT_RECORD : v[i].src;
		size_t to = i;

		for (taken = 0; to < m->v.n; to++) {
			if (to == i || v[to].src != v[to - 1].src) {
				if (taken == times)
					break;
				taken++;
			}
		}
		memmove(&v[out], &v[i], (to - i) * sizeof(v[0]));
		for (size_t k = 0; k < to - i; k++)
			v[out + k].src = src;
		m->open = out;
		out += ranges_unite(&v[out], to - i);
		i = to;
	}
	m->v.n = out;
	m->fill = (taken - 1) * m->group + last;
	m->group *= times;
	if (m->fill == m->group) {
		m->fill = 0;
		m->open = out;
	}
}

/* Reduces the number of entries by larger groups. */
static vs_status thin(struct flatmap *m)
{
	while (m->v.n > m->limit / 2 && m->group < GROUP_MAX)
		regroup(m, m->group == 1 ? GROUP_MIN : 2);
	return m->v.n < m->limit ? VS_OK : VS_UNSUPPORTED;
}

static void close_group(struct flatmap *m)
{
	if (!m->fill)
		return;
	m->v.n = m->open + ranges_unite(m->v.v + m->open, m->v.n - m->open);
	m->open = m->v.n;
	m->fill = 0;
}

vs_status flatmap_add(struct flatmap *m, const struct flatrec *rec)
{
	uint64_t src = rec->src;
	struct range *last = NULL;

	if (m->group > 1) {
		if (m->fill)
			last = &m->v.v[m->v.n - 1];
		src = last ? last->src : src - FLAT_RECORD;
	}
	if (last && last->start + last->len == rec->logical)
		last->len += rec->len;
	else if (!ranges_add(&m->v, rec->logical, rec->len, src))
		return VS_NOMEM;
	if (m->group > 1) {
		if (++m->fill < m->group)
			return VS_OK;
		close_group(m);
	}
	return m->v.n < m->limit ? VS_OK : thin(m);
}

static size_t group_size(const struct flatmap *m)
{
	return sizeof(struct group) + (2 * m->group - 1) * sizeof(struct range);
}

vs_status flatmap_finish(struct flatmap *m)
{
	if (m->group > 1) {
		m->tail = m->fill;
		m->tail_src = m->v.v[m->v.n - 1].src;
		close_group(m);
		m->v.whole = true;
		if (pagecache_create(EXPANDED / group_size(m), group_size(m), &m->expanded, NULL))
			return VS_NOMEM;
	}
	return ranges_resolve(&m->v, true) ? VS_OK : VS_NOMEM;
}

uint64_t flatmap_size(const struct flatmap *m)
{
	const struct range *last = &m->v.v[m->v.n - 1];

	return last->start + last->len;
}

uint64_t flatmap_next(struct flatmap *m, uint64_t off)
{
	const struct range *r = ranges_find(&m->v, off);

	if (!r)
		return flatmap_size(m);
	return r->start > off ? r->start : off;
}

/* Reads the headers of the group whose first header is at src. */
static vs_status read_group(struct flatmap *m, struct flatscan *s, uint64_t src, struct ranges *v)
{
	size_t n = m->tail && src == m->tail_src ? m->tail : m->group;
	struct flatrec rec;

	flatscan_seek(s, src);
	for (size_t i = 0; i < n; i++) {
		if (flatscan_next(s, &rec)) {
			errno = s->io;
			// fail: the missing record may be the one that wins
			return s->io ? VS_IO : VS_LOST;
		}
		if (!ranges_add(v, rec.logical, rec.len, rec.src))
			return VS_IO; // ENOMEM by realloc
	}
	return ranges_resolve(v, true) ? VS_OK : VS_IO;
}

static vs_status expand(struct flatmap *m, struct flatscan *s, uint64_t src,
			const struct group **ret)
{
	const void *cached = pagecache_find(m->expanded, src);
	struct ranges v = { 0 };
	struct group *g;
	vs_status st;

	if (cached) {
		*ret = cached;
		return VS_OK;
	}
	st = read_group(m, s, src, &v);
	if (!st) {
		g = (void *)pagecache_slot(m->expanded);
		g->n = v.n;
		memcpy(g->v, v.v, v.n * sizeof(v.v[0]));
		pagecache_keep(m->expanded, src);
		*ret = g;
	}
	ranges_deinit(&v);
	return st;
}

vs_status flatmap_find(struct flatmap *m, struct flatscan *s, uint64_t off, struct flatpiece *ret)
{
	const struct range *r = ranges_find(&m->v, off);
	const struct group *g;
	struct ranges v;
	vs_status st;

	if (!r)
		return VS_END;
	*ret = (struct flatpiece){ .r = r, .end = m->v.v + m->v.n, .left = UINT64_MAX };
	if (r->start > off) {
		ret->gap = r->start - off;
		return VS_OK;
	}
	if (m->group == 1)
		return VS_OK;
	st = expand(m, s, r->src, &g);
	if (st)
		return st;
	v = (struct ranges){ .v = (struct range *)g->v, .n = g->n };
	ret->r = ranges_find(&v, off);
	ret->end = g->v + g->n;
	ret->left = r->start + r->len - off; // after that another group wins
	return ret->r && ret->r->start <= off ? VS_OK : VS_LOST;
}
