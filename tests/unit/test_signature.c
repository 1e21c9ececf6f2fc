// SPDX-License-Identifier: GPL-3.0-or-later
/* signature: which frames make up a crash's signature. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "stub/report/parts.h"

#include <cmocka.h>

/* Frames as words: "func", "func@module", and before them '!' for an interrupted instruction. */
static struct crash_report report_of(const char *kind, const char *const *frames)
{
	struct crash_report r = { .kind = kind };

	for (; *frames; frames++) {
		bool exact = **frames == '!';
		const char *name = crash_copy(&r, *frames + exact);
		char *at = strchr(name, '@');
		struct crash_frame f = {
			.function = name,
			.plain = name,
			.module = at ? at + 1 : NULL,
			.exact = exact,
			.code = true,
			.times = 1,
		};

		if (at)
			*at = '\0';
		assert_true(vec_push(&r.trace, (f)));
	}
	crash_take_signature(&r);
	return r;
}

#define check(want, kind, ...)                                                                     \
	do {                                                                                       \
		struct crash_report r =                                                            \
			report_of(kind, (const char *const[]){ __VA_ARGS__, NULL });               \
                                                                                                   \
		assert_string_equal(r.signature_text ? r.signature_text : "none", want);           \
		crash_report_deinit(&r);                                                           \
	} while (0)

static void test_modules(void **state)
{
	(void)state;
	check("null softirq f@m g@m", "null", "!f@m", "g@m", "call_timer_fn", "__run_timers",
	      "!default_idle");
	// the kernel's path between two modules is not part of it
	check("null process f@m", "null", "!f@m", "vfs_write", "g@n", "do_syscall_64");
	// at most four frames
	check("null process memcpy f@m g@m h@m", "null", "!memcpy", "copy_x", "f@m", "g@m", "h@m",
	      "i@m", "kthread");
	// a module far away
	check("page process a b c d", "page", "!a", "b", "c", "d", "e", "f", "g", "h", "x@m");
}

static void test_generic(void **state)
{
	(void)state;
	check("warning process f@m", "warning", "check_panic_on_warn", "__warn", "report_bug",
	      "handle_bug", "exc_invalid_op", "asm_exc_invalid_op", "!f@m", "worker_thread");
	// 7.3 has other names on this way
	check("warning process f@m", "warning", "check_panic_on_warn", "__warn", "__report_bug",
	      "report_bug_entry", "handle_bug", "exc_invalid_op", "asm_exc_invalid_op", "!f@m");
	check("warning process f@m", "warning", "check_panic_on_warn", "kfence_report_error",
	      "kfence_handle_page_fault", "page_fault_oops", "exc_page_fault", "asm_exc_page_fault",
	      "!f@m");
	check("bug process f@m", "bug", "!__list_del_entry_valid_or_report", "f@m");
	check("soft-lockup process spin main_loop", "soft-lockup", "watchdog_timer_fn",
	      "__hrtimer_run_queues", "hrtimer_interrupt", "sysvec_apic_timer_interrupt",
	      "asm_sysvec_apic_timer_interrupt", "!spin", "main_loop", "kthread");
	check("null nmi f@m", "null", "!f@m", "nmi_handle", "default_do_nmi", "exc_nmi",
	      "end_repeat_nmi", "!g");
	// nothing but generic code says nothing
	check("none", "panic", "nmi_panic", "exc_nmi", "end_repeat_nmi");
	check("oom process", "oom", "out_of_memory", "__alloc_pages_slowpath");
	check("none", "hung-task", "watchdog", "kthread");
}

/* Each is found by a binary search, so each must be in its place. */
static void test_table(void **state)
{
	static const char *const names[] = {
		"__bad_area",
		"__do_softirq",
		"__x86_return_thunk",
		"asm_call_on_stack",
		"do_nmi",
		"do_softirq",
		"do_softirq_own_stack",
		"do_syscall_64",
		"check_slab_allocation",
		"__kasan_slab_free",
		"__asan_load8",
		"__asan_report_store4_noabort",
		"end_report",
		"end_repeat_nmi",
		"entry_SYSCALL_64",
		"entry_SYSCALL_64_after_hwframe",
		"error_entry",
		"irq_exit_rcu",
		"kasan_check_range",
		"kasan_report",
		"kasan_report_invalid_free",
		"kthread",
		"mce_panic",
		"nmi_handle",
		"nmi_panic",
		"no_context",
		"page_fault_oops",
		"panic",
		"print_cpu_stall",
		"ret_from_fork_asm",
		"run_ksoftirqd",
		"smp_apic_timer_interrupt",
		"smpboot_thread_fn",
		"tick_sched_timer",
		"vpanic",
		"watchdog_timer_fn",
		"worker_thread",
		"x64_sys_call",
	};
	const char *context = NULL;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_true(crash_is_generic(names[i], &context));
	assert_false(crash_is_generic("exception_in_name", &context));
	assert_false(crash_is_generic("panic_at_the_disco", &context));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modules),
		cmocka_unit_test(test_generic),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
