// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* symimage.h - an ELF file with symbols alone: for a module whose .ko is not found, or a kernel
 * without its vmlinux. */
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
	uint64_t size; /* 0: unknown, taken to reach up to the next symbol */
	bool code;     /* a function, else data */
	bool local;
};

/* Write the image of what is loaded at [lo, hi): sections .text and .data wherever symbols of that
 * kind are, and the n symbols in any order; those outside [lo, hi) are left out.
 * frames: an .eh_frame of ehframe.h for the code there, or NULL. debug: debug information, or NULL.
 * VS_INVAL: lo >= hi. VS_NOMEM. out is replaced on success and untouched on failure. */
vs_status symimage_build(const struct image_symbol *symbols, size_t n, kva_t lo, kva_t hi,
			 const struct buf *frames, const struct btfdwarf *debug, struct buf *out,
			 struct err *err);
