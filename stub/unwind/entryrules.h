// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* entryrules.h - unwind rules for code that gdb cannot unwind by DWARF: the contents of the entry
 * image. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/arch.h"

struct buf;
struct kernel;
struct orc_copy;

struct entry_rules {
	struct unwind_rule *rules; /* by address, without overlaps */
	size_t n;
	/* NULL, or the kernel's ORC table: all of its rows are rules too, where the above have
	 * none. There can be half a million, so they are decoded when they are written. */
	struct orc_copy *table;
	kva_t entry_start, entry_end; /* range of the entry code (.entry.text) */
};

/* Rules for all code without an FDE in vmlinux (assembly), or for all code if there is no vmlinux,
 * or, with `alone`, as if there were none, because gdb has none.
 * overrides: also rows that correct DWARF where C code switches stacks by inline assembly (5.12+).
 * The caller deinits *ret. */
vs_status entry_rules_load(struct kernel *k, bool overrides, bool alone, struct entry_rules *ret,
			   struct err *err);
void entry_rules_deinit(struct entry_rules *e);

/* Writes the rules as .eh_frame, at addresses from which slide is subtracted. VS_NOMEM. out is
 * replaced on success and untouched on failure. */
vs_status entry_rules_frames(struct kernel *k, const struct entry_rules *e, uint64_t slide,
			     struct buf *out, struct err *err);

/* The rule for all user addresses: a kernel's trace ends in user mode. It is not in the entry
 * image, because it must not override the rules in a program's own file. */
struct unwind_rule entry_rule_of_user_mode(struct kernel *k);
