// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ehframe.h - unwind rules as the bytes of an .eh_frame section, for gdb. */
#include "stub/arch.h"
#include "stub/base/buf.h"

/* One FDE for each of the n rules (rising addresses; equal neighbours are merged). arch->rule_cfi
 * gives their instructions; rules it refuses leave a gap, where gdb finds its own way. VS_NOMEM;
 * VS_UNSUPPORTED: more than 2 GiB. out is replaced on success and untouched on failure. */
vs_status ehframe_build(const struct arch_ops *arch, const struct unwind_rule *rules, size_t n,
			struct buf *out, struct err *err);
