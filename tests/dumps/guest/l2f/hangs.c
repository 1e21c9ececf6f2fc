// SPDX-License-Identifier: GPL-2.0
/* CPUs and tasks that get no further, until a watchdog of the kernel panics; and no more memory. */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "l2f.h"

#define HOLDER_CPU 1
#define WAITER_CPU 2

static void start(int (*fn)(void *unused), const char *name, int cpu)
{
	struct task_struct *task = kthread_create(fn, NULL, "%s", name);

	if (IS_ERR(task)) {
		pr_err("l2f: cannot start %s: %ld\n", name, PTR_ERR(task));
		return;
	}
	if (cpu >= 0)
		kthread_bind(task, cpu);
	wake_up_process(task);
	msleep(200);
}

/* ---- one CPU holds a spinlock for ever, with interrupts off; another one waits for it ---- */

static DEFINE_SPINLOCK(l2f_lock);
static unsigned long l2f_locked;

static noinline void l2f_hold_lock(void)
{
	unsigned long flags;

	spin_lock_irqsave(&l2f_lock, flags);
	for (;;)
		cpu_relax();
}

static int holder(void *unused)
{
	l2f_hold_lock();
	return 0;
}

static noinline void l2f_want_lock(void)
{
	spin_lock(&l2f_lock);
	l2f_locked++;
	spin_unlock(&l2f_lock);
}

static int waiter(void *unused)
{
	l2f_want_lock();
	return 0;
}

void l2f_softlockup(void)
{
	start(holder, "l2f_holder", HOLDER_CPU);
	start(waiter, "l2f_waiter", WAITER_CPU);
}

/* The same with three CPUs that wait, one after the other: the first one is "pending", the others
 * queue. */
void l2f_spins(void)
{
	start(holder, "l2f_holder", HOLDER_CPU);
	start(waiter, "l2f_waiter2", WAITER_CPU);
	start(waiter, "l2f_waiter0", 0);
	start(waiter, "l2f_waiter3", 3);
}

/* Nobody waits: the host sends an NMI, as one who presses a button. */
void l2f_nmi(void)
{
	start(holder, "l2f_holder", HOLDER_CPU);
}

/* ---- a reader of RCU that never ends ---- */

static noinline void l2f_read_for_ever(void)
{
	rcu_read_lock();
	preempt_disable();
	for (;;)
		cpu_relax();
}

static int reader(void *unused)
{
	l2f_read_for_ever();
	return 0;
}

static int updater(void *unused)
{
	synchronize_rcu();
	return 0;
}

void l2f_rcu(void)
{
	start(reader, "l2f_reader", WAITER_CPU);
	start(updater, "l2f_updater", -1);
}

/* ---- the same, preempted by a task that never ends; with preempt=full ---- */

static noinline void l2f_read_slowly(void)
{
	rcu_read_lock();
	for (;;)
		cpu_relax();
}

static int preempted(void *unused)
{
	l2f_read_slowly();
	return 0;
}

static noinline int hog(void *unused)
{
	sched_set_fifo(current);
	for (;;)
		cpu_relax();
	return 0;
}

void l2f_preempted(void)
{
	start(preempted, "l2f_reader", WAITER_CPU);
	start(hog, "l2f_hog", WAITER_CPU);
	start(updater, "l2f_updater", -1);
}

/* ---- a task that waits for a mutex whose owner sleeps for ever ---- */

static DEFINE_MUTEX(l2f_mutex);

static int owner(void *unused)
{
	mutex_lock(&l2f_mutex);
	for (;;)
		schedule_timeout_interruptible(MAX_SCHEDULE_TIMEOUT);
	return 0;
}

static int blocked(void *unused)
{
	mutex_lock(&l2f_mutex);
	return 0;
}

void l2f_hung(void)
{
	start(owner, "l2f_owner", -1);
	start(blocked, "l2f_blocked", -1);
}

/* ---- with panic_on_oom ---- */

void l2f_oom(void)
{
	unsigned long pages = 0;

	while (alloc_page(GFP_KERNEL))
		pages++;
	pr_err("l2f: still alive after %lu pages\n", pages);
}
