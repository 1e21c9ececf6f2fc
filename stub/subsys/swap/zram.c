// SPDX-License-Identifier: GPL-3.0-or-later
/* zram.c - finds a zram device, and reads its table of pages. */
#include "stub/subsys/swap/zram.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/record.h"
#include "stub/module/modtypes.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/swap/unpack.h"

#define PAGE_BYTES (1ULL << PAGE_SHIFT)
#define MAX_SLOTS  (1ULL << 40)

enum { BDEV_DISK };
static const struct record_field bdev_fields[] = {
	[BDEV_DISK] = { { "bd_disk" }, RECORD_POINTER },
};
RECORD(bdev_disk_record, "block_device", bdev_fields);

enum { DISK_NAME, DISK_PRIVATE };
static const struct record_field disk_fields[] = {
	[DISK_NAME] = { { "disk_name" }, RECORD_ADDRESS },
	[DISK_PRIVATE] = { { "private_data" }, RECORD_POINTER },
};
RECORD(disk_private_record, "gendisk", disk_fields);

static vs_status read_member(const struct zram *z, const char *path, uint64_t *ret, struct err *err)
{
	struct member m;
	vs_status st = types_member(z->types, "zram", path, &m, err);

	return st ? st : kernel_read_at(z->k, z->va, &m, ret, err);
}

/* A flag of an entry by its enumerator, which is the number of a bit; 0: this kernel has none. */
static uint64_t flag(const struct zram *z, const char *name)
{
	int64_t bit;

	return types_enumerator(z->types, name, &bit, NULL) || bit < 0 || bit > 63 ? 0
										   : 1ULL << bit;
}

/* The bits below the first flag are a size (ZRAM_FLAG_SHIFT, which is a macro). */
static uint64_t size_bits(const struct zram *z)
{
	uint64_t lowest = UINT64_MAX;
	type_ref flags;
	const char *name;
	int64_t bit;

	if (types_find(z->types, "enum zram_pageflags", &flags, NULL))
		return 0;
	for (uint32_t i = 0; types_enumerator_at(z->types, flags, i, &name, &bit); i++)
		if (bit > PAGE_SHIFT && (uint64_t)bit < lowest)
			lowest = (uint64_t)bit;
	return lowest < 64 ? (1ULL << lowest) - 1 : 0;
}

static vs_status find_layout(struct zram *z, struct err *err)
{
	type_ref ref;
	int64_t bit;
	vs_status st = kernel_find_type_in(z->k, "zram", "zram", &z->types, &ref, err);

	if (st == VS_OK)
		st = types_size(z->types, "zram_table_entry", &z->entry_size, err);
	if (st == VS_OK)
		st = types_member(z->types, "zram_table_entry", "handle", &z->handle, err);
	// In a struct of its own in 7.x.
	if (st == VS_OK && types_member(z->types, "zram_table_entry", "flags", &z->flags, err))
		st = types_member(z->types, "zram_table_entry", "attr.flags", &z->flags, err);
	if (st)
		return fail_ctx(err, st, "the layout of zram is unknown");
	z->size_mask = size_bits(z);
	z->same = flag(z, "ZRAM_SAME");
	z->huge = flag(z, "ZRAM_HUGE");
	z->written = flag(z, "ZRAM_WB");
	if (types_enumerator(z->types, "ZRAM_COMP_PRIORITY_BIT1", &bit, NULL) == VS_OK && bit > 0 &&
	    bit < 63)
		z->priority_shift = (unsigned)bit;
	if (!z->size_mask || !z->same || !z->huge || !z->entry_size)
		return fail(err, VS_NOTFOUND, "the layout of zram is unknown: flags of its pages");
	return VS_OK;
}

/* The device refers back to its disk; another driver's private data would not. */
static vs_status check_disk(const struct zram *z, kva_t disk, struct err *err)
{
	uint64_t back;
	vs_status st = read_member(z, "disk", &back, err);

	if (st == VS_OK && back != disk)
		st = fail(err, VS_CORRUPT, "struct zram %" PRIx64 " is not that of its disk",
			  z->va);
	return st;
}

vs_status zram_open(struct kernel *k, kva_t bdev, struct zram *ret, struct err *err)
{
	struct zram *z = ret;
	uint64_t disk, pool, size;
	struct record r;
	vs_status st = record_field_read(k, &bdev_disk_record, bdev, BDEV_DISK, &disk, err);

	*z = (struct zram){ .k = k };
	if (st)
		return st;
	record_read(k, &disk_private_record, disk, RECORD_ALL, &r);
	if (!record_string(&r, DISK_NAME, z->disk, sizeof(z->disk)) ||
	    strncmp(z->disk, "zram", 4) != 0)
		return fail(err, VS_NOMATCH, "disk %s is not zram", z->disk);
	if ((st = record_need(&r, DISK_PRIVATE, &z->va, err)) || (st = find_layout(z, err)) ||
	    (st = check_disk(z, disk, err)) || (st = read_member(z, "table", &z->table, err)) ||
	    (st = read_member(z, "disksize", &size, err)) ||
	    (st = read_member(z, "mem_pool", &pool, err)) ||
	    (st = zs_pool_open(k, pool, &z->pool, err)))
		return fail_ctx(err, st, "%s", z->disk);
	z->slots = size >> PAGE_SHIFT;
	if (z->slots > MAX_SLOTS || !z->table)
		return fail(err, VS_CORRUPT, "%s: its table of %" PRIu64 " pages is damaged",
			    z->disk, z->slots);
	return VS_OK;
}

/* Which algorithm: the name of that of this priority (6.2 and newer), or of the only one. */
static void load_algorithm(const struct zram *z, uint64_t flags, struct zram_slot *s)
{
	uint64_t priority = z->priority_shift ? flags >> z->priority_shift & 3 : 0, name, size;
	struct member m;
	char path[32];

	snprintf(s->algorithm, sizeof(s->algorithm), "?");
	snprintf(path, sizeof(path), "comp_algs[%" PRIu64 "]", priority);
	if (types_member(z->types, "zram", path, &m, NULL) == VS_OK) {
		if (kernel_read_at(z->k, z->va, &m, &name, NULL))
			return;
	} else if (types_member(z->types, "zram", "compressor", &m, NULL) == VS_OK) {
		name = z->va + m.off; // up to 6.1: an array
	} else {
		return;
	}
	if (mem_read_str(z->k->mem, name, s->algorithm, sizeof(s->algorithm), NULL))
		snprintf(s->algorithm, sizeof(s->algorithm), "?");
	snprintf(path, sizeof(path), "params[%" PRIu64 "].dict_sz", priority);
	s->dictionary = read_member(z, path, &size, NULL) == VS_OK && size;
}

vs_status zram_slot_load(const struct zram *z, uint64_t index, struct zram_slot *ret,
			 struct err *err)
{
	kva_t at = z->table + index * z->entry_size;
	uint64_t handle, flags;
	vs_status st;

	*ret = (struct zram_slot){ .kind = ZRAM_EMPTY };
	if (index >= z->slots)
		return fail(err, VS_CORRUPT, "%s has %" PRIu64 " pages, and no page %" PRIu64,
			    z->disk, z->slots, index);
	if ((st = kernel_read_at(z->k, at, &z->handle, &handle, err)) ||
	    (st = kernel_read_at(z->k, at, &z->flags, &flags, err)))
		return fail_ctx(err, st, "%s, slot %" PRIu64, z->disk, index);
	if (flags & z->written) {
		ret->kind = ZRAM_WRITTEN;
	} else if (flags & z->same) {
		ret->kind = ZRAM_WORD;
		ret->word = handle; // element, in the same place
	} else if (handle) {
		ret->handle = handle;
		ret->size = (size_t)(flags & z->size_mask);
		ret->kind = flags & z->huge ? ZRAM_PLAIN : ZRAM_PACKED;
		if (ret->kind == ZRAM_PLAIN)
			ret->size = PAGE_BYTES;
		else
			load_algorithm(z, flags, ret);
	}
	return VS_OK;
}

vs_status zram_slot_read(struct zram *z, const struct zram_slot *s, struct codec *c, void *page,
			 struct err *err)
{
	uint8_t stored[PAGE_BYTES];
	vs_status st;

	if (s->kind == ZRAM_WORD) {
		for (size_t i = 0; i < PAGE_BYTES; i += sizeof(s->word))
			memcpy((uint8_t *)page + i, &s->word, sizeof(s->word));
		return VS_OK;
	}
	if (s->kind != ZRAM_PLAIN && s->kind != ZRAM_PACKED)
		return fail(err, VS_NOTFOUND, "it is not in memory");
	if (!s->size || s->size > sizeof(stored))
		return fail(err, VS_CORRUPT, "it has %zu bytes", s->size);
	if (s->kind == ZRAM_PLAIN || s->size == PAGE_BYTES)
		return zs_read(&z->pool, s->handle, page, PAGE_BYTES, err);
	st = zs_read(&z->pool, s->handle, stored, s->size, err);
	if (st == VS_OK && s->dictionary)
		st = fail(err, VS_UNSUPPORTED, "%s with a dictionary cannot be decoded",
			  s->algorithm);
	return st ? st : unpack_page(c, s->algorithm, stored, s->size, page, PAGE_BYTES, err);
}
