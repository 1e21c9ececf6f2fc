// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* entryrules.h - unwind rules for code that gdb cannot unwind by DWARF: the contents of the entry
 * image. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"

struct kernel;

struct entry_rules {
	struct unwind_rule *rules; /* by address; the caller frees */
	size_t n;
	kva_t entry_start, entry_end; /* range of the entry code (.entry.text) */
};

/* Rules for all code without an FDE in vmlinux (assembly), or for all code if there is no vmlinux,
 * or, with `alone`, as if there were none, because gdb has none.
 * overrides: also rows that correct DWARF where C code switches stacks by inline assembly (5.12+).
 */
vs_status entry_rules_load(struct kernel *k, bool overrides, bool alone, struct entry_rules *ret,
			   struct err *err);

/* The rule for all user addresses: a kernel's trace ends in user mode. It is not in the entry
 * image, because it must not override the rules in a program's own file. */
struct unwind_rule entry_rule_of_user_mode(struct kernel *k);
