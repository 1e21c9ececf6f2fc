// SPDX-License-Identifier: GPL-3.0-or-later
/* walk_idr.c - walks struct idr, which maps numbers to pointers (lib/idr.c): a radix tree since
 * 0a835c4f090a (4.11), before that layers of arrays, each with its distance from the lowest layer.
 */
#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define MAX_SLOTS  256 /* 1 << IDR_BITS; 64 before 3.9 */
#define MAX_LAYERS 6   /* MAX_IDR_LEVEL for 31 bits, in steps of 6 */

enum { IDR_TREE, IDR_TOP };
static const struct record_field idr_fields[] = {
	[IDR_TREE] = { { "idr_rt" }, RECORD_ADDRESS, "4.11 and later" },
	[IDR_TOP] = { { "top" }, RECORD_POINTER, "before 4.11" },
};
RECORD(idr_record, "idr", idr_fields);

enum { LAYER_ARRAY, LAYER_DISTANCE };
static const struct record_field layer_fields[] = {
	[LAYER_ARRAY] = { { "ary" }, RECORD_ADDRESS, "before 4.11" },
	[LAYER_DISTANCE] = { { "layer" }, RECORD_INT, "before 4.11" },
};
RECORD(idr_layer_record, "idr_layer", layer_fields);

struct idr_walk {
	struct kernel *k;
	walk_entry_fn fn;
	void *ctx;
	unsigned slots;
	bool done;
	unsigned lost; /* number of unreadable layers */
	vs_status st;  /* of the first one */
	struct err why;
};

static void lose(struct idr_walk *w, vs_status st, const struct err *why)
{
	if (w->lost++ == 0) {
		w->st = st;
		w->why = *why;
	}
}

static vs_status load_layer(struct idr_walk *w, kva_t layer, int64_t distance, uint64_t *slots,
			    struct err *why)
{
	struct record r;
	uint64_t array, said;
	vs_status st;

	record_read(w->k, &idr_layer_record, layer, RECORD_ALL, &r);
	st = record_need(&r, LAYER_DISTANCE, &said, why);
	if (st == VS_OK && distance >= 0 && (int64_t)said != distance)
		st = fail(why, VS_CORRUPT,
			  "idr_layer %#" PRIx64 " is %" PRId64 " from the lowest, not %" PRId64,
			  layer, (int64_t)said, distance);
	if (st == VS_OK)
		st = record_need(&r, LAYER_ARRAY, &array, why);
	return st ? st : mem_read(w->k->mem, array, slots, 8 * (size_t)w->slots, why);
}

/* Walks a layer that starts at index first. Distances fall to 0, so this ends. */
static void walk_layer(struct idr_walk *w, kva_t layer, int64_t distance, uint64_t first)
{
	uint64_t slots[MAX_SLOTS], each = 1;
	struct err why;
	vs_status st = load_layer(w, layer, distance, slots, &why);

	if (st) {
		lose(w, st, &why);
		return;
	}
	for (int64_t i = 0; i < distance; i++)
		each *= w->slots;
	for (unsigned i = 0; i < w->slots && !w->done; i++) {
		if (slots[i] && distance)
			walk_layer(w, slots[i], distance - 1, first + i * each);
		else if (slots[i])
			w->done = !w->fn(w->ctx, first + i, first + i, slots[i]);
	}
}

static vs_status walk_layers(struct kernel *k, kva_t idr, walk_entry_fn fn, void *ctx,
			     struct err *err)
{
	struct idr_walk w = { .k = k, .fn = fn, .ctx = ctx };
	struct member array;
	uint64_t top, distance;
	vs_status st = record_field_read(k, &idr_record, idr, IDR_TOP, &top, err);

	if (st == VS_OK)
		st = record_member(k, &idr_layer_record, LAYER_ARRAY, &array, err);
	if (st || !top)
		return st;
	w.slots = (unsigned)(array.size / 8);
	if (!w.slots || w.slots > MAX_SLOTS)
		return fail(err, VS_UNSUPPORTED, "idr_layer.ary has %" PRIu64 " bytes", array.size);
	st = record_field_read(k, &idr_layer_record, top, LAYER_DISTANCE, &distance, err);
	if (st == VS_OK && distance >= MAX_LAYERS)
		st = fail(err, VS_CORRUPT, "idr_layer %#" PRIx64 " is %" PRId64 " from the lowest",
			  top, (int64_t)distance);
	if (st)
		return st;
	walk_layer(&w, top, (int64_t)distance, 0);
	return w.lost ? fail(err, w.st, "entries in %u lost layers are missing; the first: %s",
			     w.lost, w.why.msg)
		      : VS_OK;
}

vs_status walk_idr_at(struct kernel *k, kva_t idr, walk_entry_fn fn, void *ctx, struct err *err)
{
	struct member m;
	vs_status st = record_member(k, &idr_record, IDR_TREE, &m, err);

	if (st == VS_OK)
		return walk_xarray(k, idr + m.off, fn, ctx, err);
	if (record_member(k, &idr_record, IDR_TOP, &m, NULL))
		return st;
	return walk_layers(k, idr, fn, ctx, err);
}

vs_status walk_idr(struct kernel *k, const char *symbol, walk_entry_fn fn, void *ctx,
		   struct err *err)
{
	kva_t idr;
	vs_status st = kernel_symbol(k, symbol, &idr, err);

	return st ? st : walk_idr_at(k, idr, fn, ctx, err);
}
