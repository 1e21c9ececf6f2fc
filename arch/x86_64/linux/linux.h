// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* linux.h - private to arch/x86_64/linux: what stands in its ops table, see struct linux_arch_ops.
 */
#include "arch/x86_64/x86_64.h"
#include "stub/linux_arch.h"

#define LINUX_X86_NSTACKS 8

bool linux_x86_stack(struct kernel *k, unsigned cpu, unsigned i, struct stack_id *ret);
uint64_t linux_x86_stack_padding(struct kernel *k);
uint64_t linux_x86_user_regs_unsaved(struct kernel *k);
vs_status linux_x86_current_task(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err);
/* Top of a CPU's interrupt stack, one past its highest word. VS_NOTFOUND. */
vs_status linux_x86_irq_stack_top(struct kernel *k, unsigned cpu, kva_t *ret);
vs_status linux_x86_regs_from_inactive(struct kernel *k, kva_t sp, struct regs *ret,
				       struct err *err);
vs_status linux_x86_regs_from_switch(struct kernel *k, kva_t sp, kva_t user_regs, struct regs *ret,
				     struct err *err);
