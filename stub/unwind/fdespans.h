// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* fdespans.h - which code vmlinux's .debug_frame describes, so that gdb needs no rules of ours. */
#include "stub/arch.h"
#include "stub/base/vec.h"

struct kernel;

struct fde_span {
	kva_t start, end; /* start first, for radix_sort() */
};

struct fde_spans {
	VEC(struct fde_span) s; /* rising; the caller frees */
};

typedef VEC(struct unwind_rule) rule_vec;

/* Nothing when there is no vmlinux or it has none. */
void fde_spans_load(struct kernel *k, struct fde_spans *out);
/* The span that covers va, or the next one behind it; NULL past the last. */
const struct fde_span *fde_span_from(const struct fde_spans *s, kva_t va);
