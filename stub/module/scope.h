// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* scope.h - variables of the functions at an instruction, from DWARF (libdw). */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;

struct scope_var {
	const char *name; /* valid as long as the kernel */
	int64_t off;	  /* its value is that of the register, plus this */
	/* The type it points to, in words for types_find(); "": it is no pointer, or the type has
	 * no name. */
	char points_to[128];
};

/* The variables whose value, just before the instruction at pc, a register has (number of struct
 * regs): those of the innermost function first. *n is their number, at most max. VS_NOTFOUND:
 * none, or no debug information. */
vs_status scope_in_register(struct kernel *k, kva_t pc, unsigned reg, struct scope_var *ret,
			    size_t max, size_t *n, struct err *err);
