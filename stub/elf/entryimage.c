// SPDX-License-Identifier: GPL-3.0-or-later
/* entryimage.c - an ELF file with unwind rules and nothing else. */
#include "stub/elf/entryimage.h"

#include <inttypes.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/elf/ehframe.h"
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

vs_status entryimage_build(const struct arch_ops *arch, const struct unwind_rule *rules,
			   size_t nrules, kva_t lo, kva_t hi, const struct entry_symbol *syms,
			   size_t nsyms, struct buf *out, struct err *err)
{
	AUTO(buf) frames = { 0 };
	AUTO(elfwrite) w = { 0 };
	uint16_t text, eh_frame;
	vs_status st;

	if (lo >= hi)
		return fail(err, VS_INVAL, "entry image for [%#" PRIx64 ", %#" PRIx64 ")", lo, hi);
	st = ehframe_build(arch, rules, nrules, &frames, err);
	if (st)
		return fail_ctx(err, st, "entry image");
	elfwrite_init(&w, arch->elf_machine);
	text = elfwrite_section(&w, ".text", SHT_NOBITS, SHF_ALLOC | SHF_EXECINSTR, lo, hi - lo);
	eh_frame = elfwrite_section(&w, ".eh_frame", SHT_PROGBITS, 0, 0, frames.len);
	put_symbols(&w, text, lo, hi, syms, nsyms);
	st = elfwrite_layout(&w, lo, hi, err);
	if (st)
		return fail_ctx(err, st, "entry image");
	memcpy(elfwrite_content(&w, eh_frame), frames.p, frames.len);
	elfwrite_take(&w, out);
	return VS_OK;
}
