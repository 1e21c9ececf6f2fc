// SPDX-License-Identifier: GPL-3.0-or-later
/* swapped.c - finds what is in memory of a page that is swapped out. */
#include "stub/subsys/swap/swapped.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/dump/codec.h"
#include "stub/kernel/kernel.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/swap/cache.h"
#include "stub/subsys/swap/zram.h"
#include "stub/subsys/swap/zswap.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)

/* A swap area, and what kind of device it is on. */
struct device {
	bool opened;
	vs_status st; /* VS_NOMATCH: not zram */
	struct err why;
	struct zram zram;
};

struct swapped {
	struct swap_area area[MAX_SWAPS];
	struct device device[MAX_SWAPS];
	unsigned n;
	struct zswap zswap;
	struct codec *codec;
	uint64_t entry; /* of the page that was read last; 0: none */
	uint8_t page[PAGE_BYTES];
};

static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	struct swapped *s = calloc(1, sizeof(*s));
	vs_status st;

	(void)owner;
	k->swapped = s;
	if (!s)
		return fail(err, VS_NOMEM, "out of memory");
	st = codec_create(&s->codec, err);
	if (st)
		return st;
	st = swap_list(k, s->area, &s->n, err);
	zswap_open(k, &s->zswap);
	return s->n ? VS_OK : st;
}

static void unload(struct kernel *k, void *owner)
{
	(void)owner;
	if (k->swapped)
		codec_destroy(k->swapped->codec);
	free(k->swapped);
	k->swapped = NULL;
}

static const struct slot_ops ops = { load, unload };

static struct swapped *need(struct kernel *k)
{
	return slot_need(k, &k->swapped_slot, &ops, k, NULL) ? NULL : k->swapped;
}

/* Where a page is: in which area, and what has its content. */
struct where {
	const struct swap_area *area;
	enum { ON_DISK, IN_CACHE, IN_ZSWAP, IN_ZRAM, ZEROS } what;
	pfn_t frame;		  /* IN_CACHE */
	struct zswap_entry zswap; /* IN_ZSWAP */
	struct device *device;	  /* IN_ZRAM */
	struct zram_slot slot;
	/* Other than VS_OK: it may be zeros, which cannot be told. */
	vs_status zeros_st;
	struct err zeros_why;
};

static struct device *device_of(struct kernel *k, struct swapped *s, unsigned i)
{
	struct device *d = &s->device[i];

	if (!d->opened) {
		d->opened = true;
		d->st = s->area[i].file	  ? VS_NOMATCH
			: s->area[i].bdev ? zram_open(k, s->area[i].bdev, &d->zram, &d->why)
					  : VS_NOMATCH;
	}
	return d;
}

static vs_status find(struct kernel *k, struct swapped *s, unsigned type, uint64_t offset,
		      struct where *ret, struct err *err)
{
	unsigned i = 0;
	struct device *d;
	bool zeros;
	vs_status st;

	*ret = (struct where){ .what = ON_DISK };
	while (i < s->n && s->area[i].type != type)
		i++;
	if (i == s->n) // not swap: being moved, poisoned, ...
		return VS_SWAPPED;
	ret->area = &s->area[i];
	if (swap_cache_find(k, ret->area, offset, &ret->frame)) {
		ret->what = IN_CACHE;
		return VS_OK;
	}
	ret->zeros_st = swap_is_zeros(k, ret->area, offset, &zeros, &ret->zeros_why);
	if (zeros) {
		ret->what = ZEROS;
		return VS_OK;
	}
	st = zswap_find(&s->zswap, type, offset, &ret->zswap, err);
	if (st == VS_OK)
		ret->what = IN_ZSWAP;
	if (st != VS_NOTFOUND)
		return st;
	d = device_of(k, s, i);
	if (d->st == VS_NOMATCH)
		return VS_OK;
	ret->what = IN_ZRAM;
	ret->device = d;
	return d->st ? fail(err, d->st, "%s", d->why.msg)
		     : zram_slot_load(&d->zram, offset, &ret->slot, err);
}

static vs_status read_zram(struct swapped *s, struct where *w, uint64_t offset, void *page,
			   struct err *err)
{
	struct zram *z = &w->device->zram;
	vs_status st;

	if (w->slot.kind == ZRAM_EMPTY && w->zeros_st)
		return fail(err, w->zeros_st, "%s", w->zeros_why.msg);
	if (w->slot.kind == ZRAM_EMPTY)
		return fail(err, VS_CORRUPT, "%s has no page %" PRIu64, z->disk, offset);
	if (w->slot.kind == ZRAM_WRITTEN)
		return VS_SWAPPED;
	st = zram_slot_read(z, &w->slot, s->codec, page, err);
	return st ? fail_ctx(err, st, "%s, page %" PRIu64, z->disk, offset) : VS_OK;
}

/* A kmem_swapped_fn. */
static vs_status read_page(void *ctx, uint64_t entry, void *page, struct err *err)
{
	struct kernel *k = ctx;
	struct swapped *s;
	struct where w;
	uint64_t offset;
	unsigned type;
	vs_status st;

	if (!k->arch->swap_entry(entry, &type, &offset) || !(s = need(k)))
		return VS_SWAPPED;
	if (s->entry != entry) {
		s->entry = 0;
		st = find(k, s, type, offset, &w, err);
		if (st)
			return st;
		switch (w.what) {
		case IN_CACHE:
			st = mem_read(dump_mem(k->dump), w.frame << PAGE_SHIFT, s->page, PAGE_BYTES,
				      err);
			if (st)
				fail_ctx(err, st, "in the swap cache");
			break;
		case ZEROS:
			memset(s->page, 0, PAGE_BYTES);
			break;
		case IN_ZSWAP:
			st = zswap_read(&s->zswap, &w.zswap, s->codec, s->page, err);
			break;
		case IN_ZRAM:
			st = read_zram(s, &w, offset, s->page, err);
			break;
		case ON_DISK:
			st = VS_SWAPPED;
			break;
		}
		if (st)
			return st;
		if (!dump_info(k->dump)->live)
			s->entry = entry;
	}
	memcpy(page, s->page, PAGE_BYTES);
	return VS_OK;
}

void swapped_install(struct kernel *k)
{
	kmem_set_swapped(k->kmem, read_page, k);
}

static void put_slot(const struct zram_slot *s, struct buf *out)
{
	switch (s->kind) {
	case ZRAM_EMPTY:
		buf_puts(out, "empty");
		break;
	case ZRAM_WORD:
		buf_printf(out, "all words are %" PRIx64, s->word);
		break;
	case ZRAM_PLAIN:
		buf_puts(out, "not compressed");
		break;
	case ZRAM_PACKED:
		buf_printf(out, "%s, %zu bytes", s->algorithm, s->size);
		break;
	case ZRAM_WRITTEN:
		buf_puts(out, "written to its disk");
		break;
	}
}

static void put(struct kernel *k, unsigned type, uint64_t offset, bool cached, struct buf *out)
{
	struct swapped *s = need(k);
	struct where w;
	struct err why;
	vs_status st;

	if (!s)
		return;
	st = find(k, s, type, offset, &w, &why);
	if (st == VS_SWAPPED)
		return;
	switch (w.what) {
	case ON_DISK:
		if (st)
			buf_printf(out, "  ZSWAP: (%s)", why.msg);
		break;
	case IN_CACHE:
		if (cached)
			buf_printf(out, "  CACHED: %" PRIx64, (uint64_t)w.frame << PAGE_SHIFT);
		break;
	case ZEROS:
		buf_puts(out, "  ZEROS");
		break;
	case IN_ZSWAP:
		buf_printf(out, "  ZSWAP: %s, %zu bytes", w.zswap.algorithm, w.zswap.size);
		break;
	case IN_ZRAM:
		buf_puts(out, "  ZRAM: ");
		if (st)
			buf_printf(out, "(%s)", why.msg);
		else
			put_slot(&w.slot, out);
		break;
	}
}

void swapped_put_place(struct kernel *k, unsigned type, uint64_t offset, struct buf *out)
{
	put(k, type, offset, false, out);
}

void swapped_put_all(struct kernel *k, unsigned type, uint64_t offset, struct buf *out)
{
	put(k, type, offset, true, out);
}
