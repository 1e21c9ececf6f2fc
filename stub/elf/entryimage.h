// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* entryimage.h - writes the kernel's unwind rules as call frame information, for code that DWARF
 * does not describe: an ELF file with .eh_frame and a few symbols. */
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
	/* In ascending order; equal neighbours are merged. Rules may lie outside [lo, hi): gdb
	 * looks up FDEs by pc only, and the range must not cover vmlinux's sections. The caller
	 * must cut rules of unknown end. arch->rule_cfi gives the instructions; rules that it
	 * refuses leave a gap, where gdb uses its own heuristics. */
	const struct unwind_rule *rules;
	size_t nrules;
	kva_t lo, hi;
	const struct entry_symbol *syms; /* those outside [lo, hi) are left out */
	size_t nsyms;
	const struct btfdwarf *debug; /* debug information, or NULL */
};

/* Writes an image for [lo, hi), with one FDE for each rule. VS_INVAL: lo >= hi. VS_NOMEM. out is
 * replaced on success and untouched on failure. */
vs_status entryimage_build(const struct entryimage *e, struct buf *out, struct err *err);
