// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rules.h - how the caller of a frame is found: one ordered list of sources. docs/unwinding.md
 * tells what each knows. */
#include "stub/arch.h"

struct kernel;

/* Unwinding environment for a stack of a task (0: unknown). */
void stack_unwind_env(struct kernel *k, kva_t task, struct unwind_env *ret);

/* vmlinux's ORC table (k->orc). VS_NOTFOUND: the kernel has none. */
vs_status kernel_need_unwind(struct kernel *k, struct err *err);
/* Is there a source of rules for the kernel's own C code: ORC, frame pointers or DWARF? */
vs_status kernel_can_unwind(struct kernel *k, struct err *err);

/* Is va in kernel or module code? */
bool kernel_is_text(struct kernel *k, kva_t va);
/* Is va in the kernel's boot code, which is gone, while the first task's return addresses still
 * point into it? */
bool code_is_boot(struct kernel *k, kva_t va);
/* Start of the function of the kernel or a module that pc is in; 0: unknown. */
kva_t code_function(struct kernel *k, kva_t pc);
