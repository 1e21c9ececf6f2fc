// SPDX-License-Identifier: GPL-3.0-or-later
/* test_printfmt.c - which print formats of events libtraceevent gets, and how they are rewritten.
 */
#include "tests/unit/memfix.h"

#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/trace/printfmt.h"

static void collect(void *ctx, const char *name, size_t len)
{
	buf_printf(ctx, "%.*s ", (int)len, name);
}

/* Returns whether the format is safe, and checks which fields are lengths. */
static bool is_safe(const char *text, const char *lengths)
{
	AUTO(buf) found = { 0 };
	bool safe = printfmt_is_safe(text, collect, &found);

	if (safe)
		assert_string_equal(buf_str(&found), lengths);
	return safe;
}

static void test_safe(void **state)
{
	(void)state;
	assert_true(is_safe("\"a=%d b=%s\", REC->a, __get_str(b)", ""));
	assert_true(is_safe("\"%d 100%%\", REC->a / 2", ""));
	assert_true(is_safe("\"%s\", __print_hex(__get_dynamic_array(b), REC->len)", "len "));
	assert_true(is_safe("\"%*phD %d\", (int) REC->n, __get_dynamic_array(b), REC->x", "n "));
	assert_true(is_safe("\"%0*llx\", (int)8 * 2, REC->x", ""));
	assert_true(is_safe("\"%d\", REC->addr[5]", ""));
}

static void test_unsafe(void **state)
{
	(void)state;
	assert_false(is_safe("\"%d\", REC->a / REC->b", ""));
	assert_false(is_safe("\"%d\", REC->a % 0", ""));
	assert_false(is_safe("\"%d\", REC->a[REC->b]", ""));
	assert_false(is_safe("\"%d\", REC->a[100000]", ""));
	assert_false(is_safe("\"%s\", __print_hex(REC->b, REC->len * 1000)", ""));
	assert_false(is_safe("\"%s\", __print_hex(REC->b, 99999999)", ""));
	assert_false(is_safe("\"%99999d\", REC->a", ""));
	assert_false(is_safe("\"%n\", REC->a", ""));
	assert_false(is_safe("\"%d", ""));
	assert_false(is_safe("\"%d\", (REC->a", ""));
	assert_false(is_safe("\"%d\", REC->a)", ""));
}

static void test_depth_is_bounded(void **state)
{
	AUTO(buf) deep = { 0 };
	AUTO(buf) longer = { 0 };

	(void)state;
	buf_puts(&deep, "\"%d\", ");
	for (int i = 0; i < 1000; i++)
		buf_putc(&deep, '(');
	for (int i = 0; i < 1000; i++)
		buf_putc(&deep, ')');
	assert_false(is_safe(buf_str(&deep), ""));
	buf_puts(&longer, "\"%d\", 1");
	for (int i = 0; i < 5000; i++)
		buf_puts(&longer, "+1");
	assert_false(is_safe(buf_str(&longer), ""));
}

static void test_plain(void **state)
{
	(void)state;
	assert_true(printfmt_is_plain("%d of %s at %ps, %#lx %5.3u 100%%\n"));
	assert_false(printfmt_is_plain("%c"));
	assert_false(printfmt_is_plain("%*d"));
	assert_false(printfmt_is_plain("%hhd"));
	assert_false(printfmt_is_plain("%pI4"));
	assert_false(printfmt_is_plain("%n"));
	assert_false(printfmt_is_plain("%"));
	assert_false(printfmt_is_plain("%999999999d"));
}

static bool value(void *ctx, const char *name, int64_t *ret)
{
	(void)ctx;
	*ret = strcmp(name, "SEVEN") == 0 ? 7 : -2;
	return strcmp(name, "SEVEN") == 0 || strcmp(name, "MINUS_TWO") == 0;
}

static bool rewrites(const char *text, const char *want)
{
	const struct printfmt_names names = { value, NULL, 4096, 64 };
	AUTO(buf) out = { 0 };

	if (!printfmt_rewrite(text, &names, &out))
		return false;
	assert_string_equal(buf_str(&out), want);
	return true;
}

static void test_rewrite(void **state)
{
	(void)state;
	assert_true(rewrites("\"SEVEN %d\", REC->SEVEN", "\"SEVEN %d\", REC->SEVEN"));
	assert_true(rewrites("__print_symbolic(REC->a, { SEVEN, \"x\" }, { MINUS_TWO, \"y\" })",
			     "__print_symbolic(REC->a, { 7, \"x\" }, { (-2), \"y\" })"));
	assert_true(rewrites("REC->a & (1 | 2)", "REC->a & (u64)(1 | 2)"));
	assert_true(rewrites("REC->a & (unsigned int)(SEVEN)", "REC->a & (unsigned int)(7)"));
	assert_true(rewrites("(((struct page *)vmemmap_base) + (REC->pfn))",
			     "(4096 + 64 * (u64)(REC->pfn))"));
	assert_true(rewrites("(( gfp_t)(0x4u)) | REC->a", "(( gfp_t)(0x4u)) | REC->a"));
	assert_false(rewrites("REC->a - jiffies", ""));
}

static void test_signs(void **state)
{
	AUTO(buf) found = { 0 };

	(void)state;
	printfmt_each_signed("\"%d %d %d %d\", REC->a << 2, REC->b / 2, REC->c < REC->d, REC->e",
			     collect, &found);
	assert_string_equal(buf_str(&found), "b c d ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_safe),
		cmocka_unit_test(test_unsafe),
		cmocka_unit_test(test_depth_is_bounded),
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_rewrite),
		cmocka_unit_test(test_signs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
