// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modtypes.h - types by name, from the kernel or a module. */
#include "stub/base/mem.h"
#include "stub/symbols/types.h"

struct kernel;
struct module;

/* Searches the kernel's types, then those of each module: the DWARF of its file, or without it the
 * BTF that the kernel keeps. name: "struct x" or x, as in types_find(). Borrowed until the module's
 * file changes. VS_NOTFOUND. */
vs_status kernel_find_type(struct kernel *k, const char *name, struct types **t, type_ref *ret,
			   struct err *err);
/* Searches the types of one module, if it is loaded, then the kernel's: it may be built in. */
vs_status kernel_find_type_in(struct kernel *k, const char *module, const char *name,
			      struct types **t, type_ref *ret, struct err *err);
/* Type of the variable or function with this name, from a module's DWARF, from BTF, or last from
 * vmlinux's DWARF, which takes a second or two. */
vs_status kernel_find_variable(struct kernel *k, const char *name, struct types **t, type_ref *ret,
			       struct err *err);
/* The same for a name in code or data at va: in the types of the module that contains it first. */
vs_status kernel_find_type_near(struct kernel *k, kva_t va, const char *name, struct types **t,
				type_ref *ret, struct err *err);
vs_status kernel_find_variable_near(struct kernel *k, kva_t va, const char *name, struct types **t,
				    type_ref *ret, struct err *err);
/* Call this after `mod -s` named another file. */
void modtypes_forget(struct kernel *k, struct module *mod);
