// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* found.h - finds a start for unwinding if a CPU saved no registers. */
#include "stub/arch.h"

struct kernel;

/* Searches the stacks of a CPU, and of the task that it was running, for a call that never returns:
 * to panic(), to the next kernel by kexec, to the loop that stops the other CPUs. Such a call is
 * still active. It is accepted if the unwinder gets from there to the proper end of the stack, and
 * every return address on the way is that of a call to the next inner function. *ret: how is
 * HOW_FOUND, evidence is the function that never returns (the frame's function or the one that it
 * called); the program counter (a return address), the stack pointer and perhaps the frame pointer
 * are known. VS_NOTFOUND: there is none. */
vs_status found_start(struct kernel *k, unsigned cpu, kva_t task, struct frame *ret,
		      struct err *err);

/* Where to resume a walk that broke at a frame: the next call further up by entry code that saved
 * all registers, confirmed as above; a walk on an IRQ stack may resume on the task's. The frames in
 * between are missing. *ret: how is HOW_RESUMED. VS_NOTFOUND. */
vs_status found_resume(struct kernel *k, unsigned cpu, kva_t task, const struct frame *broken,
		       struct frame *ret);

/* The function of the kernel or a module that contains pc. */
bool found_function(struct kernel *k, kva_t pc, kva_t *start, kva_t *end);

/* Could the call that returns to ret have led to the function that contains pc? It must call that
 * function, or one that jumps there, or call through a register. any: a jump through a register in
 * the called function counts, too. */
bool found_call_leads_to(struct kernel *k, kva_t pc, kva_t ret, bool any);

/* Do these frames reach the end of a stack, and does each call lead to the next inner frame? done
 * is what stack_unwind() returned. */
bool found_confirmed(struct kernel *k, vs_status done, const struct frame *frames, size_t n);
