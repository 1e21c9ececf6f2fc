// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* stack_start.h - finds where a task's backtrace starts. */
#include <stdbool.h>

#include "stub/arch.h"
#include "stub/task/tasks.h"

struct kernel;

/* Frame 0 of a task: its CPU's saved registers if it was running, else its inactive frame. If the
 * CPU saved none: a call on its stacks that is certainly active (HOW_FOUND), or the registers with
 * which the task last entered the kernel (HOW_EVIDENCE). */
vs_status stack_start(struct kernel *k, const struct task *t, struct frame *ret, struct err *err);

/* All frames of a task: stack_unwind() from stack_start(). If even the start is unknown, *n is 0.
 */
vs_status stack_of_task(struct kernel *k, const struct task *t, struct frame *ret, size_t max,
			size_t *n, struct err *err);

/* gdb takes the pc of frame 0 for the next instruction, but after a call that never returns another
 * function may begin. So this moves a start at such a return address back to the call itself, with
 * the registers at that time. */
void stack_gdb_start(struct kernel *k, struct frame *f);

/* The registers with which a user task last entered the kernel, from the top of its stack. False
 * for a kernel thread, or if these are not plausible registers. */
bool stack_user_regs(struct kernel *k, const struct task *t, struct frame *ret);
