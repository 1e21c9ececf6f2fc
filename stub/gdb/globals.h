// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* globals.h - finds the types of well-known global variables. Before Linux 6.15, BTF has the types
 * of per-CPU variables only; for those here, the kernel's headers fix them. */
#include <stdbool.h>

#include "stub/base/vec.h"
#include "stub/elf/btfdwarf.h"

struct btftab;

typedef VEC(struct btfdwarf_variable) globals;

/* Finds the variables whose type is in the table under a unique name, and which the table itself
 * lacks. Returns false without memory. */
bool globals_find(const struct btftab *t, globals *ret);
