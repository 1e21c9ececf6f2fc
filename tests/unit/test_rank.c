// SPDX-License-Identifier: GPL-3.0-or-later
/* rank: against naive counting, over random bitmaps, bases, densities and sizes. */
#include "tests/unit/dumpfix.h"

#include "stub/dump/file.h"
#include "stub/dump/rank.h"

static uint64_t rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static bool bit_at(const uint8_t *p, uint64_t i)
{
	return p[i / 8] >> (i % 8) & 1;
}

struct bits {
	uint8_t *p; /* of the file: off bytes of junk, then the bitmap */
	size_t len;
	uint64_t off, nbits;
	struct fix_file disk;
	struct file *f;
};

/* density: 0 none, 1..7 of 8, 8 all. Bits after nbits are junk. */
static void bits_make(struct bits *b, uint64_t nbits, unsigned density, uint64_t *seed)
{
	b->off = 4096;
	b->nbits = nbits;
	b->len = b->off + (nbits + 7) / 8 + 50;
	b->p = malloc(b->len);
	memset(b->p, 0xa5, b->len);
	memset(b->p + b->off, 0, (nbits + 7) / 8);
	for (uint64_t i = 0; i < nbits; i++) {
		if (rnd(seed) % 8 < density)
			b->p[b->off + i / 8] |= (uint8_t)(1 << (i % 8));
	}
	if (nbits % 8)
		b->p[b->off + nbits / 8] |= (uint8_t)(0xff << (nbits % 8));
	fix_file_write(&b->disk, b->p, b->len);
	assert_int_equal(file_open(b->disk.path, &b->f, NULL), VS_OK);
}

static void bits_free(struct bits *b)
{
	file_close(b->f);
	fix_file_remove(&b->disk);
	free(b->p);
}

/* Random queries, far ones first, to test lazy counting in both directions. */
static void check(const struct bits *b, uint64_t base, uint64_t *seed)
{
	struct rank *r = NULL;
	uint64_t *below = calloc(b->nbits + 1, sizeof(*below));
	uint64_t total = 0, next = UINT64_MAX;

	for (uint64_t i = base; i < b->nbits; i++) {
		below[i] = total;
		total += bit_at(b->p + b->off, i);
	}
	assert_int_equal(rank_create(b->f, b->off, base, b->nbits, &r, NULL), VS_OK);
	for (int i = 0; i < 2000 && b->nbits > base; i++) {
		uint64_t at = base + rnd(seed) % (b->nbits - base), n = 0;
		bool set = false;

		if (i < 2)
			at = i ? base : b->nbits - 1;
		assert_int_equal(rank_index(r, at, &n, NULL), VS_OK);
		assert_int_equal(n, below[at]);
		assert_int_equal(rank_test(r, at, &set, NULL), VS_OK);
		assert_int_equal(set, bit_at(b->p + b->off, at));
	}
	assert_int_equal(rank_total(r), total);
	for (uint64_t i = b->nbits; i-- > base;) {
		uint64_t got = UINT64_MAX;

		if (bit_at(b->p + b->off, i))
			next = i;
		if (rnd(seed) % 64 && i > base + 100)
			continue;
		assert_int_equal(rank_next(r, i, &got, NULL), next == UINT64_MAX ? VS_END : VS_OK);
		assert_int_equal(got, next);
	}
	rank_destroy(r);
	free(below);
}

static void test_random(void **state)
{
	static const uint64_t sizes[] = { 1,	 63,	64,    65,     511,    513,
					  32767, 32768, 32769, 100003, 2200001 };
	uint64_t seed = 88172645463325252;

	(void)state;
	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		for (unsigned density = 0; density <= 8; density += 4) {
			struct bits b;

			bits_make(&b, sizes[s], density, &seed);
			check(&b, 0, &seed);
			check(&b, sizes[s] / 3, &seed);
			check(&b, sizes[s] - 1, &seed);
			bits_free(&b);
		}
	}
}

static void test_outside(void **state)
{
	struct bits b;
	struct rank *r = NULL;
	struct err err;
	uint64_t seed = 7, n;
	bool set = true;

	(void)state;
	bits_make(&b, 1000, 8, &seed);
	assert_int_equal(rank_create(b.f, b.off, 100, 1000, &r, NULL), VS_OK);
	assert_int_equal(rank_test(r, 1000, &set, &err), VS_OK);
	assert_false(set);
	set = true;
	assert_int_equal(rank_test(r, 99, &set, &err), VS_OK);
	assert_false(set);
	assert_int_equal(rank_index(r, 99, &n, &err), VS_INVAL);
	assert_int_equal(rank_index(r, 1000, &n, &err), VS_INVAL);
	assert_int_equal(rank_next(r, 1000, &n, &err), VS_END);
	assert_int_equal(rank_next(r, 0, &n, &err), VS_OK);
	assert_int_equal(n, 100);
	rank_destroy(r);
	bits_free(&b);
}

/* The bitmap is cut after opening: an error, not a guess. */
static void test_cut(void **state)
{
	struct bits b;
	struct rank *r = NULL;
	struct err err;
	uint64_t seed = 7, n;

	(void)state;
	bits_make(&b, 100000, 4, &seed);
	assert_int_equal(rank_create(b.f, b.off, 0, b.nbits, &r, NULL), VS_OK);
	assert_int_equal(truncate(b.disk.path, 5000), 0);
	assert_int_equal(rank_index(r, 99999, &n, &err), VS_LOST);
	rank_destroy(r);
	bits_free(&b);
}

/* Holes of the file are skipped, and count as zeros. */
static void test_sparse(void **state)
{
	struct fix_file disk;
	struct file *f = NULL;
	struct rank *r = NULL;
	uint64_t nbits = UINT64_C(1) << 32, n = 0;
	int fd;

	(void)state;
	fix_file_write(&disk, "", 0);
	fd = open(disk.path, O_RDWR);
	assert_int_equal(ftruncate(fd, (off_t)(nbits / 8)), 0);
	assert_int_equal(pwrite(fd, "\x0f", 1, 5), 1);
	assert_int_equal(pwrite(fd, "\x10", 1, (off_t)(nbits / 8) - 1), 1);
	close(fd);
	assert_int_equal(file_open(disk.path, &f, NULL), VS_OK);
	assert_int_equal(rank_create(f, 0, 0, nbits, &r, NULL), VS_OK);
	assert_int_equal(rank_next(r, 44, &n, NULL), VS_OK);
	assert_int_equal(n, nbits - 4);
	assert_int_equal(rank_index(r, nbits - 4, &n, NULL), VS_OK);
	assert_int_equal(n, 4);
	rank_destroy(r);
	file_close(f);
	fix_file_remove(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_outside),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_sparse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
