// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kallsyms.h - the symbol table in the kernel's memory (kernel/kallsyms.c). */
#include <stdbool.h>

#include "stub/base/mem.h"

struct symtab;

#define KALLSYMS_MAX	   (4u << 20) /* symbols; the largest kernels have about 400,000 */
#define KALLSYMS_MAX_TOKEN 64	      /* bytes of a token with its NUL */
#define KALLSYMS_MAX_NAME  512 /* type letter and KSYM_NAME_LEN - 1, which is 511 since 6.1 */

/* Addresses of its tables: from VMCOREINFO since 6.0, else from kallsyms_find(). */
struct kallsyms_tables {
	kva_t names, num_syms, token_table, token_index;
	kva_t offsets;	     /* or addresses of 8 bytes each, if absolute */
	kva_t relative_base; /* 0: offsets are relative to their own address (7.0) */
	kva_t stext;	     /* run-time address of _stext, to recognize the encoding */
	bool long_names;     /* a first length byte >= 0x80 starts a two-byte length (6.1) */
	bool absolute;	     /* before 4.6 */
};

/* Decode all names into t. Corrupt data ends the table early: t keeps the names before it, and the
 * failure says where. */
vs_status kallsyms_load(const struct mem *mem, const struct kallsyms_tables *tables,
			struct symtab *t, struct err *err);

/* VS_OK if the n addresses in these tables ascend, as the kernel's do, and contain _stext. */
vs_status kallsyms_in_order(const struct mem *mem, const struct kallsyms_tables *t, uint32_t n,
			    struct err *err);
