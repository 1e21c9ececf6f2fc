// SPDX-License-Identifier: GPL-3.0-or-later
/* unpack: pages of swap, by the kernel's names of algorithms. What they encode to is written by
 * hand from the formats (Documentation/staging/lzo.rst, lz4_Block_format.md), or made by the
 * library. */
#include "tests/unit/dumpfix.h"

#include <zlib.h>

#include "stub/subsys/swap/unpack.h"

#define PAGE  4096
#define GUARD 0xa5

struct packed {
	uint8_t v[2 * PAGE];
	size_t n;
};

#define PACKED(...)                                                                                \
	((struct packed){ .v = { __VA_ARGS__ }, .n = sizeof((uint8_t[]){ __VA_ARGS__ }) })

static vs_status unpack(const char *name, const struct packed *b, uint8_t *out, size_t block,
			struct err *err)
{
	struct codec *c = NULL;
	uint8_t *exact = malloc(b->n ? b->n : 1); // so that ASan sees every byte outside
	vs_status st;

	assert_int_equal(codec_create(&c, NULL), VS_OK);
	memcpy(exact, b->v, b->n);
	out[block] = GUARD;
	st = unpack_page(c, name, exact, b->n, out, block, err);
	assert_int_equal(out[block], GUARD);
	free(exact);
	codec_destroy(c);
	return st;
}

static void expect(const char *name, struct packed b, const char *want, size_t block)
{
	uint8_t out[2 * PAGE + 1];
	struct err err;

	if (unpack(name, &b, out, block, &err))
		fail_msg("%s: %s\n", name, err.msg);
	assert_memory_equal(out, want, block);
	// Nothing that is cut gives the same: it is damaged, and no byte outside is read.
	for (size_t cut = b.n; cut-- > 0;) {
		b.n = cut;
		assert_int_equal(unpack(name, &b, out, block, NULL), VS_CORRUPT);
	}
}

static void expect_damaged(const char *name, struct packed b, size_t block)
{
	uint8_t out[2 * PAGE + 1];

	assert_int_equal(unpack(name, &b, out, block, NULL), VS_CORRUPT);
}

static void test_lzo(void **state)
{
	(void)state;
	// 4 literals; 3 bytes from 4 before; the end
	expect("lzo", PACKED(17 + 4, 'a', 'b', 'c', 'd', 0x4c, 0, 17, 0, 0), "abcdabc", 7);
	// 2 literals; 33 bytes from 1 before with a literal after it; the end
	expect("lzo", PACKED(17 + 2, 'x', 'y', 0x20 | 31, 1, 0, '!', 17, 0, 0),
	       "xyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy!", 36);
	expect_damaged("lzo", PACKED(17 + 4, 'a', 'b', 'c', 'd', 0x50, 0, 17, 0, 0), 7); // from 5
	expect_damaged("lzo", PACKED(17 + 4, 'a', 'b', 'c', 'd', 17, 0, 0), 3);		 // too long
	expect_damaged("lzo", PACKED(17 + 4, 'a', 'b', 'c', 'd', 17, 0, 0), 5); // too short
	expect_damaged("lzo", PACKED(17 + 4, 'a', 'b', 'c', 'd', 18, 0, 0), 4); // a false end
}

/* Version 1: 0001 1HHH, LLLL LLSS, a byte is a run of zeros, if L and the rest of S are ones. */
static void test_zeros(void **state)
{
	static const struct packed run = {
		{ 17, 1, 17 + 1, 'a', 0x18 | 2, 0xfd, 0xff, 1, 'z', 17, 0, 0 }, 12
	};
	char want[16] = "a";

	(void)state;
	want[15] = 'z'; // (2 | 1 << 3) + 4 zeros
	expect("lzo-rle", run, want, 16);
	expect("lzo", run, want, 16); // the data tells, not the name
	expect_damaged("lzo", run, 15);
}

static void test_lz4(void **state)
{
	(void)state;
	// 3 literals, 15 + 4 + 2 bytes from 3 before; 5 literals, as a block must end
	expect("lz4", PACKED(0x3f, 'a', 'b', 'c', 3, 0, 2, 0x50, 'v', 'w', 'x', 'y', 'z'),
	       "abcabcabcabcabcabcabcabcvwxyz", 29);
	expect("lz4hc", PACKED(0x10, '.'), ".", 1);
	expect_damaged("lz4", PACKED(0x10, 'a', 2, 0, 0x50, 'v', 'w', 'x', 'y', 'z'),
		       10); // before the start
	expect_damaged("lz4", PACKED(0x10, '.'), 2);
	expect_damaged("lz4", PACKED(0x20, '.', '.'), 1);
}

/* What libraries make of a page. */
static void test_libraries(void **state)
{
	static const struct {
		const char *name;
		enum fix_page how;
	} made[] = { { "lzo", FIX_LZO }, { "zstd", FIX_ZSTD }, { "deflate", FIX_ZLIB } };
	uint8_t page[PAGE], out[PAGE + 1];
	struct err err;

	(void)state;
	for (unsigned seed = 0; seed < 20; seed++) {
		fix_page_fill(page, sizeof(page), seed);
		for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
			struct packed b = { .n = 0 };

			b.n = fix_compress(made[i].how, b.v, page, PAGE);
			if (!b.n)
				continue;
			if (unpack(made[i].name, &b, out, PAGE, &err))
				fail_msg("%s: %s\n", made[i].name, err.msg);
			assert_memory_equal(out, page, PAGE);
		}
	}
}

/* As the kernel's crypto API: without a header, and with a window of 2 KiB. */
static void test_deflate(void **state)
{
	uint8_t page[PAGE], out[PAGE + 1];
	struct packed b = { .n = 0 };
	z_stream z = {
		.next_in = page, .avail_in = PAGE, .next_out = b.v, .avail_out = sizeof(b.v)
	};

	(void)state;
	fix_page_fill(page, sizeof(page), 7);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, -11, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	b.n = z.total_out;
	deflateEnd(&z);
	assert_int_equal(unpack("deflate", &b, out, PAGE, NULL), VS_OK);
	assert_memory_equal(out, page, PAGE);
	b.n--;
	assert_int_equal(unpack("deflate", &b, out, PAGE, NULL), VS_CORRUPT);
}

static void test_unknown(void **state)
{
	struct packed b = PACKED(0);
	uint8_t out[PAGE + 1];
	struct err err;

	(void)state;
	assert_int_equal(unpack("842", &b, out, PAGE, &err), VS_UNSUPPORTED);
	assert_non_null(strstr(err.msg, "compressed by 842"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lzo),	cmocka_unit_test(test_zeros),
		cmocka_unit_test(test_lz4),	cmocka_unit_test(test_libraries),
		cmocka_unit_test(test_deflate), cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
