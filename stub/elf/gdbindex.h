// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* gdbindex.h - writes .gdb_index, version 8: it says which unit of .debug_info has a name, so that
 * gdb reads no other unit. Format: "Index Section Format" in gdb's manual. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/base/vec.h"

enum gdbindex_kind { GDBINDEX_TYPE = 1, GDBINDEX_VARIABLE, GDBINDEX_FUNCTION };

struct gdbindex_name {
	const char *name; /* borrowed until build */
	uint32_t entry;	  /* unit, kind and whether static, as in the format */
	uint32_t next;	  /* 1 + index of the next entry of the same name */
};

struct gdbindex {
	struct buf units, ranges;
	VEC(struct gdbindex_name) names;
	bool oom;
};

void gdbindex_deinit(struct gdbindex *x);
/* Adds a unit. Units are numbered from 0 in the order of .debug_info. */
void gdbindex_unit(struct gdbindex *x, uint64_t off, uint64_t len);
void gdbindex_range(struct gdbindex *x, kva_t start, kva_t end, uint32_t unit);
void gdbindex_name(struct gdbindex *x, const char *name, uint32_t unit, enum gdbindex_kind kind,
		   bool is_static);
/* Appends the section to out. */
vs_status gdbindex_build(struct gdbindex *x, struct buf *out, struct err *err);
