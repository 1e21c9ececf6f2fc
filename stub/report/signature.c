// SPDX-License-Identifier: GPL-3.0-or-later
/* signature.c - a short name of the crash that is the same for the same cause, across reboots,
 * KASLR and builds. docs/report.md describes version 1 of the algorithm; a change needs version 2.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/text.h"
#include "stub/report/parts.h"

#define MAX_KEYS     4 /* frames in the signature */
#define MAX_DISTANCE 8 /* frames above the first one of a module */

struct generic {
	const char *name, *context; /* NULL: it belongs to no context, or to several */
};

/* Sorted by name. */
static const struct generic generics[] = {
	{ "____kasan_slab_free", NULL },
	{ "__bad_area", NULL },
	{ "__bad_area_nosemaphore", NULL },
	{ "__crash_kexec", NULL },
	{ "__die", NULL },
	{ "__do_page_fault", NULL },
	{ "__do_softirq", "softirq" },
	{ "__hrtimer_run_queues", "hardirq" },
	{ "__irq_exit_rcu", NULL },
	{ "__kasan_check_read", NULL },
	{ "__kasan_check_write", NULL },
	{ "__kasan_slab_free", NULL },
	{ "__kasan_slab_pre_free", NULL },
	{ "__list_add_valid", NULL },
	{ "__list_add_valid_or_report", NULL },
	{ "__list_del_entry_valid", NULL },
	{ "__list_del_entry_valid_or_report", NULL },
	{ "__local_bh_enable_ip", NULL },
	{ "__perf_event_overflow", NULL },
	{ "__report_bug", NULL },
	{ "__run_timer_base", "softirq" },
	{ "__run_timers", "softirq" },
	{ "__sysvec_apic_timer_interrupt", "hardirq" },
	{ "__warn", NULL },
	{ "__warn_printk", NULL },
	{ "__x86_indirect_thunk_array", NULL },
	{ "__x86_return_thunk", NULL },
	{ "asm_call_on_stack", NULL },
	{ "asm_common_interrupt", "hardirq" },
	{ "bad_area", NULL },
	{ "bad_area_nosemaphore", NULL },
	{ "call_timer_fn", "softirq" },
	{ "check_cpu_stall", NULL },
	{ "check_panic_on_warn", NULL },
	{ "check_slab_allocation", NULL },
	{ "common_interrupt", "hardirq" },
	{ "crash_kexec", NULL },
	{ "default_do_nmi", "nmi" },
	{ "die", NULL },
	{ "do_error_trap", NULL },
	{ "do_kern_addr_fault", NULL },
	{ "do_machine_check", "nmi" },
	{ "do_nmi", "nmi" },
	{ "do_page_fault", NULL },
	{ "do_softirq", "softirq" },
	{ "do_softirq_own_stack", "softirq" },
	{ "do_syscall_64", "process" },
	{ "do_trap", NULL },
	{ "do_trap_no_signal", NULL },
	{ "do_user_addr_fault", NULL },
	{ "end_repeat_nmi", "nmi" },
	{ "end_report", NULL },
	{ "entry_SYSCALL_64", "process" },
	{ "entry_SYSCALL_64_after_hwframe", "process" },
	{ "error_entry", NULL },
	{ "expire_timers", "softirq" },
	{ "ftrace_ops_assist_func", NULL },
	{ "handle_bug", NULL },
	{ "handle_pmi_common", "nmi" },
	{ "handle_softirqs", "softirq" },
	{ "hrtimer_interrupt", "hardirq" },
	{ "intel_pmu_handle_irq", "nmi" },
	{ "irq_exit", NULL },
	{ "irq_exit_rcu", NULL },
	{ "kasan_check_range", NULL },
	{ "kasan_report", NULL },
	{ "kasan_report_invalid_free", NULL },
	{ "kernelmode_fixup_or_oops", NULL },
	{ "kfence_handle_page_fault", NULL },
	{ "kfence_report_error", NULL },
	{ "kthread", "process" },
	{ "local_apic_timer_interrupt", "hardirq" },
	{ "mce_panic", NULL },
	{ "nmi_handle", "nmi" },
	{ "nmi_panic", NULL },
	{ "no_context", NULL },
	{ "oops_end", NULL },
	{ "page_fault", NULL },
	{ "page_fault_oops", NULL },
	{ "panic", NULL },
	{ "panic_on_rcu_stall", NULL },
	{ "perf_event_nmi_handler", "nmi" },
	{ "perf_event_overflow", NULL },
	{ "print_cpu_stall", NULL },
	{ "print_other_cpu_stall", NULL },
	{ "process_one_work", "process" },
	{ "process_scheduled_works", "process" },
	{ "rcu_pending", NULL },
	{ "rcu_sched_clock_irq", NULL },
	{ "report_bug", NULL },
	{ "report_bug_entry", NULL },
	{ "ret_from_fork", "process" },
	{ "ret_from_fork_asm", "process" },
	{ "run_ksoftirqd", "softirq" },
	{ "run_timer_base", "softirq" },
	{ "run_timer_softirq", "softirq" },
	{ "smp_apic_timer_interrupt", "hardirq" },
	{ "smpboot_thread_fn", "process" },
	{ "tasklet_action", "softirq" },
	{ "tasklet_action_common", "softirq" },
	{ "tick_nohz_handler", "hardirq" },
	{ "tick_sched_handle", "hardirq" },
	{ "tick_sched_timer", "hardirq" },
	{ "update_process_times", "hardirq" },
	{ "vpanic", NULL },
	{ "warn_slowpath_fmt", NULL },
	{ "watchdog_hardlockup_check", NULL },
	{ "watchdog_overflow_callback", NULL },
	{ "watchdog_timer_fn", NULL },
	{ "worker_thread", "process" },
	{ "x64_sys_call", "process" },
};

/* How tasks begin to wait, sorted: the innermost frames of a hung task. Which of these there are
 * depends on the kernel and on what its compiler inlined. */
static const char *const sleeps[] = {
	"__down",
	"__down_common",
	"__down_interruptible",
	"__down_killable",
	"__down_read",
	"__down_read_common",
	"__down_write",
	"__down_write_common",
	"__folio_lock",
	"__lock_page",
	"__mutex_lock",
	"__mutex_lock_killable_slowpath",
	"__mutex_lock_slowpath",
	"__percpu_down_read",
	"__percpu_rwsem_trylock",
	"__rt_mutex_lock",
	"__rt_mutex_slowlock",
	"__rt_mutex_slowlock_locked",
	"__rwbase_read_lock",
	"__schedule",
	"__schedule_loop",
	"__wait_for_common",
	"__wait_on_bit",
	"__wait_on_bit_lock",
	"__wait_on_buffer",
	"bit_wait",
	"bit_wait_io",
	"do_wait_for_common",
	"down",
	"down_killable",
	"down_read",
	"down_read_killable",
	"down_write",
	"down_write_killable",
	"folio_wait_bit",
	"folio_wait_bit_common",
	"io_schedule",
	"io_schedule_timeout",
	"mutex_lock",
	"mutex_lock_io",
	"mutex_lock_killable",
	"out_of_line_wait_on_bit",
	"out_of_line_wait_on_bit_lock",
	"percpu_down_write",
	"percpu_rwsem_wait",
	"rt_mutex_lock",
	"rt_mutex_schedule",
	"rt_mutex_slowlock",
	"rt_mutex_slowlock_block",
	"rt_spin_lock",
	"rtlock_slowlock_locked",
	"rwbase_write_lock",
	"rwsem_down_read_slowpath",
	"rwsem_down_write_slowpath",
	"schedule",
	"schedule_preempt_disabled",
	"schedule_rtlock",
	"schedule_timeout",
	"schedule_timeout_uninterruptible",
	"wait_for_common",
	"wait_for_completion",
	"wait_for_completion_io",
	"wait_for_completion_killable",
	"wait_for_completion_state",
	"wait_for_completion_timeout",
	"wait_on_page_bit",
	"wait_on_page_bit_common",
};

static int by_name(const void *key, const void *element)
{
	return strcmp(key, ((const struct generic *)element)->name);
}

bool crash_is_generic(const char *name, const char **context)
{
	const struct generic *g = bsearch(name, generics, sizeof(generics) / sizeof(generics[0]),
					  sizeof(generics[0]), by_name);

	if (g && g->context)
		*context = g->context;
	if (!g && (begins_with(name, "sysvec_") || begins_with(name, "asm_sysvec_")))
		*context = "hardirq";
	else if (!g && (strcmp(name, "exc_nmi") == 0 || strcmp(name, "asm_exc_nmi") == 0))
		*context = "nmi";
	else if (!g && !begins_with(name, "exc_") && !begins_with(name, "asm_exc_") &&
		 !begins_with(name, "__asan_"))
		return false;
	return true;
}

static int by_text(const void *key, const void *element)
{
	return strcmp(key, *(const char *const *)element);
}

static bool is_sleep(const char *name)
{
	return bsearch(name, sleeps, sizeof(sleeps) / sizeof(sleeps[0]), sizeof(sleeps[0]),
		       by_text) != NULL;
}

static bool is_generic(const struct crash_frame *c, const char **context)
{
	// Code that tracers generate is not part of what is traced.
	if (c->module && begins_with(c->module, "__builtin__"))
		return true;
	return !c->function || (!c->module && crash_is_generic(c->plain, context));
}

/* The context of the frames [from, to): that of the first function which begins one. */
static const char *context_of(const struct crash_frames *t, size_t from, size_t to)
{
	const char *context = NULL;

	for (size_t i = from; i < to && !context; i++)
		if (t->v[i].function && !t->v[i].module)
			(void)crash_is_generic(t->v[i].plain, &context);
	return context ? context : "process";
}

/* The end of the frames of one context: where it interrupted another one. */
static size_t context_end(const struct crash_frames *t, size_t from)
{
	size_t i = from + 1;

	while (i < t->n && !t->v[i].exact)
		i++;
	return i;
}

/* Chooses the key frames of [from, to): without any module, the innermost ones that say something;
 * else the innermost one, and those of the first run of frames of modules. */
static size_t choose(struct crash_frames *t, size_t from, size_t to)
{
	size_t first = SIZE_MAX, run = SIZE_MAX, met = 0, n = 0;
	const char *unused = NULL;

	for (size_t i = from; i < to; i++) {
		if (is_generic(&t->v[i], &unused))
			continue;
		first = first == SIZE_MAX ? i : first;
		if (t->v[i].module && met < MAX_DISTANCE) {
			run = i;
			break;
		}
		met++;
	}
	if (first == SIZE_MAX)
		return 0;
	t->v[first].key = true;
	n++;
	for (size_t i = run == SIZE_MAX ? first : run; i < to && n < MAX_KEYS; i++) {
		struct crash_frame *c = &t->v[i];

		if (c->key || is_generic(c, &unused))
			continue;
		if (run != SIZE_MAX && !c->module)
			break;
		c->key = true;
		n++;
	}
	return n;
}

/* FNV-1a of 64 bits. */
static uint64_t hash(const char *s)
{
	uint64_t h = 14695981039346656037u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h;
}

static void write_signature(struct crash_report *r, const struct crash_frames *t)
{
	struct buf text = { 0 };

	buf_printf(&text, "%s %s", r->kind, r->context);
	for (size_t i = 0; i < t->n; i++) {
		const struct crash_frame *c = &t->v[i];

		if (c->key)
			buf_printf(&text, " %s%s%s", c->plain, c->module ? "@" : "",
				   c->module ? c->module : "");
	}
	r->signature_text = crash_copy(r, buf_str(&text));
	r->signature = crash_printf(r, "v1:%016" PRIx64, hash(r->signature_text));
	buf_deinit(&text);
}

/* Of a hung task: what it was doing when it began to wait. */
static void sign_hung(struct crash_report *r)
{
	struct crash_frames *t = &r->hung.trace;
	size_t from = 0;

	while (from < t->n &&
	       (!t->v[from].function || (!t->v[from].module && is_sleep(t->v[from].plain))))
		from++;
	if (from == t->n || !choose(t, from, t->n)) {
		crash_miss(r, "signature", "the stack of the task that hung is unknown");
		return;
	}
	r->context = "process";
	write_signature(r, t);
}

/* Of what was stuck while another CPU panicked: where it was. */
static void sign_stalled(struct crash_report *r)
{
	struct crash_frames *t = &r->stalled.trace;
	size_t from = 0, to = t->n ? context_end(t, 0) : 0;

	while (from < to && t->v[from].function && !t->v[from].module && is_sleep(t->v[from].plain))
		from++;
	if (from == to || !choose(t, from, to)) {
		crash_miss(r, "signature", "the stack of what was stuck is unknown");
		return;
	}
	r->context = context_of(t, from, to);
	write_signature(r, t);
}

void crash_take_signature(struct crash_report *r)
{
	struct crash_frames *t = &r->trace;
	size_t n = 0, from, to;

	if (!r->kind) {
		crash_miss(r, "signature", "the kind of crash is unknown");
		return;
	}
	r->context = context_of(t, 0, context_end(t, 0));
	// Who happened to ask for memory last says nothing about who used it up.
	if (strcmp(r->kind, "oom") == 0) {
		write_signature(r, t);
		return;
	}
	// The kernel's task that looks for hung tasks has nothing to do with them.
	if (strcmp(r->kind, "hung-task") == 0) {
		sign_hung(r);
		return;
	}
	if (r->stalled.comm) {
		sign_stalled(r);
		return;
	}
	// A watchdog or machine check reports what it interrupted.
	for (from = 0; from < t->n && !n; from = to) {
		to = context_end(t, from);
		r->context = context_of(t, from, to);
		n = choose(t, from, to);
	}
	if (n)
		write_signature(r, t);
	else
		crash_miss(r, "signature", "no frame of the trace says anything about the cause");
}
