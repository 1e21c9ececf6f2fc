// SPDX-License-Identifier: GPL-3.0-or-later
/* pte_text.c - prints page table entries.
 * Sources: arch/x86/include/asm/pgtable_types.h (bits), pgtable_64.h (swap entries, since 4.18). */
#include <inttypes.h>

#include "arch/x86_64/x86_64.h"

static const struct {
	uint64_t bit;
	const char *name;
} pte_bits[] = {
	{ 1ULL << 0, "PRESENT" }, { 1ULL << 1, "RW" },	{ 1ULL << 2, "USER" },
	{ 1ULL << 3, "PWT" },	  { 1ULL << 4, "PCD" }, { 1ULL << 5, "ACCESSED" },
	{ 1ULL << 6, "DIRTY" },	  { 1ULL << 7, "PSE" }, { 1ULL << 8, "GLOBAL" },
	{ 1ULL << 63, "NX" },
};

/* Says what a non-present entry means to the kernel. */
static void put_not_present(uint64_t entry, struct buf *out)
{
	unsigned type;
	uint64_t offset;

	if (!entry)
		buf_puts(out, "(no mapping)");
	else if (entry & PTE_PROTNONE)
		buf_puts(out, "(PROTNONE)");
	else if (x86_swap_entry(entry, &type, &offset))
		buf_printf(out, "(swap type %u, offset %" PRIu64 ")", type, offset);
	else
		buf_puts(out, "(not present)");
}

void x86_pte_flags(uint64_t entry, bool leaf, struct buf *out)
{
	const char *sep = "(";

	if (!(entry & PTE_PRESENT)) {
		put_not_present(entry, out);
		return;
	}
	for (size_t i = 0; i < sizeof(pte_bits) / sizeof(pte_bits[0]); i++) {
		if (!(entry & pte_bits[i].bit))
			continue;
		// In a 4 KiB leaf, bit 7 selects the memory type; in a table, bit 8 is unused.
		buf_printf(out, "%s%s", sep,
			   pte_bits[i].bit == PTE_PSE && leaf ? "PAT" : pte_bits[i].name);
		sep = "|";
	}
	buf_putc(out, ')');
}

bool x86_swap_entry(uint64_t entry, unsigned *type, uint64_t *offset)
{
	if (entry & (PTE_PRESENT | PTE_PROTNONE) || !entry)
		return false;
	// bits 59 to 63: type; 9 to 58: offset, inverted (L1TF)
	*type = (unsigned)(entry >> 59);
	*offset = ~entry << 5 >> 14;
	return true;
}

const char *x86_level_name(const struct paging *pg, int step)
{
	static const char *const names[] = { "PGD", "P4D", "PUD", "PMD", "PTE" };

	// With four levels there is no P4D.
	return step == 0 ? names[0] : names[step + (pg->levels == 4)];
}
