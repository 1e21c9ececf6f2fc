// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is never freed: objects of the slab cache l2o_leak ("slab"), or pages that nothing
 * counts ("pages"). What is written to the parameter "take" stops at 24 MB of free memory, so that
 * the guest can still tell its facts; "exhaust" goes on until the kernel has none left.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/string.h>

#define L2O_OBJECT_SIZE 1000
#define L2O_RESERVE	(24UL << 20 >> PAGE_SHIFT)

/* How many of each were taken: tests read them from the dump. */
unsigned long l2o_objects, l2o_pages;
static struct kmem_cache *l2o_cache;

static bool memory_left(void)
{
	struct sysinfo info;

	si_meminfo(&info);
	return info.freeram > L2O_RESERVE;
}

static noinline bool l2o_leak_object(void)
{
	if (!kmem_cache_zalloc(l2o_cache, GFP_KERNEL))
		return false;
	l2o_objects++;
	return true;
}

static noinline bool l2o_leak_page(void)
{
	if (!alloc_page(GFP_KERNEL))
		return false;
	l2o_pages++;
	return true;
}

static int leak(const char *value, bool exhaust)
{
	bool (*take)(void) = sysfs_streq(value, "slab")	   ? l2o_leak_object
			     : sysfs_streq(value, "pages") ? l2o_leak_page
							   : NULL;

	if (!take)
		return -EINVAL;
	while ((exhaust || memory_left()) && take())
		;
	return 0;
}

static int set_take(const char *value, const struct kernel_param *param)
{
	return leak(value, false);
}

static int set_exhaust(const char *value, const struct kernel_param *param)
{
	return leak(value, true);
}

static const struct kernel_param_ops take_ops = { .set = set_take };
module_param_cb(take, &take_ops, NULL, 0200);
static const struct kernel_param_ops exhaust_ops = { .set = set_exhaust };
module_param_cb(exhaust, &exhaust_ops, NULL, 0200);

static int __init l2o_init(void)
{
	/* With this flag it is never merged with another cache. */
	l2o_cache = kmem_cache_create("l2o_leak", L2O_OBJECT_SIZE, 0, SLAB_NOLEAKTRACE, NULL);
	return l2o_cache ? 0 : -ENOMEM;
}
module_init(l2o_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Leaks, for tests of vmstub");
