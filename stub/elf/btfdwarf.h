// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfdwarf.h - converts BTF to debug information (DWARF 4 and an index of names), so that gdb gets
 * a kernel's types from its dump.
 *
 * One unit has every type once. Functions follow in units of some hundred each, in the order of
 * addresses. gdb reads such a unit when a frame is in it, which must be fast: so it only declares
 * named structs, and gdb looks them up by name when it needs their members. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct btftab;

enum btfdwarf_section {
	BTFDWARF_INFO,
	BTFDWARF_ABBREV,
	BTFDWARF_STR,
	BTFDWARF_INDEX,
	BTFDWARF_SECTIONS,
};

struct btfdwarf {
	struct buf section[BTFDWARF_SECTIONS];
};

/* Where a function or variable is. */
struct btfdwarf_place {
	kva_t va;
	uint64_t size; /* of a function, not 0 */
	bool global;
};

/* A variable that BTF lacks, although it has the variable's type. */
struct btfdwarf_variable {
	const char *name;
	uint32_t type;
};

struct btfdwarf_source {
	const struct btftab *types;
	const struct btfdwarf_variable *variables; /* besides those in BTF */
	size_t nvariables;
	const char *unit; /* name of the units; gdb takes it for their source file */
	/* Finds the function (or else variable) of this name. Returns false if there is none, or
	 * several: BTF does not say which one it means. */
	bool (*find)(void *ctx, const char *name, bool function, struct btfdwarf_place *ret);
	void *ctx;
};

void btfdwarf_deinit(struct btfdwarf *d);
/* Returns the name of a section, such as ".debug_info". */
const char *btfdwarf_section_name(enum btfdwarf_section s);
/* Leaves out bad types: a bad struct is incomplete, other types become "<damaged type>". d is
 * filled on success and untouched on failure. VS_NOMEM. */
vs_status btfdwarf_build(const struct btfdwarf_source *src, struct btfdwarf *d, struct err *err);
