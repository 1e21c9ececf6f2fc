// SPDX-License-Identifier: GPL-3.0-or-later
/* The text form of maps of raw memory. */
#include "tests/unit/dumpfix.h"

#include "stub/dump/ram_map.h"

static void check(const char *text, const char *want)
{
	struct ram_map map;
	struct err err;
	struct buf b = { 0 };

	assert_int_equal(ram_map_parse(text, &map, &err), VS_OK);
	ram_map_print(&map, &b);
	assert_string_equal(buf_str(&b), want);
	buf_deinit(&b);
}

static void test_good(void **state)
{
	(void)state;
	check("0:0x1000@0", "0:0x1000@0");
	check("0x1000:8192@0x3000", "0x1000:0x2000@0x3000");
	check("0:3G,4G:1M", "0:0xc0000000@0,0x100000000:0x100000@0xc0000000");
	check("4G:1T@7,0:4K@5", "0x100000000:0x10000000000@0x7,0:0x1000@0x5");
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"",
		"0",
		"0:",
		":1",
		"0:0",
		"0:1",
		"1:4096",
		"0:4096@",
		"0:4096@x",
		"0:4096,",
		"0:4096@0x",
		"-4096:4096",
		" 0:4096",
		"0:4096 ",
		"0:4096@0@0",
		"0:4Kb",
		"0:0xfffffffffffff000@0x2000",
		"0xfffffffffffff000:8K",
		"0:99999999999999999999",
		"0:20000000T",
		"0:4096;4096:4096",
	};
	struct ram_map map;
	struct err err;
	char many[RAM_PIECES_MAX * 8 + 64] = "0:4K";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (ram_map_parse(bad[i], &map, &err) != VS_INVAL)
			fail_msg("'%s' was taken", bad[i]);
		assert_non_null(strstr(err.msg, "not START:LEN@OFFSET"));
	}
	for (int i = 1; i < RAM_PIECES_MAX; i++)
		strcat(many, ",0:4K");
	assert_int_equal(ram_map_parse(many, &map, &err), VS_OK);
	assert_int_equal(map.n, RAM_PIECES_MAX);
	strcat(many, ",0:4K");
	assert_int_equal(ram_map_parse(many, &map, &err), VS_INVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
