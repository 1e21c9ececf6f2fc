// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* reloc.h - apply the x86_64 relocations of one debug section in place. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/bytes.h"

/* What could not be applied; the bytes concerned keep what they held. */
struct reloc_faults {
	size_t unknown;	       /* relocation types not known here */
	uint32_t unknown_type; /* one of them */
	size_t outside;	       /* places beyond the section */
	size_t bad_symbol;     /* symbol numbers beyond the table */
	size_t overflow;       /* values too wide for their place */
	uint64_t overflow_off; /* where one of them is */
	uint64_t overflow_value;
};

/* Final value of a symbol. dead: in code that is not loaded. */
struct reloc_symbol {
	uint64_t value;
	bool dead;
};

struct reloc_symbols {
	const struct reloc_symbol *v;
	size_t n;
};

/* Apply rela (a table of Elf64_Rela) to the size bytes at p, which are to be at va. References to
 * dead symbols become *tombstone, addend or not, unless it is NULL. Faults are added to *faults. */
void reloc_apply(uint8_t *p, uint64_t size, uint64_t va, struct bytes rela,
		 struct reloc_symbols symbols, const uint64_t *tombstone,
		 struct reloc_faults *faults);
