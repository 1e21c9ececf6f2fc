// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* stack_start.h - where the trace of a task starts. */
#include <stdbool.h>

#include "stub/arch.h"
#include "stub/task/tasks.h"

struct kernel;

/* Frame 0 of a task: a CPU's saved registers when it was running there, else its inactive frame.
 * When the CPU saved none: a call on its stacks that is certainly active (HOW_FOUND), or the
 * registers with which the task last entered the kernel (HOW_EVIDENCE). */
vs_status stack_start(struct kernel *k, const struct task *t, struct frame *ret, struct err *err);

/* gdb takes the program counter of frame 0 for the next instruction. Behind a call that never
 * returns, another function may begin: a start that is such a call becomes the call itself, with
 * the registers that it had. */
void stack_gdb_start(struct kernel *k, struct frame *f);

/* The registers with which a user task last entered the kernel: they stand at the top of its stack.
 * False for a kernel thread, and when what stands there cannot be such registers. */
bool stack_user_regs(struct kernel *k, const struct task *t, struct frame *ret);
