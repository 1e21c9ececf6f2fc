// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* linux.h - private to arch/x86_64/linux: what stands in its ops table, see struct linux_arch_ops.
 */
#include "arch/x86_64/x86_64.h"
#include "stub/linux_arch.h"

/* __START_KERNEL_map, Documentation/arch/x86/x86_64/mm.rst */
#define LINUX_X86_IMAGE_BASE  0xffffffff80000000ULL
#define LINUX_X86_LEVELS_LOW  4
#define LINUX_X86_LEVELS_HIGH 5
#define LINUX_X86_NSTACKS     8

extern const char *const linux_x86_paging_symbols[];
void linux_x86_layout_from_info(const struct vmcoreinfo *v, struct layout *ret);
vs_status linux_x86_paging_from_symbols(const struct mem *phys, const uint64_t *va, uint64_t delta,
					struct paging *pg, struct err *err);

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
