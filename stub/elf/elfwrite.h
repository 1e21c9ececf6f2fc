// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* elfwrite.h - writes an ELF64 file for gdb: ET_DYN with exactly one PT_LOAD, which is at its true
 * address and empty, since gdb reads memory from the dump.
 *
 * Order of calls: sections and symbols in any order; layout; fill in contents; take. The struct
 * remembers a lack of memory, and layout reports it. */
#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/base/vec.h"

struct elfwrite {
	uint16_t machine;
	uint64_t entry;		  /* e_entry; 0 unless the caller sets it */
	VEC(Elf64_Shdr) sections; /* [0] is the null section */
	VEC(Elf64_Sym) locals;
	VEC(Elf64_Sym) globals;
	struct buf section_names, names;
	struct buf image; /* after layout */
	bool oom;
};

void elfwrite_init(struct elfwrite *w, uint16_t machine);
void elfwrite_deinit(struct elfwrite *w);

/* Adds a section and returns its index. va is 0 for sections not in memory. SHT_NOBITS has no
 * contents; others get size bytes, to be filled in after layout. */
uint16_t elfwrite_section(struct elfwrite *w, const char *name, uint32_t type, uint64_t flags,
			  kva_t va, uint64_t size);
/* Appends s to the symbols' string table and returns its offset, for st_name. */
uint32_t elfwrite_name(struct elfwrite *w, const char *s);
/* Appends a whole string table; add the returned offset to the offsets into it. */
uint32_t elfwrite_names(struct elfwrite *w, const void *p, size_t n);
/* Adds a symbol; st_shndx is an index from elfwrite_section() or SHN_ABS. */
void elfwrite_symbol(struct elfwrite *w, const Elf64_Sym *sym);

/* Places everything, with the PT_LOAD at [lo, hi), and writes all but the contents of sections
 * added with elfwrite_section(). VS_UNSUPPORTED: too many sections; VS_NOMEM. */
vs_status elfwrite_layout(struct elfwrite *w, kva_t lo, kva_t hi, struct err *err);
/* Returns the place for the contents of section i. Call it after layout; valid until take. */
uint8_t *elfwrite_content(struct elfwrite *w, uint16_t i);
/* Makes gdb skip section i. Call it after layout. */
void elfwrite_drop(struct elfwrite *w, uint16_t i);
/* Moves the image to out and frees what out held. */
void elfwrite_take(struct elfwrite *w, struct buf *out);

/* Returns the first address of an image made here, for gdb's <segment address>. */
kva_t image_base(const struct buf *image);
