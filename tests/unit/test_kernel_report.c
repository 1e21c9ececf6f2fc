// SPDX-License-Identifier: GPL-3.0-or-later
/* kernel_report: the kernel's reports of faults and panics. The order of lines is that of consoles
 * of 3.10, 4.18, 6.1 and 7.x. */
#include "tests/unit/kernfix.h"

#include "stub/subsys/sys/printk.h"
#include "stub/subsys/sys/report.h"

static struct report report_of(const char *const *lines)
{
	struct report_log *l = calloc(1, sizeof(*l));
	struct report r;

	assert_non_null(l);
	for (; *lines; lines++)
		report_add_line(l, *lines);
	report_choose(l, &r);
	free(l);
	return r;
}

#define REPORT(...) report_of((const char *const[]){ __VA_ARGS__, NULL })

static void expect_fault(struct report r, const char *fault, const char *rip, long address,
			 int code_)
{
	assert_string_equal(r.fault, fault);
	assert_string_equal(r.rip, rip);
	assert_int_equal(r.has_address, address >= 0);
	if (address >= 0)
		assert_u64(r.address, (uint64_t)address);
	assert_int_equal(r.has_error_code, code_ >= 0);
	if (code_ >= 0)
		assert_u64(r.error_code, (uint64_t)code_);
}

static void test_reports(void **state)
{
	(void)state;
	expect_fault(REPORT("WARNING: CPU: 1 PID: 1 at x.c:1 f+0x1/0x2", "RIP: 0010:f+0x1/0x2",
			    "BUG: kernel NULL pointer dereference, address: 0000000000000010",
			    "#PF: supervisor write access in kernel mode",
			    "#PF: error_code(0x0002) - not-present page", "Oops: 0002 [#1] SMP",
			    "RIP: 0010:g+0x52/0x70 [m]", "RIP: 0010:native_safe_halt+0xb/0x10"),
		     "BUG: kernel NULL pointer dereference, address: 0000000000000010",
		     "g+0x52/0x70 [m]", 0x10, 2);
	// 3.10
	expect_fault(REPORT("BUG: unable to handle kernel paging request at 0000000000001234",
			    "IP: [<ffffffffc0000049>] g+0x49/0x60 [m]", "Oops: 0000 [#1] SMP",
			    "RIP: 0010:[<ffffffffc0000049>]  [<ffffffffc0000049>] g+0x49/0x60 [m]"),
		     "BUG: unable to handle kernel paging request at 0000000000001234",
		     "g+0x49/0x60 [m]", 0x1234, 0);
	expect_fault(
		REPORT("BUG: unable to handle kernel NULL pointer dereference at           (null)",
		       "Oops: 0010 [#1] SMP",
		       "RIP: 0010:[<0000000000000000>]  [<          (null)>]           (null)"),
		"BUG: unable to handle kernel NULL pointer dereference at           (null)",
		"(null)", 0, 0x10);
	// since 5.5; an address in hexadecimal follows "0x"
	expect_fault(REPORT("general protection fault, probably for non-canonical address "
			    "0x6b6b6b6b6b6b6b7b: 0000 [#1] SMP",
			    "RIP: 0010:g+0x1/0x2"),
		     "general protection fault, probably for non-canonical address "
		     "0x6b6b6b6b6b6b6b7b: 0000 [#1] SMP",
		     "g+0x1/0x2", 0x6b6b6b6b6b6b6b7b, -1);
	// a word in hexadecimal letters is no error code
	expect_fault(REPORT("Oops: divide error: 0000 [#1] SMP", "RIP: 0010:g+0x1/0x2"),
		     "Oops: divide error: 0000 [#1] SMP", "g+0x1/0x2", -1, -1);
	// the second line adds to the first
	expect_fault(REPORT("kernel BUG at m.c:35!", "Oops: invalid opcode: 0000 [#1] SMP NOPTI",
			    "RIP: 0010:g+0x5/0x10 [m]", "RIP: 0033:0x401000"),
		     "kernel BUG at m.c:35!", "g+0x5/0x10 [m]", -1, -1);
	// the report before did not stop the kernel
	expect_fault(REPORT("BUG: sleeping function called from invalid context at m.c:12",
			    "CPU: 1 PID: 61 Comm: mole",
			    "Call Trace:", "Oops: general protection fault: 0000 [#1] SMP",
			    "CPU: 1 PID: 61 Comm: mole", "RIP: 0010:g+0x1/0x2"),
		     "Oops: general protection fault: 0000 [#1] SMP", "g+0x1/0x2", -1, -1);
	assert_string_equal(REPORT("NMI watchdog: Perf NMI watchdog permanently disabled",
				   "Kernel panic - not syncing: out of worms",
				   "---[ end Kernel panic - not syncing: out of worms ]---")
				    .panic,
			    "Kernel panic - not syncing: out of worms");
	assert_string_equal(REPORT("NMI watchdog: Perf NMI watchdog permanently disabled").fault,
			    "");
}

/* Whose fault it was: show_regs_print_info() and dump_stack_print_info() print this line above
 * "RIP: " (lib/dump_stack.c; UID since 6.12). */
static void test_report_pid(void **state)
{
	struct report r = REPORT("BUG: unable to handle page fault for address: ffff8880deadbeef",
				 "CPU: 1 PID: 61 Comm: mole Tainted: G", "RIP: 0010:g+0x1/0x2",
				 "CPU: 0 PID: 62 Comm: worm");

	(void)state;
	assert_true(r.has_pid);
	assert_int_equal(r.pid, 61);
	assert_int_equal(r.cpu, 1);
	r = REPORT("kernel BUG at m.c:35!", "CPU: 1 UID: 0 PID: 63 Comm: PID: 1",
		   "RIP: 0010:g+0x1/0x2");
	assert_true(r.has_pid);
	assert_int_equal(r.pid, 63);
	// not in a report, not such a line, not a number
	assert_false(REPORT("CPU: 1 PID: 61 Comm: mole", "kernel BUG at m.c:35!").has_pid);
	assert_false(REPORT("kernel BUG at m.c:35!", "task PID: 61", "CPU: 1 PID: x").has_pid);
	// a new report forgets the one before it
	assert_false(REPORT("kernel BUG at m.c:35!", "CPU: 1 PID: 61 Comm: mole",
			    "RIP: 0010:g+0x1/0x2", "kernel BUG at m.c:36!")
			     .has_pid);
}

/* Several CPUs found at the same time that they were stuck: only the lines of one count. */
static void test_mixed_lockups(void **state)
{
	static const char *const lines[] = {
		"watchdog: BUG: soft lockup - CPU#2 stuck for 9s! [worm:250]",
		"watchdog: BUG: soft lockup - CPU#3 stuck for 8s! [mole:252]",
		"CPU: 3 PID: 252 Comm: mole Tainted: G",
		"CPU: 2 PID: 250 Comm: worm Tainted: G",
		"Kernel panic - not syncing: softlockup: hung tasks",
		"CPU: 2 PID: 250 Comm: worm Tainted: G",
	};
	struct report_log *l = calloc(1, sizeof(*l));
	struct report r;
	unsigned long cpu = 0;

	(void)state;
	assert_non_null(l);
	l->one_cpu = true;
	l->cpu = 2;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		report_add_line(l, lines[i]);
	report_choose(l, &r);
	assert_string_equal(r.fault, lines[0]);
	assert_string_equal(r.panic, lines[4]);
	assert_int_equal(r.pid, 250);
	assert_true(report_lockup_cpu(r.fault, &cpu));
	assert_int_equal(cpu, 2);
	free(l);
	assert_true(
		report_lockup_cpu("watchdog: CPU1: Watchdog detected hard LOCKUP on cpu 13", &cpu));
	assert_int_equal(cpu, 13);
	assert_false(report_lockup_cpu("watchdog: BUG: soft lockup - CPU#x", &cpu));
	assert_false(report_lockup_cpu("kernel BUG at m.c:35!", &cpu));
	assert_int_equal(cpu, 13);
}

/* mm/kasan/report.c and report_generic.c */
static void test_kasan(void **state)
{
	struct report r = REPORT(
		"BUG: KASAN: slab-use-after-free in g+0x5/0x10 [m]",
		"Read of size 8 at addr ffff888001 by task mole/61", "",
		"CPU: 1 PID: 61 Comm: mole", "Call Trace:", " f+0x1/0x2", "",
		"Allocated by task 61:", " kasan_save_stack+0x1/0x2", " __kasan_slab_alloc+0x1/0x2",
		" dig+0x1/0x2 [m]", "", "Freed by task 62:", " fill+0x1/0x2 [m]", "",
		"The buggy address belongs to the object at ffff888000",
		" which belongs to the cache worms of size 64",
		"The buggy address is located 1 bytes inside of", " freed 64-byte region", "",
		"The buggy address belongs to the physical page:", "page: refcount:1", "",
		"Memory state around the buggy address:", " ffff888000: fa fb",
		"==================", "Kernel panic - not syncing: kasan.fault=panic set ...");

	(void)state;
	assert_int_equal(r.kind, REPORT_CHECKER);
	assert_string_equal(r.more, "Read of size 8 at addr ffff888001 by task mole/61\n"
				    "Allocated by task 61:\n dig+0x1/0x2 [m]\n"
				    "Freed by task 62:\n fill+0x1/0x2 [m]\n"
				    "The buggy address belongs to the object at ffff888000\n"
				    " which belongs to the cache worms of size 64\n"
				    "The buggy address is located 1 bytes inside of\n"
				    " freed 64-byte region\n");
	// another panic is not about it
	assert_int_equal(REPORT("BUG: KASAN: slab-use-after-free in g+0x5/0x10 [m]",
				"Kernel panic - not syncing: out of worms")
				 .kind,
			 REPORT_NONE);
}

/* kernel/nmi.c */
static void test_nmi(void **state)
{
	struct report r = REPORT("Uhhuh. NMI received for unknown reason 21 on CPU 0.",
				 "Kernel panic - not syncing: NMI: Not continuing",
				 "CPU: 0 PID: 0 Comm: swapper/0");

	(void)state;
	assert_int_equal(r.kind, REPORT_NMI);
	assert_string_equal(r.fault, "Uhhuh. NMI received for unknown reason 21 on CPU 0.");
	// another panic is not about it
	assert_int_equal(REPORT("Uhhuh. NMI received for unknown reason 21 on CPU 0.",
				"Kernel panic - not syncing: out of worms")
				 .kind,
			 REPORT_NONE);
}

static void test_first_line(void **state)
{
	(void)state;
	assert_string_equal(REPORT("kernel BUG at m.c:35!", "invalid opcode: 0000 [#1] SMP ",
				   "CPU: 1 PID: 23 Comm: kworker/1:1", "RIP: 0010:g+0x5/0x10 [m]")
				    .fault,
			    "kernel BUG at m.c:35!");
	assert_string_equal(
		REPORT("kernel BUG at m.c:35!", "Oops: invalid opcode: 0000 [#1] SMP").fault,
		"kernel BUG at m.c:35!");
	assert_string_equal(
		REPORT("BUG: kernel NULL pointer dereference, address: 0000000000000010",
		       "#PF: supervisor write access in kernel mode", "Oops: 0002 [#1] SMP")
			.fault,
		"BUG: kernel NULL pointer dereference, address: 0000000000000010");
	assert_string_equal(
		REPORT("invalid opcode: 0000 [#1] SMP ", "CPU: 1 PID: 23 Comm: mole").fault,
		"invalid opcode: 0000 [#1] SMP ");
}

/* A bug that did not stop the kernel, and then what did. */
static void test_last_report(void **state)
{
	(void)state;
	assert_string_equal(REPORT("BUG: sleeping function called from invalid context at m.c:12",
				   "CPU: 1 PID: 61 Comm: mole",
				   "Call Trace:", "Oops: general protection fault: 0000 [#1] SMP",
				   "CPU: 1 PID: 61 Comm: mole", "RIP: 0010:g+0x1/0x2")
				    .fault,
			    "Oops: general protection fault: 0000 [#1] SMP");
	assert_string_equal(REPORT("kernel BUG at m.c:35!", "invalid opcode: 0000 [#1] SMP ",
				   "RIP: 0010:g+0x5/0x10 [m]",
				   "Call Trace:", "invalid opcode: 0000 [#2] SMP ")
				    .fault,
			    "invalid opcode: 0000 [#2] SMP ");
}

static void test_headline(void **state)
{
	struct report r =
		REPORT("kernel BUG at m.c:35!", "invalid opcode: 0000 [#1] SMP ",
		       "RIP: 0010:g+0x5/0x10 [m]", "Kernel panic - not syncing: Fatal exception");

	(void)state;
	assert_string_equal(report_headline(&r), "kernel BUG at m.c:35!");
	r = REPORT("Kernel panic - not syncing: out of worms");
	assert_string_equal(report_headline(&r), "Kernel panic - not syncing: out of worms");
	r = REPORT("sysrq: Trigger a crash", "Kernel panic - not syncing: sysrq triggered crash");
	assert_string_equal(report_headline(&r),
			    "Kernel panic - not syncing: sysrq triggered crash");
	r = REPORT("SysRq : Trigger a crash");
	assert_string_equal(report_headline(&r), "SysRq : Trigger a crash");
	r = REPORT("worms ahead");
	assert_string_equal(report_headline(&r), "");
}

/* The panic's text chooses among the last reports of each kind. */
static void test_choice(void **state)
{
	struct report r = REPORT("sh invoked oom-killer: gfp_mask=0xcc0", "CPU: 1 PID: 7 Comm: sh",
				 "INFO: task a:5 blocked for more than 2 seconds.",
				 "rcu: INFO: rcu_sched stall", "rcu:  2-....: (7 ticks)",
				 "CPU: 2 PID: 9 Comm: b",
				 "watchdog: BUG: soft lockup - CPU#2 stuck for 5s! [b:9]",
				 "Kernel panic - not syncing: hung_task: blocked tasks");

	(void)state;
	assert_int_equal(r.kind, REPORT_HUNG_TASK);
	assert_string_equal(r.fault, "INFO: task a:5 blocked for more than 2 seconds.");
	r = REPORT("rcu: INFO: rcu_sched self-detected stall on CPU", "rcu:  2-....: (7 ticks)",
		   "CPU: 2 PID: 9 Comm: b", "rcu: no more", "kernel BUG at m.c:35!",
		   "Kernel panic - not syncing: RCU Stall");
	assert_string_equal(r.fault, "rcu: INFO: rcu_sched self-detected stall on CPU");
	assert_string_equal(r.more, "rcu:  2-....: (7 ticks)\n");
	assert_int_equal(r.pid, 9);
	// a warning is no reason for a panic, unless the panic says so
	r = REPORT("WARNING: CPU: 1 PID: 1 at x.c:1 f+0x1/0x2", "RIP: 0010:f+0x1/0x2",
		   "Kernel panic - not syncing: out of worms");
	assert_int_equal(r.kind, REPORT_NONE);
	assert_string_equal(r.fault, "");
	r = REPORT("x", "------------[ cut here ]------------", "7 worms", "WARNING: x.c:1 at f",
		   "Kernel panic - not syncing: kernel: panic_on_warn set ...");
	assert_int_equal(r.kind, REPORT_WARNING);
	assert_string_equal(r.cause, "7 worms");
	r = REPORT("mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 1: b2",
		   "mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 2: b3",
		   "Kernel panic - not syncing: Fatal local machine check");
	assert_string_equal(r.more, "mce: [Hardware Error]: CPU 3: Machine Check: 0 Bank 2: b3\n");
}

/* What a check found; a line that just happens to be there is no cause. */
static void test_cause(void **state)
{
	const char *found = "list_del corruption, c0->next is LIST_POISON1 (dead000000000100)";

	(void)state;
	assert_string_equal(REPORT(found, "------------[ cut here ]------------",
				   "kernel BUG at lib/list_debug.c:56!")
				    .cause,
			    found);
	assert_string_equal(
		REPORT("worms", "------------[ cut here ]------------", "kernel BUG at m.c:56!")
			.cause,
		"");
	assert_string_equal(REPORT(found, "worms", "kernel BUG at m.c:56!").cause, "");
}

/* Long lines are cut, and nothing of them reaches a terminal's control codes. */
static void test_line_text(void **state)
{
	char line[8];

	(void)state;
	assert_string_equal(printk_line_text("a\tb\33\377c", 6, line, sizeof(line)), "a b??c");
	assert_string_equal(printk_line_text("12345678", 8, line, sizeof(line)), "1234567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reports),	      cmocka_unit_test(test_report_pid),
		cmocka_unit_test(test_mixed_lockups), cmocka_unit_test(test_kasan),
		cmocka_unit_test(test_nmi),	      cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_last_report),

		cmocka_unit_test(test_headline),      cmocka_unit_test(test_line_text),
		cmocka_unit_test(test_choice),	      cmocka_unit_test(test_cause),
	};

	return cmocka_run_group_tests_name("kernel_report", tests, NULL, NULL);
}
