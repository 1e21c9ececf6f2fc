// SPDX-License-Identifier: GPL-3.0-or-later
/* mem: all-or-nothing reads, integers and strings over a reader with holes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#undef fail /* ours is in err.h */

#include "stub/base/mem.h"

static void test_array(void **state)
{
	struct mem_array a;
	struct err err;
	char out[8];
	struct mem_got got;

	(void)state;
	mem_array_init(&a, 0x1000, "0123456789", 10);
	got = a.mem.read(&a.mem, 0x1002, out, 4, &err);
	assert_true(got.len == 4 && got.why == VS_OK);
	assert_memory_equal(out, "2345", 4);
	got = a.mem.read(&a.mem, 0x1008, out, 4, &err);
	assert_true(got.len == 2 && got.why == VS_UNMAPPED);
	got = a.mem.read(&a.mem, 0xfff, out, 4, &err);
	assert_true(got.len == 0 && got.why == VS_UNMAPPED);
	got = a.mem.read(&a.mem, 0x100a, out, 1, NULL);
	assert_true(got.len == 0 && got.why == VS_UNMAPPED);
	assert_int_equal(mem_read(&a.mem, 0x1006, out, 4, &err), VS_OK);
	assert_int_equal(mem_read(&a.mem, 0x1006, out, 5, &err), VS_UNMAPPED);
}

static void test_integers(void **state)
{
	static const uint8_t raw[] = { 0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11 };
	struct mem_array a;
	uint64_t v = 5;
	uint32_t w;
	uint16_t h;

	(void)state;
	mem_array_init(&a, 0, raw, sizeof(raw));
	assert_int_equal(mem_read_u64(&a.mem, 0, &v, NULL), VS_OK);
	assert_true(v == UINT64_C(0x1122334455667788));
	assert_int_equal(mem_read_u32(&a.mem, 4, &w, NULL), VS_OK);
	assert_int_equal(w, 0x11223344);
	assert_int_equal(mem_read_u16(&a.mem, 6, &h, NULL), VS_OK);
	assert_int_equal(h, 0x1122);
	assert_int_equal(mem_read_uint(&a.mem, 1, 1, &v, NULL), VS_OK);
	assert_int_equal(v, 0x77);
	assert_int_equal(mem_read_uint(&a.mem, 0, 3, &v, NULL), VS_INVAL);
	assert_int_equal(mem_read_u64(&a.mem, 1, &v, NULL), VS_UNMAPPED);
	assert_int_equal(v, 0x77); // untouched
}

static void test_strings(void **state)
{
	char text[200], out[300];
	struct mem_array a;

	(void)state;
	memset(text, 'x', sizeof(text));
	text[150] = '\0';
	mem_array_init(&a, 0x1030, text, sizeof(text));
	assert_int_equal(mem_read_str(&a.mem, 0x1030, out, sizeof(out), NULL), VS_OK);
	assert_int_equal(strlen(out), 150);
	assert_int_equal(mem_read_str(&a.mem, 0x1030, out, 10, NULL), VS_OK);
	assert_int_equal(strlen(out), 9);
	assert_int_equal(mem_read_str(&a.mem, 0x1030, out, 1, NULL), VS_OK);
	assert_int_equal(strlen(out), 0);
	// the rest of the area has no NUL: the readable part is the string
	assert_int_equal(mem_read_str(&a.mem, 0x1030 + 151, out, sizeof(out), NULL), VS_OK);
	assert_int_equal(strlen(out), 49);
	assert_int_equal(mem_read_str(&a.mem, 0x10, out, sizeof(out), NULL), VS_UNMAPPED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_array),
		cmocka_unit_test(test_integers),
		cmocka_unit_test(test_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
