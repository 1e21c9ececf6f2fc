// SPDX-License-Identifier: GPL-3.0-or-later
/* panicline: the first line of the last report. The order of lines is that of consoles
 * of 3.10, 4.18, 6.1 and 7.x. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "stub/subsys/sys/panicline.h"

static struct panic_lines lines_of(const char *const *lines)
{
	struct panic_lines p = { 0 };

	for (; *lines; lines++)
		panic_lines_add(&p, *lines);
	return p;
}

#define LINES(...) lines_of((const char *const[]){ __VA_ARGS__, NULL })

static void test_first_line(void **state)
{
	(void)state;
	assert_string_equal(LINES("kernel BUG at m.c:35!", "invalid opcode: 0000 [#1] SMP ",
				  "CPU: 1 PID: 23 Comm: kworker/1:1", "RIP: 0010:g+0x5/0x10 [m]")
				    .oops,
			    "kernel BUG at m.c:35!");
	assert_string_equal(
		LINES("kernel BUG at m.c:35!", "Oops: invalid opcode: 0000 [#1] SMP").oops,
		"kernel BUG at m.c:35!");
	assert_string_equal(LINES("BUG: kernel NULL pointer dereference, address: 0000000000000010",
				  "#PF: supervisor write access in kernel mode",
				  "Oops: 0002 [#1] SMP")
				    .oops,
			    "BUG: kernel NULL pointer dereference, address: 0000000000000010");
	assert_string_equal(
		LINES("invalid opcode: 0000 [#1] SMP ", "CPU: 1 PID: 23 Comm: mole").oops,
		"invalid opcode: 0000 [#1] SMP ");
}

/* A bug that did not stop the kernel, and then what did. */
static void test_last_report(void **state)
{
	(void)state;
	assert_string_equal(LINES("BUG: sleeping function called from invalid context at m.c:12",
				  "CPU: 1 PID: 61 Comm: mole",
				  "Call Trace:", "Oops: general protection fault: 0000 [#1] SMP",
				  "CPU: 1 PID: 61 Comm: mole", "RIP: 0010:g+0x1/0x2")
				    .oops,
			    "Oops: general protection fault: 0000 [#1] SMP");
	assert_string_equal(LINES("kernel BUG at m.c:35!", "invalid opcode: 0000 [#1] SMP ",
				  "RIP: 0010:g+0x5/0x10 [m]",
				  "Call Trace:", "invalid opcode: 0000 [#2] SMP ")
				    .oops,
			    "invalid opcode: 0000 [#2] SMP ");
}

static void test_panic(void **state)
{
	struct panic_lines p =
		LINES("kernel BUG at m.c:35!", "invalid opcode: 0000 [#1] SMP ",
		      "RIP: 0010:g+0x5/0x10 [m]", "Kernel panic - not syncing: Fatal exception");

	(void)state;
	assert_string_equal(p.panic, "");
	assert_string_equal(p.oops, "kernel BUG at m.c:35!");
	assert_string_equal(LINES("Kernel panic - not syncing: out of worms").panic,
			    "Kernel panic - not syncing: out of worms");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_last_report),
		cmocka_unit_test(test_panic),
	};

	return cmocka_run_group_tests_name("panicline", tests, NULL, NULL);
}
