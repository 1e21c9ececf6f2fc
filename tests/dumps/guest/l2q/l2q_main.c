// SPDX-License-Identifier: GPL-2.0
/*
 * Threads asleep on every kind of lock. l2q_holder has l2q_mutex and l2q_rt, l2q_percpu for
 * writing, and l2q_rwsem for reading; it has locked l2q_page and set bit 3 of l2q_word; the others
 * wait in the order of thread[]. l2q_ab and l2q_ba have taken l2q_a and l2q_b, and wait for each
 * other's.
 */
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/pagemap.h>
#include <linux/percpu-rwsem.h>
#include <linux/rtmutex.h>
#include <linux/rwsem.h>
#include <linux/semaphore.h>
#include <linux/wait.h>
#include <linux/wait_bit.h>

#include "l2q.h"

static DEFINE_MUTEX(l2q_mutex);
static DEFINE_MUTEX(l2q_a);
static DEFINE_MUTEX(l2q_b);
static DECLARE_RWSEM(l2q_rwsem);
static DEFINE_RT_MUTEX(l2q_rt);
static struct semaphore l2q_sem;
static DECLARE_COMPLETION(l2q_done);
static DECLARE_WAIT_QUEUE_HEAD(l2q_queue);
static bool l2q_go;
DEFINE_STATIC_PERCPU_RWSEM(l2q_percpu);
static unsigned long l2q_word = 1 << 3;
static struct page *l2q_page;

static int holder(void *unused)
{
	mutex_lock(&l2q_mutex);
	down_read(&l2q_rwsem);
	rt_mutex_lock(&l2q_rt);
	percpu_down_write(&l2q_percpu);
	lock_page(l2q_page);
	wait_event(l2q_queue, READ_ONCE(l2q_go));
	return 0;
}

static int on_mutex(void *unused)
{
	mutex_lock(&l2q_mutex);
	return 0;
}

static int on_write(void *unused)
{
	down_write(&l2q_rwsem);
	return 0;
}

static int on_read(void *unused)
{
	down_read(&l2q_rwsem);
	return 0;
}

static int on_rt(void *unused)
{
	rt_mutex_lock(&l2q_rt);
	return 0;
}

static int on_semaphore(void *unused)
{
	down(&l2q_sem);
	return 0;
}

static int on_completion(void *unused)
{
	wait_for_completion(&l2q_done);
	return 0;
}

static int on_percpu(void *unused)
{
	percpu_down_read(&l2q_percpu);
	return 0;
}

static int on_bit(void *unused)
{
	return wait_on_bit(&l2q_word, 3, TASK_UNINTERRUPTIBLE);
}

static int on_page(void *unused)
{
	lock_page(l2q_page);
	return 0;
}

static int first_then_second(struct mutex *first, struct mutex *second)
{
	mutex_lock(first);
	msleep(300);
	mutex_lock(second);
	return 0;
}

static int ab(void *unused)
{
	return first_then_second(&l2q_a, &l2q_b);
}

static int ba(void *unused)
{
	return first_then_second(&l2q_b, &l2q_a);
}

static const struct l2q_thread thread[] = {
	{ holder, "l2q_holder" },  { on_mutex, "l2q_m1" },     { on_mutex, "l2q_m2" },
	{ on_write, "l2q_w" },	   { on_read, "l2q_r" },       { on_rt, "l2q_t" },
	{ on_semaphore, "l2q_s" }, { on_completion, "l2q_c" }, { on_percpu, "l2q_p" },
	{ on_bit, "l2q_bit" },	   { on_page, "l2q_page" },    { ab, "l2q_ab" },
	{ ba, "l2q_ba" },
};

int l2q_run(const struct l2q_thread *threads, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		struct task_struct *task = kthread_run(threads[i].fn, NULL, "%s", threads[i].name);

		if (IS_ERR(task))
			return PTR_ERR(task);
		msleep(50);
	}
	return 0;
}

static int __init l2q_init(void)
{
	int error;

	l2q_page = alloc_page(GFP_KERNEL);
	if (!l2q_page)
		return -ENOMEM;
	error = l2q_stuck_start();
	if (error)
		return error;
	sema_init(&l2q_sem, 0);
	return l2q_run(thread, ARRAY_SIZE(thread));
}
module_init(l2q_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Threads that wait for locks, for tests of vmstub");
