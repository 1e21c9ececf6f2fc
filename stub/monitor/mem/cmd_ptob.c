// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_ptob.c - ptob: the address of a page number. */
#include <inttypes.h>

#include "stub/subsys/mm/pages.h"
#include "stub/monitor/cmd.h"

static vs_status cmd_ptob(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	(void)m;
	for (int i = 0; i < a->argc; i++) {
		uint64_t v;
		vs_status st = cmd_hex_number(a->argv[i], &v, err);

		if (st == VS_OK && v >> (64 - PAGE_SHIFT))
			st = fail(err, VS_INVAL, "%s: too large for a page number", a->argv[i]);
		if (st)
			return st;
		buf_printf(out, "%" PRIx64 ": %" PRIx64 "\n", v, v << PAGE_SHIFT);
	}
	return VS_OK;
}

const struct cmd verb_ptob = {
	.name = "ptob",
	.run = cmd_ptob,
	.brief = "page number to byte address",
	.synopsis = "ptob PAGE...",
	.example = "  ptob 512a\n"
		   "  512a: 512a000\n",
	.operands = OPERANDS(1, OPERANDS_ANY),
};
