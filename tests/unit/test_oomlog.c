// SPDX-License-Identifier: GPL-3.0-or-later
/* oomlog: what the log says about memory that ran out. The lines are those of consoles of 3.10, 6.1
 * and 7.x. */
#include "tests/unit/kernfix.h"

#include "stub/subsys/sys/oomlog.h"

static struct oom_log log_of(const char *const *lines)
{
	struct oom_log l = { 0 };

	for (; *lines; lines++)
		oom_log_add_line(&l, *lines);
	return l;
}

#define LOG(...) log_of((const char *const[]){ __VA_ARGS__, NULL })

static void test_none(void **state)
{
	struct oom_log l = LOG("memory: usage 1kB, limit 2kB", "Killed process 1 (a)",
			       "Kernel panic - not syncing: Out of memory");

	(void)state;
	assert_false(l.found);
	assert_false(l.has_limit);
	assert_false(l.killed);
	assert_false(l.panicked);
}

static void test_panic(void **state)
{
	struct oom_log l = LOG(
		"sh invoked oom-killer: gfp_mask=0x40cc0(GFP_KERNEL|__GFP_COMP), order=2, "
		"oom_score_adj=0",
		"CPU: 1 PID: 151 Comm: sh Tainted: G", "CPU: 2 PID: 3 Comm: x",
		"Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled");

	(void)state;
	assert_true(l.found && l.panicked && l.has_order && l.has_pid);
	assert_string_equal(l.comm, "sh");
	assert_string_equal(l.gfp, "GFP_KERNEL|__GFP_COMP");
	assert_int_equal(l.order, 2);
	assert_int_equal(l.pid, 151);
	assert_false(l.has_limit);
}

/* A limit of a cgroup, and a later report about all memory. */
static void test_cgroup(void **state)
{
	const char *cgroup[] = {
		"two words invoked oom-killer: gfp_mask=0xd0, order=0, oom_score_adj=0",
		"memory: usage 40752kB, limit 40960kB, failcnt 24",
		"swap: usage 0kB, limit 9007199254740988kB, failcnt 0",
		"Memory cgroup stats for /a/hog:",
		"Memory cgroup out of memory: Killed process 44 (a b) total-vm:9kB, anon-rss:5kB, "
		"file-rss:6kB, shmem-rss:7kB, UID:0",
		NULL,
		NULL
	};
	struct oom_log l = log_of(cgroup);

	(void)state;
	assert_string_equal(l.comm, "two words");
	assert_string_equal(l.gfp, "");
	assert_true(l.has_limit && l.killed && l.has_killed_sizes);
	assert_u64(l.usage_kb, 40752);
	assert_u64(l.limit_kb, 40960);
	assert_string_equal(l.cgroup, "/a/hog");
	assert_int_equal(l.killed_pid, 44);
	assert_string_equal(l.killed_comm, "a b");
	assert_u64(l.killed_anon_kb, 5);
	assert_u64(l.killed_file_kb, 6);
	assert_u64(l.killed_shmem_kb, 7);
	assert_false(l.panicked);
	cgroup[5] = "x invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=-1, oom_score_adj=0";
	l = log_of(cgroup);
	assert_true(l.found && l.order == -1);
	assert_false(l.has_limit || l.killed);
	assert_string_equal(l.cgroup, "");
}

/* Text that is longer than its field, or ends early. */
static void test_odd(void **state)
{
	struct oom_log l = LOG("0123456789012345678901234567890 invoked oom-killer: gfp_mask=0x1(",
			       "memory: usage kB, limit 5kB", "Killed process ");

	(void)state;
	assert_string_equal(l.comm, "0123456789012345");
	assert_string_equal(l.gfp, "");
	assert_false(l.has_order || l.has_limit || l.has_killed_sizes);
	assert_true(l.killed);
	assert_string_equal(l.killed_comm, "?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_panic),
		cmocka_unit_test(test_cgroup),
		cmocka_unit_test(test_odd),
	};

	return cmocka_run_group_tests_name("oomlog", tests, NULL, NULL);
}
