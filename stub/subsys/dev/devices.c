// SPDX-License-Identifier: GPL-3.0-or-later
/* devices.c - device numbers (fs/char_dev.c, block/genhd.c): tables of chains, and a map of numbers
 * to objects (drivers/base/map.c). Disks are in disks.c. */
#include "stub/subsys/dev/devices.h"

#include <stdlib.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/dev/kobj_map.h"

#define HASH_SIZE 255 /* CHRDEV_MAJOR_HASH_SIZE, BLKDEV_MAJOR_HASH_SIZE */

/* The rows of both tables. */
enum { NUMBER_NEXT, NUMBER_MAJOR, NUMBER_NAME, NUMBER_MINOR, NUMBER_CDEV };
static const struct record_field chr_fields[] = {
	[NUMBER_NEXT] = { { "next" }, RECORD_POINTER },
	[NUMBER_MAJOR] = { { "major" }, RECORD_UINT },
	[NUMBER_NAME] = { { "name" }, RECORD_ADDRESS },
	[NUMBER_MINOR] = { { "baseminor" }, RECORD_UINT },
	[NUMBER_CDEV] = { { "cdev" }, RECORD_POINTER },
};
RECORD(chr_record, "char_device_struct", chr_fields);

static const struct record_field blk_fields[] = {
	[NUMBER_NEXT] = { { "next" }, RECORD_POINTER },
	[NUMBER_MAJOR] = { { "major" }, RECORD_INT },
	[NUMBER_NAME] = { { "name" }, RECORD_ADDRESS },
};
RECORD(blk_record, "blk_major_name", blk_fields);

static const struct record_field cdev_fields[] = { [CDEV_OPS] = { { "ops" }, RECORD_POINTER } };
RECORD(cdev_record, "cdev", cdev_fields);

struct numbers {
	struct kernel *k;
	bool block;
	VEC(struct dev_number) v;
};

static bool add_number(void *ctx, kva_t va)
{
	struct numbers *t = ctx;
	struct dev_number d = { 0 };
	struct record r;

	record_read(t->k, t->block ? &blk_record : &chr_record, va, RECORD_ALL, &r);
	d.known = record_get(&r, NUMBER_MAJOR, &d.major) &&
		  (t->block || record_get(&r, NUMBER_MINOR, &d.minor));
	d.cdev = t->block ? 0 : record_pointer(&r, NUMBER_CDEV);
	(void)record_string(&r, NUMBER_NAME, d.name, sizeof(d.name));
	return vec_push(&t->v, d);
}

static int by_number(const void *a, const void *b)
{
	const struct dev_number *x = a, *y = b;

	if (x->major != y->major)
		return x->major < y->major ? -1 : 1;
	return x->minor < y->minor ? -1 : x->minor > y->minor;
}

vs_status dev_numbers_load(struct kernel *k, bool block, struct dev_number **ret, size_t *n,
			   struct err *err)
{
	struct numbers t = { .k = k, .block = block };
	struct member next;
	kva_t table, first;
	vs_status st = kernel_symbol(k, block ? "major_names" : "chrdevs", &table, err);

	if (st == VS_OK)
		st = record_member(k, block ? &blk_record : &chr_record, NUMBER_NEXT, &next, err);
	for (unsigned i = 0; i < HASH_SIZE && st == VS_OK; i++) {
		st = mem_read_u64(k->mem, table + 8 * i, &first, err);
		if (st == VS_OK)
			st = walk_chain(k, first, next.off, 0, add_number, &t, err);
	}
	if (t.v.n)
		qsort(t.v.v, t.v.n, sizeof(*t.v.v), by_number);
	*ret = t.v.v;
	*n = t.v.n;
	return st;
}

/* --- the map of numbers */

enum { PROBE_NEXT, PROBE_DEV, PROBE_RANGE, PROBE_DATA };
static const struct record_field probe_fields[] = {
	[PROBE_NEXT] = { { "next" }, RECORD_POINTER },
	[PROBE_DEV] = { { "dev" }, RECORD_UINT },
	[PROBE_RANGE] = { { "range" }, RECORD_UINT },
	[PROBE_DATA] = { { "data" }, RECORD_POINTER },
};
RECORD(probe_record, "probe", probe_fields);

enum { KOBJ_MAP_PROBES };
static const struct record_field kobj_map_fields[] = {
	[KOBJ_MAP_PROBES] = { { "probes" }, RECORD_ADDRESS },
};
RECORD(kobj_map_record, "kobj_map", kobj_map_fields);

struct probes {
	struct kernel *k;
	kobj_map_fn fn;
	void *ctx;
};

static bool give_probe(void *ctx, kva_t va)
{
	const struct probes *p = ctx;
	struct kobj_probe probe = { 0 };
	struct record r;

	record_read(p->k, &probe_record, va, RECORD_ALL, &r);
	probe.known = record_get(&r, PROBE_DEV, &probe.first) &&
		      record_get(&r, PROBE_RANGE, &probe.count) &&
		      record_get(&r, PROBE_DATA, &probe.data);
	return p->fn(p->ctx, &probe);
}

vs_status kobj_map_each(struct kernel *k, kva_t symbol, int bucket, kobj_map_fn fn, void *ctx,
			struct err *err)
{
	struct probes p = { k, fn, ctx };
	struct member next, probes;
	kva_t map, first;
	vs_status st = mem_read_u64(k->mem, symbol, &map, err);

	if (st == VS_OK)
		st = record_member(k, &probe_record, PROBE_NEXT, &next, err);
	if (st == VS_OK)
		st = record_member(k, &kobj_map_record, KOBJ_MAP_PROBES, &probes, err);
	for (uint64_t i = 0; st == VS_OK && i < HASH_SIZE && i < probes.size / 8; i++) {
		if (bucket >= 0 && i != (uint64_t)bucket)
			continue;
		st = mem_read_u64(k->mem, map + probes.off + 8 * i, &first, err);
		if (st == VS_OK)
			st = walk_chain(k, first, next.off, 0, give_probe, &p, err);
	}
	return st;
}

struct cdev_search {
	struct kernel *k;
	uint64_t number; /* dev_t */
	kva_t found;
	bool unknown; /* a range that may match cannot be read */
};

static bool match_cdev(void *ctx, const struct kobj_probe *p)
{
	struct cdev_search *s = ctx;

	s->unknown |= !p->known;
	// The chain is sorted by range: the first match is the narrowest.
	if (!p->known || s->number < p->first || s->number - p->first >= p->count ||
	    !s->k->arch->is_kernel_va(p->data))
		return true;
	s->found = p->data;
	return false;
}

vs_status cdev_find(struct kernel *k, const struct dev_number *d, kva_t *ret, struct err *err)
{
	struct cdev_search s = { .k = k, .number = d->major << 20 | d->minor };
	kva_t map;
	vs_status st = VS_OK;

	if (d->cdev) {
		*ret = d->cdev;
		return VS_OK;
	}
	if (!d->known)
		return fail(err, VS_LOST, "its device number cannot be read");
	st = kernel_symbol(k, "cdev_map", &map, err);
	if (st == VS_OK)
		st = kobj_map_each(k, map, (int)(d->major % HASH_SIZE), match_cdev, &s, err);
	if (st == VS_OK && s.unknown)
		st = fail(err, VS_LOST, "a range of device numbers cannot be read");
	if (st == VS_OK)
		*ret = s.found;
	return st;
}
