// SPDX-License-Identifier: GPL-2.0
/* The name of a fault, written to the parameter "fault", makes it in the writing task. */
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/string.h>

#include "l2f.h"

static const struct {
	const char *name;
	void (*fn)(void);
} faults[] = {
	{ "poison", l2f_poison },
	{ "plain", l2f_plain },
	{ "list", l2f_list },
	{ "deleted", l2f_deleted },
	{ "errptr", l2f_errptr },
	{ "gp", l2f_gp },
	{ "divide", l2f_divide },
	{ "text", l2f_text },
	{ "guard", l2f_guard },
	{ "user", l2f_user },
	{ "smashed", l2f_smashed },
	{ "warn", l2f_warn },
	{ "bounds", l2f_bounds },
	{ "kfence", l2f_kfence },
	{ "rcu", l2f_rcu },
	{ "softlockup", l2f_softlockup },
	{ "hung", l2f_hung },
	{ "oom", l2f_oom },
	{ "spins", l2f_spins },
	{ "nmi", l2f_nmi },
	{ "preempted", l2f_preempted },
};

static int set_fault(const char *value, const struct kernel_param *param)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!sysfs_streq(value, faults[i].name))
			continue;
		faults[i].fn();
		return 0;
	}
	return -EINVAL;
}

static const struct kernel_param_ops fault_ops = { .set = set_fault };
module_param_cb(fault, &fault_ops, NULL, 0200);

static int __init l2f_init(void)
{
	return l2f_make_caches();
}
module_init(l2f_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Faults with known causes, for tests of vmstub");
