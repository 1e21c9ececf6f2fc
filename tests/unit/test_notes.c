// SPDX-License-Identifier: GPL-3.0-or-later
/* notes: padding, end markers, limits and malformed chains. */
#include "tests/unit/dumpfix.h"

#include "stub/dump/file.h"
#include "stub/dump/notes.h"

static void load(struct notes *ns, const struct buf *b, uint64_t align)
{
	struct fix_file disk;
	struct file *f = NULL;

	*ns = (struct notes){ 0 };
	fix_file_write(&disk, b->p, b->len);
	assert_int_equal(file_open(disk.path, &f, NULL), VS_OK);
	assert_int_equal(notes_load(ns, f, 0, UINT64_MAX, align, NULL), VS_OK);
	file_close(f);
	fix_file_remove(&disk);
}

static void put_three(struct buf *b, size_t align)
{
	fix_note_padded(b, "CORE", 1, "0123456789", 10, align);
	fix_note_padded(b, "LINUX", 0x700, "abc", 3, align);
	fix_note_padded(b, "VMCOREINFO", 0, "OSRELEASE=1\n", 12, align);
}

static void test_padding(void **state)
{
	(void)state;
	for (size_t align = 4; align <= 8; align += 4) {
		struct buf b = { 0 };
		struct notes ns;

		put_three(&b, align);
		load(&ns, &b, align);
		assert_int_equal(ns.v.n, 3);
		assert_string_equal(ns.v.v[1].name, "LINUX");
		assert_int_equal(ns.v.v[1].type, 0x700);
		assert_memory_equal(ns.v.v[1].desc, "abc", 3);
		assert_memory_equal(notes_find(&ns, "VMCOREINFO")->desc, "OSRELEASE=1\n", 12);
		assert_null(notes_find(&ns, "QEMU"));
		notes_deinit(&ns);
		buf_deinit(&b);
	}
}

/* p_align is 8, but notes are padded to 4, as in the kernel's dumps. */
static void test_lying_align(void **state)
{
	struct buf b = { 0 };
	struct notes ns;

	(void)state;
	put_three(&b, 4);
	load(&ns, &b, 8);
	assert_int_equal(ns.v.n, 3);
	notes_deinit(&ns);
	buf_deinit(&b);
}

static void test_name_without_nul(void **state)
{
	static const uint32_t head[3] = { 4, 2, 1 };
	struct buf b = { 0 };
	struct notes ns;

	(void)state;
	buf_put(&b, head, 12);
	buf_put(&b, "COREhi", 6); // the last padding may be missing, too
	load(&ns, &b, 4);
	assert_int_equal(ns.v.n, 1);
	assert_string_equal(ns.v.v[0].name, "CORE");
	assert_int_equal(ns.nprstatus, 1);
	notes_deinit(&ns);
	buf_deinit(&b);
}

/* Rows 24 and 25: earlier notes stay. */
static void ends_after_one(uint32_t namesz, uint32_t descsz, size_t tail)
{
	uint32_t head[3] = { namesz, descsz, 1 };
	struct buf b = { 0 };
	struct notes ns;

	fix_note(&b, "CORE", 1, "01234567", 8);
	buf_put(&b, head, 12);
	fix_zeros(&b, b.len + tail);
	load(&ns, &b, 4);
	assert_int_equal(ns.v.n, 1);
	notes_deinit(&ns);
	buf_deinit(&b);
}

static void test_malformed(void **state)
{
	(void)state;
	ends_after_one(UINT32_MAX, 0, 4096);
	ends_after_one(UINT32_MAX, UINT32_MAX, 4096);
	ends_after_one(5, UINT32_MAX, 4096);
	ends_after_one(5, UINT32_MAX - 3, 4096);
	ends_after_one(5, 4089, 4096);
	ends_after_one(2000, 0, 4096);
	ends_after_one(0, 0, 1 << 20);
	ends_after_one(0, 100, 4096);
	ends_after_one(5, 0, 0);
}

/* Row 26. */
static void test_many(void **state)
{
	struct buf b = { 0 };
	struct notes ns;

	(void)state;
	for (int i = 0; i < 70000; i++)
		fix_note(&b, "CORE", 1, "x", 1);
	load(&ns, &b, 4);
	assert_int_equal(ns.v.n, 65536);
	notes_deinit(&ns);
	buf_deinit(&b);
}

/* Device dumps are cut, VMCOREINFO is limited to 1 MiB (row 29), later notes are still found. */
static void test_long(void **state)
{
	struct buf b = { 0 }, big = { 0 };
	struct notes ns;

	(void)state;
	fix_zeros(&big, 3 << 20);
	memset(big.p, 'x', big.len);
	fix_note(&b, "LINUX", 0x700, big.p, (uint32_t)big.len);
	fix_note(&b, "VMCOREINFO", 0, big.p, (uint32_t)big.len);
	fix_note(&b, "CORE", 1, "last", 4);
	load(&ns, &b, 4);
	assert_int_equal(ns.v.n, 3);
	assert_int_equal(ns.v.v[0].len, 4096);
	assert_int_equal(ns.v.v[1].len, 1 << 20);
	assert_memory_equal(ns.v.v[2].desc, "last", 4);
	notes_deinit(&ns);
	buf_deinit(&b);
	buf_deinit(&big);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_padding),
		cmocka_unit_test(test_lying_align),
		cmocka_unit_test(test_name_without_nul),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_long),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
