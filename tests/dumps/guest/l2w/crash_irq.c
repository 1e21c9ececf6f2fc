// SPDX-License-Identifier: GPL-2.0
/*
 * Crashes in interrupts of several kinds, and CPUs that hang in one: each
 * leaves another chain of stacks behind.
 */
#include <asm/apic.h>
#include <asm/irq_vectors.h>
#include <asm/nmi.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/module.h>
#include <linux/nmi.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/version.h>

#include "l2w.h"

#define BUSY_CPU 2 /* runs a user program that never sleeps */

/* The known bug, see vdev.c. */
noinline int l2w_use_broken(void)
{
	struct l2w_frame frame = { .vlan = 204, .len = 60, .tag = "l2w crash frame" };
	int err = l2w_vdev_xmit(&frame);

	pr_err("l2w: still alive after %s: %d\n", frame.tag, err);
	return err;
}

noinline void l2w_spin(void)
{
	for (;;)
		cpu_relax();
}

/* So that the CPUs below are others than that of the caller. */
void l2w_move_to_cpu0(void)
{
	set_cpus_allowed_ptr(current, cpumask_of(0));
}

/* ---- hardirq: a timer of crash_cpu, in hard interrupt context even on PREEMPT_RT ---- */

static bool timer_panics;

static enum hrtimer_restart l2w_hrtimer_fn(struct hrtimer *timer)
{
	if (timer_panics)
		panic("l2w: %d of %d", 1, 2);
	l2w_use_broken();
	return HRTIMER_NORESTART;
}

static struct hrtimer hard_timer;

/* Runs on crash_cpu, where the timer is to stay. */
static void start_hard_timer(void *unused)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&hard_timer, l2w_hrtimer_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&hard_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	hard_timer.function = l2w_hrtimer_fn;
#endif
	hrtimer_start(&hard_timer, ms_to_ktime(300), HRTIMER_MODE_REL_PINNED_HARD);
}

void l2w_crash_hardirq(void)
{
	smp_call_function_single(l2w_crash_cpu, start_hard_timer, NULL, 0);
}

/* As a watchdog does: no exception, so the kernel saves the registers it has in __crash_kexec(). */
void l2w_crash_panic(void)
{
	timer_panics = true;
	l2w_crash_hardirq();
}

/* ---- softirq_syscall: a softirq that a system call runs itself, where it enables them again ----
 */

static void l2w_tasklet_fn(struct tasklet_struct *tasklet)
{
	l2w_use_broken();
}

static DECLARE_TASKLET(crash_tasklet, l2w_tasklet_fn);

void l2w_crash_softirq_syscall(void)
{
	local_bh_disable();
	tasklet_schedule(&crash_tasklet);
	local_bh_enable();
	pr_err("l2w: still alive after a softirq\n");
}

/* ---- NMIs ---- */

static enum l2w_nmi nmi_does[NR_CPUS];

static int l2w_nmi_fn(unsigned int type, struct pt_regs *regs)
{
	enum l2w_nmi what = nmi_does[smp_processor_id()];

	if (what == L2W_NMI_CRASH)
		l2w_use_broken();
	if (what == L2W_NMI_HANG)
		l2w_spin();
	if (what == L2W_NMI_ENTRY)
		l2w_entry_nmi(regs);
	return what == L2W_NMI_ENTRY ? NMI_HANDLED : NMI_DONE;
}

void l2w_send_nmi(int cpu, enum l2w_nmi what)
{
	static bool registered;

	nmi_does[cpu] = what;
	if (!registered)
		register_nmi_handler(NMI_LOCAL, l2w_nmi_fn, NMI_FLAG_FIRST, "l2w");
	registered = true;
	apic->send_IPI_mask(cpumask_of(cpu), NMI_VECTOR);
}

static bool irq_waits;

static void l2w_irq_fn(void *unused)
{
	WRITE_ONCE(irq_waits, true);
	l2w_spin();
}

/* An NMI that hits an interrupt handler that interrupted user mode. */
void l2w_crash_nmi(void)
{
	l2w_move_to_cpu0();
	smp_call_function_single(BUSY_CPU, l2w_irq_fn, NULL, 0);
	while (!READ_ONCE(irq_waits))
		cpu_relax();
	l2w_send_nmi(BUSY_CPU, L2W_NMI_CRASH);
	mdelay(2000);
	pr_err("l2w: still alive after an NMI\n");
}

/* ---- CPUs that hang while another one crashes ---- */

/* With interrupts off: only an NMI can stop it. */
void l2w_hang_irqs_off(void)
{
	l2w_move_to_cpu0();
	smp_call_function_single(L2W_HUNG_CPU, l2w_irq_fn, NULL, 0);
	while (!READ_ONCE(irq_waits))
		cpu_relax();
}

/* In an NMI handler: nothing can stop it, so it saves no registers. */
void l2w_hang_nmi(void)
{
	l2w_move_to_cpu0();
	l2w_send_nmi(L2W_HUNG_CPU, L2W_NMI_HANG);
	mdelay(100);
}
