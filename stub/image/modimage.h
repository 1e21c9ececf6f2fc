#pragma once
/* modimage.h - a loaded kernel module as an ELF file that gdb reads without relocating anything:
 * sections at their loaded addresses, debug sections already relocated, decompressed. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

/* Where the kernel loaded one section of the module. */
struct image_section {
	const char *name;
	kva_t va;	/* 0: not loaded */
	uint64_t size;	/* 0: as the .ko says */
	bool init_live; /* keep .init.*: the module was still initialising, its memory is in use */
};

/* Sections without an address, .init.* among them, and symbols nobody defines are put here as far
 * as debug information is concerned: the last 2 MiB of the address space, where Linux maps nothing
 * (Documentation/arch/x86/x86_64/mm.rst, "unused hole"), short of the error pointers. Thus
 * arithmetic inside the debug sections stays true, `list init_function` works, no range of them
 * overlaps code, and a read says "cannot access memory". An address of 0 would not do: gdb
 * drops exact zeroes only, and a (0, 0) pair ends DWARF 4 lists early. */
#define IMAGE_HOLE_START UINT64_C(0xffffffffffe00000)
#define IMAGE_HOLE_END	 UINT64_C(0xffffffffffff0000)

/* Write the image of the module ko_path (ET_REL, may be compressed), with debug sections of
 * debug_path (its separate debug file, same section names; NULL: those of the .ko itself). One of
 * the two may be NULL. sections: n of them, by the names the .ko uses; .data..percpu sections get
 * symbols and debug information but no place in the file, their address belongs to no segment.
 *
 * A debug file that cannot be used is left aside with a warning. VS_NOTFOUND: no section of the
 * file has an address. VS_IO, VS_UNSUPPORTED (not ET_REL), VS_CORRUPT, VS_NOMEM. out is replaced
 * on success and untouched on failure; image_base() of elfwrite.h tells its first address. */
vs_status modimage_build(const char *ko_path, const char *debug_path,
			 const struct image_section *sections, size_t n, struct buf *out,
			 struct err *err);
