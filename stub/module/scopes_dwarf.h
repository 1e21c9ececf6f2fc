// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* scopes_dwarf.h - the scopes of an instruction in DWARF; private to lines.c, which has it, and
 * scope.c. */
#include <elfutils/libdw.h>

#include "stub/base/mem.h"

struct kernel;

/* The unit that describes pc, and the address of pc in it. VS_NOTFOUND: no debug information. */
vs_status lines_unit(struct kernel *k, kva_t pc, Dwarf_Die *cu, uint64_t *link_pc, struct err *err);
/* The lexical blocks and functions around that address, innermost first, from inlined functions to
 * those that contain them. *cu becomes the unit that has them: with split DWARF it is in another
 * file. Returns their number; the caller frees *ret. */
int lines_scopes(Dwarf_Die *cu, uint64_t link_pc, Dwarf_Die **ret);
