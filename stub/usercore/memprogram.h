// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* memprogram.h - a program or library without its file: what a process has of it in memory. */
#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/usercore/process.h"

/* What was found. */
struct memprogram {
	size_t symbols; /* names that it exports */
	bool frames;	/* .eh_frame: how to unwind its functions */
};

/* Writes an ELF file for gdb of the program whose first segment is at start: its exported names and
 * its .eh_frame, at their true addresses. VS_NOTFOUND: memory has neither. out is replaced on
 * success and untouched on failure. */
vs_status memprogram_build(struct process *p, uint64_t start, struct buf *out,
			   struct memprogram *ret, struct err *err);
