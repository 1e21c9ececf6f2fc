// SPDX-License-Identifier: GPL-3.0-or-later
/* elffile.c - reads ELF files through libelf; libdw unpacks .ko.xz and .ko.gz. */
#include "stub/elf/elffile.h"

#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/io.h"
#include "stub/base/vec.h"
#include "stub/elf/unpack.h"

#define AHEAD 16 /* symbols whose names are on their way to the cache */

struct elffile {
	int fd;
	Elf *elf;
	VEC(struct elf_section) sections; /* by number */
	struct buf unpacked;		  /* of a .zst; libdw keeps the others */
};

/* Describes all sections once, as callers ask for one per symbol. Only sections that are really in
 * the file take memory, whatever its header says. */
static bool describe_sections(struct elffile *f)
{
	size_t strings;
	GElf_Shdr sh;

	if (elf_getshdrstrndx(f->elf, &strings))
		return false;
	for (Elf_Scn *scn; (scn = elf_getscn(f->elf, f->sections.n)) && gelf_getshdr(scn, &sh);) {
		const char *name = elf_strptr(f->elf, strings, sh.sh_name);
		struct elf_section s = { name ? name : "", sh.sh_addr, sh.sh_size,
					 sh.sh_flags,	   sh.sh_type, f->sections.n };

		if (!vec_push(&f->sections, s))
			return false;
	}
	return true;
}

static bool is_elf(int fd)
{
	char magic[SELFMAG];

	return pread(fd, magic, SELFMAG, 0) == SELFMAG && memcmp(magic, ELFMAG, SELFMAG) == 0;
}

/* An ELF file is mapped, as copying the 12 MB that a vmlinux has of symbols and types takes a fifth
 * of the time to open a kernel. dwelf_elf_begin() would copy them, but unpacks other files. */
static vs_status begin(struct elffile *f, const char *path, struct err *err)
{
	vs_status st = unpack_zstd(path, f->fd, &f->unpacked, err);

	if (st == VS_OK)
		f->elf = elf_memory(f->unpacked.p, f->unpacked.len);
	else if (st == VS_NOMATCH)
		f->elf = is_elf(f->fd) ? elf_begin(f->fd, ELF_C_READ_MMAP, NULL)
				       : dwelf_elf_begin(f->fd);
	else
		return st;
	if (!f->elf || elf_kind(f->elf) != ELF_K_ELF || !describe_sections(f))
		return fail(err, VS_CORRUPT, "%s: not an ELF file", path);
	return VS_OK;
}

vs_status elffile_open(const char *path, struct elffile **ret, struct err *err)
{
	struct elffile *f = calloc(1, sizeof(*f));
	struct stat sb;
	vs_status st;

	if (!f)
		return fail(err, VS_NOMEM, "%s: out of memory", path);
	elf_version(EV_CURRENT);
	// O_NONBLOCK: a FIFO among the candidates must not block us.
	f->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (f->fd < 0 || fstat(f->fd, &sb) < 0)
		st = fail(err, errno == ENOENT ? VS_NOTFOUND : VS_IO, "%s: %s", path,
			  strerror(errno));
	else if (!S_ISREG(sb.st_mode))
		st = fail(err, VS_CORRUPT, "%s: not a regular file", path);
	else
		st = begin(f, path, err);
	if (st == VS_OK)
		*ret = f;
	else
		elffile_close(f);
	return st;
}

void elffile_close(struct elffile *f)
{
	if (!f)
		return;
	if (f->elf)
		elf_end(f->elf);
	vec_free(&f->sections);
	buf_deinit(&f->unpacked);
	if (f->fd >= 0)
		close(f->fd);
	free(f);
}

bool elffile_is_packed(struct elffile *f)
{
	return !is_elf(f->fd);
}

vs_status elffile_to_memfd(struct elffile *f, const char *name, int *ret, struct err *err)
{
	size_t size = 0;
	const char *bytes = elf_rawfile(f->elf, &size);
	int fd = bytes ? memfd_create(name, MFD_CLOEXEC) : -1;

	if (fd >= 0 && write_all(fd, bytes, size)) {
		*ret = fd;
		return VS_OK;
	}
	if (fd >= 0)
		close(fd);
	return fail(err, VS_IO, "%s: no memory for %zu bytes of the uncompressed file: %s", name,
		    size, strerror(errno));
}

vs_status elffile_section(struct elffile *f, const char *name, struct elf_section *ret)
{
	for (size_t i = 1; i < f->sections.n; i++) {
		if (strcmp(f->sections.v[i].name, name) == 0) {
			*ret = f->sections.v[i];
			return VS_OK;
		}
	}
	return VS_NOTFOUND;
}

bool elffile_has_section(struct elffile *f, const char *name)
{
	struct elf_section s;

	return elffile_section(f, name, &s) == VS_OK;
}

bool elffile_has_debug_info(struct elffile *f)
{
	return elffile_has_section(f, ".debug_info") || elffile_has_section(f, ".zdebug_info");
}

bool elffile_section_at(struct elffile *f, size_t i, struct elf_section *ret)
{
	if (i >= f->sections.n)
		return false;
	*ret = f->sections.v[i];
	return true;
}

vs_status elffile_data(struct elffile *f, size_t index, const void **data, size_t *len,
		       struct err *err)
{
	Elf_Scn *scn = elf_getscn(f->elf, index);
	Elf_Data *d;
	GElf_Shdr sh;

	if (!scn || !gelf_getshdr(scn, &sh))
		return fail(err, VS_NOTFOUND, "no section %zu", index);
	if (sh.sh_flags & SHF_COMPRESSED && elf_compress(scn, 0, 0) < 0)
		return fail(err, VS_CORRUPT, "section %zu: %s", index, elf_errmsg(-1));
	d = sh.sh_type == SHT_NOBITS ? NULL : elf_getdata(scn, NULL);
	if (!d || !d->d_buf)
		return fail(err, VS_NOTFOUND, "section %zu has no data", index);
	*data = d->d_buf;
	*len = d->d_size;
	return VS_OK;
}

/* Gets a string section, cut after its last NUL. */
static bool names_of(struct elffile *f, size_t index, const char **ret, size_t *len)
{
	const void *data;
	const char *last;

	if (elffile_data(f, index, &data, len, NULL))
		return false;
	last = memrchr(data, '\0', *len);
	*ret = data;
	*len = last ? (size_t)(last - *ret) + 1 : 0;
	return true;
}

static bool symbol_table(struct elffile *f, const char **syms, size_t *size, const char **strings,
			 size_t *len)
{
	const void *data;
	GElf_Shdr sh;
	size_t i = 1;

	while (i < f->sections.n && f->sections.v[i].type != SHT_SYMTAB)
		i++;
	if (i >= f->sections.n || gelf_getclass(f->elf) != ELFCLASS64 ||
	    elffile_data(f, i, &data, size, NULL) || !gelf_getshdr(elf_getscn(f->elf, i), &sh))
		return false;
	*syms = data;
	return sh.sh_entsize >= sizeof(Elf64_Sym) && names_of(f, sh.sh_link, strings, len);
}

size_t elffile_symbol_count(struct elffile *f)
{
	const char *syms, *strings;
	size_t size, len;

	return symbol_table(f, &syms, &size, &strings, &len) ? size / sizeof(Elf64_Sym) : 0;
}

vs_status elffile_symbols(struct elffile *f, bool (*fn)(void *ctx, const struct elf_symbol *s),
			  void *ctx, struct err *err)
{
	const char *syms, *strings;
	size_t size, len;

	if (!symbol_table(f, &syms, &size, &strings, &len))
		return fail(err, VS_NOTFOUND, "no symbol table");
	for (size_t i = 1, n = size / sizeof(Elf64_Sym); i < n; i++) {
		Elf64_Sym sym;
		struct elf_symbol s;

		// The names of neighbours are far from each other.
		if (i + AHEAD < n) {
			memcpy(&sym, syms + (i + AHEAD) * sizeof(sym), sizeof(sym));
			__builtin_prefetch(strings + (sym.st_name < len ? sym.st_name : 0));
		}
		// libelf may leave it unaligned; gelf_getsym() would be much slower
		memcpy(&sym, syms + i * sizeof(sym), sizeof(sym));
		if (sym.st_name >= len)
			continue;
		s = (struct elf_symbol){ strings + sym.st_name,
					 sym.st_value,
					 sym.st_size,
					 sym.st_shndx,
					 ELF64_ST_TYPE(sym.st_info),
					 ELF64_ST_BIND(sym.st_info) };
		if (!fn(ctx, &s))
			break;
	}
	return VS_OK;
}

bool build_id_from_notes(const void *notes, size_t len, struct build_id *ret)
{
	struct bytes b = bytes_of(notes, len);

	while (b.left >= 12) {
		uint32_t namesz = bytes_u32(&b), descsz = bytes_u32(&b), type = bytes_u32(&b);
		const uint8_t *name = bytes_take(&b, (namesz + 3ULL) & ~3ULL);
		const uint8_t *desc = bytes_take(&b, (descsz + 3ULL) & ~3ULL);

		if (b.bad)
			return false;
		if (type == NT_GNU_BUILD_ID && namesz == 4 && memcmp(name, "GNU", 4) == 0 &&
		    descsz > 0 && descsz <= BUILD_ID_MAX) {
			memcpy(ret->b, desc, descsz);
			ret->len = descsz;
			return true;
		}
	}
	return false;
}

void elffile_build_id(struct elffile *f, struct build_id *ret)
{
	struct elf_section s;

	ret->len = 0;
	for (size_t i = 1; elffile_section_at(f, i, &s); i++) {
		const void *data;
		size_t len;

		if (s.type == SHT_NOTE && elffile_data(f, i, &data, &len, NULL) == VS_OK &&
		    build_id_from_notes(data, len, ret))
			return;
	}
}

bool elffile_load_segment(struct elffile *f, size_t n, uint64_t *vaddr, uint64_t *memsz)
{
	size_t count;

	if (elf_getphdrnum(f->elf, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(f->elf, (int)i, &ph) || ph.p_type != PT_LOAD || n-- > 0)
			continue;
		*vaddr = ph.p_vaddr;
		*memsz = ph.p_memsz;
		return true;
	}
	return false;
}

uint64_t elffile_entry(struct elffile *f)
{
	GElf_Ehdr eh;

	return gelf_getehdr(f->elf, &eh) ? eh.e_entry : 0;
}

bool build_id_equal(const struct build_id *a, const struct build_id *b)
{
	return a->len && a->len == b->len && memcmp(a->b, b->b, a->len) == 0;
}

const char *build_id_str(const struct build_id *id, char out[2 * BUILD_ID_MAX + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < id->len; i++) {
		out[2 * i] = digits[id->b[i] >> 4];
		out[2 * i + 1] = digits[id->b[i] & 15];
	}
	out[2 * id->len] = '\0';
	return out;
}

const char *build_id_debug_path(const char *root, const struct build_id *id, struct buf *out)
{
	char hex[2 * BUILD_ID_MAX + 1];

	build_id_str(id, hex);
	buf_reset(out);
	buf_printf(out, "%s/usr/lib/debug/.build-id/%.2s/%s.debug", root ? root : "", hex, hex + 2);
	return buf_str(out);
}
