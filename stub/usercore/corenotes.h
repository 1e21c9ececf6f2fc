// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* corenotes.h - the notes of a process's core: registers, arguments, files.
 * The layouts are those of the kernel's own cores: include/linux/elfcore.h and fs/binfmt_elf.c. */
#include "stub/usercore/process.h"

/* What the notes do not say, because it is unknown. */
struct core_lacks {
	size_t threads;	   /* that have no registers, and so no notes */
	struct err why;	   /* of the first of them */
	size_t fp_threads; /* without floating-point registers */
	size_t regs;	   /* threads some of whose registers are unknown, and 0 in the core */
	uint64_t reg_mask; /* these registers */
	bool auxv, files;
};

/* Appends the notes. */
void core_notes_put(const struct process *p, struct buf *out, struct core_lacks *lacks);
