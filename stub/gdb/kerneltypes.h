// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kerneltypes.h - debug information for a kernel without its vmlinux, out of its BTF. */
#include "stub/base/err.h"
#include "stub/elf/btfdwarf.h"

struct kernel;

/* Types, functions and per-CPU variables, at the addresses that gdb knows them by when its kernel
 * file is an image of symbols. Warns of BTF that is damaged in part. VS_NOTFOUND: the kernel's
 * types are not known from BTF. */
vs_status kerneltypes_build(struct kernel *k, struct btfdwarf *ret, struct err *err);
