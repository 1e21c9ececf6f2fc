// SPDX-License-Identifier: GPL-3.0-or-later
/* vmcoreinfo: values of all kinds, and damaged text. */
#include "tests/unit/dumpfix.h"

#include "stub/dump/vmcoreinfo.h"

static struct vmcoreinfo *parse(const char *text)
{
	struct vmcoreinfo *v = vmcoreinfo_parse(text, strlen(text));

	assert_non_null(v);
	return v;
}

static void test_kinds(void **state)
{
	struct vmcoreinfo *v =
		parse("OSRELEASE=6.1.0-18-amd64\nPAGESIZE=4096\n"
		      "SYMBOL(_stext)=ffffffff81000000\nKERNELOFFSET=2b000000\n"
		      "NUMBER(phys_base)=-16777216\nNUMBER(VMALLOC_START)=0xffffc90000000000\n"
		      "SIZE(page)=64\nOFFSET(page.flags)=0\nLENGTH(mem_section)=2048\n"
		      "NUMBER(phys_base_pos)=35651584\nCRASHTIME=1700000000");
	uint64_t n;

	(void)state;
	assert_string_equal(vmcoreinfo_str(v, "OSRELEASE"), "6.1.0-18-amd64");
	assert_null(vmcoreinfo_str(v, "OSREL"));
	assert_true(vmcoreinfo_dec(v, "PAGESIZE", &n) && n == 4096);
	assert_true(vmcoreinfo_dec(v, "CRASHTIME", &n) && n == 1700000000);
	assert_true(vmcoreinfo_symbol(v, "_stext", &n) && n == UINT64_C(0xffffffff81000000));
	assert_true(vmcoreinfo_hex(v, "KERNELOFFSET", &n) && n == 0x2b000000);
	assert_true(vmcoreinfo_number(v, "phys_base", &n) && n == (uint64_t)-16777216);
	assert_true(vmcoreinfo_number(v, "phys_base_pos", &n) && n == 0x2200000);
	assert_true(vmcoreinfo_number(v, "VMALLOC_START", &n) && n == UINT64_C(0xffffc90000000000));
	assert_true(vmcoreinfo_size(v, "page", &n) && n == 64);
	assert_true(vmcoreinfo_offset(v, "page.flags", &n) && n == 0);
	assert_true(vmcoreinfo_length(v, "mem_section", &n) && n == 2048);
	assert_false(vmcoreinfo_size(v, "mem_section", &n));
	vmcoreinfo_destroy(v);
}

static void test_bad_values(void **state)
{
	static const char *const numbers[] = { "",
					       "-",
					       "0x",
					       "x",
					       "12x",
					       " 12",
					       "+12",
					       "1 2",
					       "--1",
					       "-0x10",
					       "18446744073709551616",
					       "-9223372036854775809",
					       "0x10000000000000000" };
	static const char *const symbols[] = { "",
					       "0x",
					       "g",
					       "1000",
					       "7fffffffffff",
					       "-1",
					       "00fffffff81000000",
					       "1ffffffff81000000" };
	char text[128];
	uint64_t n = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct vmcoreinfo *v;

		snprintf(text, sizeof(text), "NUMBER(a)=%s\nB=1\n", numbers[i]);
		v = parse(text);
		assert_false(vmcoreinfo_number(v, "a", &n));
		assert_non_null(vmcoreinfo_str(v, "B"));
		vmcoreinfo_destroy(v);
	}
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		struct vmcoreinfo *v;

		snprintf(text, sizeof(text), "SYMBOL(a)=%s\n", symbols[i]);
		v = parse(text);
		assert_false(vmcoreinfo_symbol(v, "a", &n));
		vmcoreinfo_destroy(v);
	}
	assert_int_equal(n, 42); // untouched
}

static void test_phys_base_odd(void **state)
{
	struct vmcoreinfo *v = parse("NUMBER(phys_base)=4097\n");
	uint64_t n;

	(void)state;
	assert_false(vmcoreinfo_number(v, "phys_base", &n));
	vmcoreinfo_destroy(v);
}

static void test_shape(void **state)
{
	struct vmcoreinfo *v = parse("A=1\nA=2\nnoequals\n=5\n\nB=x=y\nA=3\nC=");

	(void)state;
	assert_string_equal(vmcoreinfo_str(v, "A"), "3"); // the last one
	assert_string_equal(vmcoreinfo_str(v, "B"), "x=y");
	assert_string_equal(vmcoreinfo_str(v, "C"), "");
	assert_null(vmcoreinfo_str(v, ""));
	assert_null(vmcoreinfo_str(v, "noequals"));
	vmcoreinfo_destroy(v);
}

/* Row 29. */
static void test_binary(void **state)
{
	struct vmcoreinfo *v = vmcoreinfo_parse("A=1\n\0B=2\n", 9);
	struct buf b = { 0 };
	char name[700];

	(void)state;
	assert_non_null(vmcoreinfo_str(v, "A"));
	assert_null(vmcoreinfo_str(v, "B"));
	vmcoreinfo_destroy(v);
	v = vmcoreinfo_parse(NULL, 0);
	assert_null(vmcoreinfo_str(v, "A"));
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_false(vmcoreinfo_symbol(v, name, &(uint64_t){ 0 }));
	vmcoreinfo_destroy(v);
	vmcoreinfo_destroy(NULL);
	while (b.len < 3 << 20)
		buf_printf(&b, "K%zu=%c\n", b.len, (char)(b.len * 7 | 0x80));
	v = vmcoreinfo_parse(b.p, b.len);
	assert_non_null(vmcoreinfo_str(v, "K0"));
	vmcoreinfo_destroy(v);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	      cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_phys_base_odd), cmocka_unit_test(test_shape),
		cmocka_unit_test(test_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
