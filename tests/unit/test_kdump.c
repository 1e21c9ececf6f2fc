// SPDX-License-Identifier: GPL-3.0-or-later
/* Compressed kdump: versions, bitmaps, codecs, split sets, and the malformed inputs of the table in
 * docs (rows of "Malformed input" are named where they are tested). */
#include "tests/unit/dumpfix.h"

static void build_mixed(struct fix_kdump *k)
{
	fix_kdump_mixed(k);
	fix_kdump_build(k);
}

static void test_all_pages(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	size_t n;

	(void)state;
	build_mixed(&k);
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
	build_mixed(&k);
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
	build_mixed(&k);
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

/* --- headers: one field poked at a time */

static void header_fails(void (*poke)(struct fix_kdump *), vs_status st, const char *want)
{
	struct fix_kdump k;

	build_mixed(&k);
	poke(&k);
	fix_open_fails(k.b.p, k.b.len, st, want);
	fix_kdump_deinit(&k);
}

static void header_opens(void (*poke)(struct fix_kdump *))
{
	struct fix_kdump k;
	struct dump *d;

	build_mixed(&k);
	poke(&k);
	d = fix_open_ok(k.b.p, k.b.len);
	fix_check_pages(d, &k);
	dump_close(d);
	fix_kdump_deinit(&k);
}

#define POKE(name, ...)                                                                            \
	static void name(struct fix_kdump *k)                                                      \
	{                                                                                          \
		struct kdump_header *h = fix_head(k);                                              \
		struct kdump_sub_header *s = fix_sub(k);                                           \
		(void)h;                                                                           \
		(void)s;                                                                           \
		__VA_ARGS__;                                                                       \
	}

POKE(bs_0, h->block_size = 0)
POKE(bs_neg, h->block_size = -4096)
POKE(bs_odd, h->block_size = 4097)
POKE(bs_256, h->block_size = 256)
POKE(bs_2m, h->block_size = 2 << 20)
POKE(bs_32bit, h->block_size = 0; memcpy((char *)h + 416, &(int){ 4096 }, 4))
POKE(sub_neg, h->sub_hdr_size = -1)
POKE(sub_huge, h->sub_hdr_size = INT32_MAX)
POKE(bm_0, h->bitmap_blocks = 0)
POKE(bm_odd, h->bitmap_blocks = 3)
POKE(bm_huge, h->bitmap_blocks = UINT32_MAX - 1)
POKE(mapnr_more, s->max_mapnr_64 = 40000; h->max_mapnr = 40000; h->bitmap_blocks = 1)
POKE(mapnr_2_60, s->max_mapnr_64 = UINT64_C(1) << 60)
POKE(mapnr_2_39, s->max_mapnr_64 = UINT64_C(1) << 39)
POKE(mapnr_0, s->max_mapnr_64 = 0; h->max_mapnr = 0)
POKE(mapnr_differ, h->max_mapnr = 77)
POKE(version_neg, h->header_version = -1)
POKE(version_99, h->header_version = 99)
POKE(machine_none, h->machine[0] = '\0')
POKE(names_full, memset(h->sysname, 'x', 65); memset(h->nodename, 'x', 65);
     memset(h->release, 'x', 65))
POKE(nr_cpus_lie, h->nr_cpus = -1)
POKE(note_out, s->offset_note = UINT64_MAX - 3)
POKE(note_long, s->size_note = UINT64_C(1) << 62)
POKE(note_bitmap, s->offset_note = k->bitmap1 - 16; s->size_note = 64)
POKE(bits_above_max, memset(k->b.p + k->bitmap2 + FIX_PAGES / 8, 0xff, 100);
     memset(k->b.p + k->bitmap1 + FIX_PAGES / 8, 0xff, 100))
POKE(split_backward, s->split = 1; s->start_pfn_64 = 9; s->end_pfn_64 = 8)
POKE(split_beyond, s->split = 1; s->start_pfn_64 = 0; s->end_pfn_64 = FIX_PAGES + 1)

static void test_bad_headers(void **state)
{
	(void)state;
	// row 2
	header_fails(bs_0, VS_CORRUPT, "block_size 0 ");
	header_fails(bs_neg, VS_CORRUPT, "block_size -4096");
	header_fails(bs_odd, VS_CORRUPT, "block_size 4097");
	header_fails(bs_256, VS_CORRUPT, "block_size 256");
	header_fails(bs_2m, VS_CORRUPT, "block_size 2097152");
	header_fails(bs_32bit, VS_UNSUPPORTED, "32-bit machine");
	// rows 4 to 6
	header_fails(sub_neg, VS_CORRUPT, "sub_hdr_size -1");
	header_fails(sub_huge, VS_CORRUPT, "sub_hdr_size 2147483647");
	header_fails(bm_0, VS_CORRUPT, "bitmap_blocks 0, max_mapnr 0x40 needs 1");
	header_fails(bm_odd, VS_CORRUPT, "bitmap_blocks 3 is odd");
	header_fails(bm_huge, VS_CORRUPT, "bitmap_blocks 4294967294");
	header_fails(mapnr_more, VS_CORRUPT, "bitmap_blocks 1, max_mapnr 0x9c40 needs 2");
	header_fails(mapnr_2_60, VS_CORRUPT, "max_mapnr 0x1000000000000000");
	header_fails(mapnr_2_39, VS_CORRUPT, "bitmap_blocks 2, max_mapnr 0x8000000000 needs");
	header_fails(mapnr_0, VS_CORRUPT, "max_mapnr 0");
	// rows 8, 46
	header_fails(version_neg, VS_CORRUPT, "header_version -1");
	// row 21
	header_fails(split_backward, VS_CORRUPT, "start_pfn 0x9, end_pfn 0x8");
	header_fails(split_beyond, VS_CORRUPT, "end_pfn 0x41, max_mapnr 0x40");
}

static void test_odd_headers(void **state)
{
	(void)state;
	header_opens(mapnr_differ); // row 7
	header_opens(version_99);   // row 8
	header_opens(machine_none);
	header_opens(names_full);
	header_opens(nr_cpus_lie);    // row 26
	header_opens(note_out);	      // row 23
	header_opens(note_long);      // row 23
	header_opens(note_bitmap);    // row 23
	header_opens(bits_above_max); // row 10
}

static void test_page_size_conflict(void **state)
{
	static const char *const bad[] = { "PAGESIZE=8192\n", "PAGESIZE=65536\n" };
	static const char *const ignored[] = { "PAGESIZE=0\n", "PAGESIZE=99999999999999999\n",
					       "PAGESIZE=x\n", "PAGESIZE=4096\n",
					       "PAGESIZE=4097\n" };

	(void)state;
	for (size_t i = 0; i < 2; i++) { // row 3
		struct fix_kdump k;
		struct buf notes = { 0 };

		fix_kdump_mixed(&k);
		fix_note(&notes, "VMCOREINFO", 0, bad[i], (uint32_t)strlen(bad[i]));
		k.notes = notes.p;
		k.notes_len = notes.len;
		fix_kdump_build(&k);
		fix_open_fails(k.b.p, k.b.len, VS_CORRUPT, "block_size 4096, but PAGESIZE");
		fix_kdump_deinit(&k);
		buf_deinit(&notes);
	}
	for (size_t i = 0; i < 5; i++) { // row 30
		struct fix_kdump k;
		struct buf notes = { 0 };
		struct dump *d;

		fix_kdump_mixed(&k);
		fix_note(&notes, "VMCOREINFO", 0, ignored[i], (uint32_t)strlen(ignored[i]));
		k.notes = notes.p;
		k.notes_len = notes.len;
		fix_kdump_build(&k);
		d = fix_open_ok(k.b.p, k.b.len);
		dump_close(d);
		fix_kdump_deinit(&k);
		buf_deinit(&notes);
	}
}

/* --- descriptors: rows 11 to 20 */

static void desc_fails(size_t pfn, struct kdump_page_desc d, vs_status st, const char *want)
{
	struct fix_kdump k;
	struct dump *dump;
	uint8_t page[FIX_BLOCK];

	build_mixed(&k);
	*fix_desc(&k, pfn) = d;
	dump = fix_open_ok(k.b.p, k.b.len);
	fix_page_fails(dump, pfn, st, want);
	// its neighbours are readable
	assert_int_equal(fix_read_page(dump, pfn == 63 ? 61 : 63, page, NULL), VS_OK);
	dump_close(dump);
	fix_kdump_deinit(&k);
}

static void test_bad_descriptors(void **state)
{
	struct fix_kdump k;
	struct kdump_page_desc ok;
	int64_t data, end;

	(void)state;
	build_mixed(&k);
	data = (int64_t)k.data;
	end = (int64_t)k.b.len;
	ok = *fix_desc(&k, 1); // zlib
	fix_kdump_deinit(&k);
	desc_fails(1, (struct kdump_page_desc){ 0x1000, 4096, 0, 0 }, VS_CORRUPT,
		   "before the page data");
	desc_fails(1, (struct kdump_page_desc){ data - 1, 100, 1, 0 }, VS_CORRUPT,
		   "before the page data");
	desc_fails(63, (struct kdump_page_desc){ data - 24, 4096, 0, 0 }, VS_CORRUPT,
		   "before the page data");
	desc_fails(1, (struct kdump_page_desc){ -1, 4096, 0, 0 }, VS_CORRUPT,
		   "before the page data");
	desc_fails(1, (struct kdump_page_desc){ INT64_MIN, 1, 1, 0 }, VS_CORRUPT,
		   "before the page data");
	desc_fails(1, (struct kdump_page_desc){ INT64_MAX, 4096, 0, 0 }, VS_LOST, "past the end");
	desc_fails(1, (struct kdump_page_desc){ end - 4095, 4096, 0, 0 }, VS_LOST, "past the end");
	desc_fails(1, (struct kdump_page_desc){ data, 0, 1, 0 }, VS_CORRUPT, "stored size 0");
	desc_fails(1, (struct kdump_page_desc){ data, 4097, 1, 0 }, VS_CORRUPT, "stored size 4097");
	desc_fails(1, (struct kdump_page_desc){ data, UINT32_MAX, 1, 0 }, VS_CORRUPT,
		   "stored size");
	desc_fails(1, (struct kdump_page_desc){ data, 4095, 0, 0 }, VS_CORRUPT,
		   "uncompressed size 4095");
	for (uint32_t flags = 3; flags < 0x200; flags++) {
		char want[32];

		if (flags == CODEC_SNAPPY || flags == CODEC_ZSTD)
			continue;
		snprintf(want, sizeof(want), "flags %#x ", flags);
		desc_fails(1, (struct kdump_page_desc){ data, 100, flags, 0 }, VS_CORRUPT, want);
	}
	desc_fails(1, (struct kdump_page_desc){ data, 100, CODEC_ZLIB, 0 }, VS_CORRUPT,
		   "zlib data");
	desc_fails(1, (struct kdump_page_desc){ ok.offset, ok.size - 5, 1, 0 }, VS_CORRUPT,
		   "zlib data");
#ifdef HAVE_LZO
	desc_fails(1, (struct kdump_page_desc){ data, 100, CODEC_LZO, 0 }, VS_CORRUPT, "lzo data");
#endif
#ifdef HAVE_SNAPPY
	desc_fails(1, (struct kdump_page_desc){ data, 100, CODEC_SNAPPY, 0 }, VS_CORRUPT,
		   "snappy data");
#endif
#ifdef HAVE_ZSTD
	desc_fails(1, (struct kdump_page_desc){ data, 100, CODEC_ZSTD, 0 }, VS_CORRUPT,
		   "zstd data");
#endif
}

static void test_shared_and_tail(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	uint8_t a[FIX_BLOCK], b[FIX_BLOCK];

	(void)state;
	build_mixed(&k);
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
	build_mixed(&k); // elsewhere: the note counts
	fix_sub(&k)->offset_vmcoreinfo = k.data;
	fix_sub(&k)->size_vmcoreinfo = 4096;
	d = fix_open_ok(k.b.p, k.b.len);
	assert_memory_equal(dump_vmcoreinfo(d, &n), "OSRELEASE=6.1.0-test", 20);
	dump_close(d);
	fix_kdump_deinit(&k);
}

/* --- split sets */

#define MAX_MEMBERS 5

struct set {
	struct fix_kdump k[MAX_MEMBERS];
	struct fix_file f[MAX_MEMBERS];
	const char *path[MAX_MEMBERS];
	size_t n;
};

static void set_add(struct set *s, uint64_t start, uint64_t end)
{
	struct fix_kdump *k = &s->k[s->n];

	fix_kdump_mixed(k);
	k->split = true;
	k->start = start;
	k->end = end;
	fix_kdump_build(k);
	fix_file_write(&s->f[s->n], k->b.p, k->b.len);
	s->path[s->n] = s->f[s->n].path;
	s->n++;
}

static void set_deinit(struct set *s)
{
	for (size_t i = 0; i < s->n; i++) {
		fix_kdump_deinit(&s->k[i]);
		fix_file_remove(&s->f[i]);
	}
}

static void test_split(void **state)
{
	struct set s = { 0 };
	struct dump *d = NULL;
	struct err err;

	(void)state;
	set_add(&s, 37, 64); // any order, unaligned, empty members
	set_add(&s, 11, 11);
	set_add(&s, 0, 11);
	set_add(&s, 11, 37);
	set_add(&s, 64, 64);
	assert_int_equal(dump_open(s.path, s.n, &d, &err), VS_OK);
	fix_check_pages(d, &s.k[0]);
	assert_int_equal(dump_info(d)->nfiles, 5);
	dump_close(d);
	set_deinit(&s);
}

static void test_split_lone(void **state)
{
	struct set s = { 0 };
	struct dump *d = NULL;
	struct err err;
	uint8_t page[FIX_BLOCK], want[FIX_BLOCK];
	pfn_t pfn;

	(void)state;
	set_add(&s, 11, 37);
	set_add(&s, 50, 64);
	for (size_t n = 1; n <= 2; n++) {
		assert_int_equal(dump_open(s.path, n, &d, &err), VS_OK);
		assert_int_equal(fix_read_page(d, 36, page, NULL), VS_OK);
		fix_page_fill(want, sizeof(want), 36);
		assert_memory_equal(page, want, sizeof(page));
		fix_page_fails(d, 0, VS_LOST, "split member that was not given");
		fix_page_fails(d, 45, VS_LOST, "split member that was not given");
		fix_page_fails(d, 2, VS_HOLE, "no RAM");
		assert_int_equal(dump_page_state(d, 63), n == 1 ? VS_LOST : VS_OK);
		assert_int_equal(dump_next_page(d, 0, &pfn, NULL), VS_OK);
		assert_int_equal(pfn, 12);
		assert_int_equal(dump_next_page(d, 37, &pfn, NULL), n == 1 ? VS_END : VS_OK);
		dump_close(d);
	}
	set_deinit(&s);
}

static void set_fails(struct set *s, const char *want)
{
	struct dump *d = NULL;
	struct err err = { 0 };

	assert_int_equal(dump_open(s->path, s->n, &d, &err), VS_INVAL);
	if (!strstr(err.msg, want) || !strstr(err.msg, "/tmp/vmstub-test"))
		fail_msg("got \"%s\", expected \"%s\"", err.msg, want);
	set_deinit(s);
}

static void test_split_bad(void **state)
{
	struct set s = { 0 };

	(void)state;
	set_add(&s, 0, 30);
	set_add(&s, 29, 64);
	set_fails(&s, "overlaps");
	s.n = 0;
	set_add(&s, 0, 30);
	s.path[1] = s.path[0];
	s.f[1] = s.f[0];
	s.k[1] = (struct fix_kdump){ 0 };
	s.n = 2;
	set_fails(&s, "same file");
	s.n = 0;
	set_add(&s, 0, 30);
	set_add(&s, 30, 64);
	fix_head(&s.k[1])->timestamp_sec++; // row 22
	fix_file_remove(&s.f[1]);
	fix_file_write(&s.f[1], s.k[1].b.p, s.k[1].b.len);
	set_fails(&s, "different headers");
	s.n = 0;
	set_add(&s, 0, 30);
	set_add(&s, 30, 64);
	fix_sub(&s.k[1])->split = 0;
	fix_file_remove(&s.f[1]);
	fix_file_write(&s.f[1], s.k[1].b.p, s.k[1].b.len);
	set_fails(&s, "split is 0");
}

/* A member without pages may end inside its last bitmap block; seen from makedumpfile 1.7.2. */
static void test_split_short_empty(void **state)
{
	struct set s = { 0 };
	struct dump *d = NULL;
	struct err err;

	(void)state;
	set_add(&s, 0, 64);
	set_add(&s, 64, 64);
	assert_int_equal(truncate(s.path[1], (off_t)s.k[1].bitmap2 + FIX_PAGES / 8), 0);
	assert_int_equal(dump_open(s.path, s.n, &d, &err), VS_OK);
	fix_check_pages(d, &s.k[0]);
	dump_close(d);
	set_deinit(&s);
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
	build_mixed(&k);
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
	build_mixed(&k);
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
		cmocka_unit_test(test_all_pages),	  cmocka_unit_test(test_next_page),
		cmocka_unit_test(test_versions),	  cmocka_unit_test(test_absent_is_zero),
		cmocka_unit_test(test_one_bitmap),	  cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_truncated),	  cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_odd_headers),	  cmocka_unit_test(test_page_size_conflict),
		cmocka_unit_test(test_bad_descriptors),	  cmocka_unit_test(test_shared_and_tail),
		cmocka_unit_test(test_raw_vmcoreinfo),	  cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_lone),	  cmocka_unit_test(test_split_bad),
		cmocka_unit_test(test_split_short_empty), cmocka_unit_test(test_shrinks),
		cmocka_unit_test(test_huge_sparse),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
