// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* framep.h - unwind rules of kernels that keep frame pointers (CONFIG_FRAME_POINTER) in place of an
 * ORC table: rbp leads from frame to frame, and over entry code, which leaves in it where it saved
 * the registers (4.9 and later). */
#include "stub/arch.h"

struct kernel;

/* Does most of the kernel's code set up a frame where a function begins? Looked at once. */
bool framep_kernel(struct kernel *k);

/* Does entry code have the frame pointer tell where it saved registers (4.9)? True when that is
 * not known. Looked at once. */
bool framep_encodes(struct kernel *k);

/* Does a 0 in place of a return address at slot end the stack of a task? Code that starts a CPU
 * pushes one. */
bool framep_ends(struct kernel *k, kva_t task, kva_t slot);

/* The rule at pc of the kernel's or a module's code, for this frame, checked against its stack (cur
 * NULL: what holds for any frame). VS_NOTFOUND: this kernel keeps none, or not in this code.
 * VS_CORRUPT, VS_UNSUPPORTED: what rbp holds leads nowhere. */
vs_status framep_rule(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
		      struct unwind_rule *ret, struct err *err);
