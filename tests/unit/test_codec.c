// SPDX-License-Identifier: GPL-3.0-or-later
/* codec: every codec gives exactly one block, or says why not. */
#include "tests/unit/dumpfix.h"

#define N FIX_BLOCK

static struct codec *make(void)
{
	struct codec *c = NULL;

	assert_int_equal(codec_create(&c, NULL), VS_OK);
	return c;
}

struct packed {
	uint8_t page[2 * N];
	uint8_t data[4 * N + 64];
	size_t n;
};

/* len bytes of content, packed; n is 0 when the codec is not built in. */
static void pack(struct packed *p, enum fix_page how, size_t len)
{
	fix_page_fill(p->page, sizeof(p->page), 99);
	memset(p->data, 0, sizeof(p->data));
	p->n = fix_compress(how, p->data, p->page, len);
}

static const enum fix_page all[] = { FIX_ZLIB, FIX_LZO, FIX_SNAPPY, FIX_ZSTD };

static void test_round_trip(void **state)
{
	struct codec *c = make();

	(void)state;
	for (int round = 0; round < 3; round++) { // decoder state is reused
		for (size_t i = 0; i < 4; i++) {
			struct packed p;
			uint8_t out[N];
			struct err err;

			pack(&p, all[i], N);
			if (!p.n) {
				assert_int_equal(codec_decode(c, fix_flags(all[i]), p.data, 10, out,
							      N, &err),
						 VS_UNSUPPORTED);
				assert_non_null(strstr(err.msg, "not built in"));
				continue;
			}
			assert_int_equal(
				codec_decode(c, fix_flags(all[i]), p.data, p.n, out, N, &err),
				VS_OK);
			assert_memory_equal(out, p.page, N);
		}
	}
	codec_destroy(c);
}

static void test_raw(void **state)
{
	struct codec *c = make();
	struct packed p;
	uint8_t out[N];
	struct err err;

	(void)state;
	pack(&p, FIX_RAW, N);
	assert_int_equal(codec_decode(c, 0, p.page, N, out, N, &err), VS_OK);
	assert_memory_equal(out, p.page, N);
	assert_int_equal(codec_decode(c, 0, p.page, N - 1, out, N, &err), VS_CORRUPT);
	assert_int_equal(codec_decode(c, 8, p.page, N, out, N, &err), VS_CORRUPT);
	assert_int_equal(codec_decode(c, 3, p.page, N, out, N, &err), VS_CORRUPT);
	codec_destroy(c);
}

/* Row 17 to 19: too long, too short, cut, with a tail. out has a guard behind it. */
static void test_wrong_length(void **state)
{
	static const size_t lens[] = { N + 1, N - 1, 2 * N, 1 };
	struct codec *c = make();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		for (size_t l = 0; l < 4; l++) {
			struct packed p;
			uint8_t *out = malloc(N); // exact, so that ASan sees an overflow
			struct err err = { 0 };

			pack(&p, all[i], lens[l]);
			if (p.n) {
				assert_int_equal(codec_decode(c, fix_flags(all[i]), p.data, p.n,
							      out, N, &err),
						 VS_CORRUPT);
				assert_true(err.msg[0] != '\0');
			}
			free(out);
		}
	}
	codec_destroy(c);
}

static void test_cut_and_tail(void **state)
{
	struct codec *c = make();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct packed p;
		uint8_t out[N];

		pack(&p, all[i], N);
		if (!p.n)
			continue;
		for (size_t cut = 0; cut < p.n; cut += 3)
			assert_int_equal(
				codec_decode(c, fix_flags(all[i]), p.data, cut, out, N, NULL),
				VS_CORRUPT);
		// snappy cannot tell a tail from damage
		assert_int_equal(codec_decode(c, fix_flags(all[i]), p.data, p.n + 7, out, N, NULL),
				 all[i] == FIX_SNAPPY ? VS_CORRUPT : VS_OK);
		assert_int_equal(codec_decode(c, fix_flags(all[i]), p.data, p.n, out, N, NULL),
				 VS_OK);
		assert_memory_equal(out, p.page, N);
	}
	codec_destroy(c);
}

/* Any one byte changed: never more than a wrong page, and the decoder works afterwards. */
static void test_flipped(void **state)
{
	struct codec *c = make();

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct packed p;
		uint8_t *out = malloc(N), good[N];

		pack(&p, all[i], N);
		for (size_t at = 0; at < p.n; at++) {
			p.data[at] ^= (uint8_t)(1 << (at % 8));
			(void)codec_decode(c, fix_flags(all[i]), p.data, p.n, out, N, NULL);
			p.data[at] ^= (uint8_t)(1 << (at % 8));
		}
		if (p.n) {
			assert_int_equal(
				codec_decode(c, fix_flags(all[i]), p.data, p.n, good, N, NULL),
				VS_OK);
			assert_memory_equal(good, p.page, N);
		}
		free(out);
	}
	codec_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),   cmocka_unit_test(test_raw),
		cmocka_unit_test(test_wrong_length), cmocka_unit_test(test_cut_and_tail),
		cmocka_unit_test(test_flipped),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
