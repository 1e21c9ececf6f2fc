// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* taint.h - why the kernel or a module is tainted: letters from the kernel's own table. */
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"

struct kernel;

/* The letters of the bits set in mask, "OE"; "?" for a bit without a letter. */
vs_status taint_put(struct kernel *k, uint64_t mask, struct buf *out, struct err *err);
vs_status taint_mask(struct kernel *k, uint64_t *ret, struct err *err);
/* What a letter of taint_put() means; NULL: unknown. */
const char *taint_words(char letter);
