// SPDX-License-Identifier: GPL-3.0-or-later
/* elfread.c - reads section headers and contents of an untrusted ELF64 file. */
#include "stub/elf/elfread.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#ifdef HAVE_ZSTD
#include <zstd.h>
#endif

#include "stub/elf/unpack.h"

#ifndef ELFCOMPRESS_ZSTD
#define ELFCOMPRESS_ZSTD 2
#endif

/* More than zlib can reach (1032) and than any debug section reaches with zstd. */
#define MAX_RATIO 2048
#define MAX_NAME  256

static vs_status open_bytes(struct elf_in *f, struct err *err)
{
	size_t size = 0;
	struct stat stat;
	vs_status st;
	char *p;

	f->fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &stat) < 0)
		return fail(err, VS_IO, "%s: %s", f->path, strerror(errno));
	if (!S_ISREG(stat.st_mode))
		return fail(err, VS_IO, "%s: not a regular file", f->path);
	st = unpack_zstd(f->path, f->fd, &f->unpacked, err);
	if (st == VS_OK)
		f->file = bytes_of(f->unpacked.p, f->unpacked.len);
	if (st != VS_NOMATCH)
		return st;
	if (elf_version(EV_CURRENT) == EV_NONE)
		return fail(err, VS_UNSUPPORTED, "libelf is too old");
	f->elf = dwelf_elf_begin(f->fd);
	p = f->elf ? elf_rawfile(f->elf, &size) : NULL;
	if (!p)
		return fail(err, VS_UNSUPPORTED, "%s: neither ELF nor compressed ELF", f->path);
	f->file = bytes_of(p, size);
	return VS_OK;
}

/* e_shnum and e_shstrndx may overflow into section header 0 (gABI). */
static vs_status read_sections(struct elf_in *f, const Elf64_Ehdr *eh, struct err *err)
{
	uint64_t n = eh->e_shnum, names = eh->e_shstrndx;
	Elf64_Shdr zero;

	if (eh->e_shoff == 0)
		return VS_OK;
	if (eh->e_shentsize != sizeof(Elf64_Shdr) ||
	    !range_ok(eh->e_shoff, sizeof(zero), f->file.left))
		return fail(err, VS_CORRUPT, "%s: section headers at %#" PRIx64 " of %zu bytes",
			    f->path, (uint64_t)eh->e_shoff, f->file.left);
	memcpy(&zero, f->file.p + eh->e_shoff, sizeof(zero));
	if (n == 0)
		n = zero.sh_size;
	if (names == SHN_XINDEX)
		names = zero.sh_link;
	if (n > f->file.left / sizeof(zero) ||
	    !range_ok(eh->e_shoff, n * sizeof(zero), f->file.left))
		return fail(err, VS_CORRUPT,
			    "%s: %" PRIu64 " section headers at %#" PRIx64 " of %zu bytes", f->path,
			    n, (uint64_t)eh->e_shoff, f->file.left);
	f->sh = calloc(n ? n : 1, sizeof(*f->sh));
	if (!f->sh)
		return fail(err, VS_NOMEM, "%s: no memory for %" PRIu64 " sections", f->path, n);
	memcpy(f->sh, f->file.p + eh->e_shoff, n * sizeof(*f->sh));
	f->nsh = n;
	if (names >= n)
		return VS_OK;
	return elf_in_data(f, names, &f->names, err);
}

vs_status elf_in_open(struct elf_in *f, const char *path, struct err *err)
{
	Elf64_Ehdr eh;
	vs_status st;

	*f = (struct elf_in){ .path = path, .fd = -1 };
	st = open_bytes(f, err);
	if (st == VS_OK && (f->file.left < sizeof(eh) || memcmp(f->file.p, ELFMAG, SELFMAG) != 0))
		st = fail(err, VS_UNSUPPORTED, "%s: neither ELF nor compressed ELF", path);
	if (st == VS_OK) {
		memcpy(&eh, f->file.p, sizeof(eh));
		f->type = eh.e_type;
		f->machine = eh.e_machine;
		if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB)
			st = fail(err, VS_UNSUPPORTED, "%s: ELF class %u, data %u: want 2, 1", path,
				  eh.e_ident[EI_CLASS], eh.e_ident[EI_DATA]);
		else
			st = read_sections(f, &eh, err);
	}
	if (st)
		elf_in_deinit(f);
	return st;
}

void elf_in_deinit(struct elf_in *f)
{
	free(f->sh);
	if (f->elf)
		elf_end(f->elf);
	buf_deinit(&f->unpacked);
	if (f->path && f->fd >= 0) // a zeroed struct owns nothing
		close(f->fd);
	*f = (struct elf_in){ .fd = -1 };
}

const char *elf_in_name(const struct elf_in *f, size_t i)
{
	uint64_t at = f->sh[i].sh_name;
	size_t left;

	if (at >= f->names.left)
		return "";
	left = f->names.left - at;
	if (!memchr(f->names.p + at, '\0', left < MAX_NAME ? left : MAX_NAME))
		return "";
	return (const char *)f->names.p + at;
}

vs_status elf_in_data(const struct elf_in *f, size_t i, struct bytes *ret, struct err *err)
{
	const Elf64_Shdr *sh = &f->sh[i];

	if (sh->sh_type == SHT_NOBITS) {
		*ret = bytes_of(f->file.p, 0);
		return VS_OK;
	}
	if (!range_ok(sh->sh_offset, sh->sh_size, f->file.left))
		return fail(err, VS_CORRUPT,
			    "%s: section %zu %s: %#" PRIx64 " bytes at %#" PRIx64
			    " reach beyond the file's %#zx",
			    f->path, i, elf_in_name(f, i), (uint64_t)sh->sh_size,
			    (uint64_t)sh->sh_offset, f->file.left);
	*ret = bytes_of(f->file.p + sh->sh_offset, sh->sh_size);
	return VS_OK;
}

/* Reads the compression header of a SHF_COMPRESSED section and moves ret past it. */
static vs_status compression_header(const struct elf_in *f, size_t i, struct bytes *ret,
				    Elf64_Chdr *ch, struct err *err)
{
	vs_status st = elf_in_data(f, i, ret, err);
	const uint8_t *p;

	if (st)
		return st;
	p = bytes_take(ret, sizeof(*ch));
	if (!p)
		return fail(err, VS_CORRUPT,
			    "%s: section %zu %s: too short for its compression header", f->path, i,
			    elf_in_name(f, i));
	memcpy(ch, p, sizeof(*ch));
	return VS_OK;
}

vs_status elf_in_size(const struct elf_in *f, size_t i, uint64_t *ret, struct err *err)
{
	struct bytes data;
	Elf64_Chdr ch;
	vs_status st;

	if (!(f->sh[i].sh_flags & SHF_COMPRESSED)) {
		st = elf_in_data(f, i, &data, err);
		if (st == VS_OK)
			*ret = data.left;
		return st;
	}
	st = compression_header(f, i, &data, &ch, err);
	if (st)
		return st;
	if (ch.ch_size / MAX_RATIO > data.left)
		return fail(err, VS_CORRUPT,
			    "%s: section %zu %s: %#" PRIx64 " bytes from %#zx compressed bytes",
			    f->path, i, elf_in_name(f, i), (uint64_t)ch.ch_size, data.left);
	*ret = ch.ch_size;
	return VS_OK;
}

/* Returns true if src inflates to exactly size bytes. Works in pieces as zlib counts in 32 bits. */
static bool zlib_inflate(struct bytes src, uint8_t *dst, uint64_t size)
{
	z_stream z = { 0 };
	int rc = Z_OK;

	if (inflateInit(&z) != Z_OK)
		return false;
	z.next_in = (Bytef *)(uintptr_t)src.p;
	z.next_out = dst;
	while (rc == Z_OK) {
		size_t in = src.left - (size_t)(z.next_in - src.p);
		size_t out = size - (size_t)(z.next_out - dst);

		z.avail_in = in < UINT32_MAX ? (uInt)in : UINT32_MAX;
		z.avail_out = out < UINT32_MAX ? (uInt)out : UINT32_MAX;
		rc = inflate(&z, Z_NO_FLUSH);
	}
	inflateEnd(&z);
	return rc == Z_STREAM_END && (size_t)(z.next_out - dst) == size;
}

static bool zstd_inflate(struct bytes src, uint8_t *dst, uint64_t size)
{
#ifdef HAVE_ZSTD
	return ZSTD_decompress(dst, size, src.p, src.left) == size;
#else
	(void)src, (void)dst, (void)size;
	return false;
#endif
}

vs_status elf_in_copy(const struct elf_in *f, size_t i, uint8_t *dst, uint64_t size,
		      struct err *err)
{
	struct bytes data;
	Elf64_Chdr ch;
	bool ok;
	vs_status st;

	if (!(f->sh[i].sh_flags & SHF_COMPRESSED)) {
		st = elf_in_data(f, i, &data, err);
		if (st == VS_OK && data.left)
			memcpy(dst, data.p, data.left < size ? data.left : size);
		return st;
	}
	st = compression_header(f, i, &data, &ch, err);
	if (st)
		return st;
	if (ch.ch_type == ELFCOMPRESS_ZLIB)
		ok = zlib_inflate(data, dst, size);
	else if (ch.ch_type == ELFCOMPRESS_ZSTD)
		ok = zstd_inflate(data, dst, size);
	else
		return fail(err, VS_UNSUPPORTED, "%s: section %zu %s: compression type %u", f->path,
			    i, elf_in_name(f, i), ch.ch_type);
	if (!ok)
		return fail(err, VS_CORRUPT, "%s: section %zu %s does not decompress to %" PRIu64,
			    f->path, i, elf_in_name(f, i), size);
	return VS_OK;
}
