// SPDX-License-Identifier: GPL-2.0
/*
 * Threads of PREEMPT_RT alone, where tasks sleep for spinlocks and rwlocks, started by writing to
 * the parameter rt. l2q_xy and l2q_yx have taken l2q_x and l2q_y, and wait for each other's. l2q_xy
 * also has l2q_rwlock for reading, for which l2q_wl waits to write. l2q_wo has l2q_owned for
 * writing, for which l2q_rr waits to read and l2q_ww to write.
 */
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/wait.h>

#include "l2q.h"

#ifdef CONFIG_PREEMPT_RT

static DEFINE_SPINLOCK(l2q_x);
static DEFINE_SPINLOCK(l2q_y);
static DEFINE_RWLOCK(l2q_rwlock);
static DECLARE_RWSEM(l2q_owned);
static DECLARE_WAIT_QUEUE_HEAD(l2q_rt_queue);
static bool l2q_rt_go;

static int xy(void *unused)
{
	read_lock(&l2q_rwlock);
	spin_lock(&l2q_x);
	mdelay(300); /* who holds a spinlock may wait for another one only */
	spin_lock(&l2q_y);
	return 0;
}

static int yx(void *unused)
{
	spin_lock(&l2q_y);
	mdelay(300);
	spin_lock(&l2q_x);
	return 0;
}

static int on_write_lock(void *unused)
{
	write_lock(&l2q_rwlock);
	return 0;
}

static int owner(void *unused)
{
	down_write(&l2q_owned);
	wait_event(l2q_rt_queue, READ_ONCE(l2q_rt_go));
	return 0;
}

static int on_owned_read(void *unused)
{
	down_read(&l2q_owned);
	return 0;
}

static int on_owned_write(void *unused)
{
	down_write(&l2q_owned);
	return 0;
}

static const struct l2q_thread thread[] = {
	{ owner, "l2q_wo" },
	{ on_owned_read, "l2q_rr" },
	{ on_owned_write, "l2q_ww" },
	{ xy, "l2q_xy" },
	{ yx, "l2q_yx" },
	{ on_write_lock, "l2q_wl" },
};

static int set_rt(const char *val, const struct kernel_param *kp)
{
	return l2q_run(thread, ARRAY_SIZE(thread));
}

static const struct kernel_param_ops rt_ops = { .set = set_rt };
module_param_cb(rt, &rt_ops, NULL, 0200);

#endif
