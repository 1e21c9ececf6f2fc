// SPDX-License-Identifier: GPL-3.0-or-later
/* elfwrite.c - writes an ELF64 file from sections and symbols.
 *
 *   Ehdr | Phdr | contents of sections ... | .symtab | .strtab | .shstrtab | section headers */
#include "stub/elf/elfwrite.h"

#include <inttypes.h>
#include <string.h>

#include "stub/base/bytes.h"

#define ALIGN	    16
#define MAX_IMAGE   (UINT64_C(1) << 30)
#define HEADER_SIZE (sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr))

void elfwrite_init(struct elfwrite *w, uint16_t machine)
{
	*w = (struct elfwrite){ .machine = machine };
	elfwrite_section(w, "", SHT_NULL, 0, 0, 0);
	elfwrite_names(w, "", 1);
	if (!vec_push(&w->locals, (Elf64_Sym){ 0 }))
		w->oom = true;
}

void elfwrite_deinit(struct elfwrite *w)
{
	vec_free(&w->sections);
	vec_free(&w->locals);
	vec_free(&w->globals);
	buf_deinit(&w->section_names);
	buf_deinit(&w->names);
	buf_deinit(&w->image);
}

uint16_t elfwrite_section(struct elfwrite *w, const char *name, uint32_t type, uint64_t flags,
			  kva_t va, uint64_t size)
{
	Elf64_Shdr sh = {
		.sh_name = (uint32_t)w->section_names.len,
		.sh_type = type,
		.sh_flags = flags,
		.sh_addr = va,
		.sh_size = size,
		.sh_addralign = type == SHT_NULL ? 0 : 1,
	};

	buf_put(&w->section_names, name, strlen(name) + 1);
	// One section too many is enough: layout then fails.
	if (w->sections.n < SHN_LORESERVE && !vec_push(&w->sections, sh))
		w->oom = true;
	return (uint16_t)(w->sections.n ? w->sections.n - 1 : 0);
}

uint32_t elfwrite_names(struct elfwrite *w, const void *p, size_t n)
{
	uint32_t at = (uint32_t)w->names.len;

	if (n > UINT32_MAX - w->names.len)
		w->oom = true; // offsets are 32 bits wide
	else
		buf_put(&w->names, p, n);
	return at;
}

uint32_t elfwrite_name(struct elfwrite *w, const char *s)
{
	return elfwrite_names(w, s, strlen(s) + 1);
}

void elfwrite_symbol(struct elfwrite *w, const Elf64_Sym *sym)
{
	bool local = ELF64_ST_BIND(sym->st_info) == STB_LOCAL;

	if (!(local ? vec_push(&w->locals, *sym) : vec_push(&w->globals, *sym)))
		w->oom = true;
}

static bool has_content(const Elf64_Shdr *sh)
{
	return sh->sh_type != SHT_NULL && sh->sh_type != SHT_NOBITS;
}

/* Adds .symtab, .strtab and .shstrtab, whose sizes are final now. Returns the index of the last. */
static uint16_t add_tables(struct elfwrite *w)
{
	uint64_t nsyms = w->locals.n + w->globals.n;
	uint16_t symtab, shstrtab;

	symtab = elfwrite_section(w, ".symtab", SHT_SYMTAB, 0, 0, nsyms * sizeof(Elf64_Sym));
	elfwrite_section(w, ".strtab", SHT_STRTAB, 0, 0, w->names.len);
	shstrtab = elfwrite_section(w, ".shstrtab", SHT_STRTAB, 0, 0, 0);
	if (w->oom)
		return shstrtab;
	w->sections.v[symtab].sh_link = symtab + 1;
	w->sections.v[symtab].sh_info = (uint32_t)w->locals.n;
	w->sections.v[symtab].sh_entsize = sizeof(Elf64_Sym);
	w->sections.v[shstrtab].sh_size = w->section_names.len;
	return shstrtab;
}

/* Gives every section its offset; *ret is the offset of the section headers. */
static vs_status place_sections(struct elfwrite *w, uint64_t *ret, struct err *err)
{
	uint64_t at = HEADER_SIZE;

	for (size_t i = 1; i < w->sections.n; i++) {
		Elf64_Shdr *sh = &w->sections.v[i];

		at = (at + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
		sh->sh_offset = at;
		if (has_content(sh) && (add_ovf(at, sh->sh_size, &at) || at > MAX_IMAGE))
			return fail(err, VS_UNSUPPORTED, "image is larger than %" PRIu64 " bytes",
				    MAX_IMAGE);
	}
	*ret = (at + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
	return VS_OK;
}

static void write_headers(struct elfwrite *w, kva_t lo, kva_t hi, uint64_t shoff, uint16_t names)
{
	char *p = w->image.p;
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT, ELFOSABI_NONE },
		.e_type = ET_DYN,
		.e_machine = w->machine,
		.e_entry = w->entry,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(eh),
		.e_shoff = shoff,
		.e_ehsize = sizeof(eh),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (uint16_t)w->sections.n,
		.e_shstrndx = names,
	};
	Elf64_Phdr ph = {
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_vaddr = lo,
		.p_paddr = lo,
		.p_memsz = hi - lo,
		.p_align = 1,
	};

	memcpy(p, &eh, sizeof(eh));
	memcpy(p + sizeof(eh), &ph, sizeof(ph));
	memcpy(p + shoff, w->sections.v, w->sections.n * sizeof(Elf64_Shdr));
}

/* Zeroes the gaps between contents and writes the tables. */
static void write_tables(struct elfwrite *w, uint64_t shoff, uint16_t last)
{
	const Elf64_Shdr *sh = w->sections.v;
	uint64_t at = HEADER_SIZE;
	size_t locals = w->locals.n * sizeof(Elf64_Sym);
	uint8_t *p;

	for (size_t i = 1; i < w->sections.n; i++) {
		memset(w->image.p + at, 0, sh[i].sh_offset - at);
		at = sh[i].sh_offset + (has_content(&sh[i]) ? sh[i].sh_size : 0);
	}
	memset(w->image.p + at, 0, shoff - at);
	p = elfwrite_content(w, last - 2);
	memcpy(p, w->locals.v, locals);
	if (w->globals.n)
		memcpy(p + locals, w->globals.v, w->globals.n * sizeof(Elf64_Sym));
	memcpy(elfwrite_content(w, last - 1), w->names.p, w->names.len);
	memcpy(elfwrite_content(w, last), w->section_names.p, w->section_names.len);
}

vs_status elfwrite_layout(struct elfwrite *w, kva_t lo, kva_t hi, struct err *err)
{
	uint16_t last = add_tables(w);
	uint64_t shoff = 0;
	size_t total;
	vs_status st;

	if (w->sections.n >= SHN_LORESERVE)
		return fail(err, VS_UNSUPPORTED, "more than %u sections", SHN_LORESERVE - 1);
	st = place_sections(w, &shoff, err);
	if (st)
		return st;
	total = shoff + w->sections.n * sizeof(Elf64_Shdr);
	if (w->oom || w->names.oom || w->section_names.oom || !buf_reserve(&w->image, total))
		return fail(err, VS_NOMEM, "no memory for an image of %zu bytes", total);
	w->image.len = total;
	w->image.p[total] = '\0';
	write_headers(w, lo, hi, shoff, last);
	write_tables(w, shoff, last);
	return VS_OK;
}

uint8_t *elfwrite_content(struct elfwrite *w, uint16_t i)
{
	return (uint8_t *)w->image.p + w->sections.v[i].sh_offset;
}

void elfwrite_drop(struct elfwrite *w, uint16_t i)
{
	Elf64_Shdr *sh = &w->sections.v[i];
	Elf64_Ehdr eh;

	memset(elfwrite_content(w, i), 0, sh->sh_size);
	sh->sh_type = SHT_NOBITS;
	memcpy(&eh, w->image.p, sizeof(eh));
	memcpy(w->image.p + eh.e_shoff + i * sizeof(*sh), sh, sizeof(*sh));
}

void elfwrite_take(struct elfwrite *w, struct buf *out)
{
	buf_deinit(out);
	*out = w->image;
	w->image = (struct buf){ 0 };
}

kva_t image_base(const struct buf *image)
{
	Elf64_Phdr ph = { 0 };

	if (image->len >= HEADER_SIZE)
		memcpy(&ph, image->p + sizeof(Elf64_Ehdr), sizeof(ph));
	return ph.p_vaddr;
}
