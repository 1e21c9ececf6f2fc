// SPDX-License-Identifier: GPL-3.0-or-later
/* Module images inside the real gdb. */
#include "tests/unit/modfix.h"

static char *gdb(const struct modfix *f, const char *commands)
{
	return output("cd %s && gdb -nx -q -batch -ex 'set architecture i386:x86-64' -ex "
		      "'add-symbol-file image' %s </dev/null",
		      f->dir, commands);
}

static void in_gdb(struct modfix *f, const char *flags)
{
	char *text;

	if (run("gdb --version >/dev/null 2>&1") || !modfix_compile(f->dir, flags))
		skip();
	modfix_build(f, f->ko, NULL);
	text = gdb(f, "-ex 'p &counter' -ex 'p &shared' -ex 'p &percpu_var' -ex 'p &percpu_global' "
		      "-ex 'info symbol outer' -ex 'info line outer' -ex 'info line last' "
		      "-ex 'info scope inner' -ex 'ptype shared'");
	modfix_expect(text, "(int *) 0xffffffffc0223");
	modfix_expect(text, "(struct pair *) 0xffffffffc0223");
	modfix_expect(text, "(long *) 0x2b03a0");
	modfix_expect(text, "outer in section .text");
	modfix_expect(text, "Line 19 of \"main.c\" starts at address 0xffffffffc02210");
	modfix_expect(text, "Line 30 of \"main.c\" starts at address 0xffffffffc0221800 <last>");
	modfix_expect(text, "copy");
	modfix_refuse(text, "warning");
	modfix_refuse(text, "omplaint");
	free(text);
	// Code that is not loaded matches no real address, and not 0.
	text = gdb(f, "-ex 'info symbol 0' -ex 'info line *0' -ex 'info line *8' -ex 'info symbol "
		      "0xffffffffc0221000' -ex 'info address first' -ex 'p init_var'");
	modfix_expect(text, "No symbol matches 0");
	modfix_expect(text, "No line number information available");
	modfix_refuse(text, "address 0x8 <");
	modfix_refuse(text, "first in section");
	modfix_refuse(text, "first\" is a function");
	modfix_expect(text, "Cannot access memory at address 0xffffffffffe0");
	free(text);
	// One function for each line of live code, although .init.text once overlapped it.
	text = gdb(f, "-ex 'info line *0xffffffffc0221000' -ex 'info line *0xffffffffc0221004' "
		      "-ex 'info line *0xffffffffc0221008' -ex 'info line *0xffffffffc022100c' "
		      "-ex 'info line *0xffffffffc0221010' -ex 'info line *0xffffffffc0221020' "
		      "-ex 'info line *0xffffffffc0221030' -ex 'info line *0xffffffffc0221040'");
	modfix_expect(text, "address 0xffffffffc0221040");
	modfix_refuse(text, "Line 25");
	modfix_refuse(text, "Line 26");
	free(text);
}

static void test_gdb_dwarf4(void **state)
{
	in_gdb(*state, "-gdwarf-4 -fno-asynchronous-unwind-tables");
}

static void test_gdb_dwarf5(void **state)
{
	in_gdb(*state, "-gdwarf-5 -fno-asynchronous-unwind-tables");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, modfix_setup, modfix_teardown)
		T(test_gdb_dwarf4),
		T(test_gdb_dwarf5),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
