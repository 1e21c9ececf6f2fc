// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modtypes.h - types by name, whoever defines them: the kernel, or a module. */
#include "stub/symbols/types.h"

struct kernel;
struct module;

/* The kernel's types first, then the DWARF of each module whose file is known. "struct x" or x, as
 * types_find(). Borrowed until the module's file changes. VS_NOTFOUND. */
vs_status kernel_find_type(struct kernel *k, const char *name, struct types **t, type_ref *ret,
			   struct err *err);
/* Type of a variable or function of that name: of a module's DWARF, of BTF, and last of vmlinux's
 * DWARF, which takes a second or two. */
vs_status kernel_find_variable(struct kernel *k, const char *name, struct types **t, type_ref *ret,
			       struct err *err);
/* After `mod -s` named another file. */
void modtypes_forget(struct kernel *k, struct module *mod);
