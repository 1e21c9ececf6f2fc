// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_pte.c - pte: decode a page table entry. */
#include <inttypes.h>
#include <stdio.h>

#include "stub/subsys/mm/swap.h"
#include "stub/subsys/swap/swapped.h"
#include "stub/monitor/mem/pte.h"

void pte_put(struct monitor *m, uint64_t entry, bool leaf, struct buf *out)
{
	char text[24];
	int width = snprintf(text, sizeof(text), "%" PRIx64, entry);
	struct swap_areas areas = { 0 };
	unsigned type;
	uint64_t offset;

	if (width < 3)
		width = 3;
	buf_printf(out, "%*s", (width + 3) / 2, "PTE");
	buf_pad_to(out, (size_t)width + 2);
	buf_printf(out, "PHYSICAL  FLAGS\n%*s  ", width, text);
	if (m->k->arch->swap_entry(entry, &type, &offset)) {
		buf_puts(out, "          ");
		swap_put_place(m->k, &areas, type, offset, out);
		swapped_put_place(m->k, type, offset, out);
		buf_putc(out, '\n');
		return;
	}
	buf_printf(out, "%8" PRIx64 "  ", entry & m->k->arch->pte_addr);
	m->k->arch->pte_flags(entry, leaf, out);
	buf_putc(out, '\n');
}

static vs_status cmd_pte(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	for (int i = 0; i < a->argc; i++) {
		uint64_t entry;
		vs_status st = cmd_hex_number(a->argv[i], &entry, err);

		if (st)
			return st;
		pte_put(m, entry, false, out);
	}
	return VS_OK;
}

const struct cmd verb_pte = {
	.name = "pte",
	.run = cmd_pte,
	.brief = "decode a page table entry",
	.synopsis = "pte ENTRY...",
	.example = "  pte d8e067\n"
		   "   PTE  PHYSICAL  FLAGS\n"
		   "  d8e067   d8e000  (PRESENT|RW|USER|ACCESSED|DIRTY)\n",
	.operands = OPERANDS(1, OPERANDS_ANY),
};
