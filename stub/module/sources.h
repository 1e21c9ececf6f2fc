// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* sources.h - where the kernel was built, and its source files on this machine. */
#include <stddef.h>
#include <stdio.h>

#include "stub/base/err.h"

struct kernel;

#define SOURCES_DIRS 4

/* Folders with which the names of source files start, from DW_AT_comp_dir and from names of units.
 * Longer ones come first: as replacements, they must be tried in this order. */
struct source_dirs {
	char v[SOURCES_DIRS][256];
	size_t n;
};

/* VS_NOTFOUND without debug information of vmlinux. */
vs_status sources_built_in(struct kernel *k, struct source_dirs *ret, struct err *err);

/* Opens a source file by its name in debug information: below the folder of --source, else where
 * the name says. NULL: it is not on this machine. */
FILE *sources_open(struct kernel *k, const char *name);
