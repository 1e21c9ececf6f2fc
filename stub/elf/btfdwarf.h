// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* btfdwarf.h - BTF as the debug information of an ELF file, so that gdb has a kernel's types from
 * its dump: DWARF 4, and an index of names.
 *
 * One unit holds every type once. Functions are in further units of some hundred each, in the order
 * of their addresses, where named structs are only declared: gdb reads such a unit when a frame is
 * in it, which must not take long, and finds a struct by its name when it needs what is inside. */
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

/* A variable that BTF does not type, though its type is in there. */
struct btfdwarf_variable {
	const char *name;
	uint32_t type;
};

struct btfdwarf_source {
	const struct btftab *types;
	const struct btfdwarf_variable *variables; /* beside those of BTF */
	size_t nvariables;
	const char *unit; /* name of the units: what gdb takes for their source file */
	/* Where the function (or else variable) of that name is; false: nowhere, or there are
	 * several, of which BTF does not say which one it means. */
	bool (*find)(void *ctx, const char *name, bool function, struct btfdwarf_place *ret);
	void *ctx;
};

void btfdwarf_deinit(struct btfdwarf *d);
/* Name of a section, such as ".debug_info". */
const char *btfdwarf_section_name(enum btfdwarf_section s);
/* Types that are marked bad are left out: a struct is then incomplete, others are shown as a type
 * named "<damaged type>". d is filled on success and untouched on failure. VS_NOMEM. */
vs_status btfdwarf_build(const struct btfdwarf_source *src, struct btfdwarf *d, struct err *err);
