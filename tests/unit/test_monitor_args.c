// SPDX-License-Identifier: GPL-3.0-or-later
/* monitor: how a line becomes a verb, options and operands; numbers and addresses. */
#include "tests/unit/kernfix.h"

#include <stdio.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/cmd.h"

static vs_status run_line(const char *line, struct buf *out, struct err *err)
{
	struct monitor m = { .k = NULL };

	err->msg[0] = '\0';
	return monitor_run(&m, line, out, err);
}

/* `help NAME` shows what NAME became. */
static void expect_help_of(const char *line, const char *name)
{
	AUTO(buf) out = { 0 };
	struct err err;

	if (run_line(line, &out, &err))
		fail_msg("%s: %s\n", line, err.msg);
	if (strncmp(buf_str(&out), name, strlen(name)) != 0)
		fail_msg("%s: %s\n", line, buf_str(&out));
}

static void test_split(void **state)
{
	(void)state;
	expect_help_of("help sys", "sys - ");
	expect_help_of("  help \t  sys  ", "sys - ");
	expect_help_of("help \"sys\"", "sys - ");
	expect_help_of("'help' 'sys'", "sys - ");
	expect_help_of("he\"lp\" s'y's", "sys - ");
	expect_help_of("help\tsys\n", "sys - ");
	expect_help_of("help \"sys", "sys - "); // as gdb, which takes an open quote to the end
}

static void test_bad_lines(void **state)
{
	AUTO(buf) out = { 0 };
	AUTO(buf) line = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(run_line("", &out, &err), VS_OK);
	assert_int_equal(run_line("   \t\n", &out, &err), VS_OK);
	assert_int_equal(out.len, 0);
	assert_int_equal(run_line("nonsense", &out, &err), VS_INVAL);
	assert_non_null(strstr(err.msg, "nonsense"));
	assert_int_equal(run_line("hel", &out, &err), VS_INVAL);
	assert_int_equal(run_line("\"help sys\"", &out, &err), VS_INVAL); // one word
	assert_non_null(strstr(err.msg, "help sys"));
	assert_int_equal(run_line("help \"\"", &out, &err), VS_INVAL); // an empty argument is one
	assert_int_equal(run_line("help nonsense", &out, &err), VS_INVAL);
	for (int i = 0; i < MONITOR_MAX_ARGS - 1; i++)
		buf_puts(&line, "help ");
	assert_true(strstr(buf_str(&line), "help help"));
	assert_int_equal(run_line(buf_str(&line), &out, &err), VS_OK); // `help help ...`
	buf_puts(&line, "one");
	assert_int_equal(run_line(buf_str(&line), &out, &err), VS_INVAL);
	assert_non_null(strstr(err.msg, "63"));
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void ended(void *ctx, vs_status st, const struct err *why)
{
	assert_true((st == VS_OK) == !why->msg[0]);
	strcat(ctx, st ? "-" : "+");
}

static void test_lists(void **state)
{
	char ends[8] = "";
	struct monitor m = { .k = NULL };
	AUTO(buf) out = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(monitor_run_list(&m, "help sys; help log;;", &out, NULL, NULL, &err),
			 VS_OK);
	assert_int_equal(count(buf_str(&out), " - "), 2);
	buf_reset(&out);
	// as in crash, one that fails does not keep the next from running
	assert_int_equal(
		monitor_run_list(&m, "help sys; bad; help log; worse", &out, ended, ends, &err),
		VS_INVAL);
	assert_int_equal(count(buf_str(&out), "sys - "), 1);
	assert_int_equal(count(buf_str(&out), "log - "), 1);
	assert_non_null(strstr(err.msg, "bad"));
	assert_string_equal(ends, "+-+-");
	// quotes keep the separator
	assert_int_equal(monitor_run_list(&m, "help 'a;b'", &out, NULL, NULL, &err), VS_INVAL);
	assert_non_null(strstr(err.msg, "a;b"));
	assert_int_equal(monitor_run_list(&m, "", &out, NULL, NULL, &err), VS_OK);
	assert_int_equal(monitor_run_list(&m, ";", &out, NULL, NULL, &err), VS_OK);
}

/* Every row of the table is complete, and `help` alone lists them all. */
static void test_table(void **state)
{
	AUTO(buf) out = { 0 };
	const struct cmd *table[CMD_MAX];
	struct err err;
	size_t n;

	(void)state;
	n = cmd_all(table, CMD_MAX);
	assert_true(n && n < CMD_MAX);
	assert_int_equal(run_line("help", &out, &err), VS_OK);
	assert_int_equal(count(buf_str(&out), "\n"), n);
	for (size_t i = 0; i < n; i++) {
		assert_true(table[i]->run && table[i]->brief[0] && table[i]->help);
		assert_int_equal(
			strncmp(table[i]->synopsis, table[i]->name, strlen(table[i]->name)), 0);
		assert_non_null(strstr(buf_str(&out), table[i]->brief));
	}
}

/* Options seen, an argument in parentheses behind its letter; then the operands. */
static void expect_options(const char *spec, const char *want, int argc, ...)
{
	char *argv[16], text[256] = "";
	struct args a = { argc, argv };
	struct opt_state s = { 0 };
	struct err err = { .msg = "" };
	va_list ap;
	int c;

	va_start(ap, argc);
	for (int i = 0; i < argc; i++)
		argv[i] = va_arg(ap, char *);
	argv[argc] = NULL;
	va_end(ap);
	while ((c = cmd_option(&a, &s, spec, &err)) > 0) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, s.arg ? "%c(%s)" : "%c", c, s.arg);
	}
	if (c < 0) {
		assert_true(err.msg[0]);
		strcat(text, "!");
	} else {
		cmd_operands(&a, &s);
		for (int i = 0; i < a.argc; i++) {
			strcat(text, " ");
			strcat(text, a.argv[i]);
		}
		assert_null(a.argv[a.argc]);
	}
	if (strcmp(text, want) != 0)
		fail_msg("\"%s\", not \"%s\"\n", text, want);
}

static void test_options(void **state)
{
	(void)state;
	expect_options("ls", "", 0);
	expect_options("ls", "l", 1, "-l");
	expect_options("ls", "ls x", 2, "-ls", "x");
	expect_options("ls", "ls x y", 4, "-l", "-s", "x", "y");
	expect_options("ls", "l x -s", 3, "-l", "x", "-s"); // operands end the options
	expect_options("ls", "l -s", 3, "-l", "--", "-s");
	expect_options("ls", " -", 1, "-"); // a file name by tradition
	expect_options("ls", "!", 1, "-x");
	expect_options("ls", "l!", 1, "-lx");
	expect_options("ls", "!", 1, "-:");
	expect_options("c:l", "c(3)", 2, "-c", "3");
	expect_options("c:l", "c(3)l x", 3, "-c3", "-l", "x");
	expect_options("c:l", "lc(3) x", 3, "-lc", "3", "x");
	expect_options("c:l", "lc(-l)", 3, "-l", "-c", "-l");
	expect_options("c:l", "!", 1, "-c");
	expect_options("c:l", "l!", 2, "-l", "-c");
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		uint64_t value;
	} rows[] = {
		{ "0", true, 0 },
		{ "12", true, 12 },
		{ "010", true, 10 }, // no octal
		{ "0x10", true, 16 },
		{ "0xffffffff81000000", true, 0xffffffff81000000ULL },
		{ "18446744073709551615", true, UINT64_MAX },
		{ "18446744073709551616", false, 0 },
		{ "0x10000000000000000", false, 0 },
		{ "", false, 0 },
		{ "-1", false, 0 },
		{ "+1", false, 0 },
		{ " 1", false, 0 },
		{ "1 ", false, 0 },
		{ "0x", false, 0 },
		{ "ff", false, 0 },
		{ "12x", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t v = 77;

		if (cmd_number(rows[i].text, &v) != rows[i].ok)
			fail_msg("\"%s\"\n", rows[i].text);
		assert_u64(v, rows[i].ok ? rows[i].value : 77);
	}
}

static void test_addresses(void **state)
{
	static const struct {
		const char *text;
		kva_t va; /* 0: refused */
	} rows[] = {
		{ "panic", 0xffffffff81001000ULL },
		{ "panic+16", 0xffffffff81001010ULL },
		{ "panic+0x10", 0xffffffff81001010ULL },
		{ "panic-1", 0xffffffff81000fffULL },
		{ "face", 0xffffffff81002000ULL }, // a symbol wins over a number of its spelling
		{ "ffffffff81003000", 0xffffffff81003000ULL },
		{ "0xffffffff81003000", 0xffffffff81003000ULL },
		{ "ffffffff81003000+8", 0xffffffff81003008ULL },
		{ "beef", 0xbeef },
		{ "panic+", 0 },
		{ "panic+x", 0 },
		{ "panic+1+1", 0 },
		{ "no_such", 0 },
		{ "0xffffffff810030000000", 0 },
		{ "fffffffff81003000", 0 }, // 17 digits
		{ "", 0 },
		{ "+", 0 },
	};
	struct fix_kernel fk;
	struct monitor m = { .k = &fk.k };

	(void)state;
	fix_kernel_init(&fk, "");
	fix_kernel_symbol(&fk, "panic", 0xffffffff81001000ULL);
	fix_kernel_symbol(&fk, "face", 0xffffffff81002000ULL);
	assert_true(symtab_seal(fk.k.syms));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { .msg = "" };
		kva_t va = 0;
		vs_status st = cmd_address(&m, rows[i].text, &va, &err);

		if ((st == VS_OK) != (rows[i].va != 0))
			fail_msg("\"%s\": %s\n", rows[i].text, err.msg);
		assert_u64(va, rows[i].va);
		assert_true(st == VS_OK || err.msg[0]);
	}
	fix_kernel_deinit(&fk);
}

static void test_names(void **state)
{
	struct fix_kernel fk;
	struct monitor m = { .k = &fk.k };
	AUTO(buf) out = { 0 };
	struct addr_name n;

	(void)state;
	fix_kernel_init(&fk, "");
	fix_kernel_symbol(&fk, "per_cpu_offset_like", 0x1000);
	fix_kernel_symbol(&fk, "_stext", 0xffffffff81000000ULL);
	fix_kernel_symbol(&fk, "_end", 0xffffffff82000000ULL);
	assert_true(symtab_seal(fk.k.syms));
	assert_true(cmd_lookup(&m, 0xffffffff81000012ULL, &n));
	cmd_put_name(&out, &n, false);
	buf_putc(&out, ' ');
	cmd_put_name(&out, &n, true);
	assert_string_equal(buf_str(&out), "_stext+18 _stext+0x12");
	assert_false(cmd_lookup(&m, 0xffffffff82000000ULL, &n)); // behind the image
	assert_false(cmd_lookup(&m, 0x1010, &n)); // a per-CPU offset covers no memory
	buf_reset(&out);
	cmd_put_name(&out, &n, false);
	assert_string_equal(buf_str(&out), "(unknown)");
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),	  cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_lists),	  cmocka_unit_test(test_table),
		cmocka_unit_test(test_options),	  cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_addresses), cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
