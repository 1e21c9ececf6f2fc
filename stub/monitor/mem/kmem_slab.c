// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem_slab.c - kmem -s, -S and slab objects. */
#include <inttypes.h>
#include <stdio.h>
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
		{ "memory_kb", NULL, 0, COLUMN_NUMBER }, // of all its slabs, for --sort=size
		{ "name", "  ", 0, COLUMN_TEXT },
	},
};

static const struct table_def slab_table = {
	.name = "contents",
	.columns = {
		{ "list", "", 0, COLUMN_TEXT, ":\n" },
		{ "slab", "  ", 16, COLUMN_ADDRESS },
		{ "memory", "  ", 16, COLUMN_ADDRESS },
		{ "node", "  ", 4, COLUMN_NUMBER },
		{ "total", "  ", 5, COLUMN_NUMBER },
		{ "allocated", "  ", 9, COLUMN_NUMBER },
		{ "free", "  ", 4, COLUMN_NUMBER },
	},
};
static const struct table_def object_table = {
	.name = "objects",
	.columns = {
		{ "object", "  ", 0, COLUMN_ADDRESS },
		{ "free", NULL, 0, COLUMN_FLAG },
	},
};

/* The cells of a row, and below it what could not be counted. */
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
	table_uint(t, n.slabs * (UINT64_C(4) << c->order));
	table_text(t, c->name);
	if (st)
		table_remark(t, "\n                  ", "ALLOCATED is not exact: %s", why.msg);
}

static int node_of(struct kernel *k, const struct slab *s)
{
	pfn_t pfn;

	return pfn_of_page(k, s->page, &pfn, NULL) == VS_OK ? node_of_pfn(k, pfn) : -1;
}

/* Which slabs of which cache. */
struct contents {
	struct monitor *m;
	const struct slab_frees *frees;
	const struct slab_cache *c;
	struct buf *out;
	struct table t;
};

/* If a list could not be read to its end, the object may be on the rest of it: !known. */
static void put_object(kva_t object, bool is_free, bool known, struct table *t)
{
	table_show(t, is_free ? " %" PRIx64 : !known ? "?%" PRIx64 : "[%" PRIx64 "]", object);
	table_uint(t, object);
	if (is_free || known)
		table_flag(t, is_free);
	else
		table_unknown(t);
	table_end_row(t);
}

/* A slab and its objects, or just the object at `only` if not 0; allocated ones in brackets. Free
 * objects are counted from the lists, because a slab's own count treats those that a CPU holds in
 * reserve as allocated. list: the one that it is on; NULL: not shown. */
static void put_slab(struct contents *p, const struct slab *s, const char *list, kva_t only)
{
	AUTO_FREE uint8_t *map = NULL;
	int node = node_of(p->m->k, s);
	unsigned n = 0;
	struct table *t = &p->t, objects;
	struct err why;
	vs_status st = slab_free_map(p->frees, s, &map, &n, &why);

	if (list)
		table_text(t, list);
	else
		table_skip(t);
	table_layout(t, "  SLAB              MEMORY            NODE  TOTAL  ALLOCATED  FREE\n");
	table_uint(t, s->va);
	table_uint(t, s->start);
	table_known(t, node >= 0, (uint64_t)node);
	table_uint(t, s->objects);
	table_known(t, st == VS_OK, s->objects - n);
	table_known(t, st == VS_OK, n);
	table_layout(t, "\n");
	table_nest(&objects, &object_table, t);
	if (map)
		table_layout(t, "  FREE / [ALLOCATED]\n");
	for (unsigned i = 0; map && i < s->objects; i++) {
		kva_t object = s->start + i * p->c->size + p->c->red_left_pad;

		if (!only || only == object)
			put_object(object, map[i / 8] >> i % 8 & 1, st == VS_OK, &objects);
	}
	table_end(&objects);
	if (st)
		table_remark(t, "  ", "%s", why.msg);
	table_end_row(t);
}

static bool put_listed(void *ctx, const struct slab *s, const char *where)
{
	struct contents *p = ctx;
	char cpu[32];

	snprintf(cpu, sizeof(cpu), "CPU %d SLAB", s->cpu);
	put_slab(p, s, s->cpu >= 0 ? cpu : where, 0);
	return !buf_stopped(p->out);
}

static void put_contents(struct monitor *m, const struct slab_cache *c, struct table *row,
			 struct buf *out)
{
	struct slab_frees *frees = slab_frees_load(m->k, c);
	struct contents n = { .m = m, .frees = frees, .c = c, .out = out };
	struct err why;
	vs_status st = VS_OK;

	table_layout(row, "\n");
	if (!frees) {
		table_remark(row, "  ", "out of memory");
		return;
	}
	table_nest(&n.t, &slab_table, row);
	st = slab_each(m->k, c, put_listed, &n, &why);
	table_end(&n.t);
	if (st)
		table_remark(row, "  ", "%s", why.msg);
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
	const char *sort = cmd_value(names, "-sort");
	struct table t;
	size_t n = 0, shown = 0;
	vs_status st = slab_caches(m->k, &caches, &n, err), sorted = VS_OK;

	if (!n)
		return st;
	table_begin(&t, &cache_table, m, out);
	if (sort)
		sorted = table_sort(&t, strcmp(sort, "size") == 0 ? "memory" : sort, err);
	for (size_t i = 0; sorted == VS_OK && i < n && !buf_stopped(out); i++) {
		if (!is_named(names, &caches[i]))
			continue;
		if (contents && shown)
			table_layout(&t, "%s", cache_table.heading);
		put_cache(m, &caches[i], &t);
		shown++;
		if (contents)
			put_contents(m, &caches[i], &t, out);
		table_end_row(&t);
	}
	table_end(&t);
	if (sorted)
		return sorted;
	return st || shown ? st : fail(err, VS_NOTFOUND, "no slab cache %s", names->argv[0]);
}

vs_status kmem_slab_object(struct monitor *m, kva_t va, struct buf *out, struct err *err)
{
	struct contents p = { .m = m, .out = out };
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
	p.frees = frees;
	p.c = &c;
	table_begin(&t, &cache_table, m, out);
	put_cache(m, &c, &t);
	table_layout(&t, "\n");
	table_nest(&p.t, &slab_table, &t);
	put_slab(&p, &s, NULL, s.start + (va - s.start) / c.size * c.size + c.red_left_pad);
	table_end(&p.t);
	table_end_row(&t);
	table_end(&t);
	slab_frees_destroy(frees);
	return VS_OK;
}
