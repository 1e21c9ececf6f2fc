// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_kallsyms_find.c - any bytes as a kernel's image, in which its symbol tables are searched.
 * The first 8 bytes are the address of _stext. */
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/symbols/kallsyms_find.h"
#include "stub/symbols/symtab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE 0xffffffff81000000ULL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kallsyms_tables t;
	struct mem_array mem;
	struct symtab *syms;
	struct err err;

	if (size < 8)
		return 0;
	mem_array_init(&mem, BASE, data, size);
	if (kallsyms_find(&mem.mem, BASE, BASE + size, load_u64(data), &t, &err))
		return 0;
	syms = symtab_create();
	// Tables that were found agree with each other, so all names can be read.
	if (syms && kallsyms_load(&mem.mem, &t, syms, &err) != VS_OK && err.code != VS_NOMEM)
		abort();
	if (syms && symtab_count(syms) == 0)
		abort();
	symtab_destroy(syms);
	return 0;
}
