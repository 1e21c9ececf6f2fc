// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* entryrules.h - which code gdb cannot unwind by DWARF, and the ORC rules for it: the content of
 * the entry image. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"

struct kernel;

struct entry_rules {
	struct unwind_rule *rules; /* rising addresses; the caller frees */
	size_t n;
	kva_t entry_start,
		entry_end; /* the entry code (.entry.text), where the image says it lies */
};

/* Rules for all code without an FDE in vmlinux (assembly); for all code when there is no vmlinux.
 * overrides: those rows, too, where DWARF is wrong because C code switches stacks by inline
 * assembly (5.12+). */
vs_status entry_rules_load(struct kernel *k, bool overrides, struct entry_rules *ret,
			   struct err *err);

/* In user mode a kernel's trace is over: one rule for all user addresses. It is no part of the
 * entry image, since it must not come before what a program's own file says. */
struct unwind_rule entry_rule_of_user_mode(struct kernel *k);
