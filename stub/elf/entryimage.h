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

struct btfdwarf;

struct entryimage {
	const struct arch_ops *arch;
	/* Rising addresses; equal neighbours are merged. They may lie outside [lo, hi): gdb looks
	 * FDEs up by pc alone, while the range keeps the image from covering vmlinux's own
	 * sections. A rule without a known end must be cut by the caller. arch->rule_cfi gives the
	 * instructions; rules it refuses leave a gap, where gdb finds its own way. */
	const struct unwind_rule *rules;
	size_t nrules;
	kva_t lo, hi;
	const struct entry_symbol *syms; /* those outside [lo, hi) are left out */
	size_t nsyms;
	const struct btfdwarf *debug; /* debug information, or NULL */
};

/* Write the image that says to lie at [lo, hi), with one FDE for each rule. VS_INVAL: lo >= hi.
 * VS_NOMEM. out is replaced on success and untouched on failure. */
vs_status entryimage_build(const struct entryimage *e, struct buf *out, struct err *err);
