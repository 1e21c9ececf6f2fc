// SPDX-License-Identifier: GPL-3.0-or-later
/* dump, probe, file, window and page cache: rejected files, and reads of all shapes. */
#include "tests/unit/dumpfix.h"

#include <sys/stat.h>

#include "stub/dump/file.h"
#include "stub/dump/pagecache.h"
#include "stub/dump/window.h"

/* Section 6 of the format table: errors name the format and the remedy. */
static void test_other_formats(void **state)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *want;
	} cases[] = {
		{ "\x1f\x8b\x08", 3, "gzip-compressed file: unpack it first: gzip -d /tmp/" },
		{ "\xfd"
		  "7zXZ\0",
		  6, "xz -d /tmp/" },
		{ "\x28\xb5\x2f\xfd", 4, "zstd -d /tmp/" },
		{ "BZh9", 4, "bzip2 -d" },
		{ "\xed\xeb\x0f\xf0", 4, "Xen xc_core" },
		{ "\xed\x23\x8f\x61\x73\x01\x19\xa8", 8, "LKCD" },
		{ "\xd0\xbe\xd0\xbe", 4, "VMware suspend file (old)" },
		{ "PAGEDU64", 8, "Windows" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char bytes[4096] = { 0 };

		memcpy(bytes, cases[i].bytes, cases[i].len);
		fix_open_fails(bytes, sizeof(bytes), VS_UNSUPPORTED, cases[i].want);
	}
	fix_open_fails("hello", 5, VS_CORRUPT,
		       "not a crash dump: 5 bytes, starting 68 65 6c 6c 6f 00");
	fix_open_fails("", 0, VS_CORRUPT, "file size 0");
	fix_open_fails("K", 1, VS_CORRUPT, "not a crash dump"); // row 1
	fix_open_fails("KDUMP   ", 8, VS_CORRUPT, "truncated header: 8 bytes, need 464");
	fix_open_fails("\177ELF", 4, VS_CORRUPT, "truncated ELF header: 4 bytes");
}

static void path_fails(const char *path, const char *want)
{
	struct dump *d = NULL;
	struct err err = { 0 };

	assert_int_not_equal(dump_open(&path, 1, &d, &err), VS_OK);
	if (!strstr(err.msg, want) || !strstr(err.msg, path))
		fail_msg("got \"%s\", expected \"%s\"", err.msg, want);
}

/* Row 48. */
static void test_bad_paths(void **state)
{
	struct dump *d = NULL;
	struct err err;
	char fifo[] = "/tmp/vmstub-test-fifo";

	(void)state;
	path_fails("/tmp", "is a directory");
	path_fails("/dev/null", "neither a regular file nor a block device");
	path_fails("/nonexistent/vmcore", "No such file");
	unlink(fifo);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	path_fails(fifo, "is a FIFO");
	unlink(fifo);
	assert_int_equal(dump_open(NULL, 0, &d, &err), VS_INVAL);
}

static void test_mixed_set(void **state)
{
	struct fix_kdump k;
	struct fix_elf e = { 0 };
	struct fix_file f[2];
	const char *path[2] = { f[0].path, f[1].path };
	struct dump *d = NULL;
	struct err err;

	(void)state;
	fix_kdump_mixed(&k);
	fix_kdump_build(&k);
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	fix_elf_build(&e);
	fix_file_write(&f[0], k.b.p, k.b.len);
	fix_file_write(&f[1], e.b.p, e.b.len);
	assert_int_equal(dump_open(path, 2, &d, &err), VS_INVAL);
	assert_non_null(strstr(err.msg, "is ELF: not parts of one dump"));
	fix_file_remove(&f[0]);
	fix_file_remove(&f[1]);
	fix_kdump_deinit(&k);
	fix_elf_deinit(&e);
}

/* Row 47, and partial reads across pages with different fates. */
static void test_read_shapes(void **state)
{
	struct fix_kdump k;
	struct dump *d;
	const struct mem *m;
	struct mem_got got;
	uint8_t out[3 * FIX_BLOCK], want[FIX_BLOCK];
	struct err err;

	(void)state;
	fix_kdump_mixed(&k);
	fix_kdump_build(&k);
	d = fix_open_ok(k.b.p, k.b.len);
	m = dump_mem(d);
	got = m->read(m, 0, out, 0, NULL);
	assert_true(got.len == 0 && got.why == VS_OK);
	got = m->read(m, UINT64_MAX, out, 0, NULL);
	assert_true(got.len == 0 && got.why == VS_OK);
	got = m->read(m, UINT64_MAX - 3, out, 100, &err);
	assert_true(got.len == 0 && got.why == VS_HOLE);
	// pages 0 and 1 are stored, 2 is a hole
	got = m->read(m, 100, out, sizeof(out), &err);
	assert_int_equal(got.len, 2 * FIX_BLOCK - 100);
	assert_int_equal(got.why, VS_HOLE);
	assert_non_null(strstr(err.msg, "pfn 0x2"));
	fix_page_fill(want, sizeof(want), 0);
	assert_memory_equal(out, want + 100, FIX_BLOCK - 100);
	fix_page_fill(want, sizeof(want), 1);
	assert_memory_equal(out + FIX_BLOCK - 100, want, FIX_BLOCK);
	// small reads over and over, in the cache and out of it
	for (size_t i = 0; i < 5000; i++) {
		size_t pfn = i * 7 % FIX_PAGES, at = i * 13 % (FIX_BLOCK - 8);

		got = m->read(m, pfn * FIX_BLOCK + at, out, 8, NULL);
		assert_int_equal(got.len, fix_stored(&k, pfn) ? 8 : 0);
		fix_page_fill(want, sizeof(want), pfn);
		if (k.page[pfn] == FIX_ZERO)
			memset(want, 0, sizeof(want));
		if (got.len)
			assert_memory_equal(out, want + at, 8);
	}
	dump_close(d);
	fix_kdump_deinit(&k);
}

static void test_pagecache(void **state)
{
	struct pagecache *c = NULL;
	uint64_t last_use[64] = { 0 }, clock = 0, seed = 12345;

	(void)state;
	assert_int_equal(pagecache_create(8, 16, &c, NULL), VS_OK);
	for (int i = 0; i < 20000; i++) {
		uint64_t key, newer = 0;
		const uint8_t *hit;

		seed = seed * 6364136223846793005u + 1442695040888963407u;
		key = (seed >> 40) % 64;
		if (i % 3 == 0)
			key %= 9;
		hit = pagecache_find(c, key);
		for (size_t j = 0; j < 64; j++)
			newer += last_use[j] > last_use[key];
		// exactly the eight most recent keys are there
		assert_int_equal(hit != NULL, last_use[key] && newer < 8);
		if (hit) {
			assert_int_equal(hit[5], key);
		} else {
			memset(pagecache_slot(c), 0xff, 16); // a failed decode caches nothing
			memset(pagecache_slot(c), (int)key, 16);
			pagecache_keep(c, key);
		}
		last_use[key] = ++clock;
		if (i % 7 == 0) { // the slot for a failed decode evicts the oldest
			uint64_t oldest = UINT64_MAX;
			size_t n = 0;

			(void)pagecache_slot(c);
			for (size_t j = 0; j < 64; j++)
				n += last_use[j] != 0;
			while (n-- > 7) {
				size_t at = 0;

				oldest = UINT64_MAX;
				for (size_t j = 0; j < 64; j++) {
					if (last_use[j] && last_use[j] < oldest) {
						oldest = last_use[j];
						at = j;
					}
				}
				last_use[at] = 0;
			}
		}
	}
	pagecache_destroy(c);
	pagecache_destroy(NULL);
}

static void test_window(void **state)
{
	struct fix_file disk;
	struct file *f = NULL;
	struct window w;
	uint8_t data[10000];
	const uint8_t *p;
	struct err err;

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 37 >> 3);
	fix_file_write(&disk, data, sizeof(data));
	assert_int_equal(file_open(disk.path, &f, NULL), VS_OK);
	assert_int_equal(window_init(&w, f, 64, 1024, NULL), VS_OK);
	for (size_t step = 1; step < 700; step = step * 2 + 1) {
		for (size_t off = 0; off + step <= sizeof(data); off += step) {
			assert_int_equal(window_get(&w, off, step, &p, NULL), VS_OK);
			assert_memory_equal(p, data + off, step);
		}
		for (size_t off = sizeof(data) - step; off > step; off -= step) {
			assert_int_equal(window_get(&w, off, step, &p, NULL), VS_OK);
			assert_memory_equal(p, data + off, step);
		}
	}
	assert_int_equal(window_get(&w, 9999, 2, &p, &err), VS_LOST);
	assert_int_equal(window_get(&w, UINT64_MAX, 2, &p, &err), VS_LOST);
	assert_int_equal(window_get(&w, 0, 1025, &p, &err), VS_INVAL);
	window_deinit(&w);
	file_close(f);
	fix_file_remove(&disk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_other_formats), cmocka_unit_test(test_bad_paths),
		cmocka_unit_test(test_mixed_set),     cmocka_unit_test(test_read_shapes),
		cmocka_unit_test(test_pagecache),     cmocka_unit_test(test_window),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
