// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* lookup.h - finds a file by its path. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* Finds the struct inode of a file by its path, as fs_put_path() makes it with the first mount of
 * its file system, among all files that have an inode and a name in memory. VS_NOTFOUND: none has
 * this path; *incomplete: some could not be read, and err says why. */
vs_status fs_lookup(struct kernel *k, const char *path, kva_t *ret, bool *incomplete,
		    struct err *err);
