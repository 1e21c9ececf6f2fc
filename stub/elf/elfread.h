// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* elfread.h - section headers and contents of an ELF64 file of untrusted origin, compressed or not.
 * libelf and libdw only find and decompress the bytes; headers are read and checked here, so
 * that a damaged file is met by one set of bounds checks. */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/err.h"

struct Elf;

struct elf_in {
	const char *path;    /* for messages; borrowed */
	struct Elf *elf;     /* libelf's handle, or */
	struct buf unpacked; /* the bytes unpacked here */
	int fd;
	struct bytes file;	/* the whole ELF file, in one of them */
	uint16_t type, machine; /* e_type, e_machine */
	Elf64_Shdr *sh;		/* nsh headers, all of the table; contents unchecked */
	size_t nsh;
	struct bytes names;
};

/* Open path (plain, .gz, .xz, .zst...). VS_IO: not readable. VS_UNSUPPORTED: not a little-endian
 * ELF64 file. VS_CORRUPT: its section table lies outside. path must outlive f. */
vs_status elf_in_open(struct elf_in *f, const char *path, struct err *err);
void elf_in_deinit(struct elf_in *f);

/* Name of section i < nsh; "" when damaged or longer than 255 bytes. Lives as long as f. */
const char *elf_in_name(const struct elf_in *f, size_t i);
/* Contents as stored (maybe compressed) of section i < nsh; empty for SHT_NOBITS. VS_CORRUPT when
 * they lie outside the file. */
vs_status elf_in_data(const struct elf_in *f, size_t i, struct bytes *ret, struct err *err);

/* Size of section i once decompressed. VS_CORRUPT for sizes no compressor gives. */
vs_status elf_in_size(const struct elf_in *f, size_t i, uint64_t *ret, struct err *err);
/* Fill dst, elf_in_size() bytes, with the decompressed contents. */
vs_status elf_in_copy(const struct elf_in *f, size_t i, uint8_t *dst, uint64_t size,
		      struct err *err);
