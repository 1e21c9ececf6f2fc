// SPDX-License-Identifier: GPL-2.0
/*
 * An event of a module, and each kind of trace_printk(): written when a number is stored in the
 * parameter "write", so many times.
 */
#include <linux/delay.h>
#include <linux/kernel.h>
#include <linux/module.h>

enum l2e_color { L2E_RED = 7, L2E_GREEN = 9 };

#define CREATE_TRACE_POINTS
#include "l2e_trace.h"

static char l2e_text[32] = "text at run time: %d\n";
static const char *const l2e_names[] = { "zero", "first", "the second one", "" };

noinline void l2e_write(int nr)
{
	const char *name = l2e_names[nr % 4];

	trace_l2e_all(nr, name, l2e_write);
	trace_printk("number %d of %s, %llx, %c\n", nr, name, 0xfeedfacedeadbeefULL, 'a' + nr % 26);
	trace_printk("%s has %u of %#lx in %ps\n", name, nr, 0xabcdef12UL, l2e_write);
	trace_printk("a literal\n");
	trace_puts("put\n");
	__trace_printk(_THIS_IP_, l2e_text, nr);
	if (nr == 2)
		trace_dump_stack(0);
}

static int l2e_set(const char *val, const struct kernel_param *kp)
{
	int n, i, error = kstrtoint(val, 0, &n);

	for (i = 0; !error && i < n; i++)
		l2e_write(i);
	return error;
}

static const struct kernel_param_ops l2e_ops = { .set = l2e_set };
module_param_cb(write, &l2e_ops, NULL, 0200);

static int __init l2e_init(void)
{
	return 0;
}
module_init(l2e_init);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Trace events, for tests of vmstub");
