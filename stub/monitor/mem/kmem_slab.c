// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_slab.c - kmem -s, -S and slab objects. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/slab_free.h"
#include "stub/subsys/mm/zones.h"
#include "stub/monitor/mem/kmem.h"
#include "stub/monitor/table.h"

static const struct table_def cache_table = {
	.name = "rows",
	.heading = "CACHE             OBJSIZE  ALLOCATED     TOTAL  SLABS  SSIZE  NAME\n",
	.columns = {
		{ "cache", "", 16, COLUMN_ADDRESS },
		{ "object_bytes", " ", 8, COLUMN_NUMBER },
		{ "allocated", " ", 10, COLUMN_NUMBER },
		{ "total", " ", 9, COLUMN_NUMBER },
		{ "slabs", " ", 6, COLUMN_NUMBER },
		{ "slab_kb", " ", 5, COLUMN_NUMBER, "k" },
		{ "name", "  ", 0, COLUMN_TEXT },
	},
};

/* A row, and below it what could not be counted. */
static void put_cache(struct monitor *m, const struct slab_cache *c, struct table *t)
{
	struct slab_counts n;
	struct err why;
	vs_status st = slab_cache_count(m->k, c, &n, &why);

	table_uint(t, c->va);
	table_uint(t, c->object_size);
	table_uint(t, n.allocated);
	table_uint(t, n.total);
	table_uint(t, n.slabs);
	table_uint(t, UINT64_C(4) << c->order);
	table_text(t, c->name);
	if (st)
		table_remark(t, "\n                  ", "ALLOCATED is not exact: %s", why.msg);
	table_end_row(t);
}

static int node_of(struct kernel *k, const struct slab *s)
{
	pfn_t pfn;

	return pfn_of_page(k, s->page, &pfn, NULL) == VS_OK ? node_of_pfn(k, pfn) : -1;
}

/* A slab and its objects, or just the object at `only` if not 0; allocated ones in brackets. Free
 * objects are counted from the lists, because a slab's own count treats those that a CPU holds in
 * reserve as allocated. */
static void put_slab(struct monitor *m, const struct slab_frees *frees, const struct slab_cache *c,
		     const struct slab *s, kva_t only, struct buf *out)
{
	AUTO_FREE uint8_t *map = NULL;
	int node = node_of(m->k, s);
	unsigned n;
	struct err why;
	vs_status st = slab_free_map(frees, s, &map, &n, &why);

	buf_puts(out, "  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE\n");
	buf_printf(out, "  %16" PRIx64 "  %16" PRIx64, s->va, s->start);
	if (node >= 0)
		buf_printf(out, "  %4d  %5u", node, s->objects);
	else
		buf_printf(out, "  %4s  %5u", "?", s->objects);
	if (st)
		buf_printf(out, "  %9s  %4s\n", "?", "?");
	else
		buf_printf(out, "  %9u  %4u\n", s->objects - n, n);
	if (map)
		buf_puts(out, "  FREE / [ALLOCATED]\n");
	for (unsigned i = 0; map && i < s->objects; i++) {
		kva_t object = s->start + i * c->size + c->red_left_pad;
		bool is_free = map[i / 8] >> i % 8 & 1;

		if (only && only != object)
			continue;
		// If a list could not be read to its end, the object may be on the rest of it.
		buf_printf(out,
			   is_free ? "   %" PRIx64 "\n"
			   : st	   ? "  ?%" PRIx64 "\n"
				   : "  [%" PRIx64 "]\n",
			   object);
	}
	if (st)
		buf_printf(out, "  (%s)\n", why.msg);
}

struct contents {
	struct monitor *m;
	const struct slab_frees *frees;
	const struct slab_cache *c;
	struct buf *out;
};

static bool put_listed(void *ctx, const struct slab *s, const char *where)
{
	const struct contents *n = ctx;

	if (s->cpu >= 0)
		buf_printf(n->out, "CPU %d SLAB:\n", s->cpu);
	else
		buf_printf(n->out, "%s:\n", where);
	put_slab(n->m, n->frees, n->c, s, 0, n->out);
	return !buf_stopped(n->out);
}

static void put_contents(struct monitor *m, const struct slab_cache *c, struct buf *out)
{
	struct slab_frees *frees = slab_frees_load(m->k, c);
	struct contents n = { m, frees, c, out };
	struct err why;

	if (!frees)
		buf_puts(out, "  (out of memory)\n");
	else if (slab_each(m->k, c, put_listed, &n, &why))
		buf_printf(out, "  (%s)\n", why.msg);
	slab_frees_destroy(frees);
}

static bool is_named(const struct args *names, const struct slab_cache *c)
{
	char *end;

	for (int i = 0; i < names->argc; i++)
		if (strcmp(names->argv[i], c->name) == 0 ||
		    (strtoull(names->argv[i], &end, 16) == c->va && !*end))
			return true;
	return names->argc == 0;
}

vs_status kmem_slabs(struct monitor *m, struct args *names, bool contents, struct buf *out,
		     struct err *err)
{
	AUTO_FREE struct slab_cache *caches = NULL;
	struct table t;
	size_t n = 0, shown = 0;
	vs_status st = slab_caches(m->k, &caches, &n, err);

	if (!n)
		return st;
	table_begin(&t, &cache_table, m, out);
	for (size_t i = 0; i < n && !buf_stopped(out); i++) {
		if (!is_named(names, &caches[i]))
			continue;
		if (contents && shown)
			table_layout(&t, "%s", cache_table.heading);
		put_cache(m, &caches[i], &t);
		shown++;
		if (contents)
			put_contents(m, &caches[i], out);
	}
	table_end(&t);
	return st || shown ? st : fail(err, VS_NOTFOUND, "no slab cache %s", names->argv[0]);
}

vs_status kmem_slab_object(struct monitor *m, kva_t va, struct buf *out, struct err *err)
{
	struct slab_frees *frees;
	struct slab_cache c;
	struct table t;
	struct slab s;
	vs_status st = slab_of(m->k, va, &s, err);

	if (st == VS_OK)
		st = slab_cache_load(m->k, s.cache, &c, err);
	if (st)
		return st;
	frees = slab_frees_load(m->k, &c);
	if (!frees)
		return fail(err, VS_NOMEM, "out of memory");
	table_begin(&t, &cache_table, m, out);
	put_cache(m, &c, &t);
	table_end(&t);
	put_slab(m, frees, &c, &s, s.start + (va - s.start) / c.size * c.size + c.red_left_pad,
		 out);
	slab_frees_destroy(frees);
	return VS_OK;
}
