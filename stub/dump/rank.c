// SPDX-License-Identifier: GPL-3.0-or-later
/* rank.c - pfn to page-descriptor index of a compressed kdump.
 * In: the second bitmap. Out: number of stored pages below a pfn. Not here: descriptors (kdump.c).
 * Nothing is read before it is needed: on a machine with 64 TiB the bitmap alone is 2 GiB. */
#include "stub/dump/rank.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/vec.h"
#include "stub/dump/file.h"

#define BLOCK_BYTES    4096
#define BLOCK_BITS     ((uint64_t)BLOCK_BYTES * 8)
#define SUB_BITS       512
#define SUBS	       (BLOCK_BITS / SUB_BITS)
#define CACHE_SLOTS    2048 /* up to 8 MiB: bitmap of 256 GiB of RAM; memory used as it fills */
#define SCAN_BYTES     (256 * 1024)
#define TOTAL_MAX_BITS (UINT64_C(1) << 27) /* 16 MiB of bitmap, some ms: 512 GiB of RAM */

struct block {
	uint64_t index;
	bool valid;
	uint16_t below[SUBS]; /* set bits before each 512-bit group of this block */
	uint64_t words[BLOCK_BYTES / 8];
};

struct rank {
	struct file *f;
	uint64_t off;
	uint64_t base;
	uint64_t nbits;
	VEC(uint64_t) before; /* set bits in [base, start of block); first entry: block of base */
	uint64_t total;	      /* of the blocks counted */
	struct block *slots;
	uint64_t *scan; /* SCAN_BYTES */
};

typedef unsigned count_fn(const uint64_t *w, size_t n);

static inline __attribute__((always_inline)) unsigned count_loop(const uint64_t *w, size_t n)
{
	unsigned sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (unsigned)__builtin_popcountll(w[i]);
	return sum;
}

__attribute__((target("popcnt"))) static unsigned count_hw(const uint64_t *w, size_t n)
{
	return count_loop(w, n);
}

static unsigned count_sw(const uint64_t *w, size_t n)
{
	return count_loop(w, n);
}

static unsigned count(const uint64_t *w, size_t n)
{
	return __builtin_cpu_supports("popcnt") ? count_hw(w, n) : count_sw(w, n);
}

vs_status rank_create(struct file *f, uint64_t off, uint64_t base, uint64_t nbits,
		      struct rank **ret, struct err *err)
{
	struct rank *r = calloc(1, sizeof(*r));

	if (!r)
		return fail(err, VS_NOMEM, "%s: out of memory", file_path(f));
	r->f = f;
	r->off = off;
	r->base = base;
	r->nbits = nbits;
	r->slots = calloc(CACHE_SLOTS, sizeof(r->slots[0]));
	r->scan = malloc(SCAN_BYTES);
	if (!r->slots || !r->scan || !vec_push(&r->before, 0)) {
		rank_destroy(r);
		return fail(err, VS_NOMEM, "%s: no memory for the bitmap cache", file_path(f));
	}
	*ret = r;
	return VS_OK;
}

void rank_destroy(struct rank *r)
{
	if (!r)
		return;
	vec_free(&r->before);
	free(r->slots);
	free(r->scan);
	free(r);
}

/* Clears the bits in dst, which holds the blocks from index on, that are outside the bitmap. */
static void mask_outside(const struct rank *r, uint64_t index, uint8_t *dst, size_t len)
{
	uint64_t first = index * BLOCK_BITS;
	uint64_t valid = r->nbits - first;

	if (r->base > first && r->base - first < (uint64_t)len * 8) {
		uint64_t skip = r->base - first;

		memset(dst, 0, skip / 8);
		dst[skip / 8] &= (uint8_t)(0xff << (skip & 7));
	}
	if (valid < (uint64_t)len * 8) {
		if (valid & 7)
			dst[valid / 8] &= (uint8_t)((1U << (valid & 7)) - 1);
		memset(dst + (valid + 7) / 8, 0, len - (size_t)((valid + 7) / 8));
	}
}

static size_t bitmap_bytes_from(const struct rank *r, uint64_t index, size_t len)
{
	uint64_t left = (r->nbits + 7) / 8 - index * BLOCK_BYTES;

	return left < len ? (size_t)left : len;
}

static bool is_cached(const struct rank *r, uint64_t index)
{
	const struct block *b = &r->slots[index % CACHE_SLOTS];

	return b->valid && b->index == index;
}

static vs_status load_block(struct rank *r, uint64_t index, struct block **ret, struct err *err)
{
	struct block *b = &r->slots[index % CACHE_SLOTS];
	size_t len = bitmap_bytes_from(r, index, BLOCK_BYTES);
	unsigned sum = 0;
	vs_status st;

	if (is_cached(r, index)) {
		*ret = b;
		return VS_OK;
	}
	b->valid = false;
	st = file_read(r->f, r->off + index * BLOCK_BYTES, b->words, len, err);
	if (st)
		return fail_ctx(err, st, "bitmap");
	memset((uint8_t *)b->words + len, 0, BLOCK_BYTES - len);
	mask_outside(r, index, (uint8_t *)b->words, BLOCK_BYTES);
	for (size_t i = 0; i < SUBS; i++) {
		b->below[i] = (uint16_t)sum;
		sum += count(b->words + i * (SUB_BITS / 64), SUB_BITS / 64);
	}
	b->index = index;
	b->valid = true;
	*ret = b;
	return VS_OK;
}

static vs_status push_count(struct rank *r, unsigned n, struct err *err)
{
	r->total += n;
	if (!vec_push(&r->before, r->total))
		return fail(err, VS_NOMEM, "%s: no memory for bitmap counts", file_path(r->f));
	return VS_OK;
}

/* Counts blocks from at on, up to index, as many as fit in one read. */
static vs_status count_chunk(struct rank *r, uint64_t at, uint64_t index, struct err *err)
{
	size_t max = index - at < SCAN_BYTES / BLOCK_BYTES ? (size_t)(index - at) * BLOCK_BYTES
							   : SCAN_BYTES;
	size_t len = bitmap_bytes_from(r, at, max);
	vs_status st = file_read(r->f, r->off + at * BLOCK_BYTES, r->scan, len, err);

	if (st)
		return fail_ctx(err, st, "bitmap");
	memset((uint8_t *)r->scan + len, 0, max - len); // the last block may be short
	mask_outside(r, at, (uint8_t *)r->scan, max);
	for (size_t i = 0; i < max && !st; i += BLOCK_BYTES)
		st = push_count(r, count(r->scan + i / 8, BLOCK_BYTES / 8), err);
	return st;
}

/* Extend the running counts so that `before` covers block index. */
static vs_status count_up_to(struct rank *r, uint64_t index, struct err *err)
{
	uint64_t first = r->base / BLOCK_BITS;

	while (first + r->before.n - 1 < index) {
		uint64_t at = first + r->before.n - 1;
		uint64_t off = r->off + at * BLOCK_BYTES;
		uint64_t hole = (file_next_data(r->f, off) - off) / BLOCK_BYTES;
		vs_status st = VS_OK;

		if (hole > index - at)
			hole = index - at;
		for (uint64_t i = 0; i < hole && !st; i++)
			st = push_count(r, 0, err);
		if (st)
			return st;
		if (hole)
			continue;
		st = count_chunk(r, at, index, err);
		if (st)
			return st;
	}
	return VS_OK;
}

vs_status rank_test(struct rank *r, uint64_t bit, bool *ret, struct err *err)
{
	struct block *b;
	vs_status st;

	if (bit >= r->nbits || bit < r->base) {
		*ret = false;
		return VS_OK;
	}
	st = load_block(r, bit / BLOCK_BITS, &b, err);
	if (st)
		return st;
	*ret = b->words[bit % BLOCK_BITS / 64] >> (bit & 63) & 1;
	return VS_OK;
}

vs_status rank_index(struct rank *r, uint64_t bit, uint64_t *ret, struct err *err)
{
	uint64_t index = bit / BLOCK_BITS, first = r->base / BLOCK_BITS;
	size_t word = bit % BLOCK_BITS / 64, sub = bit % BLOCK_BITS / SUB_BITS;
	uint64_t n, mask = (UINT64_C(1) << (bit & 63)) - 1, last;
	struct block *b;
	vs_status st;

	if (bit < r->base || bit >= r->nbits)
		return fail(err, VS_INVAL, "%s: bit %#" PRIx64 " outside the bitmap",
			    file_path(r->f), bit);
	st = count_up_to(r, index, err);
	if (!st)
		st = load_block(r, index, &b, err);
	if (st)
		return st;
	n = r->before.v[index - first] + b->below[sub];
	n += count(b->words + sub * (SUB_BITS / 64), word - sub * (SUB_BITS / 64));
	last = b->words[word] & mask;
	*ret = n + count(&last, 1);
	return VS_OK;
}

/* First set bit of b at or above bit, which lies in b; UINT64_MAX: none. */
static uint64_t block_next(const struct block *b, uint64_t bit)
{
	size_t word = bit % BLOCK_BITS / 64;
	uint64_t w = b->words[word] & ~UINT64_C(0) << (bit & 63);

	while (!w) {
		if (++word == BLOCK_BYTES / 8)
			return UINT64_MAX;
		w = b->words[word];
	}
	return b->index * BLOCK_BITS + word * 64 + (unsigned)__builtin_ctzll(w);
}

vs_status rank_next(struct rank *r, uint64_t from, uint64_t *ret, struct err *err)
{
	if (from < r->base)
		from = r->base;
	while (from < r->nbits) {
		uint64_t index = from / BLOCK_BITS, hit;
		struct block *b;
		vs_status st;

		if (!is_cached(r, index)) {
			uint64_t off = r->off + index * BLOCK_BYTES;
			uint64_t hole = (file_next_data(r->f, off) - off) / BLOCK_BYTES;

			if (hole) {
				from = (index + hole) * BLOCK_BITS;
				continue;
			}
		}
		st = load_block(r, index, &b, err);
		if (st)
			return st;
		hit = block_next(b, from);
		if (hit != UINT64_MAX) {
			*ret = hit;
			return VS_OK;
		}
		from = (index + 1) * BLOCK_BITS;
	}
	return VS_END;
}

uint64_t rank_total(struct rank *r)
{
	uint64_t blocks = (r->nbits + BLOCK_BITS - 1) / BLOCK_BITS;

	if (r->base >= r->nbits || r->nbits - r->base > TOTAL_MAX_BITS)
		return 0;
	return count_up_to(r, blocks, NULL) ? 0 : r->total;
}
