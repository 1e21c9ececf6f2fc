// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* elffile.h - an ELF file on disk (vmlinux or .ko, maybe compressed): sections, symbols, build-id.
 * Everything returned is valid until elffile_close(). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"

#define BUILD_ID_MAX 64

struct build_id {
	uint8_t b[BUILD_ID_MAX];
	size_t len; /* 0: none */
};

struct elffile;

struct elf_section {
	const char *name;
	uint64_t addr, size, flags;
	uint32_t type;
	size_t index;
};

struct elf_symbol {
	const char *name;
	uint64_t value, size;
	size_t section; /* section index, 0: undefined; SHN_ABS and friends are large */
	unsigned char type, bind;
};

vs_status elffile_open(const char *path, struct elffile **ret, struct err *err);
void elffile_close(struct elffile *f);

/* Is the file compressed as a whole (gzip, xz, zstd)? */
bool elffile_is_packed(struct elffile *f);
/* Writes the uncompressed file to memory; the caller closes *fd. */
vs_status elffile_to_memfd(struct elffile *f, const char *name, int *fd, struct err *err);

/* Finds a section by its full name. VS_NOTFOUND: there is none. */
vs_status elffile_section(struct elffile *f, const char *name, struct elf_section *ret);
bool elffile_has_section(struct elffile *f, const char *name);
/* Has it debug information (DWARF), in plain sections or in those that were compressed the old way?
 */
bool elffile_has_debug_info(struct elffile *f);
/* Gets section i (from 1). Returns false past the end. */
bool elffile_section_at(struct elffile *f, size_t i, struct elf_section *ret);
/* Gets the contents of a section, uncompressed. */
vs_status elffile_data(struct elffile *f, size_t index, const void **data, size_t *len,
		       struct err *err);
/* Number of entries in the symbol table, at most; 0 without one. */
size_t elffile_symbol_count(struct elffile *f);
/* Calls fn for every symbol of .symtab in file order until it returns false. */
vs_status elffile_symbols(struct elffile *f, bool (*fn)(void *ctx, const struct elf_symbol *s),
			  void *ctx, struct err *err);
/* Gets NT_GNU_BUILD_ID; len is 0 if the file has none. */
void elffile_build_id(struct elffile *f, struct build_id *ret);
/* Gets the address of the nth PT_LOAD (from 0). Returns false if there are fewer. */
bool elffile_load_segment(struct elffile *f, size_t n, uint64_t *vaddr, uint64_t *memsz);
/* Returns e_entry, 0 if the header cannot be read. */
uint64_t elffile_entry(struct elffile *f);

/* Finds NT_GNU_BUILD_ID in a block of notes. */
bool build_id_from_notes(const void *notes, size_t len, struct build_id *ret);
bool build_id_equal(const struct build_id *a, const struct build_id *b);
/* Writes the build-id in lower-case hex to out. */
const char *build_id_str(const struct build_id *id, char out[2 * BUILD_ID_MAX + 1]);

/* Writes to out, and returns, where distributions install the debug file for this build-id. The
 * file need not exist. root: a folder that stands for /; NULL or "": / itself. */
const char *build_id_debug_path(const char *root, const struct build_id *id, struct buf *out);
