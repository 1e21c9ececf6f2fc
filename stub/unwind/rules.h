// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rules.h - finds the caller of a frame by an ordered list of sources, which docs/unwinding.md
 * describes. */
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
/* Is va in the kernel's boot code? It was freed, but the first task's return addresses still point
 * into it. */
bool code_is_boot(struct kernel *k, kva_t va);
/* Is va in any of these, in code made at run time, or in a page of code of which nothing is known?
 */
bool code_is_any(struct kernel *k, kva_t va);
/* Is this a thunk, which jumps to where a register points? */
bool code_is_thunk(struct kernel *k, kva_t va);
/* Start of the function of the kernel or a module that contains pc; 0: unknown. */
kva_t code_function(struct kernel *k, kva_t pc);
