// SPDX-License-Identifier: GPL-3.0-or-later
/* reloc.c - applies x86_64 relocations of debug sections (psABI 4.4.1). In practice, a module's
 * debug sections only use R_X86_64_64 and _32 (gcc 10 to 14); .eh_frame uses the others. */
#include "stub/elf/reloc.h"

#include <elf.h>
#include <string.h>

enum fit { FIT_ANY, FIT_UNSIGNED, FIT_SIGNED };

struct reloc_kind {
	uint8_t width; /* bytes; 0: nothing to do, or unknown */
	bool known, pc_relative;
	uint8_t fit;
};

static const struct reloc_kind kinds[] = {
	[R_X86_64_NONE] = { 0, true, false, FIT_ANY },
	[R_X86_64_64] = { 8, true, false, FIT_ANY },
	[R_X86_64_PC32] = { 4, true, true, FIT_SIGNED },
	[R_X86_64_PLT32] = { 4, true, true, FIT_SIGNED },
	[R_X86_64_32] = { 4, true, false, FIT_UNSIGNED },
	[R_X86_64_32S] = { 4, true, false, FIT_SIGNED },
	[R_X86_64_PC64] = { 8, true, true, FIT_ANY },
};

static bool fits(uint64_t v, enum fit fit)
{
	if (fit == FIT_UNSIGNED)
		return v <= UINT32_MAX;
	if (fit == FIT_SIGNED)
		return (int64_t)v == (int32_t)v;
	return true;
}

static const struct reloc_kind *kind_find(uint32_t type)
{
	if (type >= sizeof(kinds) / sizeof(kinds[0]) || !kinds[type].known)
		return NULL;
	return &kinds[type];
}

static uint64_t reloc_value(const Elf64_Rela *r, uint64_t place_va, bool pc_relative,
			    const struct reloc_symbol *sym, const uint64_t *tombstone)
{
	uint64_t v;

	if (sym->dead && tombstone)
		return *tombstone;
	v = sym->value + (uint64_t)r->r_addend;
	return pc_relative ? v - place_va : v;
}

static void apply_one(uint8_t *p, uint64_t size, uint64_t va, const Elf64_Rela *r,
		      struct reloc_symbols symbols, const uint64_t *tombstone,
		      struct reloc_faults *faults)
{
	const struct reloc_kind *kind = kind_find(ELF64_R_TYPE(r->r_info));
	uint64_t sym = ELF64_R_SYM(r->r_info), v;

	if (!kind) {
		faults->unknown++;
		faults->unknown_type = ELF64_R_TYPE(r->r_info);
	} else if (kind->width == 0) {
		return;
	} else if (!range_ok(r->r_offset, kind->width, size)) {
		faults->outside++;
	} else if (sym >= symbols.n) {
		faults->bad_symbol++;
	} else {
		v = reloc_value(r, va + r->r_offset, kind->pc_relative, &symbols.v[sym], tombstone);
		if (fits(v, kind->fit)) {
			memcpy(p + r->r_offset, &v, kind->width);
		} else {
			faults->overflow++;
			faults->overflow_off = r->r_offset;
			faults->overflow_value = v;
		}
	}
}

void reloc_apply(uint8_t *p, uint64_t size, uint64_t va, struct bytes rela,
		 struct reloc_symbols symbols, const uint64_t *tombstone,
		 struct reloc_faults *faults)
{
	Elf64_Rela r;

	for (; rela.left >= sizeof(r); bytes_skip(&rela, sizeof(r))) {
		memcpy(&r, rela.p, sizeof(r));
		apply_one(p, size, va, &r, symbols, tombstone, faults);
	}
}
