// SPDX-License-Identifier: GPL-3.0-or-later
/* Malformed headers and page descriptors of compressed kdump (rows of "Malformed input" are named
 * where they are tested). */
#include "tests/unit/dumpfix.h"

/* --- headers: one field poked at a time */

static void header_fails(void (*poke)(struct fix_kdump *), vs_status st, const char *want)
{
	struct fix_kdump k;

	fix_kdump_build_mixed(&k);
	poke(&k);
	fix_open_fails(k.b.p, k.b.len, st, want);
	fix_kdump_deinit(&k);
}

static void header_opens(void (*poke)(struct fix_kdump *))
{
	struct fix_kdump k;
	struct dump *d;

	fix_kdump_build_mixed(&k);
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

	fix_kdump_build_mixed(&k);
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
	fix_kdump_build_mixed(&k);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_odd_headers),
		cmocka_unit_test(test_page_size_conflict),
		cmocka_unit_test(test_bad_descriptors),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
