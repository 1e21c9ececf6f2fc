// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed kdump: versions, bitmaps, codecs, and files that are cut (rows of "Malformed input"
 * are named where they are tested). */
#include "tests/unit/dumpfix.h"

static void test_all_pages(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	size_t n;

	(void)state;
	fix_kdump_build_mixed(&k);
	d = fix_open_ok(k.b.p, k.b.len);
	fix_check_pages(d, &k);
	assert_int_equal(dump_info(d)->max_pfn, FIX_PAGES);
	assert_int_equal(dump_info(d)->dump_level, 31);
	assert_true(dump_info(d)->partial);
	assert_false(dump_info(d)->incomplete);
	assert_string_equal(dump_info(d)->format, "kdump-compressed");
	assert_string_equal(dump_info(d)->nodename, "node");
	assert_int_equal(dump_info(d)->timestamp, 1700000000);
	dump_notes(d, &n);
	assert_int_equal(n, 3);
	assert_memory_equal(dump_vmcoreinfo(d, &n), "OSRELEASE=6.1.0-test", 20);
	assert_int_equal(n, sizeof(FIX_VMCOREINFO) - 1);
	assert_int_equal(dump_page_state(d, FIX_PAGES), VS_HOLE);
	assert_int_equal(dump_page_state(d, UINT64_MAX), VS_HOLE);
	dump_close(d);
	fix_kdump_deinit(&k);
}

static void test_next_page(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	pfn_t pfn = 0;
	size_t n = 0, want = 0;

	(void)state;
	fix_kdump_build_mixed(&k);
	d = fix_open_ok(k.b.p, k.b.len);
	for (size_t i = 0; i < FIX_PAGES; i++)
		want += fix_stored(&k, i);
	for (; dump_next_page(d, pfn, &pfn, NULL) == VS_OK; pfn++, n++)
		assert_true(fix_stored(&k, pfn));
	assert_int_equal(n, want);
	assert_int_equal(dump_pages_stored(d), want);
	assert_int_equal(dump_next_page(d, UINT64_MAX, &pfn, NULL), VS_END);
	dump_close(d);
	fix_kdump_deinit(&k);
}

static void test_versions(void **state)
{
	(void)state;
	for (int v = 1; v <= 7; v++) {
		struct fix_kdump k;
		struct dump *d;
		size_t n;

		fix_kdump_mixed(&k);
		k.version = v;
		fix_kdump_build(&k);
		// row 9: fields beyond the version are noise
		if (v < 6) {
			fix_sub(&k)->max_mapnr_64 = 3;
			fix_sub(&k)->offset_eraseinfo = UINT64_MAX;
		}
		if (v < 4)
			fix_sub(&k)->offset_note = UINT64_MAX - 5;
		if (v < 2)
			fix_sub(&k)->split = 1;
		d = fix_open_ok(k.b.p, k.b.len);
		fix_check_pages(d, &k);
		dump_notes(d, &n);
		assert_int_equal(n, v < 4 ? 0 : 3);
		assert_int_equal(dump_info(d)->dump_level, 31);
		dump_close(d);
		fix_kdump_deinit(&k);
	}
}

/* In version 0 and DISKDUMP, only zero pages are missing. */
static void test_absent_is_zero(void **state)
{
	(void)state;
	for (int diskdump = 0; diskdump < 2; diskdump++) {
		uint8_t page[FIX_BLOCK], zeros[FIX_BLOCK] = { 0 };
		struct fix_kdump k;
		struct dump *d;

		fix_kdump_mixed(&k);
		k.version = diskdump ? 1 : -1;
		k.magic = diskdump ? DISKDUMP_MAGIC : KDUMP_MAGIC;
		fix_kdump_build(&k);
		d = fix_open_ok(k.b.p, k.b.len);
		assert_int_equal(k.page[4], FIX_EXCLUDED);
		assert_int_equal(fix_read_page(d, 4, page, NULL), VS_OK);
		assert_memory_equal(page, zeros, sizeof(page));
		assert_int_equal(k.page[2], FIX_HOLE);
		assert_int_equal(fix_read_page(d, 2, page, NULL), VS_HOLE);
		assert_int_equal(fix_read_page(d, 1, page, NULL), VS_OK);
		assert_int_equal(dump_info(d)->dump_level, -1);
		dump_close(d);
		fix_kdump_deinit(&k);
	}
}

static void test_one_bitmap(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	uint8_t page[FIX_BLOCK];

	(void)state;
	fix_kdump_mixed(&k);
	k.one_bitmap = true;
	fix_kdump_build(&k);
	d = fix_open_ok(k.b.p, k.b.len);
	assert_int_equal(fix_read_page(d, 0, page, NULL), VS_OK);
	assert_int_equal(fix_read_page(d, 63, page, NULL), VS_OK);
	assert_int_equal(fix_read_page(d, 4, page, NULL), VS_HOLE);
	dump_close(d);
	fix_kdump_deinit(&k);
}

static void test_incomplete(void **state)
{
	struct fix_kdump k;
	struct dump *d;

	(void)state;
	for (int bit = 0; bit < 2; bit++) {
		fix_kdump_mixed(&k);
		k.status = bit ? KDUMP_INCOMPLETE : 0;
		fix_kdump_build(&k);
		memset(fix_desc(&k, 6), 0, 24); // row 12
		d = fix_open_ok(k.b.p, k.b.len);
		assert_int_equal(dump_info(d)->incomplete, bit);
		fix_page_fails(d, 6, VS_LOST,
			       bit ? "page lost, the dump is incomplete" : "never written");
		assert_int_equal(dump_page_state(d, 6), VS_LOST);
		assert_int_equal(dump_page_state(d, 7), VS_OK);
		assert_true(dump_info(d)->incomplete);
		dump_close(d);
		fix_kdump_deinit(&k);
	}
}

/* A file cut anywhere after the bitmaps opens, and each page is either correct or lost. */
static void test_truncated(void **state)
{
	struct fix_kdump k;

	(void)state;
	fix_kdump_build_mixed(&k);
	for (size_t len = k.desc; len < k.b.len; len += 997) {
		struct dump *d = fix_open_ok(k.b.p, len);
		size_t lost = 0;

		for (size_t i = 0; i < FIX_PAGES; i++) {
			uint8_t page[FIX_BLOCK], want[FIX_BLOCK];
			vs_status st = fix_read_page(d, i, page, NULL);

			fix_page_fill(want, sizeof(want), i);
			if (st == VS_OK && k.page[i] != FIX_ZERO)
				assert_memory_equal(page, want, sizeof(want));
			assert_true(st == VS_OK || st == VS_LOST || !fix_stored(&k, i));
			lost += st == VS_LOST;
		}
		assert_true(lost > 0);
		dump_close(d);
	}
	for (size_t len = 1; len < k.bitmap2; len += 991) {
		struct err err;
		struct dump *d = NULL;

		assert_int_equal(fix_open_bytes(k.b.p, len, &d, &err), VS_CORRUPT);
	}
	fix_kdump_deinit(&k);
}

static void test_shared_and_tail(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	uint8_t a[FIX_BLOCK], b[FIX_BLOCK];

	(void)state;
	fix_kdump_build_mixed(&k);
	*fix_desc(&k, 3) = *fix_desc(&k, 1); // row 20: one blob, two pages
	fix_desc(&k, 10)->size += 3;	     // row 19: bytes after the end of the data (zlib)
	d = fix_open_ok(k.b.p, k.b.len);
	assert_int_equal(fix_read_page(d, 1, a, NULL), VS_OK);
	assert_int_equal(fix_read_page(d, 3, b, NULL), VS_OK);
	assert_memory_equal(a, b, sizeof(a));
	assert_int_equal(fix_read_page(d, 10, a, NULL), VS_OK);
	fix_page_fill(b, sizeof(b), 10);
	assert_memory_equal(a, b, sizeof(a));
	dump_close(d);
	fix_kdump_deinit(&k);
}

/* Row 31: the note and offset_vmcoreinfo. */
static void test_raw_vmcoreinfo(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	size_t n;

	(void)state;
	fix_kdump_mixed(&k);
	k.version = 3; // has no note area
	fix_kdump_build(&k);
	fix_sub(&k)->offset_vmcoreinfo = FIX_BLOCK + 512;
	fix_sub(&k)->size_vmcoreinfo = 17;
	memcpy(k.b.p + FIX_BLOCK + 512, "OSRELEASE=1.2.3\n", 17);
	d = fix_open_ok(k.b.p, k.b.len);
	assert_memory_equal(dump_vmcoreinfo(d, &n), "OSRELEASE=1.2.3\n", 16);
	dump_close(d);
	fix_kdump_deinit(&k);
	fix_kdump_build_mixed(&k); // elsewhere: the note counts
	fix_sub(&k)->offset_vmcoreinfo = k.data;
	fix_sub(&k)->size_vmcoreinfo = 4096;
	d = fix_open_ok(k.b.p, k.b.len);
	assert_memory_equal(dump_vmcoreinfo(d, &n), "OSRELEASE=6.1.0-test", 20);
	dump_close(d);
	fix_kdump_deinit(&k);
}

/* Row 43: the file is cut while it is served. */
static void test_shrinks(void **state)
{
	struct fix_kdump k;
	struct fix_file f;
	const char *path = f.path;
	struct dump *d = NULL;
	uint8_t page[FIX_BLOCK];
	struct err err;

	(void)state;
	fix_kdump_build_mixed(&k);
	fix_file_write(&f, k.b.p, k.b.len);
	assert_int_equal(dump_open(&path, 1, &d, &err), VS_OK);
	assert_int_equal(truncate(path, (off_t)k.data), 0);
	for (size_t i = 0; i < FIX_PAGES; i++)
		assert_int_not_equal(fix_read_page(d, i, page, NULL), VS_CORRUPT);
	assert_int_equal(truncate(path, 100), 0);
	for (size_t i = 0; i < FIX_PAGES; i++)
		fix_read_page(d, i, page, NULL);
	dump_close(d);
	fix_file_remove(&f);
	fix_kdump_deinit(&k);
}

/* A bitmap of 2^39 pfns in a sparse file: memory and reads must not grow with it. */
static void test_huge_sparse(void **state)
{
	struct fix_kdump k;
	struct fix_file f;
	const char *path = f.path;
	struct dump *d = NULL;
	struct err err = { 0 };
	uint64_t bytes = UINT64_C(1) << 33; // of one bitmap
	uint8_t page[FIX_BLOCK];

	(void)state;
	fix_kdump_build_mixed(&k);
	fix_sub(&k)->max_mapnr_64 = bytes * 8;
	fix_head(&k)->max_mapnr = UINT32_MAX;
	fix_head(&k)->bitmap_blocks = (uint32_t)(2 * bytes / FIX_BLOCK);
	fix_file_write(&f, k.b.p, k.b.len);
	if (truncate(path, (off_t)(4 * bytes)) != 0) {
		fix_file_remove(&f);
		fix_kdump_deinit(&k);
		skip();
	}
	if (dump_open(&path, 1, &d, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(fix_read_page(d, bytes * 8 - 1, page, &err), VS_HOLE);
	dump_close(d);
	fix_file_remove(&f);
	fix_kdump_deinit(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_pages),      cmocka_unit_test(test_next_page),
		cmocka_unit_test(test_versions),       cmocka_unit_test(test_absent_is_zero),
		cmocka_unit_test(test_one_bitmap),     cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_truncated),      cmocka_unit_test(test_shared_and_tail),
		cmocka_unit_test(test_raw_vmcoreinfo), cmocka_unit_test(test_shrinks),
		cmocka_unit_test(test_huge_sparse),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
