// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kernelimage.h - vmlinux as a stripped executable: every section of the kernel's image without
 * contents, vmlinux's build-id, and unwind rules.
 *
 * gdb loads it as the main symbol file, and vmlinux as its separate debug file, found by build-id.
 * gdb moves the sections of a debug file to where the executable has the section of the same name,
 * and leaves alone what the executable lacks (addr_info_make_relative() in gdb/symfile.c). That is
 * the only way to keep a zero-based .data..percpu section (before Linux 6.15) where the kernel has
 * it while everything else moves: an address of 0 in a list of libraries reads as "not given". */
#include <stddef.h>
#include <stdint.h>

#include "stub/arch.h"
#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/elf/elffile.h"

/* Write the image of vmlinux at its link addresses, with one FDE for each of the n rules (see
 * entryimage.h), which are moved back by slide in place: gdb moves all by the slide again. Sections
 * below arch->os->image_base are left out. VS_NOTFOUND: vmlinux has no build-id or no such section.
 * VS_NOMEM. out is replaced on success and untouched on failure. */
vs_status kernelimage_build(const struct arch_ops *arch, struct elffile *vmlinux, uint64_t slide,
			    struct unwind_rule *rules, size_t n, struct buf *out, struct err *err);
