// SPDX-License-Identifier: GPL-3.0-or-later
/* entryimage.c - writes an ELF file that has only unwind rules and a few symbols. */
#include "stub/elf/entryimage.h"

#include <inttypes.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/elf/btfimage.h"
#include "stub/elf/elfwrite.h"

static void put_symbols(struct elfwrite *w, uint16_t text, kva_t lo, kva_t hi,
			const struct entry_symbol *syms, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		Elf64_Sym sym = {
			.st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			.st_shndx = text,
			.st_value = syms[i].va,
			.st_size = syms[i].size,
		};

		if (syms[i].va < lo || syms[i].va >= hi)
			continue;
		sym.st_name = elfwrite_name(w, syms[i].name);
		elfwrite_symbol(w, &sym);
	}
}

vs_status entryimage_build(const struct entryimage *e, struct buf *out, struct err *err)
{
	uint16_t text, eh_frame, debug[BTFDWARF_SECTIONS];
	AUTO(elfwrite) w = { 0 };
	vs_status st;

	if (e->lo >= e->hi)
		return fail(err, VS_INVAL, "entry image for [%#" PRIx64 ", %#" PRIx64 ")", e->lo,
			    e->hi);
	elfwrite_init(&w, e->arch->elf_machine);
	text = elfwrite_section(&w, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, e->lo,
				e->hi - e->lo);
	eh_frame = elfwrite_section(&w, ".eh_frame", SHT_PROGBITS, 0, 0, e->frames->len);
	put_symbols(&w, text, e->lo, e->hi, e->syms, e->nsyms);
	if (e->debug)
		btfimage_add(&w, e->debug, debug);
	st = elfwrite_layout(&w, e->lo, e->hi, err);
	if (st)
		return fail_ctx(err, st, "entry image");
	memcpy(elfwrite_content(&w, eh_frame), e->frames->p, e->frames->len);
	if (e->debug)
		btfimage_fill(&w, e->debug, debug);
	elfwrite_take(&w, out);
	return VS_OK;
}
