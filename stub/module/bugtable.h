// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* bugtable.h - the table in which the kernel keeps, for each BUG() and WARN(), the file and line:
 * struct bug_entry in section __bug_table of the kernel and of each module. */
#include <stdbool.h>

#include "stub/base/mem.h"

struct kernel;

struct bug {
	kva_t va;	/* its struct bug_entry */
	char file[256]; /* "": the kernel was built without, or it cannot be read */
	unsigned line;
	bool warning;	  /* WARN(), not BUG() */
	char format[256]; /* of the message of a WARN(); "" unknown */
};

/* The entry for the instruction at pc. VS_NOTFOUND: none is for it. */
vs_status bug_find(struct kernel *k, kva_t pc, struct bug *ret, struct err *err);
