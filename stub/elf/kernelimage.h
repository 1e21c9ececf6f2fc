// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kernelimage.h - writes vmlinux as a stripped executable: the sections of the kernel's image
 * without contents, vmlinux's build-id, and unwind rules.
 *
 * gdb loads it as the main symbol file, and vmlinux as its separate debug file, found by build-id.
 * gdb moves each section of the debug file to the section of the same name in the executable, and
 * leaves alone those that the executable lacks (addr_info_make_relative() in gdb/symfile.c). Only
 * so can a zero-based .data..percpu section (before Linux 6.15) stay while all others move: in a
 * library list, gdb takes an address of 0 for "not given". */
#include <stddef.h>
#include <stdint.h>

#include "stub/arch.h"
#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/elf/elffile.h"

/* Writes the image of vmlinux at its link addresses, with frames (ehframe.h) at such addresses,
 * too: gdb adds the slide to both. Sections below arch->os->image_base get a name that vmlinux
 * lacks. VS_NOTFOUND: vmlinux has no build-id, or no section in the kernel's image. VS_NOMEM. out
 * is replaced on success and untouched on failure. */
vs_status kernelimage_build(const struct arch_ops *arch, struct elffile *vmlinux,
			    const struct buf *frames, struct buf *out, struct err *err);
