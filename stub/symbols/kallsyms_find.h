// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kallsyms_find.h - finds the kernel's symbol table by its structure, because VMCOREINFO has its
 * address only since 6.0. */
#include "stub/symbols/kallsyms.h"

/* Searches the kernel's image, from start to end, and reads no more of it than up to the tables.
 * stext: the run-time address of _stext, or, if it is unknown, of the first symbol in the image.
 * VS_NOTFOUND: there are no tables that agree with each other and with stext. */
vs_status kallsyms_find(const struct mem *mem, kva_t start, kva_t end, kva_t stext,
			struct kallsyms_tables *ret, struct err *err);
