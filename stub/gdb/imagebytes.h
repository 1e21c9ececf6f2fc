// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* imagebytes.h - makes the contents of vmstub's ELF files for gdb. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/gdb/kernelfile.h"

struct dyncodes;
struct kernel;
struct kerneltypes;
struct module;

/* Makes the image with the kernel's unwind rules, depending on how gdb gets vmlinux. Without
 * vmlinux, adds the dump's own symbols and types. */
vs_status imagebytes_entry(struct kernel *k, struct kerneltypes *types, enum kernel_file file,
			   bool entry_first, struct buf *bytes, struct err *err);

/* Makes the image of a module from its files, and sets *has_file. If there are none, makes it from
 * names and unwind rules in the dump. moved: gdb adds the slide to addresses of per-CPU symbols. */
vs_status imagebytes_module(struct kernel *k, struct kerneltypes *types, struct module *m,
			    bool moved, struct buf *bytes, bool *has_file, struct err *err);

/* Makes an image with the names of n BPF programs or trampolines, starting with number first. */
vs_status imagebytes_programs(const struct dyncodes *d, size_t first, size_t n, struct buf *bytes,
			      struct err *err);
