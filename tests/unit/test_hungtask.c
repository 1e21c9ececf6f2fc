// SPDX-License-Identifier: GPL-3.0-or-later
/* hungtask: the lines of kernel/hung_task.c, and lines that only look like them. */
#include "tests/unit/memfix.h"

#include "stub/triage/hungtask.h"

static void check(const char *line, int pid, const char *comm, unsigned long seconds)
{
	struct hung_task h;

	assert_true(hung_task_parse(line, &h));
	assert_int_equal(h.pid, pid);
	assert_string_equal(h.comm, comm);
	assert_int_equal(h.seconds, seconds);
}

static void test_lines(void **state)
{
	(void)state;
	check("INFO: task l2f_blocked:486 blocked for more than 2 seconds.", 486, "l2f_blocked", 2);
	check("INFO: task kworker/0:1:12 blocked in I/O wait for more than 122 seconds.", 12,
	      "kworker/0:1", 122);
	check("INFO: task a blocked:7:9 blocked for more than 1 seconds.", 9, "a blocked:7", 1);
	check("INFO: task :5 blocked for more than 3 seconds.", 5, "", 3);
}

static void test_others(void **state)
{
	static const char *const lines[] = {
		"",
		"INFO: task ",
		"INFO: task x:1 blocked",
		"INFO: task x blocked for more than 2 seconds.",
		"INFO: task x: blocked for more than 2 seconds.",
		"INFO: task 17 blocked for more than 2 seconds.",
		"INFO: task x:0 blocked for more than 2 seconds.",
		"INFO: task x:99999999999999999999 blocked for more than 2 seconds.",
		"x:1 blocked for more than 2 seconds.",
		"BUG: soft lockup - CPU#1 stuck for 22s! [x:1]",
	};
	struct hung_task h;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		assert_false(hung_task_parse(lines[i], &h));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
