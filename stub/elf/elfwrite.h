// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* elfwrite.h - sections and symbols to the bytes of an ELF64 file for gdb: ET_DYN with exactly one
 * PT_LOAD at its true address and nothing in it, since gdb reads memory from the dump.
 *
 * Order of calls: sections and symbols in any order, then layout, then fill in the contents of
 * sections that have any, then take. Out of memory is remembered and reported by layout. */
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
	struct buf image; /* from layout on */
	bool oom;
};

void elfwrite_init(struct elfwrite *w, uint16_t machine);
void elfwrite_deinit(struct elfwrite *w);

/* Add a section and return its index. va is 0 for what is not in memory. SHT_NOBITS has no
 * contents; others get size bytes, to be filled in after layout. */
uint16_t elfwrite_section(struct elfwrite *w, const char *name, uint32_t type, uint64_t flags,
			  kva_t va, uint64_t size);
/* Append s to the symbols' string table; the offset is for st_name. */
uint32_t elfwrite_name(struct elfwrite *w, const char *s);
/* Append a whole string table; add the returned offset to its own offsets. */
uint32_t elfwrite_names(struct elfwrite *w, const void *p, size_t n);
/* sym->st_shndx is an index from elfwrite_section() or SHN_ABS. */
void elfwrite_symbol(struct elfwrite *w, const Elf64_Sym *sym);

/* Place everything, with the PT_LOAD at [lo, hi), and write all but the contents of sections added
 * with elfwrite_section(). VS_UNSUPPORTED: too many sections; VS_NOMEM. */
vs_status elfwrite_layout(struct elfwrite *w, kva_t lo, kva_t hi, struct err *err);
/* Where the contents of section i go: as many bytes as it has. After layout; valid until take. */
uint8_t *elfwrite_content(struct elfwrite *w, uint16_t i);
/* Make section i one without contents, which gdb passes over. After layout. */
void elfwrite_drop(struct elfwrite *w, uint16_t i);
/* Hand the image over; what out held before is freed. */
void elfwrite_take(struct elfwrite *w, struct buf *out);

/* First address of an image made here: what gdb wants in <segment address>. */
kva_t image_base(const struct buf *image);
