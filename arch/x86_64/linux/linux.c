// SPDX-License-Identifier: GPL-3.0-or-later
/* linux.c - the ops table of Linux on this architecture. */
#include "arch/x86_64/linux/linux.h"

const struct linux_arch_ops linux_x86_64 = {
	.nstacks = LINUX_X86_NSTACKS,
	.stack = linux_x86_stack,
	// call_on_irqstack() stores the interrupted stack pointer in the topmost word.
	.irq_link = 8,
	.stack_padding = linux_x86_stack_padding,
	.user_regs_unsaved = linux_x86_user_regs_unsaved,
	.regs_from_inactive = linux_x86_regs_from_inactive,
	.regs_from_switch = linux_x86_regs_from_switch,
	.current_task = linux_x86_current_task,
};
