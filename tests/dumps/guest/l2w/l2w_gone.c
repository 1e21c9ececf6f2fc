// SPDX-License-Identifier: GPL-2.0
/* A module that is unloaded while somebody still has a pointer to its function. */
#include <linux/module.h>

#include "l2w.h"

static noinline int l2w_gone_fn(int arg)
{
	return arg + 1;
}

static int __init l2w_gone_init(void)
{
	l2w_gone_register(l2w_gone_fn);
	return 0;
}

static void __exit l2w_gone_exit(void)
{
}

module_init(l2w_gone_init);
module_exit(l2w_gone_exit);
MODULE_DESCRIPTION("is gone when its function is called");
MODULE_LICENSE("GPL");
