// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modimage.h - a loaded kernel module as an ELF file that gdb reads without relocating anything:
 * sections at their loaded addresses, debug sections already relocated, decompressed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct btfdwarf;

/* Types from elsewhere, made only for a module whose files have no debug information. */
struct modimage_types {
	bool (*make)(void *ctx, struct btfdwarf *ret); /* false: there are none */
	void *ctx;
};

/* Where the kernel loaded one section of the module. */
struct image_section {
	const char *name;
	kva_t va;	/* 0: not loaded */
	uint64_t size;	/* 0: as the .ko says */
	bool init_live; /* keep .init.*: the module was still initialising, its memory is in use */
};

/* Where data without an address (.init.data, symbols nobody defines) is put as far as debug
 * information is concerned: the last 2 MiB of the address space, where Linux maps nothing
 * (Documentation/arch/x86/x86_64/mm.rst, "unused hole"), short of the error pointers. A read says
 * "cannot access memory", where 0 might be the address of a per-CPU variable.
 *
 * Code without an address may not go there: the range of its unit would reach from the module to
 * the hole, and gdb before 13 takes the first unit whose range, gaps included, has the pc. It gets
 * what GNU ld gives code it discards: 0, and in .debug_ranges 1, since 0 ends a list there. gdb 10
 * to 18 pass over both. Only its call frames stay in the hole, where they match no pc. */
#define IMAGE_HOLE_START UINT64_C(0xffffffffffe00000)
#define IMAGE_HOLE_CODE	 UINT64_C(0xfffffffffff00000) /* call frames of code alone */
#define IMAGE_HOLE_END	 UINT64_C(0xffffffffffff0000)

/* Write the image of the module ko_path (ET_REL, may be compressed), with debug sections of
 * debug_path (its separate debug file, same section names; NULL: those of the .ko itself). One of
 * the two may be NULL. sections: n of them, by the names the .ko uses; .data..percpu sections get
 * symbols and debug information but no place in the file, their address belongs to no segment.
 * types: may be NULL.
 *
 * A debug file that cannot be used is ignored, with a warning. VS_NOTFOUND: no section of the
 * file has an address. VS_IO, VS_UNSUPPORTED (not ET_REL), VS_CORRUPT, VS_NOMEM. out is replaced
 * on success and untouched on failure; image_base() of elfwrite.h tells its first address. */
vs_status modimage_build(const char *ko_path, const char *debug_path,
			 const struct image_section *sections, size_t n,
			 const struct modimage_types *types, struct buf *out, struct err *err);
