// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* fdespans.h - the code that vmlinux's .debug_frame describes, for which gdb needs no rules from
 * vmstub. */
#include "stub/arch.h"
#include "stub/base/vec.h"

struct kernel;

struct fde_span {
	kva_t start, end; /* start first, for radix_sort() */
};

struct fde_spans {
	VEC(struct fde_span) s; /* ascending; the caller frees */
};

typedef VEC(struct unwind_rule) rule_vec;

/* Empty if there is no vmlinux or it has no .debug_frame. */
void fde_spans_load(struct kernel *k, struct fde_spans *out);
/* The span that covers va, or the next one after it; NULL past the last. */
const struct fde_span *fde_span_from(const struct fde_spans *s, kva_t va);
