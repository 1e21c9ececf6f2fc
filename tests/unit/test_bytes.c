// SPDX-License-Identifier: GPL-3.0-or-later
/* bytes: bounded reads, the sticky flag, and checked ranges. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stub/base/bytes.h"

static void test_reads(void **state)
{
	static const uint8_t raw[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff };
	struct bytes b = bytes_of(raw, sizeof(raw));

	(void)state;
	assert_int_equal(bytes_u8(&b), 1);
	assert_int_equal(bytes_u16(&b), 0x0302);
	assert_int_equal(bytes_u32(&b), 0x07060504);
	assert_true(bytes_u64(&b) == UINT64_C(0x0f0e0d0c0b0a0908));
	assert_false(b.bad);
	assert_int_equal(b.left, 1);
	assert_int_equal(bytes_u16(&b), 0);
	assert_true(b.bad);
	assert_int_equal(bytes_u8(&b), 0); // the flag sticks
	assert_true(b.bad);
}

static void test_sub(void **state)
{
	struct bytes b = bytes_of("abcdef", 6), sub = bytes_sub(&b, 4);

	(void)state;
	assert_int_equal(sub.left, 4);
	assert_int_equal(b.left, 2);
	bytes_skip(&sub, 3);
	assert_int_equal(bytes_u8(&sub), 'd');
	assert_false(sub.bad);
	sub = bytes_sub(&b, 3);
	assert_true(sub.bad && b.bad);
	assert_int_equal(bytes_u8(&sub), 0);
}

static void test_signed(void **state)
{
	struct bytes b = bytes_of("\xff\xff\xff\xff\xfe\xff\xff\xff\xff\xff\xff\xff", 12);

	(void)state;
	assert_int_equal(bytes_i32(&b), -1);
	assert_true(bytes_i64(&b) == -2);
}

static void test_range_ok(void **state)
{
	(void)state;
	assert_true(range_ok(0, 0, 0));
	assert_true(range_ok(10, 0, 10));
	assert_true(range_ok(3, 7, 10));
	assert_false(range_ok(3, 8, 10));
	assert_false(range_ok(11, 0, 10));
	assert_false(range_ok(UINT64_MAX, 2, 10));
	assert_false(range_ok(2, UINT64_MAX, 10));
	assert_true(range_ok(UINT64_MAX - 1, 1, UINT64_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_sub),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_range_ok),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
