// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ehframe.h - writes unwind rules as an .eh_frame section, for gdb. */
#include "stub/arch.h"
#include "stub/base/buf.h"

/* A section that is being written; its members belong to ehframe.c. */
struct ehframe {
	const struct arch_ops *arch;
	struct buf out;	     /* .eh_frame */
	size_t cie[2];	     /* offset of each CIE; [1] has augmentation "S" */
	struct buf insns[2]; /* of the last row and of the current rule, alternating */
	unsigned turn;	     /* which of them belongs to the last row */
	size_t fde;	     /* offset of the open FDE */
	kva_t start, end;    /* of the open FDE; equal if none is open */
	kva_t row;	     /* start of its last row */
	unsigned rows;
	bool signal;
};

void ehframe_init(struct ehframe *w, const struct arch_ops *arch);
void ehframe_deinit(struct ehframe *w);

/* Adds a rule, which must not begin before the last one's end. Equal neighbours are merged; other
 * calls without a gap between them are rows of one FDE. arch->rule_cfi gives the instructions; a
 * rule that it refuses leaves a gap, where gdb uses its own heuristics. */
void ehframe_put(struct ehframe *w, const struct unwind_rule *rule);

/* Ends the section and moves it to out. VS_NOMEM; VS_UNSUPPORTED: more than 2 GiB. out is replaced
 * on success and untouched on failure. */
vs_status ehframe_take(struct ehframe *w, struct buf *out, struct err *err);

/* All of that for n rules in ascending order. */
vs_status ehframe_build(const struct arch_ops *arch, const struct unwind_rule *rules, size_t n,
			struct buf *out, struct err *err);
