// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kerneltypes.h - makes debug information from BTF, for a kernel without vmlinux and for modules
 * without files. */
#include "stub/base/err.h"
#include "stub/elf/btfdwarf.h"

struct kernel;
struct kerneltypes;
struct module;

/* k must outlive the result. Reads nothing yet. NULL without memory. */
struct kerneltypes *kerneltypes_create(struct kernel *k);
void kerneltypes_destroy(struct kerneltypes *t);

/* Makes types, functions and per-CPU variables of the kernel, at run-time addresses. moved: gdb
 * moves per-CPU variables by the slide (kernel_file_moves_percpu()). Warns of partly damaged BTF.
 * VS_NOTFOUND: the kernel's types are not from BTF. */
vs_status kerneltypes_kernel(struct kerneltypes *t, bool moved, struct btfdwarf *ret,
			     struct err *err);
/* Makes the types and functions of a module. VS_NOTFOUND: the kernel has no BTF of it. */
vs_status kerneltypes_module(struct kerneltypes *t, struct module *m, struct btfdwarf *ret,
			     struct err *err);
