// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* globals.h - types of well-known global variables. BTF names a variable's type only if it is a
 * per-CPU one, or since Linux 6.15; for these the kernel's headers fix it. */
#include <stdbool.h>

#include "stub/base/vec.h"
#include "stub/elf/btfdwarf.h"

struct btftab;

typedef VEC(struct btfdwarf_variable) globals;

/* Those whose type the table has, once by that name, and for which it has no variable of its own.
 * False: no memory. */
bool globals_find(const struct btftab *t, globals *ret);
