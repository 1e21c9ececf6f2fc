// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_kallsyms.c - any bytes as the kernel's symbol tables, and lookups in the result. */
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/symbols/kallsyms.h"
#include "stub/symbols/symtab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE 0xffffffff82000000ULL

static void look_up(const struct symtab *t)
{
	for (size_t i = 0; i < symtab_count(t); i++) {
		const struct symbol *s = symtab_at(t, i), *found = symtab_lookup(t, s->va);

		if (found && found->va != s->va)
			abort();
		if (!symtab_find(t, s->name))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kallsyms_tables t;
	struct mem_array mem;
	struct symtab *syms;
	struct err err;
	uint64_t first;

	if (size < 32)
		return 0;
	mem_array_init(&mem, BASE, data, size);
	t = (struct kallsyms_tables){
		.num_syms = BASE,
		.offsets = BASE + load_u16(data + 4),
		.names = BASE + load_u16(data + 6),
		.token_table = BASE + load_u16(data + 8),
		.token_index = BASE + load_u16(data + 10),
		.relative_base = data[12] & 1 ? BASE : 0,
		.long_names = data[12] & 2,
	};
	// Make the first symbol _stext in one of the styles, so that decoding gets past it.
	first = t.offsets - BASE;
	if (range_ok(first, 4, size)) {
		uint32_t off = load_u32(data + first);

		t.stext = t.relative_base
				  ? data[12] & 4
					    ? t.relative_base + off
					    : t.relative_base - 1 - (uint64_t)(int64_t)(int32_t)off
				  : t.offsets + (uint64_t)(int64_t)(int32_t)off;
	}
	syms = symtab_create();
	if (syms) {
		(void)kallsyms_load(&mem.mem, &t, syms, &err);
		if (symtab_seal(syms))
			look_up(syms);
	}
	symtab_destroy(syms);
	return 0;
}
