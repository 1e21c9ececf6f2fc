// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* orccopy.h - a copy of the kernel's ORC table, to go through all of its rows. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/arch.h"

struct kernel;
struct orc_copy;

/* Copies the table: reading half a million rows by page walks would take a second. The caller frees
 * *ret. VS_NOMEM, or what prevented reading it. */
vs_status orc_copy_load(struct kernel *k, struct orc_copy **ret, struct err *err);
void orc_copy_free(struct orc_copy *c); /* NULL is fine */

uint32_t orc_copy_rows(const struct orc_copy *c);

/* Decodes row i for gdb. False: nonsense, or the last row, which only marks the end of the code. */
bool orc_copy_row(const struct kernel *k, const struct orc_copy *c, uint32_t i,
		  struct unwind_rule *ret);

/* Is the CFA of this row a word at the stack pointer, because the stack was switched? */
bool orc_switches_stack(const struct unwind_rule *r);
