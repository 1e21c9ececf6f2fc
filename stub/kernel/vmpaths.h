// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmpaths.h - where a vmlinux, or its separate debug file, may be. */
#include <stdbool.h>

struct kernel;

/* Calls fn for each path, the likeliest first, until it returns true: next to the dump, then where
 * distributions install it. Most of these files do not exist. Returns what the last call did. */
bool vmpaths_each(struct kernel *k, bool (*fn)(struct kernel *k, const char *path));
