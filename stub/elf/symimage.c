// SPDX-License-Identifier: GPL-3.0-or-later
/* symimage.c - writes an ELF file from symbols only.
 * gdb distinguishes functions and data by a symbol's section, and looks up addresses only inside
 * sections. The true sections are not known here, so [lo, hi) is split into runs of code symbols
 * and of data symbols. */
#include "stub/elf/symimage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/elf/btfimage.h"
#include "stub/elf/elfwrite.h"

/* kallsyms gives some dozens; with a damaged table, each symbol could become a section. */
#define MAX_RUNS 4096

/* Sorts code first, so that at an address with two symbols the function starts the run. */
static int symbol_cmp(const void *a, const void *b)
{
	const struct image_symbol *x = *(const struct image_symbol *const *)a;
	const struct image_symbol *y = *(const struct image_symbol *const *)b;

	if (x->va != y->va)
		return x->va < y->va ? -1 : 1;
	return (int)y->code - (int)x->code;
}

/* Returns the symbols inside [lo, hi) by address, NULL without memory. */
static const struct image_symbol **sorted(const struct image_symbol *symbols, size_t n, kva_t lo,
					  kva_t hi, size_t *count)
{
	const struct image_symbol **v = calloc(n + 1, sizeof(const struct image_symbol *));

	*count = 0;
	for (size_t i = 0; v && i < n; i++)
		if (symbols[i].va >= lo && symbols[i].va < hi)
			v[(*count)++] = &symbols[i];
	if (v)
		qsort(v, *count, sizeof(const struct image_symbol *), symbol_cmp);
	return v;
}

static uint16_t add_run(struct elfwrite *w, bool code, kva_t start, kva_t end)
{
	return elfwrite_section(w, code ? ".text" : ".data", SHT_NOBITS,
				SHF_ALLOC | (code ? SHF_EXECINSTR : SHF_WRITE), start, end - start);
}

/* end: the start of the next symbol or section. gdb never prints <name> for data of size 0. */
static void add_symbol(struct elfwrite *w, const struct image_symbol *s, uint16_t section,
		       kva_t end)
{
	Elf64_Sym sym = {
		.st_name = elfwrite_name(w, s->name),
		.st_info = ELF64_ST_INFO(s->local ? STB_LOCAL : STB_GLOBAL,
					 s->code ? STT_FUNC : STT_OBJECT),
		.st_shndx = section,
		.st_value = s->va,
		.st_size = s->size ? s->size : end - s->va,
	};

	elfwrite_symbol(w, &sym);
}

/* Adds symbols v[0..n), sorted, of one section that reaches to end: from last to first, so that the
 * next higher address is at hand. */
static void add_symbols(struct elfwrite *w, const struct image_symbol **v, size_t n,
			uint16_t section, kva_t end)
{
	for (size_t i = n; i-- > 0;) {
		add_symbol(w, v[i], section, end);
		if (i > 0 && v[i - 1]->va != v[i]->va)
			end = v[i]->va;
	}
}

/* Adds sections and symbols for v[0..n), sorted. A run ends where a symbol of the other kind
 * starts.
 */
static void add_all(struct elfwrite *w, const struct image_symbol **v, size_t n, kva_t lo, kva_t hi)
{
	kva_t start = lo;
	size_t runs = 1;

	if (n == 0)
		add_run(w, true, lo, hi);
	for (size_t i = 0, j; i < n; i = j) {
		kva_t end;

		for (j = i + 1; j < n; j++)
			if (v[j]->code != v[i]->code && v[j]->va != start && runs < MAX_RUNS)
				break;
		end = j < n ? v[j]->va : hi;
		add_symbols(w, &v[i], j - i, add_run(w, v[i]->code, start, end), end);
		start = end;
		runs++;
	}
}

vs_status symimage_build(const struct image_symbol *symbols, size_t n, kva_t lo, kva_t hi,
			 const struct buf *frames, const struct btfdwarf *debug, struct buf *out,
			 struct err *err)
{
	uint16_t eh_frame = 0, debug_sections[BTFDWARF_SECTIONS];
	AUTO(elfwrite) w = { 0 };
	AUTO_FREE const struct image_symbol **v = NULL;
	size_t count;
	vs_status st;

	if (lo >= hi)
		return fail(err, VS_INVAL, "symbol image for [%#" PRIx64 ", %#" PRIx64 ")", lo, hi);
	v = sorted(symbols, n, lo, hi, &count);
	if (!v)
		return fail(err, VS_NOMEM, "no memory for %zu symbols", n);
	elfwrite_init(&w, EM_X86_64);
	add_all(&w, v, count, lo, hi);
	if (frames)
		eh_frame = elfwrite_section(&w, ".eh_frame", SHT_PROGBITS, 0, 0, frames->len);
	if (debug)
		btfimage_add(&w, debug, debug_sections);
	st = elfwrite_layout(&w, lo, hi, err);
	if (st)
		return fail_ctx(err, st, "symbol image");
	if (frames)
		memcpy(elfwrite_content(&w, eh_frame), frames->p, frames->len);
	if (debug)
		btfimage_fill(&w, debug, debug_sections);
	elfwrite_take(&w, out);
	return VS_OK;
}
