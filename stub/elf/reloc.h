// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* reloc.h - applies the x86_64 relocations of one debug section in place. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/bytes.h"

/* Relocations that were not applied; their bytes are unchanged. */
struct reloc_faults {
	size_t unknown;	       /* of an unknown type */
	uint32_t unknown_type; /* such as this one */
	size_t outside;	       /* beyond the section */
	size_t bad_symbol;     /* with a symbol number beyond the table */
	size_t overflow;       /* with a value too wide for its place */
	uint64_t overflow_off; /* offset of one of them */
	uint64_t overflow_value;
};

/* The final value of a symbol. dead: in code that is not loaded. */
struct reloc_symbol {
	uint64_t value;
	bool dead;
};

struct reloc_symbols {
	const struct reloc_symbol *v;
	size_t n;
};

/* Applies rela (a table of Elf64_Rela) to the size bytes at p, which gdb will see at va. References
 * to dead symbols become *tombstone, whatever the addend, unless it is NULL. Adds to *faults. */
void reloc_apply(uint8_t *p, uint64_t size, uint64_t va, struct bytes rela,
		 struct reloc_symbols symbols, const uint64_t *tombstone,
		 struct reloc_faults *faults);
