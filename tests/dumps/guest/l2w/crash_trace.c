// SPDX-License-Identifier: GPL-2.0
/*
 * A crash below code that the kernel wrote itself at run time: a trampoline
 * of ftrace, under a helper that a BPF program calls (worker w_bpf_call),
 * while another CPU hangs in a debug exception.
 */
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/version.h>

#include "l2w.h"

#if LINUX_VERSION_CODE >= KERNEL_VERSION(5, 11, 0)
#define traced_regs ftrace_regs
#else
#define traced_regs pt_regs
#endif

static bool armed;

static void notrace l2w_traced_fn(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
				  struct traced_regs *regs)
{
	if (READ_ONCE(armed) && raw_smp_processor_id() == l2w_crash_cpu)
		l2w_use_broken();
}

static struct ftrace_ops trace_ops = { .func = l2w_traced_fn };

void l2w_crash_bpf_call(void)
{
	static char helper[] = "bpf_skb_load_bytes";
	int err = ftrace_set_filter(&trace_ops, helper, strlen(helper), 1);

	if (!err)
		err = register_ftrace_function(&trace_ops);
	if (err) {
		pr_err("l2w: ftrace: %d\n", err);
		return;
	}
	/* Not before: tracing waits for all CPUs. */
	l2w_hang_debug();
	WRITE_ONCE(armed, true);
}
