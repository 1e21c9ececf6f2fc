// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_swap.c - swap: the swap areas and their usage. */
#include <inttypes.h>

#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/swap.h"
#include "stub/monitor/cmd.h"

static vs_status cmd_swap(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct swap_area areas[MAX_SWAPS];
	unsigned n;
	vs_status st = swap_list(m->k, areas, &n, err);

	(void)a;
	if (n)
		buf_puts(out,
			 "SWAP_INFO_STRUCT    TYPE       SIZE       USED     PCT  PRI  FILENAME\n");
	for (unsigned i = 0; i < n; i++)
		buf_printf(out,
			   "%16" PRIx64 "  %-9s %8" PRIu64 "k %9" PRIu64 "k %6" PRIu64
			   "%% %4d  %s\n",
			   areas[i].va,
			   !areas[i].knows_file ? "?"
			   : areas[i].file	? "FILE"
						: "PARTITION",
			   areas[i].pages << (PAGE_SHIFT - 10), areas[i].used << (PAGE_SHIFT - 10),
			   areas[i].pages ? areas[i].used * 100 / areas[i].pages : 0, areas[i].prio,
			   areas[i].path[0] ? areas[i].path : "(unknown)");
	return st;
}

const struct cmd verb_swap = {
	.name = "swap",
	.run = cmd_swap,
	.brief = "swap areas",
	.synopsis = "swap",
	.example = "  swap\n"
		   "  SWAP_INFO_STRUCT    TYPE       SIZE       USED     PCT  PRI  FILENAME\n"
		   "  ff4a5aa2c18cc800  PARTITION    32764k       268k      0%   -2  /dev/vdd\n",
};
