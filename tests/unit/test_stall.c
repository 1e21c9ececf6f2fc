// SPDX-License-Identifier: GPL-3.0-or-later
/* stall: the CPUs and tasks that a report of an RCU stall names, as the consoles of 5.10, 6.1
 * and 7.3 have them. */
#include "tests/unit/kernfix.h"

#include "stub/triage/stall.h"

static void expect(const char *lines, const char *want)
{
	struct stalled v[STALLED_MAX];
	size_t n = stall_parse(lines, v);
	struct buf text = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_printf(&text, "%s%d ", v[i].is_task ? "P" : "C",
			   v[i].is_task ? v[i].pid : (int)v[i].cpu);
	assert_string_equal(buf_str(&text), want);
	buf_deinit(&text);
}

static void test_parse(void **state)
{
	(void)state;
	expect("", "");
	expect("rcu:  2-....: (711 ticks this GP) idle=01c/1/0x4000000000000000\n\t(t=750 "
	       "jiffies)\n",
	       "C2 ");
	expect("  2-...!: (0 ticks this GP)\n 13-.O..: (1 GPs behind)\n", "C2 C13 ");
	expect("rcu:  Tasks blocked on level-0 rcu_node (CPUs 0-3): P249/1:b..l\n"
	       "  (detected by 2, t=754 jiffies, g=309, q=11 ncpus=4)\n",
	       "P249 ");
	expect("rcu:  1-....: (3 ticks this GP)\n"
	       "rcu:  Tasks blocked on level-0 rcu_node (CPUs 0-3): P490 P491\n",
	       "C1 P490 P491 ");
	// the last line may have no end
	expect("Tasks blocked on level-0 rcu_node (CPUs 0-3): P490", "");
	// other lines
	expect("(detected by 2, t=754 jiffies, g=309, q=11 ncpus=4)\n2-1 (\nP249\nCPU 2-3: (x\n",
	       "");
}

/* A report of many CPUs or tasks. */
static void test_many(void **state)
{
	struct stalled v[STALLED_MAX];
	struct buf lines = { 0 };

	(void)state;
	for (int i = 0; i < 40; i++)
		buf_printf(&lines, "rcu:  %d-....: (1 ticks this GP)\n", i);
	assert_int_equal(stall_parse(buf_str(&lines), v), STALLED_MAX);
	buf_reset(&lines);
	buf_puts(&lines, "Tasks blocked on level-0 rcu_node (CPUs 0-3):");
	for (int i = 0; i < 40; i++)
		buf_printf(&lines, " P%d", i);
	buf_putc(&lines, '\n');
	assert_int_equal(stall_parse(buf_str(&lines), v), STALLED_MAX);
	buf_deinit(&lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
