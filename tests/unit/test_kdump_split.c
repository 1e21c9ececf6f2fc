// SPDX-License-Identifier: GPL-3.0-or-later
/* Split sets of compressed kdump files: whole, lone, and malformed ones. */
#include "tests/unit/dumpfix.h"

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
	fix_head(&s.k[1])->timestamp_sec += 60; // row 22
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_lone),
		cmocka_unit_test(test_split_bad),
		cmocka_unit_test(test_split_short_empty),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
