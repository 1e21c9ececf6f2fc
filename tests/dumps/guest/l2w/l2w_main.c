// SPDX-License-Identifier: GPL-2.0
/*
 * Entry of the module: the table of ways to crash, the per-CPU data, a
 * kernel thread that sleeps, and /proc/l2w_facts.
 *
 * Loading alone is harmless, so that facts can be taken first:
 *     echo softirq_null >/sys/module/l2w/parameters/crash
 * brings the kernel down (insmod l2w.ko crash=softirq_null does it at once).
 */
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/timer.h>

#include "l2w.h"

#define L2W_COUNTER_BASE 0x6c32770000000000ULL
#define L2W_COUNTER_STEP 0x0000000100000011ULL

DEFINE_PER_CPU(u64, l2w_counter);
static DEFINE_PER_CPU(struct l2w_stats, cpu_stats);

int l2w_crash_cpu = 3;
module_param_named(crash_cpu, l2w_crash_cpu, int, 0444);
MODULE_PARM_DESC(crash_cpu, "CPU on which the crash happens");

static struct task_struct *sleeper;

/* ---- softirq_null: the case vmstub started from ---- */

static noinline void l2w_timer_fn(struct timer_list *timer)
{
	struct l2w_frame frame = {
		.dst = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 },
		.src = { 0x52, 0x54, 0x00, 0xab, 0xcd, 0xef },
		.vlan = 204, /* that of the broken device */
		.len = 1514,
		.tag = "l2w crash frame",
	};
	int err = l2w_vdev_xmit(&frame);

	pr_err("l2w: still alive after %s: %d\n", frame.tag, err);
}

static struct timer_list crash_timer;

/* A pinned timer fires from the softirq of crash_cpu's own tick, over whatever runs there: the idle
 * task. */
static void crash_softirq_null(void)
{
	timer_setup(&crash_timer, l2w_timer_fn, TIMER_PINNED);
	crash_timer.expires = jiffies + HZ / 2;
	add_timer_on(&crash_timer, l2w_crash_cpu);
}

/* ---- the table of situations: one row each ---- */

struct situation {
	const char *name;
	void (*start)(void);
};

static const struct situation situations[] = {
	{ "softirq_null", crash_softirq_null },
	{ "workqueue_bug", l2w_crash_workqueue_bug },
	{ "null_call", l2w_crash_null_call },
	{ "data_call", l2w_crash_data_call },
	{ "freed_call", l2w_crash_freed_call },
	{ "stack_overflow", l2w_crash_stack_overflow },
	{ "hardirq", l2w_crash_hardirq },
	{ "panic", l2w_crash_panic },
	{ "softirq_syscall", l2w_crash_softirq_syscall },
	{ "nmi", l2w_crash_nmi },
	{ "mce", l2w_crash_mce },
	{ "entry_nmi", l2w_crash_entry_nmi },
	{ "bpf_call", l2w_crash_bpf_call },
	/* Return: another one comes after them. */
	{ "hang_irqs_off", l2w_hang_irqs_off },
	{ "hang_nmi", l2w_hang_nmi },
};

static const struct situation *chosen;
static bool loaded;

static int crash_set(const char *val, const struct kernel_param *kp)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(situations); i++) {
		if (!sysfs_streq(val, situations[i].name))
			continue;
		chosen = &situations[i];
		/* As an argument of insmod it comes before init; init starts it then. */
		if (loaded)
			chosen->start();
		return 0;
	}
	return -EINVAL;
}

static int crash_get(char *buffer, const struct kernel_param *kp)
{
	return sprintf(buffer, "%s\n", chosen ? chosen->name : "none");
}

static const struct kernel_param_ops crash_ops = { .set = crash_set, .get = crash_get };
module_param_cb(crash, &crash_ops, NULL, 0644);
MODULE_PARM_DESC(crash, "crash situation to start");

/* ---- a kernel thread with a known stack: l2w_sleeper_fn <- l2w_sleeper_wait <- schedule ---- */

static DECLARE_WAIT_QUEUE_HEAD(sleeper_wait);

static noinline int l2w_sleeper_wait(unsigned long rounds)
{
	wait_event_interruptible(sleeper_wait, kthread_should_stop());
	return (int)rounds;
}

static int l2w_sleeper_fn(void *data)
{
	int rounds = 0;

	while (!kthread_should_stop())
		rounds += l2w_sleeper_wait((unsigned long)data);
	return rounds;
}

/* ---- facts ---- */

static void facts_cpu(struct seq_file *m, int cpu)
{
	seq_printf(m, "cpu%d.online=%d\n", cpu, cpu_online(cpu));
	seq_printf(m, "cpu%d.per_cpu_offset=0x%lx\n", cpu, per_cpu_offset(cpu));
	seq_printf(m, "cpu%d.l2w_counter=0x%llx\n", cpu, per_cpu(l2w_counter, cpu));
	seq_printf(m, "cpu%d.addr.l2w_counter=0x%px\n", cpu, per_cpu_ptr(&l2w_counter, cpu));
	seq_printf(m, "cpu%d.cpu_stats.bytes=%llu\n", cpu, per_cpu(cpu_stats, cpu).bytes);
	seq_printf(m, "cpu%d.addr.cpu_stats=0x%px\n", cpu, per_cpu_ptr(&cpu_stats, cpu));
}

static int facts_show(struct seq_file *m, void *unused)
{
	int cpu;

	seq_printf(m, "addr.page_offset_base=0x%lx\n", PAGE_OFFSET);
	seq_printf(m, "addr.vmalloc_base=0x%lx\n", VMALLOC_START);
	seq_printf(m, "addr.vmemmap_base=0x%lx\n", (unsigned long)VMEMMAP_START);
	seq_printf(m, "value.phys_base=0x%lx\n", phys_base);
	seq_printf(m, "value.jiffies=%lu\n", jiffies);
	seq_printf(m, "value.hz=%d\n", HZ);
	seq_printf(m, "value.thread_size=%lu\n", THREAD_SIZE);
	seq_printf(m, "addr.init_task=0x%px\n", &init_task);
	seq_printf(m, "addr.l2w_module=0x%px\n", THIS_MODULE);
	seq_printf(m, "addr.l2w_sleeper_fn=0x%px\n", l2w_sleeper_fn);
	seq_printf(m, "addr.l2w_timer_fn=0x%px\n", l2w_timer_fn);
	seq_printf(m, "addr.crash_timer=0x%px\n", &crash_timer);
	seq_printf(m, "sleeper.task=0x%px\n", sleeper);
	seq_printf(m, "sleeper.pid=%d\n", sleeper->pid);
	for_each_possible_cpu(cpu) facts_cpu(m, cpu);
	l2w_facts_vdev(m);
	return 0;
}

/* One line a thread: what a tool that walks the task list has to find. */
static int tasks_show(struct seq_file *m, void *unused)
{
	struct task_struct *leader, *t;

	seq_puts(m, "# task pid tgid cpu stack mm active_mm comm\n");
	rcu_read_lock();
	for_each_process(leader) for_each_thread(leader, t)
		seq_printf(m, "0x%px %d %d %u 0x%px 0x%px 0x%px %s\n", t, t->pid, t->tgid,
			   task_cpu(t), t->stack, t->mm, t->active_mm, t->comm);
	rcu_read_unlock();
	return 0;
}

static int __init l2w_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
	{
		per_cpu(l2w_counter, cpu) = L2W_COUNTER_BASE + cpu * L2W_COUNTER_STEP;
		per_cpu(cpu_stats, cpu).bytes = 1000 + cpu;
	}
	l2w_vdev_init();
	sleeper = kthread_run(l2w_sleeper_fn, (void *)7, "l2w_sleeper");
	if (IS_ERR(sleeper))
		return PTR_ERR(sleeper);
	proc_create_single("l2w_facts", 0444, NULL, facts_show);
	proc_create_single("l2w_tasks", 0444, NULL, tasks_show);
	loaded = true;
	if (chosen)
		chosen->start();
	return 0;
}

module_init(l2w_init);
MODULE_DESCRIPTION("crashes the kernel in a known way");
MODULE_LICENSE("GPL");
