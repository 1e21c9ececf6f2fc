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
	/* .eh_frame (ehframe.h). Its rules may lie outside [lo, hi): gdb looks up FDEs by pc
	 * only, and the range must not cover vmlinux's sections. The caller must cut rules of
	 * unknown end. */
	const struct buf *frames;
	kva_t lo, hi;
	const struct entry_symbol *syms; /* those outside [lo, hi) are left out */
	size_t nsyms;
	const struct btfdwarf *debug; /* debug information, or NULL */
};

/* Writes an image for [lo, hi). VS_INVAL: lo >= hi. VS_NOMEM. out is
 * replaced on success and untouched on failure. */
vs_status entryimage_build(const struct entryimage *e, struct buf *out, struct err *err);
