// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ehframe.h - writes unwind rules as an .eh_frame section, for gdb. */
#include "stub/arch.h"
#include "stub/base/buf.h"

/* Writes one FDE for each of the n rules (in ascending order; equal neighbours are merged).
 * arch->rule_cfi gives the instructions; rules that it refuses leave a gap, where gdb uses its own
 * heuristics. VS_NOMEM; VS_UNSUPPORTED: more than 2 GiB. out is replaced on success and untouched
 * on failure. */
vs_status ehframe_build(const struct arch_ops *arch, const struct unwind_rule *rules, size_t n,
			struct buf *out, struct err *err);
