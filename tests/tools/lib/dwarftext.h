// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dwarftext.h - writes a definition of debug information as one line that can be compared. */
#include <elfutils/libdw.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"

struct dwarftext {
	struct buf out;
	bool without_signs; /* write enumerators as unsigned numbers */
};

/* "struct x", "union x", "enum x", "type x", "function x" or "variable x" of what defines one;
 * false for anything else, for local variables, and for declarations of anything but a variable,
 * which a linker script or assembly code may define. */
bool dwarftext_name(Dwarf_Die *die, char *out, size_t len);
/* Appends the definition: sizes in bytes, places in bits. Other named types appear by name. */
void dwarftext_definition(struct dwarftext *t, Dwarf_Die *die);
/* The i-th address of a variable, which has one, or where the i-th part of a function's code
 * starts; false if there is none. */
bool dwarftext_address(Dwarf_Die *die, unsigned int i, uint64_t *ret);
