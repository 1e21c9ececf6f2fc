// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* modimage.h - writes a loaded kernel module as an ELF file that gdb need not relocate: sections at
 * their loaded addresses, debug sections relocated and decompressed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct btfdwarf;

/* Makes types from another source if the module's files have no debug information. */
struct modimage_types {
	bool (*make)(void *ctx, struct btfdwarf *ret); /* false: there are none */
	void *ctx;
};

/* Where the kernel loaded one section of the module. */
struct image_section {
	const char *name;
	kva_t va;	/* 0: not loaded */
	uint64_t size;	/* 0: use the .ko's */
	bool init_live; /* keep .init.*: the module was still initialising, so its memory is in use
			 */
};

/* Debug information places data without an address (.init.data, undefined symbols) in the last 2
 * MiB of the address space, where Linux maps nothing (Documentation/arch/x86/x86_64/mm.rst, "unused
 * hole"), but below the error pointers. Reading there says "cannot access memory"; 0 might be the
 * address of a per-CPU variable.
 *
 * Code without an address cannot go there: the range of its unit would reach from the module to the
 * hole, and gdb before 13 takes the first unit whose range, gaps included, has the pc. It gets what
 * GNU ld gives code that it discards: 0, and in .debug_ranges 1, since 0 ends a list there. gdb 10
 * to 18 ignore both. Only its call frames stay in the hole, where they match no pc. */
#define IMAGE_HOLE_START UINT64_C(0xffffffffffe00000)
#define IMAGE_HOLE_CODE	 UINT64_C(0xfffffffffff00000) /* only call frames of code */
#define IMAGE_HOLE_END	 UINT64_C(0xffffffffffff0000)

/* Writes the image of the module ko_path (ET_REL, maybe compressed), with the debug sections of
 * debug_path (its separate debug file with the same section names; NULL: use the .ko's). One of the
 * two may be NULL. sections has n sections with the names used in the .ko; .data..percpu sections
 * get symbols and debug information, but no section in the image: no segment covers their address.
 * types may be NULL.
 *
 * Warns of and ignores an unusable debug file. VS_NOTFOUND: no section of the file has an address.
 * VS_IO, VS_UNSUPPORTED (not ET_REL), VS_CORRUPT, VS_NOMEM. out is replaced on success and
 * untouched on failure; image_base() in elfwrite.h returns its first address. */
vs_status modimage_build(const char *ko_path, const char *debug_path,
			 const struct image_section *sections, size_t n,
			 const struct modimage_types *types, struct buf *out, struct err *err);
