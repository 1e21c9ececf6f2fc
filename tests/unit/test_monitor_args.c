// SPDX-License-Identifier: GPL-3.0-or-later
/* monitor: parses a line into a verb, options and operands; numbers and addresses. */
#include "tests/unit/kernfix.h"

#include <ctype.h>
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
	expect_help_of("help \"sys", "sys - "); // like gdb, which extends an open quote to the end
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
	assert_int_equal(run_line("help \"\"", &out, &err), VS_INVAL); // an empty argument counts
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
	// as in crash, the next verb runs even if one fails
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

/* Does an option begin at this '-'? (Not in "SIZE[-SIZE]".) */
static bool option_starts(const char *p)
{
	return p[-1] == ' ' || (p[-1] == '[' && p[-2] == ' ');
}

/* Does the synopsis have the option, alone ("-l") or among others ("[-lf]")? */
static bool in_synopsis(const struct cmd *c, const char *name)
{
	for (const char *p = c->synopsis; (p = strchr(p, '-')); p++) {
		size_t len = strcspn(p + 1, " []|,\n");

		if (!option_starts(p))
			continue;
		if (name[1] ? strncmp(p + 1, name, strlen(name)) == 0
			    : memchr(p + 1, name[0], len) != NULL)
			return true;
	}
	return false;
}

static bool has_option(const struct cmd *c, char letter)
{
	for (const struct cmd_opt *o = c->options; o && o->name; o++)
		if (o->name[0] == letter && !o->name[1])
			return true;
	return false;
}

/* The table must have all letters after '-' in the synopsis, or they would be rejected. */
static void check_synopsis(const struct cmd *c)
{
	for (const char *p = c->synopsis; (p = strchr(p, '-')); p++) {
		if (!option_starts(p))
			continue;
		for (const char *l = p + 1; isalpha((unsigned char)*l); l++)
			if (!has_option(c, *l))
				fail_msg("%s: -%c is in the synopsis alone\n", c->name, *l);
	}
}

/* Every table is complete and consistent, and `help` alone lists all verbs. */
static void test_tables(void **state)
{
	AUTO(buf) out = { 0 };
	const struct cmd *const *all;
	struct err err;
	size_t n;

	(void)state;
	n = cmd_all(&all);
	assert_true(n);
	assert_int_equal(run_line("help", &out, &err), VS_OK);
	assert_int_equal(count(buf_str(&out), "\n"), n);
	for (size_t i = 0; i < n; i++) {
		const struct cmd *c = all[i];

		assert_true(c->run && c->brief[0]);
		assert_true(i == 0 || strcmp(all[i - 1]->name, c->name) < 0);
		assert_int_equal(strncmp(c->synopsis, c->name, strlen(c->name)), 0);
		assert_non_null(strstr(buf_str(&out), c->brief));
		check_synopsis(c);
		for (const struct cmd_opt *o = c->options; o && o->name; o++) {
			assert_true(o->name[0] && o->help && o->help[0]);
			assert_false(o->name[1] && o->name[0] != '-' && o->arg);
			if (strchr(o->help, '\n') || strlen(o->help) > 80)
				fail_msg("%s -%s: not one short line\n", c->name, o->name);
			if (!in_synopsis(c, o->name))
				fail_msg("%s -%s: not in the synopsis\n", c->name, o->name);
		}
	}
}

/* `help VERB` and `help -o` show the text of the tables. */
static void test_help(void **state)
{
	AUTO(buf) out = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(run_line("help runq", &out, &err), VS_OK);
	assert_non_null(strstr(buf_str(&out), "runq [-t | -T | -m | -g] [-c CPUS]\n"));
	assert_non_null(strstr(buf_str(&out), "\n  -g       tasks by group\n"));
	assert_non_null(strstr(buf_str(&out), "\n  -c CPUS  only these CPUs: 0,2-3\n"));
	assert_non_null(strstr(buf_str(&out), "\n\n  runq -c 2\n"));
	buf_reset(&out);
	assert_int_equal(run_line("help log runq -o", &out, &err), VS_OK);
	assert_non_null(strstr(buf_str(&out), "log\t-t\t\twithout timestamps\n"));
	assert_non_null(strstr(buf_str(&out), "runq\t-c\tCPUS\tonly these CPUs: 0,2-3\n"));
	assert_null(strstr(buf_str(&out), "ps\t"));
}

/* Expects that a verb's words become these options, with an argument in parentheses, and operands.
 */
static void expect_words(const struct cmd *c, const char *want, int argc, ...)
{
	char *argv[16], text[256] = "";
	struct args a = { .argc = argc, .argv = argv };
	struct err err = { .msg = "" };
	vs_status st;
	va_list ap;

	va_start(ap, argc);
	for (int i = 0; i < argc; i++)
		argv[i] = va_arg(ap, char *);
	argv[argc] = NULL;
	va_end(ap);
	st = cmd_parse(c, &a, &err);
	for (size_t i = 0; i < a.given.n; i++) {
		size_t n = strlen(text);

		snprintf(text + n, sizeof(text) - n, a.given.v[i].arg ? "%s(%s)" : "%s",
			 a.given.v[i].opt->name, a.given.v[i].arg);
	}
	for (int i = 0; i < a.argc; i++) {
		strcat(text, " ");
		strcat(text, a.argv[i]);
	}
	assert_null(a.argv[a.argc]);
	if (st) {
		assert_int_equal(st, VS_INVAL);
		strcpy(text, err.msg);
	}
	if (strcmp(text, want) != 0)
		fail_msg("\"%s\", not \"%s\"\n", text, want);
	vec_free(&a.given);
}

static const struct cmd_opt some[] = {
	{ "l", .help = "a flag" },
	{ "s", .help = "without operands", OPERANDS(0, 0) },
	{ "m", .help = "with one or two", OPERANDS(1, 2) },
	{ "c", "CPUS", .help = "with an argument" },
	{ "16", .help = "a word" },
	{ "-sort", "KEY", .help = "with an argument" },
	{ "1", .help = "a digit" },
	{ 0 },
};

static void test_options(void **state)
{
	static const struct cmd any = { .name = "any",
					.options = some,
					.operands = OPERANDS(0, OPERANDS_ANY) };

	(void)state;
	expect_words(&any, "", 0);
	expect_words(&any, "l", 1, "-l");
	expect_words(&any, "ll x", 2, "-ll", "x");
	expect_words(&any, "ll x y", 4, "-l", "-l", "x", "y");
	expect_words(&any, "-sort(size) x", 2, "--sort=size", "x");
	expect_words(&any, "-sort(size)l", 3, "--sort", "size", "-l");
	expect_words(&any, "-sort()", 1, "--sort=");
	expect_words(&any, "option --sort needs an argument: KEY", 1, "--sort");
	expect_words(&any, "ll x", 3, "-l", "x", "-l"); // after operands, too
	expect_words(&any, "l x -l", 4, "x", "-l", "--", "-l");
	expect_words(&any, " --", 2, "--", "--");
	expect_words(&any, " -", 1, "-"); // traditionally a file name
	expect_words(&any, "c(3)", 2, "-c", "3");
	expect_words(&any, "c(3)l x", 3, "-c3", "-l", "x");
	expect_words(&any, "lc(3) x", 3, "-lc", "3", "x");
	expect_words(&any, "lc(-l)", 3, "-l", "-c", "-l");
	expect_words(&any, "c(1)c(2) x", 4, "-c1", "x", "-c", "2");
	expect_words(&any, "16 x", 2, "x", "-16");
	expect_words(&any, "1l1", 2, "-1l", "-1");
	expect_words(&any, "unknown option -x; see \"help any\"", 1, "-x");
	expect_words(&any, "unknown option -x; see \"help any\"", 2, "a", "-lx");
	expect_words(&any, "unknown option --l; see \"help any\"", 1, "--l");
	expect_words(&any, "unknown option -6; see \"help any\"", 1, "-6");
	expect_words(&any, "unknown option -6; see \"help any\"", 1, "-l16"); // not alone
	expect_words(&any, "option -c needs an argument: CPUS", 1, "-c");
	expect_words(&any, "option -c needs an argument: CPUS", 2, "x", "-lc");
}

static void test_operands(void **state)
{
	static const struct cmd none = { .name = "none", .options = some };
	static const struct cmd one = { .name = "one",
					.options = some,
					.operands = OPERANDS(1, 1) };
	static const struct cmd raw = { .name = "raw",
					.options = some,
					.operands = OPERANDS(0, OPERANDS_ANY),
					.verbatim = true };

	(void)state;
	expect_words(&none, "unexpected argument x; see \"help none\"", 2, "x", "y");
	expect_words(&none, "unexpected argument x; see \"help none\"", 3, "-l", "--", "x");
	expect_words(&one, " x", 1, "x");
	expect_words(&one, "an argument is missing; see \"help one\"", 1, "-l");
	expect_words(&one, "unexpected argument y; see \"help one\"", 2, "x", "y");
	// The last option that matters decides.
	expect_words(&one, "s", 1, "-s");
	expect_words(&one, "unexpected argument x; see \"help one\"", 3, "-m", "x", "-sl");
	expect_words(&one, "sm x y", 4, "-s", "-m", "x", "y");
	expect_words(&none, "unexpected argument z; see \"help none\"", 4, "-m", "x", "y", "z");
	// From the first word that is not an option, all belongs to the verb.
	expect_words(&raw, "l x -l", 3, "-l", "x", "-l");
	expect_words(&raw, "l -5 + -l", 4, "-l", "-5", "+", "-l");
	expect_words(&raw, " -ll", 1, "-ll");
	expect_words(&raw, " -- -l", 2, "--", "-l");
}

/* These are rejected before a verb looks at the dump: there is none here. */
static void test_refusals(void **state)
{
	const struct cmd *const *all;
	size_t n = cmd_all(&all);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		AUTO(buf) line = { 0 };
		AUTO(buf) out = { 0 };
		struct err err;

		if (!all[i]->verbatim) {
			buf_printf(&line, "%s -~", all[i]->name);
			assert_int_equal(run_line(buf_str(&line), &out, &err), VS_INVAL);
			assert_non_null(strstr(err.msg, "unknown option -~"));
		}
		if (all[i]->operands.max == OPERANDS_ANY)
			continue;
		buf_reset(&line);
		buf_puts(&line, all[i]->name);
		for (int j = 0; j <= all[i]->operands.max; j++)
			buf_printf(&line, " x%d", j);
		assert_int_equal(run_line(buf_str(&line), &out, &err), VS_INVAL);
		assert_non_null(strstr(err.msg, "unexpected argument x"));
	}
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
		{ "010", true, 10 }, // not octal
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
		kva_t va; /* 0: rejected */
	} rows[] = {
		{ "panic", 0xffffffff81001000ULL },
		{ "panic+16", 0xffffffff81001010ULL },
		{ "panic+0x10", 0xffffffff81001010ULL },
		{ "panic-1", 0xffffffff81000fffULL },
		{ "face", 0xffffffff81002000ULL }, // a symbol takes precedence over a number with
						   // the same spelling
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
	assert_false(cmd_lookup(&m, 0xffffffff82000000ULL, &n)); // after the image
	assert_false(cmd_lookup(&m, 0x1010, &n)); // a per-CPU offset covers no memory
	buf_reset(&out);
	cmd_put_name(&out, &n, false);
	assert_string_equal(buf_str(&out), "(unknown)");
	fix_kernel_deinit(&fk);
	// A kernel without CONFIG_KALLSYMS_ALL names no data, and _etext is not its name.
	fix_kernel_init(&fk, "");
	fix_kernel_symbol(&fk, "_stext", 0xffffffff81000000ULL);
	fix_kernel_symbol(&fk, "_etext", 0xffffffff81800000ULL);
	assert_true(symtab_seal(fk.k.syms));
	assert_true(cmd_lookup(&m, 0xffffffff817fffffULL, &n));
	assert_false(cmd_lookup(&m, 0xffffffff81800008ULL, &n));
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),	 cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_lists),	 cmocka_unit_test(test_tables),
		cmocka_unit_test(test_help),	 cmocka_unit_test(test_options),
		cmocka_unit_test(test_operands), cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_numbers),	 cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
