// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* stack.h - stacks: their names and places, and unwinding. docs/unwinding.md describes the rules.
 */
#include "stub/linux_arch.h"
#include "stub/task/tasks.h"
#include "stub/unwind/rules.h"

struct kernel;

#define STACK_MAX_FRAMES 512

/* The stack that contains sp, among those of one CPU and task (task 0: any). */
struct stack_id stack_identify(struct kernel *k, unsigned cpu, kva_t task, kva_t sp);

/* The interrupt and exception stacks of a CPU; returns their number, at most max. */
size_t stack_list(struct kernel *k, unsigned cpu, struct stack_id *ret, size_t max);

/* The place of the user-mode registers on the kernel stack at this address; on a kernel thread's
 * stack these are zeros. */
kva_t stack_regs_va(struct kernel *k, kva_t stack);

/* Frames from start on, on a stack of this task; at most max, *n is their number. VS_OK: the walk
 * ended at the bottom of the stack or in user mode; else err says why it stopped. */
vs_status stack_unwind(struct kernel *k, kva_t task, const struct frame *start, struct frame *ret,
		       size_t max, size_t *n, struct err *err);

/* Shows gdb the words of the interrupted stack in the guard page above an IRQ stack: DWARF of C
 * code does not know about the switch and continues past the top. */
void stack_install_overlay(struct kernel *k);
