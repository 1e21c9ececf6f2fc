// SPDX-License-Identifier: GPL-3.0-or-later
/* flat: records in any order, overlaps, gaps, and containers that end early. */
#include "tests/unit/dumpfix.h"

#include <sys/mman.h>

#include "stub/dump/file.h"
#include "stub/dump/flat/flat.h"
#include "stub/dump/flat/flatmap.h"

static struct file *open_bytes(const struct buf *b, struct err *err)
{
	struct fix_file disk;
	struct file *f = NULL;

	fix_file_write(&disk, b->p, b->len);
	if (file_open(disk.path, &f, err))
		f = NULL;
	fix_file_remove(&disk);
	return f;
}

static struct file *open_ok(const struct buf *b)
{
	struct err err = { 0 };
	struct file *f = open_bytes(b, &err);

	if (!f)
		fail_msg("%s", err.msg);
	return f;
}

static void test_overlap(void **state)
{
	struct buf b = { 0 };
	struct file *f;
	char got[21] = { 0 };

	(void)state;
	fix_flat_header(&b);
	fix_flat_record(&b, 4, 8, "aaaaaaaa", 8);
	fix_flat_record(&b, 0, 6, "bbbbbb", 6); // over the front of a
	fix_flat_record(&b, 10, 4, "cccc", 4);	// over the back of a
	fix_flat_record(&b, 7, 1, "d", 1);	// in the middle
	fix_flat_record(&b, 18, 2, "ee", 2);	// after a gap
	fix_flat_end(&b);
	f = open_ok(&b);
	assert_true(file_is_flat(f));
	assert_false(file_is_cut(f));
	assert_int_equal(file_size(f), 20);
	assert_int_equal(file_read(f, 0, got, 20, NULL), VS_OK);
	assert_memory_equal(got, "bbbbbbadaacccc\0\0\0\0ee", 20);
	assert_int_equal(file_next_data(f, 14), 18);
	assert_int_equal(file_next_data(f, 3), 3);
	assert_int_equal(file_next_data(f, 20), 20);
	assert_int_equal(file_read(f, 19, got, 2, NULL), VS_LOST);
	file_close(f);
	buf_deinit(&b);
}

static uint64_t rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

/* Writes random records over an image, and compares random reads with it. */
static void test_random(void **state)
{
	uint64_t seed = 88172645463325252;

	(void)state;
	for (int round = 0; round < 60; round++) {
		uint8_t image[4000] = { 0 }, got[4000];
		struct buf b = { 0 };
		struct file *f;
		size_t size = 0;

		fix_flat_header(&b);
		for (uint64_t n = 1 + rnd(&seed) % 300; n; n--) {
			uint8_t rec[200];
			size_t len = 1 + rnd(&seed) % (round % 2 ? 30 : 200);
			size_t off = round % 3 ? rnd(&seed) % (sizeof(image) - len) : size;

			if (off + len > sizeof(image))
				break;
			memset(rec, (int)rnd(&seed), len);
			memcpy(image + off, rec, len);
			fix_flat_record(&b, (int64_t)off, (int64_t)len, rec, len);
			size = off + len > size ? off + len : size;
		}
		fix_flat_end(&b);
		f = open_ok(&b);
		assert_int_equal(file_size(f), size);
		for (int i = 0; i < 300; i++) {
			size_t off = rnd(&seed) % size, len = 1 + rnd(&seed) % (size - off);

			assert_int_equal(file_read(f, off, got, len, NULL), VS_OK);
			assert_memory_equal(got, image + off, len);
		}
		file_close(f);
		buf_deinit(&b);
	}
}

/* --- fewer index entries than records: groups */

#define IMAGE 60000

/* A container, and the image that results from writing its records in order. */
struct model {
	uint8_t image[IMAGE];
	bool written[IMAGE];
	size_t size, records;
	struct buf b;
	uint64_t seed;
};

static void put_record(struct model *m, size_t off, size_t len)
{
	uint8_t rec[512];

	if (!len || off >= IMAGE)
		return;
	if (len > IMAGE - off)
		len = IMAGE - off;
	for (size_t i = 0; i < len; i++)
		rec[i] = (uint8_t)rnd(&m->seed);
	memcpy(m->image + off, rec, len);
	memset(m->written + off, true, len);
	fix_flat_record(&m->b, (int64_t)off, (int64_t)len, rec, len);
	m->size = off + len > m->size ? off + len : m->size;
	m->records++;
}

/* Like makedumpfile: writes a few streams alternately, in pieces of random sizes or of one size. */
static void put_streams(struct model *m, size_t streams, size_t pieces, size_t max, bool one_size)
{
	size_t at[4];

	for (size_t i = 0; i < streams; i++)
		at[i] = rnd(&m->seed) % IMAGE;
	while (pieces--) {
		size_t i = rnd(&m->seed) % streams, len = one_size ? max : 1 + rnd(&m->seed) % max;

		put_record(m, at[i], len);
		at[i] += len;
	}
}

static void put_anywhere(struct model *m, size_t pieces, size_t max)
{
	while (pieces--)
		put_record(m, rnd(&m->seed) % IMAGE, 1 + rnd(&m->seed) % max);
}

static void model_build(struct model *m, unsigned kind)
{
	fix_flat_header(&m->b);
	for (int part = 0; part < 4; part++, kind /= 3) {
		size_t max = 1 + rnd(&m->seed) % (kind & 64 ? 300 : 20);

		if (kind % 3 == 0)
			put_streams(m, 1 + rnd(&m->seed) % 4, rnd(&m->seed) % 1500, max, true);
		else if (kind % 3 == 1)
			put_streams(m, 1 + rnd(&m->seed) % 4, rnd(&m->seed) % 1500, max, false);
		else
			put_anywhere(m, rnd(&m->seed) % 30, max);
	}
	put_record(m, 0, 100); // the header comes last
	if (kind % 2)
		fix_flat_end(&m->b);
}

/* Opens the container with an index of at most limit entries. NULL: that is too small. */
static struct flat *open_limited(const struct buf *b, size_t limit, int *fd)
{
	struct err err = { 0 };
	struct flat *fl = NULL;
	vs_status st;

	*fd = memfd_create("flat", MFD_CLOEXEC);
	assert_int_equal(write(*fd, b->p, b->len), (ssize_t)b->len);
	st = flat_create(*fd, b->len, "memory", limit, &fl, &err);
	if (st) {
		assert_int_equal(st, VS_UNSUPPORTED);
		assert_non_null(strstr(err.msg, "makedumpfile -R"));
		close(*fd);
		return NULL;
	}
	return fl;
}

static void check_model(const struct model *m, struct flat *fl, uint64_t *seed)
{
	static uint8_t got[IMAGE];

	assert_int_equal(flat_size(fl), m->size);
	for (int i = 0; i < 200; i++) {
		size_t off = rnd(seed) % m->size, next = off;
		size_t len = 1 + rnd(seed) % (i % 10 ? 100 : m->size);

		if (len > m->size - off)
			len = m->size - off;
		assert_int_equal(flat_read(fl, off, got, len), len);
		assert_memory_equal(got, m->image + off, len);
		while (next < m->size && !m->written[next])
			next++;
		assert_int_equal(flat_next_data(fl, off), next);
	}
	assert_int_equal(flat_read(fl, 0, got, m->size), m->size);
	assert_memory_equal(got, m->image, m->size);
}

/* All kinds of records, with an index for all, some, or nearly none of them. */
static void test_groups(void **state)
{
	static const size_t limits[] = { 20, 60, 300, 100000 };
	size_t opened[4] = { 0 }, refused[4] = { 0 };

	(void)state;
	for (unsigned round = 0; round < 320; round++) {
		struct model *m = calloc(1, sizeof(*m));
		size_t limit = round % 4;
		struct flat *fl;
		int fd;

		assert_non_null(m);
		m->seed = 88172645463325252 + round;
		model_build(m, round / 4);
		fl = open_limited(&m->b, limits[limit], &fd);
		if (fl) {
			check_model(m, fl, &m->seed);
			opened[limit] += m->records > limits[limit];
			flat_destroy(fl);
			close(fd);
		} else {
			refused[limit]++;
		}
		buf_deinit(&m->b);
		free(m);
	}
	// small indexes really have groups, and are sometimes too small
	assert_true(opened[0] > 5 && opened[1] > 20 && opened[2] > 40);
	assert_true(refused[0] > 5 && refused[1] > 0 && refused[3] == 0);
}

/* Two streams without gaps fit into any index, with any number of records. */
static void test_many_records(void **state)
{
	struct buf b = { 0 };
	struct flat *fl;
	uint8_t got[8];
	int fd;

	(void)state;
	fix_flat_header(&b);
	for (int64_t i = 0; i < 40000; i++) {
		uint8_t c = (uint8_t)(i * 7), d[3] = { (uint8_t)i, (uint8_t)(i >> 8), 1 };

		fix_flat_record(&b, i, 1, &c, 1);
		fix_flat_record(&b, 100000 + 3 * i, 3, d, 3);
	}
	fix_flat_end(&b);
	fl = open_limited(&b, 100, &fd);
	assert_non_null(fl);
	assert_int_equal(flat_size(fl), 100000 + 3 * 40000);
	for (int64_t i = 39999; i >= 0; i -= 41) {
		assert_int_equal(flat_read(fl, (uint64_t)i, got, 1), 1);
		assert_int_equal(got[0], (uint8_t)(i * 7));
		assert_int_equal(flat_read(fl, 100000 + 3 * (uint64_t)i, got, 3), 3);
		assert_int_equal(got[0] | got[1] << 8, i);
	}
	assert_int_equal(flat_next_data(fl, 40000), 100000);
	flat_destroy(fl);
	close(fd);
	buf_deinit(&b);
}

/* A container cut while open: if a group's last record headers are gone, the valid one may be lost.
 */
static void test_group_shrinks(void **state)
{
	struct buf b = { 0 };
	struct flat *fl;
	char got[4];
	size_t cut = 0;
	int fd;

	(void)state;
	fix_flat_header(&b);
	for (int i = 0; i < 20; i++) {
		fix_flat_record(&b, i, 1, "a", 1);
		if (i == 17)
			cut = b.len;
	}
	fix_flat_record(&b, 17, 1, "b", 1); // the same group, overwrites earlier data
	fix_flat_end(&b);
	fl = open_limited(&b, 8, &fd);
	assert_non_null(fl);
	assert_int_equal(ftruncate(fd, (off_t)cut), 0);
	assert_int_equal(flat_read(fl, 2, got, 1), 1);
	assert_int_equal(got[0], 'a');
	assert_int_equal(flat_read(fl, 17, got, 1), 0);
	flat_destroy(fl);
	close(fd);
	buf_deinit(&b);
}

/* A broken record ends the index; earlier records stay. */
static void ends_early(int64_t off, int64_t len, const void *p, size_t n, uint64_t want_size)
{
	struct buf b = { 0 };
	struct file *f;
	char got[4];

	fix_flat_header(&b);
	fix_flat_record(&b, 0, 4, "abcd", 4);
	fix_flat_record(&b, off, len, p, n);
	f = open_ok(&b);
	assert_true(file_is_cut(f));
	assert_int_equal(file_size(f), want_size);
	assert_int_equal(file_read(f, 0, got, 4, NULL), VS_OK);
	assert_memory_equal(got, "abcd", 4);
	file_close(f);
	buf_deinit(&b);
}

/* Rows 39 and 40. */
static void test_broken_records(void **state)
{
	(void)state;
	ends_early(-2, 4, "xxxx", 4, 4);
	ends_early(-1, 4, "xxxx", 4, 4);
	ends_early(4, -1, "xxxx", 4, 4);
	ends_early(4, 0, "xxxx", 4, 4);
	ends_early(4, INT64_MIN, "xxxx", 4, 4);
	ends_early(4, INT64_MAX, "xxxx", 4, 4);
	ends_early(INT64_MAX, INT64_MAX, "xxxx", 4, 4);
	ends_early(INT64_C(1) << 62, 4, "xxxx", 4, 4);
	ends_early(INT64_C(1) << 55, 4, "xxxx", 4, 4);
	ends_early(4, 100, "xxxx", 4, 8); // data is cut: the existing part counts
	ends_early(4, 4, "xxxx", 4, 8);	  // no end marker
	ends_early(4, 4, "", 0, 4);
}

/* Any prefix of a flattened dump opens or is rejected, and readable data is correct. */
static void test_truncated(void **state)
{
	struct fix_kdump k;
	struct buf b = { 0 };

	(void)state;
	fix_kdump_mixed(&k);
	fix_kdump_build(&k);
	fix_flatten(&b, &k.b, 5000);
	for (size_t len = 1; len < b.len; len += 3001) {
		struct dump *d = NULL;
		struct err err;

		if (fix_open_bytes(b.p, len, &d, &err)) {
			assert_true(err.msg[0]);
			continue;
		}
		assert_true(dump_info(d)->incomplete);
		for (size_t i = 0; i < FIX_PAGES; i++) {
			uint8_t page[FIX_BLOCK];

			(void)fix_read_page(d, i, page, NULL);
		}
		dump_close(d);
	}
	buf_deinit(&b);
	fix_kdump_deinit(&k);
}

static void test_kdump_inside(void **state)
{
	(void)state;
	for (size_t step = 512; step < 100000; step = step * 3 + 1) {
		struct fix_kdump k;
		struct buf b = { 0 };
		struct dump *d;

		fix_kdump_mixed(&k);
		fix_kdump_build(&k);
		fix_flatten(&b, &k.b, step);
		d = fix_open_ok(b.p, b.len);
		fix_check_pages(d, &k);
		assert_string_equal(dump_info(d)->format, "kdump-compressed, flattened");
		assert_false(dump_info(d)->incomplete);
		dump_close(d);
		buf_deinit(&b);
		fix_kdump_deinit(&k);
	}
}

/* A split set whose members are flattened, or not. */
static void test_split_inside(void **state)
{
	static const uint64_t cut[] = { 0, 21, 21, 64 };
	struct fix_kdump k[3];
	struct fix_file f[3];
	const char *path[3];
	struct dump *d = NULL;
	struct err err = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct buf b = { 0 };

		fix_kdump_mixed(&k[i]);
		k[i].split = true;
		k[i].start = cut[i];
		k[i].end = cut[i + 1];
		fix_kdump_build(&k[i]);
		fix_flatten(&b, &k[i].b, 4096);
		fix_file_write(&f[i], i == 2 ? k[i].b.p : b.p, i == 2 ? k[i].b.len : b.len);
		path[i] = f[i].path;
		buf_deinit(&b);
	}
	if (dump_open(path, 3, &d, &err))
		fail_msg("%s", err.msg);
	fix_check_pages(d, &k[0]);
	dump_close(d);
	for (size_t i = 0; i < 3; i++) {
		fix_file_remove(&f[i]);
		fix_kdump_deinit(&k[i]);
	}
}

static void test_elf_inside(void **state)
{
	struct fix_elf e = { 0 };
	struct buf b = { 0 };
	struct dump *d;
	char zeros[400] = { 0 }, c;
	size_t head;

	(void)state;
	fix_elf_load(&e, 0x1000, 0x3000, 0x3000);
	fix_elf_build(&e);
	// makedumpfile first writes a placeholder for the program headers, and the real ones at the
	// end
	head = e.ph[0].p_offset;
	fix_flat_header(&b);
	fix_flat_record(&b, 64, (int64_t)(head - 64), zeros, head - 64);
	fix_flat_record(&b, (int64_t)head, 0x3000, e.b.p + head, 0x3000);
	fix_flat_record(&b, 0, 64, e.b.p, 64);
	fix_flat_record(&b, 64, (int64_t)(head - 64), e.b.p + 64, head - 64);
	fix_flat_end(&b);
	d = fix_open_ok(b.p, b.len);
	assert_string_equal(dump_info(d)->format, "ELF, flattened");
	assert_int_equal(mem_read(dump_mem(d), 0x2345, &c, 1, NULL), VS_OK);
	assert_int_equal((uint8_t)c, fix_byte_at(0x2345));
	dump_close(d);
	buf_deinit(&b);
	fix_elf_deinit(&e);
}

static void test_refused(void **state)
{
	struct buf b = { 0 }, outer = { 0 };

	(void)state;
	fix_flat_header(&b);
	fix_open_fails(b.p, b.len, VS_CORRUPT, "without a whole record");
	fix_open_fails(b.p, 20, VS_CORRUPT, "flattened header: truncated");
	b.p[23] = 2;
	fix_open_fails(b.p, b.len, VS_UNSUPPORTED, "type 2 version 1");
	b.p[23] = 1;
	fix_flat_record(&b, 0, 4, "abcd", 4);
	fix_flat_end(&b);
	fix_open_fails(b.p, b.len, VS_CORRUPT, "not a crash dump");
	fix_flatten(&outer, &b, 1000); // row 41
	fix_open_fails(outer.p, outer.len, VS_UNSUPPORTED, "inside a flattened file");
	buf_deinit(&outer);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overlap),	       cmocka_unit_test(test_random),
		cmocka_unit_test(test_broken_records), cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_kdump_inside),   cmocka_unit_test(test_split_inside),
		cmocka_unit_test(test_elf_inside),     cmocka_unit_test(test_refused),
		cmocka_unit_test(test_groups),	       cmocka_unit_test(test_many_records),
		cmocka_unit_test(test_group_shrinks),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
