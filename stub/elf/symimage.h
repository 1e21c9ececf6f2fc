// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* symimage.h - writes an ELF file from symbols only: for a module without a .ko, or a kernel
 * without vmlinux. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct btfdwarf;

struct image_symbol {
	const char *name; /* borrowed during the call */
	kva_t va;
	uint64_t size; /* 0: unknown, assumed to reach up to the next symbol */
	bool code;     /* a function, else data */
	bool local;
};

/* Writes the image of what is loaded at [lo, hi): .text and .data sections around symbols of that
 * kind, and the n symbols, which may be in any order. Leaves out symbols outside [lo, hi).
 * frames: an .eh_frame from ehframe.h for this code, or NULL. debug: debug information, or NULL.
 * VS_INVAL: lo >= hi. VS_NOMEM. out is replaced on success and untouched on failure. */
vs_status symimage_build(const struct image_symbol *symbols, size_t n, kva_t lo, kva_t hi,
			 const struct buf *frames, const struct btfdwarf *debug, struct buf *out,
			 struct err *err);
