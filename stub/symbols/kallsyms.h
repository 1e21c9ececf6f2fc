// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kallsyms.h - the symbol table in the kernel's memory (kernel/kallsyms.c). */
#include <stdbool.h>

#include "stub/base/mem.h"

struct symtab;

/* Addresses of its tables: from VMCOREINFO since 6.0, else from vmlinux. */
struct kallsyms_tables {
	kva_t names, num_syms, token_table, token_index, offsets;
	kva_t relative_base; /* 0: offsets are relative to their own address (7.0) */
	kva_t stext;	     /* run-time address of _stext, to recognize the encoding */
	bool long_names;     /* a first length byte >= 0x80 starts a two-byte length (6.1) */
};

/* Decode all names into t. Corrupt data ends the table early: t keeps the names before it, and the
 * failure says where. */
vs_status kallsyms_load(const struct mem *mem, const struct kallsyms_tables *tables,
			struct symtab *t, struct err *err);
