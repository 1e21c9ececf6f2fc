// SPDX-License-Identifier: GPL-2.0
/*
 * What a kernel that checks itself finds (kernels/checks.config): the name of a situation, written
 * to the parameter "make", makes it in the writing task. The functions do something after each
 * access, so that no call becomes a jump.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#define HOLDER_CPU 1
#define WAITER_CPU 2

struct l2d_item {
	struct list_head link;
	u64 id;
	u64 counts[5];
};

/* Tells tests a value that they cannot know otherwise. */
#define l2d_fact(name, value) pr_info("l2d: fact %s=%llx\n", name, (u64)(unsigned long)(value))

/* How many pages were taken: tests read it from the dump. */
unsigned long l2d_pages;
static struct kmem_cache *l2d_cache;
/* Volatile: the compiler must not know them. */
static struct l2d_item *volatile l2d_current;
static volatile int l2d_index = 5;

/* ---- one CPU holds a spinlock for ever; another one waits; both with interrupts off ---- */

static DEFINE_SPINLOCK(l2d_lock);

static noinline void l2d_hold_lock(void)
{
	unsigned long flags;

	spin_lock_irqsave(&l2d_lock, flags);
	for (;;)
		cpu_relax();
}

static int holder(void *unused)
{
	l2d_hold_lock();
	return 0;
}

static noinline void l2d_want_lock(void)
{
	unsigned long flags;

	spin_lock_irqsave(&l2d_lock, flags);
	l2d_pages++;
	spin_unlock_irqrestore(&l2d_lock, flags);
}

/* It is started first, as the thread that makes others may be on the CPU that gets stuck. */
static int waiter(void *unused)
{
	msleep(1000);
	l2d_want_lock();
	return 0;
}

/* ---- a task that reads waits for the one that waits to write: each sleeps until both have begun
 * ---- */

static DECLARE_RWSEM(l2d_rwsem);
static DEFINE_MUTEX(l2d_mutex);

static int reader(void *unused)
{
	down_read(&l2d_rwsem);
	msleep(300);
	mutex_lock(&l2d_mutex);
	return 0;
}

static int writer(void *unused)
{
	mutex_lock(&l2d_mutex);
	msleep(300);
	down_write(&l2d_rwsem);
	return 0;
}

/* ---- a chain: each of these tasks but the first one waits for the one before it ---- */

static struct mutex l2d_chain[5];

static int link(void *number)
{
	long i = (long)number;

	mutex_lock(&l2d_chain[i]);
	if (i)
		mutex_lock(&l2d_chain[i - 1]);
	for (;;)
		schedule_timeout_uninterruptible(MAX_SCHEDULE_TIMEOUT);
	return 0;
}

static void start(int (*fn)(void *data), void *data, const char *name, int cpu)
{
	struct task_struct *task = kthread_create(fn, data, "%s", name);

	if (IS_ERR(task)) {
		pr_err("l2d: cannot start %s: %ld\n", name, PTR_ERR(task));
		return;
	}
	if (cpu >= 0)
		kthread_bind(task, cpu);
	wake_up_process(task);
	msleep(200);
}

static void l2d_hardlockup(void)
{
	long i;

	for (i = 0; i < ARRAY_SIZE(l2d_chain); i++) {
		char name[16];

		mutex_init(&l2d_chain[i]);
		snprintf(name, sizeof(name), "l2d_link%ld", i);
		start(link, (void *)i, name, -1);
	}
	start(reader, NULL, "l2d_reader", -1);
	start(writer, NULL, "l2d_writer", -1);
	msleep(300);
	start(waiter, NULL, "l2d_waiter", WAITER_CPU);
	start(holder, NULL, "l2d_holder", HOLDER_CPU);
}

/* ---- memory that is not used as it was asked for ---- */

static noinline u64 l2d_read_id(struct l2d_item *item)
{
	u64 id = READ_ONCE(item->id);

	pr_info("l2d: id %llu\n", id);
	return id;
}

static noinline void l2d_put(struct l2d_item *item)
{
	kmem_cache_free(l2d_cache, item);
	l2d_current = item;
}

/* The object was freed. */
static void l2d_freed(void)
{
	struct l2d_item *item = kmem_cache_zalloc(l2d_cache, GFP_KERNEL);

	l2d_fact("item", item);
	l2d_put(item);
	pr_err("l2d: still alive: %llu\n", l2d_read_id(l2d_current));
}

static noinline int l2d_count(struct l2d_item *item, int index)
{
	WRITE_ONCE(item->counts[index], 7);
	return index + 1;
}

/* One count behind the object. */
static void l2d_behind(void)
{
	struct l2d_item *item = kmem_cache_zalloc(l2d_cache, GFP_KERNEL);

	l2d_fact("item", item);
	pr_err("l2d: still alive: %d\n", l2d_count(item, l2d_index));
}

/* It was freed already. */
static void l2d_twice(void)
{
	struct l2d_item *item = kmem_cache_zalloc(l2d_cache, GFP_KERNEL);

	l2d_fact("item", item);
	l2d_put(item);
	l2d_put(l2d_current);
	pr_err("l2d: still alive\n");
}

/* There never was an object. */
static void l2d_null(void)
{
	pr_err("l2d: still alive: %llu\n", l2d_read_id(l2d_current));
}

/* ---- pages that nobody counts, until the kernel has none left ---- */

static noinline bool l2d_leak_page(void)
{
	if (!alloc_page(GFP_KERNEL))
		return false;
	l2d_pages++;
	return true;
}

static void l2d_exhaust(void)
{
	while (l2d_leak_page())
		;
}

static const struct {
	const char *name;
	void (*fn)(void);
} situations[] = {
	{ "hardlockup", l2d_hardlockup }, { "freed", l2d_freed }, { "behind", l2d_behind },
	{ "twice", l2d_twice },		  { "null", l2d_null },	  { "given", l2d_exhaust },
};

static int set_make(const char *value, const struct kernel_param *param)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(situations); i++) {
		if (!sysfs_streq(value, situations[i].name))
			continue;
		situations[i].fn();
		return 0;
	}
	return -EINVAL;
}

static const struct kernel_param_ops make_ops = { .set = set_make };
module_param_cb(make, &make_ops, NULL, 0200);

static int __init l2d_init(void)
{
	/* With this flag it is never merged with another cache. */
	l2d_cache =
		kmem_cache_create("l2d_item", sizeof(struct l2d_item), 0, SLAB_NOLEAKTRACE, NULL);
	return l2d_cache ? 0 : -ENOMEM;
}
module_init(l2d_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What a kernel finds that checks itself, for tests of vmstub");
