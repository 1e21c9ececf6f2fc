// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* debuglink.h - where the separate debug file of an ELF file may be. */
#include <stdbool.h>

struct elffile;

/* Calls fn for the places that the file's .gnu_debuglink stands for, in gdb's order, until it
 * returns true: the file's folder, .debug below it, and the same folder below /usr/lib/debug.
 * root: a folder that stands for /; NULL or "": / itself. Returns what the last call did; false
 * without a link. The caller checks what it finds there. */
bool debuglink_each(struct elffile *f, const char *path, const char *root,
		    bool (*fn)(void *ctx, const char *path), void *ctx);
