// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmlinux.h - finds the kernel's ELF file. */
#include "stub/base/err.h"
#include "stub/elf/elffile.h"

struct kernel;
struct slot_ops;

/* For k->vmlinux_slot: sets k->vmlinux and k->vmlinux_path, and k->slide if VMCOREINFO does not
 * have it. If the file of --vmlinux does not match, the error has both build-ids. */
extern const struct slot_ops vmlinux_slot_ops;

/* The file with vmlinux's debug information: vmlinux itself or a separate file. NULL: there is
 * none. vmlinux must be loaded. */
const char *vmlinux_debug_path(struct kernel *k);

/* Had the gdb that started vmstub opened this vmlinux before it connected? Then gdb asks for the
 * offsets of vmlinux's segments, and accepts no other main file. vmlinux must be loaded. */
bool vmlinux_gdb_has(struct kernel *k);
