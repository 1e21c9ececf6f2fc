// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dwarfcfi.h - unwind rules from DWARF, for code that the kernel's own table does not cover. */
#include "stub/arch.h"

struct kernel;

/* The rule at pc in kernel or module code. VS_NOTFOUND: no debug information; VS_UNSUPPORTED: more
 * than a register and an offset. */
vs_status dwarf_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret, struct err *err);

/* Do the rules show that the hardware enters this code, so that it is not a function? */
bool dwarf_is_entry(struct kernel *k, kva_t pc);

/* For code whose CFA is the word at the stack pointer plus a number: the offset from that word
 * where the caller's register (a DWARF number) is saved. VS_NOTFOUND: not such code. */
vs_status dwarf_saved_by_word(struct kernel *k, kva_t pc, unsigned reg, int64_t *ret);
