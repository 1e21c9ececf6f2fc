// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* framerules.h - gdb's rules for the code of kernels that keep frame pointers, where DWARF says
 * nothing. */
#include "stub/unwind/entryrules.h"
#include "stub/unwind/fdespans.h"

/* Adds to out: where entry code calls, the registers that it saved; bottoms of stacks; and for each
 * function without an FDE that keeps a frame, how its frame is found. e tells where entry code is.
 * overrides: gdb takes these rules before vmlinux's own, which is wrong about some entry code. */
vs_status frame_rules(struct kernel *k, const struct fde_spans *fdes, const struct entry_rules *e,
		      bool overrides, rule_vec *out, struct err *err);

struct module;

/* The same for the functions of a module, rising; *ret is malloced, the caller's. VS_NOTFOUND: the
 * kernel has ORC, or keeps no frame pointers. */
vs_status frame_module_rules(struct kernel *k, struct module *module, struct unwind_rule **ret,
			     size_t *n, struct err *err);
