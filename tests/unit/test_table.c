// SPDX-License-Identifier: GPL-3.0-or-later
/* table: the same calls as text and as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#undef fail /* ours is in err.h */

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/monitor/monitor.h"
#include "stub/monitor/table.h"

static const struct table_def things = {
	.name = "things",
	.heading = "  N  ADDRESS   NAME\n",
	.columns = {
		{ "marked", "", 1, COLUMN_FLAG, ">" },
		{ "n", "", 2, COLUMN_NUMBER },
		{ "address", " ", 8, COLUMN_ADDRESS0 },
		{ "mask", " ", -4, COLUMN_ADDRESS, "|" },
		{ "percent", " ", 4, COLUMN_REAL, "%" },
		{ "id", NULL, 0, COLUMN_NUMBER },
		{ NULL, " ", 0, COLUMN_TEXT },
		{ "name", " ", 0, COLUMN_TEXT },
	},
};
static const struct table_def parts = {
	.name = "parts",
	.heading = "\n PARTS\n",
	.if_rows = true,
	.columns = { { "part", "  ", 3, COLUMN_NUMBER } },
};

static void put_thing(struct table *t, bool marked, uint64_t n, const char *name)
{
	table_flag(t, marked);
	table_known(t, n != 0, n);
	table_uint(t, n * 16);
	table_uint(t, n);
	table_real(t, 1.25);
	table_int(t, -7);
	table_text(t, "text");
	table_text(t, name);
}

static void put_parts(struct table *row, unsigned n)
{
	struct table t;

	table_nest(&t, &parts, row);
	for (unsigned i = 0; i < n; i++) {
		table_uint(&t, i);
		table_end_row(&t);
	}
	table_end(&t);
}

static void put_all(struct monitor *m, struct buf *out)
{
	struct table t;

	table_begin(&t, &things, m, out);
	table_layout(&t, "--\n");
	put_thing(&t, true, 1, "a\"b");
	table_end_row(&t);
	put_thing(&t, false, UINT64_C(0x8000000000000001), "\x9f\x01z");
	put_parts(&t, 2);
	table_end_row(&t);
	table_show(&t, "[%d]", 5);
	table_flag(&t, true);
	table_unknown(&t);
	table_unknown(&t);
	table_unknown(&t);
	table_hide(&t, true);
	table_remark(&t, " ", "no %s", "id");
	table_remark(&t, " ", "and");
	table_unknown(&t);
	put_parts(&t, 1);
	table_end_row(&t);
	buf_puts(out, "\n  (a remark)\n");
	table_end(&t);
}

static void test_text(void **state)
{
	struct monitor m = { .k = NULL };
	AUTO(buf) out = { 0 };

	(void)state;
	put_all(&m, &out);
	assert_string_equal(buf_str(&out),
			    "  N  ADDRESS   NAME\n"
			    "--\n"
			    "> 1 00000010 1   |  1.2% text a\"b\n"
			    " 9223372036854775809 00000010 8000000000000001|  1.2% text "
			    "\x9f\x01z\n"
			    " PARTS\n"
			    "    0\n"
			    "    1\n"
			    "[5] ?        ? ?   | (no id) (and)\n\n"
			    "  (a remark)\n");
}

static void put_sorted(struct monitor *m, struct buf *out, const char *column, vs_status want)
{
	struct table t;
	struct err err;

	table_begin(&t, &things, m, out);
	assert_int_equal(table_sort(&t, column, &err), want);
	if (want)
		assert_string_equal(err.msg, "address: no column of numbers: n, percent, id");
	for (uint64_t n = 0; n < 4; n++) {
		put_thing(&t, false, n, n == 2 ? "two" : "x");
		if (n == 2)
			put_parts(&t, 1);
		table_end_row(&t);
	}
	table_end(&t);
}

static void test_sorted(void **state)
{
	struct monitor m = { .k = NULL };
	AUTO(buf) out = { 0 };

	(void)state;
	put_sorted(&m, &out, "n", VS_OK); // what is unknown comes last
	assert_string_equal(buf_str(&out), "  N  ADDRESS   NAME\n"
					   "  3 00000030 3   |  1.2% text x\n"
					   "  2 00000020 2   |  1.2% text two\n"
					   " PARTS\n"
					   "    0\n"
					   "  1 00000010 1   |  1.2% text x\n"
					   "  ? 00000000 0   |  1.2% text x\n");
	buf_reset(&out);
	put_sorted(&m, &out, "percent", VS_OK); // equal ones stay in their order
	assert_true(strstr(buf_str(&out), "\n  1 ") < strstr(buf_str(&out), "\n  3 "));
	put_sorted(&m, &out, "address", VS_INVAL);
}

#ifdef HAVE_JANSSON
static void test_json(void **state)
{
	AUTO(buf) out = { 0 };
	struct document d;
	struct monitor m = { .json = &d };

	(void)state;
	document_init(&d, "verb", &out);
	put_all(&m, &d.notes);
	document_end(&d, VS_OK, NULL);
	assert_string_equal(
		buf_str(&out),
		"{\"verb\":\"verb\",\"things\":[\n"
		"{\"marked\":true,\"n\":1,\"address\":\"0x10\",\"mask\":\"0x1\",\"percent\":1.2,"
		"\"id\":-7,\"name\":\"a\\\"b\"},\n"
		"{\"marked\":false,\"n\":9223372036854775809,\"address\":\"0x10\","
		"\"mask\":\"0x8000000000000001\",\"percent\":1.2,\"id\":-7,"
		"\"name\":\"\\\\x9f\\u0001z\",\"parts\":[\n"
		"{\"part\":0},\n{\"part\":1}]},\n"
		"{\"marked\":true,\"n\":null,\"address\":null,\"mask\":null,\"remark\":\"no id\","
		"\"percent\":null,\"parts\":[\n{\"part\":0}],\"id\":null,\"name\":null}\n"
		"],\"notes\":[\"and\",\"(a remark)\"],\"error\":null}\n");
}

/* Tables of the same name are one array, so that a verb may print one for each task. */
static void test_documents(void **state)
{
	AUTO(buf) out = { 0 };
	struct document d;
	struct monitor m = { .json = &d };
	struct err err = { .msg = "lost" };
	struct table t;

	(void)state;
	document_init(&d, "verb", &out);
	document_end(&d, VS_INVAL, &err);
	assert_string_equal(buf_str(&out), "");
	document_init(&d, "verb", &out);
	document_end(&d, VS_LOST, &err);
	assert_string_equal(buf_str(&out), "{\"verb\":\"verb\",\"notes\":[],\"error\":\"lost\"}\n");
	buf_reset(&out);
	document_init(&d, "verb", &out);
	for (unsigned i = 0; i < 3; i++) {
		table_begin(&t, i < 2 ? &parts : &things, &m, &d.notes);
		table_uint(&t, i);
		if (i < 2)
			table_end_row(&t); // an error left the last row open
		table_end(&t);
	}
	document_end(&d, VS_INVAL, &err);
	assert_string_equal(buf_str(&out),
			    "{\"verb\":\"verb\",\"parts\":[\n{\"part\":0},\n{\"part\":1}\n],"
			    "\"things\":[\n{\"marked\":2,\"n\":null,\"address\":null,"
			    "\"mask\":null,\"percent\":null,\"id\":null,\"name\":null}\n"
			    "],\"notes\":[],\"error\":\"lost\"}\n");
}

static bool refuse(void *ctx, const char *text, size_t len)
{
	struct buf *out = ctx;

	(void)text;
	out->drain->stopped = len > 40;
	return false;
}

/* The reader has gone: the verb sees it at its own output. */
static void test_stopped(void **state)
{
	struct buf out = { 0 };
	struct buf_drain drain = { refuse, &out, false };
	struct document d;
	struct monitor m = { .json = &d };
	struct table t;

	(void)state;
	out.drain = &drain;
	document_init(&d, "verb", &out);
	table_begin(&t, &parts, &m, &d.notes);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(buf_stopped(&d.notes), i > 2);
		table_uint(&t, i);
		table_end_row(&t);
	}
	table_end(&t);
	document_end(&d, VS_OK, NULL);
	buf_deinit(&out);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),	cmocka_unit_test(test_sorted),
#ifdef HAVE_JANSSON
		cmocka_unit_test(test_json),	cmocka_unit_test(test_documents),
		cmocka_unit_test(test_stopped),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
