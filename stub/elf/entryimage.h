// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* entryimage.h - the kernel's unwind rules as call frame information for gdb, for code that DWARF
 * does not describe: an ELF file with .eh_frame and nothing else. */
#include <stddef.h>
#include <stdint.h>

#include "stub/arch.h"
#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct entry_symbol {
	const char *name;
	kva_t va;
	uint64_t size;
};

/* Write the image that says to lie at [lo, hi), with one FDE for each of the nrules rules (rising
 * addresses; equal neighbours are merged). Rules may lie outside [lo, hi): gdb looks FDEs up by pc
 * alone, while the range keeps the image from covering vmlinux's own sections. A rule without a
 * known end must be cut by the caller. arch->rule_cfi gives the instructions; rules it refuses
 * leave a gap, where gdb finds its own way. syms may be none; those outside [lo, hi) are left out.
 * VS_INVAL: lo >= hi. VS_NOMEM. out is replaced on success and untouched on failure. */
vs_status entryimage_build(const struct arch_ops *arch, const struct unwind_rule *rules,
			   size_t nrules, kva_t lo, kva_t hi, const struct entry_symbol *syms,
			   size_t nsyms, struct buf *out, struct err *err);
