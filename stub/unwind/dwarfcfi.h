// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dwarfcfi.h - unwind rules from DWARF, where the kernel's own table has none. */
#include "stub/arch.h"

struct kernel;

/* The rule at pc of kernel or module code. VS_NOTFOUND without debug information; VS_UNSUPPORTED:
 * more than a register and an offset. */
vs_status dwarf_rule(struct kernel *k, kva_t pc, struct unwind_rule *ret, struct err *err);
