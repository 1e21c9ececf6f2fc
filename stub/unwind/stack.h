// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* stack.h - where stacks are and who is on them, and walks over their frames.
 * docs/unwinding.md tells the rules. */
#include "stub/linux_arch.h"
#include "stub/task/tasks.h"
#include "stub/unwind/rules.h"

struct kernel;

#define STACK_MAX_FRAMES 512

/* The stack that sp lies in, looked for among those of one CPU and task (task 0: any). */
struct stack_id stack_identify(struct kernel *k, unsigned cpu, kva_t task, kva_t sp);

/* The interrupt and exception stacks of a CPU; returns how many of at most max. */
size_t stack_list(struct kernel *k, unsigned cpu, struct stack_id *ret, size_t max);

/* Where the registers of user mode are on the kernel stack at this address, in a kernel thread's
 * its zeros. */
kva_t stack_regs_va(struct kernel *k, kva_t stack);

/* Frames from start on, on a stack of this task; at most max; *n is their number. VS_OK: ended at
 * the bottom of the stack or in user mode; else err says why it stopped. */
vs_status stack_unwind(struct kernel *k, kva_t task, const struct frame *start, struct frame *ret,
		       size_t max, size_t *n, struct err *err);

/* What gdb reads in the guard page above an IRQ stack: its C code's DWARF knows nothing of the
 * switch and counts on from the top, where the words of the interrupted stack would be. */
void stack_install_overlay(struct kernel *k);
