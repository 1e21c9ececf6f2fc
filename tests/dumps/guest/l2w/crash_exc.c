// SPDX-License-Identifier: GPL-2.0
/*
 * Crashes and hangs on the stacks of exceptions that are rare: machine check,
 * debug, and an NMI that hits the few instructions on the entry stack.
 */
#include <asm/cpu_entry_area.h>
#include <asm/ptrace.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/hw_breakpoint.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "l2w.h"

/* ---- machine check: a bank says that this CPU's state is lost, and the exception comes ---- */

#define MCG_STATUS	  0x17a
#define MC1_STATUS	  0x405
#define STATUS_VALID	  (1ULL << 63)
#define STATUS_NOT_FIXED  (1ULL << 61)
#define STATUS_ENABLED	  (1ULL << 60)
#define STATUS_STATE_LOST (1ULL << 57)
#define MCG_RETURNS	  1ULL
#define MCG_IN_PROGRESS	  4ULL

/* The kernel's own was renamed in 6.16. */
static void write_msr(u32 msr, u64 value)
{
	asm volatile("wrmsr" ::"c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static noinline int l2w_machine_check(int bank)
{
	write_msr(MC1_STATUS + 4 * (bank - 1),
		  STATUS_VALID | STATUS_NOT_FIXED | STATUS_ENABLED | STATUS_STATE_LOST);
	write_msr(MCG_STATUS, MCG_RETURNS | MCG_IN_PROGRESS);
	/* As a real one it pushes no error code and comes through the same gate. */
	asm volatile("int $18" ::: "memory");
	return bank;
}

static void l2w_mce_work_fn(struct work_struct *work)
{
	preempt_disable();
	pr_err("l2w: still alive: %d\n", l2w_machine_check(1));
	preempt_enable();
}

static DECLARE_WORK(mce_work, l2w_mce_work_fn);

void l2w_crash_mce(void)
{
	schedule_work_on(l2w_crash_cpu, &mce_work);
}

/* ---- debug exception: a hardware watchpoint on a variable of ours ---- */

static int watched;

static void l2w_watch_fn(struct perf_event *event, struct perf_sample_data *data,
			 struct pt_regs *regs)
{
	l2w_spin();
}

static bool watch(void)
{
	struct perf_event *__percpu *events;
	struct perf_event_attr attr;

	hw_breakpoint_init(&attr);
	attr.bp_addr = (unsigned long)&watched;
	attr.bp_len = HW_BREAKPOINT_LEN_4;
	attr.bp_type = HW_BREAKPOINT_W;
	events = register_wide_hw_breakpoint(&attr, l2w_watch_fn, NULL);
	if (IS_ERR((void __force *)events))
		pr_err("l2w: no hardware watchpoint: %ld\n", PTR_ERR((void __force *)events));
	return !IS_ERR((void __force *)events);
}

static noinline int l2w_touch(int value)
{
	WRITE_ONCE(watched, value);
	return value + READ_ONCE(watched);
}

static void l2w_touch_fn(void *unused)
{
	pr_err("l2w: still alive: %d\n", l2w_touch(7));
}

/* In an interrupt over the idle task: three stacks. Only an NMI can stop it. */
void l2w_hang_debug(void)
{
	l2w_move_to_cpu0();
	if (watch())
		smp_call_function_single(L2W_HUNG_CPU, l2w_touch_fn, NULL, 0);
	mdelay(200);
}

/* ---- entry_nmi: NMIs for a CPU that enters the kernel all the time, until one comes while it is
 * still on the small stack that the hardware switches to ---- */

static bool on_entry_stack(const struct pt_regs *regs)
{
	return !user_mode((struct pt_regs *)regs) && regs->sp >= CPU_ENTRY_AREA_BASE &&
	       regs->sp < CPU_ENTRY_AREA_BASE + CPU_ENTRY_AREA_MAP_SIZE;
}

void l2w_entry_nmi(const struct pt_regs *regs)
{
	if (on_entry_stack(regs))
		l2w_use_broken();
}

void l2w_crash_entry_nmi(void)
{
	unsigned long i;

	l2w_move_to_cpu0();
	for (i = 0; i < 400000; i++) {
		l2w_send_nmi(L2W_HUNG_CPU, L2W_NMI_ENTRY);
		udelay(20 + i % 13);
	}
	pr_err("l2w: still alive after %lu NMIs\n", i);
}
