// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* elfread.h - reads section headers and contents of an untrusted ELF64 file, compressed or not.
 * libelf and libdw only find and decompress the bytes; this file reads and checks the headers, so
 * that there is one set of bounds checks. */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/err.h"

struct Elf;

struct elf_in {
	const char *path;    /* for messages; borrowed */
	struct Elf *elf;     /* libelf's handle, or NULL and */
	struct buf unpacked; /* the bytes we unpacked */
	int fd;
	struct bytes file;	/* the whole ELF file, in elf or unpacked */
	uint16_t type, machine; /* e_type, e_machine */
	Elf64_Shdr *sh;		/* nsh headers, the whole table; not checked yet */
	size_t nsh;
	struct bytes names;
};

/* Opens path (plain, .gz, .xz, .zst...), which must outlive f. VS_IO: not readable. VS_UNSUPPORTED:
 * not a little-endian ELF64 file. VS_CORRUPT: its section table is outside the file. */
vs_status elf_in_open(struct elf_in *f, const char *path, struct err *err);
void elf_in_deinit(struct elf_in *f);

/* Returns the name of section i < nsh, "" if damaged or longer than 255 bytes. Valid as long as f.
 */
const char *elf_in_name(const struct elf_in *f, size_t i);
/* Gets the contents of section i < nsh as stored (maybe compressed); empty for SHT_NOBITS.
 * VS_CORRUPT: they lie outside the file. */
vs_status elf_in_data(const struct elf_in *f, size_t i, struct bytes *ret, struct err *err);

/* Gets the decompressed size of section i. VS_CORRUPT: no compressor reaches that ratio. */
vs_status elf_in_size(const struct elf_in *f, size_t i, uint64_t *ret, struct err *err);
/* Fills dst, elf_in_size() bytes, with the decompressed contents. */
vs_status elf_in_copy(const struct elf_in *f, size_t i, uint8_t *dst, uint64_t size,
		      struct err *err);
