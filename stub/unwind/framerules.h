#pragma once
/* framerules.h - gdb's rules for the code of kernels that keep frame pointers, where DWARF says
 * nothing. */
#include "stub/unwind/entryrules.h"
#include "stub/unwind/fdespans.h"

/* Adds to out: where entry code calls, the registers that it saved; bottoms of stacks; and for each
 * function without an FDE that keeps a frame, how its frame is found. e tells where entry code is.
 */
vs_status frame_rules(struct kernel *k, const struct fde_spans *fdes, const struct entry_rules *e,
		      rule_vec *out, struct err *err);
