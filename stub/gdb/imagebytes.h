// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* imagebytes.h - what is in the ELF files that vmstub makes for gdb. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/gdb/kernelfile.h"

struct dyncodes;
struct kernel;
struct kerneltypes;
struct module;

/* The image with the kernel's unwind rules, as gdb needs it when it comes by vmlinux in this way;
 * without a vmlinux with the dump's own symbols and types, too. */
vs_status imagebytes_entry(struct kernel *k, struct kerneltypes *types, enum kernel_file file,
			   bool entry_first, struct buf *bytes, struct err *err);

/* The image of a module, from its files; *has_file: they are here. Else names and unwind rules out
 * of the dump. moved: gdb adds the slide to addresses of per-CPU symbols. */
vs_status imagebytes_module(struct kernel *k, struct kerneltypes *types, struct module *m,
			    bool moved, struct buf *bytes, bool *has_file, struct err *err);

/* Names of n pieces of code made at run time, from the one with the number first on. */
vs_status imagebytes_programs(const struct dyncodes *d, size_t first, size_t n, struct buf *bytes,
			      struct err *err);
