// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_btop.c - btop: the page number of an address. */
#include <inttypes.h>

#include "stub/subsys/mm/pages.h"
#include "stub/monitor/cmd.h"

static vs_status cmd_btop(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	(void)m;
	for (int i = 0; i < a->argc; i++) {
		uint64_t v;
		vs_status st = cmd_hex_number(a->argv[i], &v, err);

		if (st)
			return st;
		buf_printf(out, "%" PRIx64 ": %" PRIx64 "\n", v, v >> PAGE_SHIFT);
	}
	return VS_OK;
}

const struct cmd verb_btop = {
	.name = "btop",
	.run = cmd_btop,
	.brief = "byte address to page number",
	.synopsis = "btop ADDRESS...",
	.example = "  btop 512a000\n"
		   "  512a000: 512a\n",
	.operands = OPERANDS(1, OPERANDS_ANY),
};
