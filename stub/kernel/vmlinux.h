// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vmlinux.h - finds the kernel's ELF file by build-id. */
#include "stub/base/err.h"
#include "stub/elf/elffile.h"

struct kernel;
struct slot_ops;

/* Of k->vmlinux_slot: fills k->vmlinux and k->vmlinux_path, and k->slide when VMCOREINFO did not
 * tell it. A file given by --vmlinux that does not match is named with both ids. */
extern const struct slot_ops vmlinux_slot_ops;

/* Build-id of the running kernel's memory, else VMCOREINFO's. False when neither is there. */
bool vmlinux_dump_build_id(struct kernel *k, struct build_id *ret);

/* Has the gdb that started us opened that vmlinux before it connected? Then it asks for the offsets
 * of vmlinux's segments, and takes no other file as its main one. vmlinux must be loaded. */
bool vmlinux_gdb_has(struct kernel *k);
