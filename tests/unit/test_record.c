// SPDX-License-Identifier: GPL-3.0-or-later
/* record: rows with old and new names, and objects partly in a lost page. */
#include "tests/unit/kernfix.h"

#ifdef HAVE_LIBBPF

#define OBJECT 0xffff888000100f00ULL /* its first 256 bytes end a page */

enum { NEW, OLD, NONE, SIGNED, BITS, SMALL, ARRAY, NAME, FAR, LIST };
static const struct record_field fields[] = {
	[NEW] = { { "count", "nr" }, RECORD_UINT },
	[OLD] = { { "__state", "state" }, RECORD_UINT },
	[NONE] = { { "gone", "long_gone" }, RECORD_UINT, "no kernel" },
	[SIGNED] = { { "pid" }, RECORD_INT },
	[BITS] = { { "level" }, RECORD_UINT },
	[SMALL] = { { "small" }, RECORD_INT },
	[ARRAY] = { { "comm" }, RECORD_UINT }, // an array is not a number
	[NAME] = { { "comm" }, RECORD_ADDRESS },
	[FAR] = { { "far" }, RECORD_POINTER },
	[LIST] = { { "list" }, RECORD_ADDRESS },
};
RECORD(made_up_record, "made_up", fields);

static int setup(void **state)
{
	static const struct fix_field made_up[] = {
		{ "state", "u64", .off = 0 },
		{ "count", "u32", .off = 8 },
		{ "nr", "u32", .off = 12 },
		{ "pid", "u32", .off = 16 },
		{ "flags", "u8", .off = 20, .bit = 0, .bits = 5 },
		{ "level", "u8", .off = 20, .bit = 5, .bits = 3 },
		{ "comm", "u8", .off = 24, .n = 16 },
		{ "small", "u16", .off = 0xfe },
		{ "list", "u64", .off = 0x108, .n = 2 },
		{ "far", "u64", .off = 0x100 },
		{ 0 },
	};
	struct fix_kernel *fk = malloc(sizeof(*fk));
	struct btf *b = fix_btf_new();

	if (!fk)
		return -1;
	fix_kernel_init(fk, "");
	fix_btf_struct(b, "made_up", 0x200, made_up);
	fix_kernel_types(fk, fix_btf_types(b));
	*state = fk;
	return 0;
}

static int teardown(void **state)
{
	fix_kernel_deinit(*state);
	free(*state);
	return 0;
}

static void fill(struct fix_kernel *fk)
{
	static const uint8_t small[] = { 0xfe, 0xff };

	fix_mem_u64(&fk->mem, OBJECT, 7);
	fix_mem_u64(&fk->mem, OBJECT + 8, 0x2200000011);  // count 0x11, nr 0x22
	fix_mem_u64(&fk->mem, OBJECT + 16, 0xa3fffffffe); // pid -2; flags 3, level 5
	fix_mem_put(&fk->mem, OBJECT + 24, "sixteen letters!", 16);
	fix_mem_put(&fk->mem, OBJECT + 0xfe, small, 2);
}

static void test_whole(void **state)
{
	struct fix_kernel *fk = *state;
	struct record r;
	char name[64];
	uint64_t v = 99;

	fix_mem_add(&fk->mem, OBJECT & ~0xfffULL, 0x2000);
	fill(fk);
	fix_mem_put(&fk->mem, OBJECT + 40, "behind it", 9);
	fix_mem_u64(&fk->mem, OBJECT + 0x100, 0xffff888012345678);
	record_read(&fk->k, &made_up_record, OBJECT, RECORD_ALL, &r);
	assert_u64(r.known, RECORD_BIT(NEW) | RECORD_BIT(OLD) | RECORD_BIT(SIGNED) |
				    RECORD_BIT(BITS) | RECORD_BIT(SMALL) | RECORD_BIT(NAME) |
				    RECORD_BIT(FAR) | RECORD_BIT(LIST));
	assert_u64(r.v[NEW], 0x11);
	assert_u64(r.v[OLD], 7);
	assert_u64(r.v[SIGNED], (uint64_t)-2);
	assert_u64(r.v[BITS], 5);
	assert_u64(r.v[SMALL], (uint64_t)-2);
	assert_u64(r.v[FAR], 0xffff888012345678);
	assert_u64(r.v[LIST], OBJECT + 0x108);
	assert_false(record_get(&r, NONE, &v));
	assert_u64(v, 99);
	assert_true(record_string(&r, NAME, name, sizeof(name)));
	assert_string_equal(name, "sixteen letters!");
	assert_string_equal(record_name(&fk->k, &made_up_record, OLD), "state");
	assert_null(record_name(&fk->k, &made_up_record, NONE));
	// only the requested fields
	record_read(&fk->k, &made_up_record, OBJECT, RECORD_BIT(BITS) | RECORD_BIT(NONE), &r);
	assert_u64(r.known, RECORD_BIT(BITS));
	assert_u64(r.v[BITS], 5);
}

static void test_lost_page(void **state)
{
	struct fix_kernel *fk = *state;
	struct record r;
	struct err err;
	uint64_t v = 99;
	char name[16];

	// the second page is missing
	fix_mem_add(&fk->mem, OBJECT & ~0xfffULL, 0x1000);
	fill(fk);
	record_read(&fk->k, &made_up_record, OBJECT, RECORD_ALL, &r);
	assert_true(record_knows(&r, SMALL)); // just before that page
	assert_false(record_knows(&r, FAR));
	assert_true(record_knows(&r, LIST)); // an address needs no memory
	assert_u64(record_pointer(&r, FAR), 0);
	assert_int_equal(record_need(&r, FAR, &v, &err), VS_EXCLUDED);
	assert_non_null(strstr(err.msg, "is excluded"));
	assert_int_equal(record_need(&r, NONE, &v, &err), VS_NOTFOUND);
	assert_string_equal(err.msg, "struct made_up has no member gone");
	assert_u64(v, 99);
	assert_false(record_string(&r, FAR, name, sizeof(name)));
	assert_string_equal(name, "?");
}

static void test_lost_beginning(void **state)
{
	struct fix_kernel *fk = *state;
	struct record r;

	fix_mem_add(&fk->mem, (OBJECT & ~0xfffULL) + 0x1000, 0x1000);
	fix_mem_u64(&fk->mem, OBJECT + 0x100, 0x1234);
	record_read(&fk->k, &made_up_record, OBJECT, RECORD_ALL, &r);
	assert_u64(r.known, RECORD_BIT(NAME) | RECORD_BIT(FAR) | RECORD_BIT(LIST));
	assert_u64(r.v[FAR], 0x1234);
}

static void test_no_types(void **state)
{
	struct fix_kernel fk;
	struct record r;
	struct err err;
	uint64_t v;

	(void)state;
	fix_kernel_init(&fk, "");
	record_read(&fk.k, &made_up_record, OBJECT, RECORD_ALL, &r);
	assert_u64(r.known, 0);
	assert_int_equal(record_need(&r, NEW, &v, &err), VS_NOTFOUND);
	assert_string_equal(err.msg, "none");
	fix_kernel_deinit(&fk);
}

static void count_listed(void *ctx, const struct record_def *def)
{
	*(unsigned *)ctx += def == &made_up_record;
}

static void test_listed(void **state)
{
	unsigned n = 0;

	(void)state;
	record_each(count_listed, &n);
	assert_int_equal(n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_page, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_beginning, setup, teardown),
		cmocka_unit_test(test_no_types),
		cmocka_unit_test(test_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 0;
}

#endif
