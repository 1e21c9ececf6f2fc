// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* found.h - where the stack of a CPU starts that saved no registers. */
#include "stub/arch.h"

struct kernel;

/* Searches the stacks of a CPU, and of the task that it was running, for a call from which a kernel
 * never returns: of panic(), of the kernel behind kexec, of the loop in which other CPUs are
 * stopped. Such a call is still active. It is believed when the unwinder gets from there to the
 * proper end of the stack, and every return address on the way stands behind a call of the function
 * that returns to it. *ret: how is HOW_FOUND, evidence the function that never returns, which is
 * that of the frame or the one that it called; the program counter (a return address), the stack
 * pointer and perhaps the frame pointer are known. VS_NOTFOUND: there is none. */
vs_status found_start(struct kernel *k, unsigned cpu, kva_t task, struct frame *ret,
		      struct err *err);

/* Where a walk goes on that broke at a frame: the call of the next entry code further up, which
 * saved all registers, confirmed as above; from an IRQ stack on to the task's. What was called
 * between is missing. *ret: how is HOW_RESUMED. VS_NOTFOUND. */
vs_status found_resume(struct kernel *k, unsigned cpu, kva_t task, const struct frame *broken,
		       struct frame *ret);

/* The function around a pc, of the kernel or a module. */
bool found_function(struct kernel *k, kva_t pc, kva_t *start, kva_t *end);

/* Could the call that returns to ret have led to the function around pc: does it call it, or a
 * function that jumps to it, or goes through a register? any: a jump through a register that the
 * called function has counts, too. */
bool found_call_leads_to(struct kernel *k, kva_t pc, kva_t ret, bool any);

/* Do these frames reach the end of a stack, and does each call lead to the frame inside of it? done
 * is what stack_unwind() returned. */
bool found_confirmed(struct kernel *k, vs_status done, const struct frame *frames, size_t n);
