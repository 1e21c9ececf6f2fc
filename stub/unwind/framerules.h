// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* framerules.h - rules for gdb in kernels with frame pointers, for code without DWARF. */
#include "stub/unwind/entryrules.h"
#include "stub/unwind/fdespans.h"

/* Adds rules to out: for calls in entry code, where the saved registers are; for the bottoms of
 * stacks; and for each function without an FDE that sets up a frame, how to find it. e has the
 * range of entry code. overrides: gdb prefers these rules to vmlinux's own, which are wrong for
 * some entry code. */
vs_status frame_rules(struct kernel *k, const struct fde_spans *fdes, const struct entry_rules *e,
		      bool overrides, rule_vec *out, struct err *err);

struct module;

/* The same for the functions of a module, by address. The caller frees *ret. VS_NOTFOUND: the
 * kernel has ORC, or no frame pointers. */
vs_status frame_module_rules(struct kernel *k, struct module *module, struct unwind_rule **ret,
			     size_t *n, struct err *err);
