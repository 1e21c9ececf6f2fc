// SPDX-License-Identifier: GPL-3.0-or-later
/* buf, arena, vec, err: the small containers everything stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#undef fail /* ours is in err.h */

#include "stub/base/arena.h"
#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/err.h"
#include "stub/base/vec.h"

static void test_put(void **state)
{
	AUTO(buf) b = { 0 };

	(void)state;
	assert_string_equal(buf_str(&b), "");
	buf_puts(&b, "ab");
	buf_putc(&b, 'c');
	buf_put(&b, "\0d", 2);
	buf_printf(&b, "%d-%s", 42, "x");
	assert_int_equal(b.len, 9);
	assert_memory_equal(b.p, "abc\0d42-x", 10);
	buf_reset(&b);
	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 10000; i++)
		buf_printf(&b, "%04d", i);
	assert_int_equal(b.len, 40000);
	assert_memory_equal(b.p + 4 * 1234, "1234", 4);
	assert_false(b.oom);
}

static void test_hex_xml_pad(void **state)
{
	AUTO(buf) b = { 0 };

	(void)state;
	buf_hex(&b, "\x00\xab\xff", 3);
	assert_string_equal(buf_str(&b), "00abff");
	buf_reset(&b);
	buf_xml(&b, "a<b>&\"'\x01\xc3z");
	assert_non_null(strstr(buf_str(&b), "a&lt;b&gt;&amp;&quot;&apos;??z"));
	buf_reset(&b);
	buf_puts(&b, "first line\nab");
	buf_pad_to(&b, 5);
	buf_puts(&b, "c");
	buf_pad_to(&b, 3); // already past it
	assert_string_equal(buf_str(&b), "first line\nab   c");
}

static void test_put_known(void **state)
{
	AUTO(buf) b = { 0 };

	(void)state;
	buf_put_known(&b, true, "%4d|", 12);
	buf_put_known(&b, false, "%4d", 0);
	buf_puts(&b, "|");
	buf_put_known(&b, false, "  %-4d", 0);
	buf_puts(&b, "|");
	buf_put_known(&b, false, "%08x", 0);
	buf_puts(&b, "|");
	buf_put_known(&b, false, "%d", 0);
	buf_put_known(&b, false, "%s", "");
	assert_string_equal(buf_str(&b), "  12|   ?|  ?   |       ?|?");
}

static void test_oom_sticks(void **state)
{
	AUTO(buf) b = { 0 };

	(void)state;
	buf_puts(&b, "kept");
	assert_false(buf_reserve(&b, SIZE_MAX - 2));
	assert_true(b.oom);
	buf_puts(&b, "dropped");
	assert_string_equal(buf_str(&b), "kept");
}

static void test_arena(void **state)
{
	AUTO(arena) a = { 0 };
	char *s = arena_strndup(&a, "hello world", 5);
	uint8_t *big = arena_alloc(&a, 1 << 20);

	(void)state;
	assert_string_equal(s, "hello");
	assert_non_null(big);
	for (size_t i = 0; i < 1 << 20; i += 4096)
		assert_int_equal(big[i], 0);
	for (int i = 1; i < 3000; i++) {
		uint8_t *p = arena_alloc(&a, (size_t)i);

		assert_int_equal((uintptr_t)p % 16, 0);
		memset(p, 0xff, (size_t)i); // overlaps would break "hello" or ASan
	}
	assert_string_equal(s, "hello");
	assert_string_equal(arena_strdup(&a, "x"), "x");
	assert_null(arena_alloc(&a, SIZE_MAX - 3));
}

static void test_vec(void **state)
{
	VEC(uint32_t) v = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		assert_true(vec_push(&v, i * 3));
	assert_int_equal(v.n, 5000);
	assert_int_equal(v.v[4999], 14997);
	vec_free(&v);
	assert_null(v.v);
	assert_int_equal(v.cap, 0);
}

static void test_err(void **state)
{
	struct err err;
	char big[1000];

	(void)state;
	assert_int_equal(fail(&err, VS_CORRUPT, "size %d", 7), VS_CORRUPT);
	assert_string_equal(err.msg, "size 7");
	assert_int_equal(fail_ctx(&err, VS_IO, "task %s", "list"), VS_IO);
	assert_string_equal(err.msg, "task list: size 7");
	assert_int_equal(err.code, VS_IO);
	assert_int_equal(fail(NULL, VS_IO, "x"), VS_IO);
	assert_int_equal(fail_ctx(NULL, VS_IO, "x"), VS_IO);
	memset(big, 'b', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	fail(&err, VS_IO, "%s", big);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	fail_ctx(&err, VS_IO, "%s", big);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	for (int i = VS_OK; i <= VS_INVAL + 1; i++)
		assert_true(strlen(vs_status_str((vs_status)i)) > 1);
}

static bool take_two(void *ctx, const char *text, size_t len)
{
	struct buf_drain *d = ctx;

	assert_int_equal(text[len - 1], '\n');
	d->stopped = len > 8;
	return len >= 8;
}

/* Whole lines leave; once nobody wants more, nothing grows and nothing waits for it to. */
static void test_drain(void **state)
{
	struct buf_drain drain = { .take = take_two, .ctx = &drain };
	struct buf b = { .drain = &drain };

	(void)state;
	buf_puts(&b, "one\n");
	buf_puts(&b, "two");
	assert_int_equal(b.len, 7);
	buf_putc(&b, '\n');
	assert_int_equal(b.len, 0);
	assert_int_equal(buf_total(&b), 8);
	assert_true(buf_at_line_start(&b));
	buf_printf(&b, "%s\n", "three and more");
	assert_true(buf_stopped(&b));
	buf_puts(&b, "x");
	buf_pad_to(&b, 40);
	assert_int_equal(b.len, 0);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_drain),	    cmocka_unit_test(test_put),
		cmocka_unit_test(test_hex_xml_pad), cmocka_unit_test(test_put_known),
		cmocka_unit_test(test_oom_sticks),  cmocka_unit_test(test_arena),
		cmocka_unit_test(test_vec),	    cmocka_unit_test(test_err),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
