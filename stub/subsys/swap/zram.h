// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* zram.h - pages of a zram device: a disk in memory that stores its pages compressed
 * (drivers/block/zram). */
#include "stub/subsys/swap/zsmalloc.h"

struct codec;

#define ZRAM_NAMES 32 /* bytes of a name; CRYPTO_MAX_ALG_NAME is longer, but no such name */

/* A device. It is plain data; k is borrowed. */
struct zram {
	struct kernel *k;
	kva_t va; /* struct zram */
	char disk[ZRAM_NAMES];
	kva_t table;
	uint64_t slots; /* entries of table, one for each page of the device */
	struct types *types;
	uint64_t entry_size;
	struct member handle, flags; /* of an entry */
	uint64_t size_mask;	     /* of flags */
	uint64_t same, huge, written;
	unsigned priority_shift; /* 0: one algorithm for all */
	struct zs_pool pool;
};

/* Recognises a struct block_device. VS_NOMATCH: it is another kind of device. Others: it is zram,
 * and err says why it cannot be read. */
vs_status zram_open(struct kernel *k, kva_t bdev, struct zram *ret, struct err *err);

enum zram_kind {
	ZRAM_EMPTY,
	ZRAM_WORD,    /* one word all over */
	ZRAM_PLAIN,   /* could not be compressed */
	ZRAM_PACKED,  /* compressed */
	ZRAM_WRITTEN, /* written back to the device behind it, and not in memory */
};

struct zram_slot {
	enum zram_kind kind;
	uint64_t word;		    /* ZRAM_WORD */
	kva_t handle;		    /* ZRAM_PLAIN, ZRAM_PACKED: of zsmalloc */
	size_t size;		    /* bytes stored */
	char algorithm[ZRAM_NAMES]; /* ZRAM_PACKED; "?": unknown */
	bool dictionary;	    /* and it has one */
};

/* The slot of page `index` of the device. */
vs_status zram_slot_load(const struct zram *z, uint64_t index, struct zram_slot *ret,
			 struct err *err);
/* Reads and decodes what a slot has into page; not ZRAM_EMPTY and ZRAM_WRITTEN. */
vs_status zram_slot_read(struct zram *z, const struct zram_slot *s, struct codec *c, void *page,
			 struct err *err);
