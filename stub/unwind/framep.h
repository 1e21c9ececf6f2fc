// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* framep.h - unwind rules for kernels with frame pointers (CONFIG_FRAME_POINTER) instead of an ORC
 * table: rbp leads from frame to frame, and across entry code, which encodes in it where it saved
 * the registers (4.9 and later). */
#include "stub/arch.h"

struct kernel;

/* Do most of the kernel's functions set up a frame at their start? Determined once. */
bool framep_kernel(struct kernel *k);

/* Does entry code encode in rbp where it saved registers (4.9)? True if unknown. Determined once.
 */
bool framep_encodes(struct kernel *k);

/* Does a 0 in place of a return address at slot end the stack of a task? Code that starts a CPU
 * pushes one. */
bool framep_ends(struct kernel *k, kva_t task, kva_t slot);

/* The rule at pc in code of the kernel or a module, for this frame, checked against its stack (cur
 * NULL: a rule for any frame). VS_NOTFOUND: this kernel or this code has no frame pointers.
 * VS_CORRUPT, VS_UNSUPPORTED: rbp does not lead to a frame. */
vs_status framep_rule(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
		      struct unwind_rule *ret, struct err *err);
