// SPDX-License-Identifier: GPL-2.0
/*
 * Crashes of a task: what an oops in process context can look like. The
 * functions do something after each call, so that no call becomes a jump and
 * every function has its frame.
 */
#include <linux/bug.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "l2w.h"

/* Volatile: the compiler must not see where a call goes. */
static int (*volatile target)(int);

static noinline int call_target(int arg)
{
	int result = target(arg);

	pr_err("l2w: still alive after %d: %d\n", arg, result);
	return result + arg;
}

static noinline int call_deeper(int arg)
{
	return call_target(arg + 1) + arg;
}

/* ---- workqueue_bug: ud2 in a worker thread ---- */

static noinline int l2w_check(int packets)
{
	BUG_ON(packets != 7);
	return packets;
}

static void l2w_work_fn(struct work_struct *work)
{
	pr_err("l2w: still alive: %d\n", l2w_check(8));
}

static DECLARE_WORK(bug_work, l2w_work_fn);

void l2w_crash_workqueue_bug(void)
{
	schedule_work_on(l2w_crash_cpu, &bug_work);
}

/* ---- calls of what is no function ---- */

void l2w_crash_null_call(void)
{
	target = NULL;
	pr_err("l2w: still alive: %d\n", call_deeper(1));
}

/* Mapped, but not executable. */
void l2w_crash_data_call(void)
{
	target = vmalloc(PAGE_SIZE);
	pr_err("l2w: still alive: %d\n", call_deeper(2));
}

static int (*gone)(int);

/* The module l2w_gone leaves its function here, and is then unloaded. */
void l2w_gone_register(int (*fn)(int))
{
	gone = fn;
}
EXPORT_SYMBOL_GPL(l2w_gone_register);

void l2w_crash_freed_call(void)
{
	target = gone;
	pr_err("l2w: still alive: %d\n", call_deeper(3));
}

/* ---- stack_overflow: a double fault, as there is no stack for the page fault ---- */

static noinline unsigned int l2w_recurse(unsigned int depth)
{
	volatile unsigned char pad[72];

	pad[depth % sizeof(pad)] = depth;
	if (depth == UINT_MAX)
		return 0;
	return l2w_recurse(depth + 1) + pad[depth % sizeof(pad)];
}

void l2w_crash_stack_overflow(void)
{
	pr_err("l2w: still alive: %u\n", l2w_recurse(0));
}
