// SPDX-License-Identifier: GPL-3.0-or-later
/* modimage.c - writes a loaded kernel module as an ELF file for gdb.
 * Input: a relocatable .ko, maybe its separate debug file, and the addresses of sections.
 * Code and data are NOBITS, as gdb reads them from the dump; symbols and debug sections are copied
 * once and relocated in place. All work is linear in the size of the files.
 *
 * In ET_REL files, st_value and r_offset count from the start of the section even if sh_addr is not
 * 0, as in modules since 6.10 (seen in 6.12: .data at 0x860, its symbols below 0x268). */
#include "stub/elf/modimage.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/base/text.h"
#include "stub/elf/btfimage.h"
#include "stub/elf/elfread.h"
#include "stub/elf/elfwrite.h"
#include "stub/elf/reloc.h"

/* A section from the caller, sorted by name. */
struct given {
	struct image_section s;
	uint16_t shndx; /* in the image; SHN_ABS: per-CPU; 0: none */
	bool seen;
};

/* Where a section of an input file ends up. */
struct place {
	kva_t va;	/* 0 for debug sections, which are addressed by offset */
	uint64_t size;	/* 0 unless in memory */
	uint16_t shndx; /* for symbols: as in struct given */
	uint16_t copy;	/* section of the image that gets its contents, or 0 */
	bool dead;	/* code that is not loaded */
};

/* One input file. */
struct module_file {
	struct elf_in in;
	struct place *place; /* one for each section */
	size_t symtab;	     /* section number, 0 = none */
	struct bytes syms;
	struct reloc_symbol *symbols; /* NULL until resolve_symbols() */
	size_t nsymbols;
	bool has_debug;
	bool has_types;	    /* .debug_info */
	uint64_t unclaimed; /* bytes of the file that no section has used yet */
	unsigned warnings;
};

#define MAX_WARNINGS 10

struct modimage {
	struct elfwrite w;
	struct given *given;
	size_t ngiven;
	kva_t lo, hi;			    /* of all sections in memory; lo >= hi: none */
	kva_t hole_data, hole_code;	    /* next free addresses for sections without one */
	const struct modimage_types *types; /* NULL: none */
	struct btfdwarf made;		    /* by types */
};

static void module_file_deinit(struct module_file *f)
{
	free(f->place);
	free(f->symbols);
	elf_in_deinit(&f->in);
	f->place = NULL;
	f->symbols = NULL;
}

static void modimage_deinit(struct modimage *m)
{
	free(m->given);
	btfdwarf_deinit(&m->made);
	elfwrite_deinit(&m->w);
	m->given = NULL;
}

/* Warns, but not for every section of a damaged file. */
static void warn(struct module_file *f, const struct err *why)
{
	if (f->warnings++ < MAX_WARNINGS)
		log_warn("%s; skipped", why->msg);
	else if (f->warnings == MAX_WARNINGS + 1)
		log_warn("%s: no further warnings are shown", f->in.path);
}

static bool is_debug(const Elf64_Shdr *sh, const char *name)
{
	if (sh->sh_type == SHT_NOBITS || sh->sh_type == SHT_NULL)
		return false;
	// gdb may run scripts that .debug_gdb_scripts names.
	if (begins_with(name, ".debug_"))
		return !(sh->sh_flags & SHF_ALLOC) && strcmp(name, ".debug_gdb_scripts") != 0;
	return strcmp(name, ".eh_frame") == 0 || strcmp(name, ".gnu_debugaltlink") == 0;
}

/* --- the caller's sections */

static int given_cmp(const void *a, const void *b)
{
	const struct given *x = a, *y = b;

	return strcmp(x->s.name, y->s.name);
}

static vs_status given_load(struct modimage *m, const struct image_section *sections, size_t n,
			    struct err *err)
{
	m->given = calloc(n ? n : 1, sizeof(*m->given));
	if (!m->given)
		return fail(err, VS_NOMEM, "no memory for %zu sections", n);
	for (size_t i = 0; i < n; i++)
		if (!begins_with(sections[i].name, ".init") || sections[i].init_live)
			m->given[m->ngiven++].s = sections[i];
	qsort(m->given, m->ngiven, sizeof(*m->given), given_cmp);
	return VS_OK;
}

static struct given *given_find(struct modimage *m, const char *name)
{
	struct given key = { .s.name = name };

	return bsearch(&key, m->given, m->ngiven, sizeof(key), given_cmp);
}

/* Adds the caller's section to the image, now that its type and size are known from the file. */
static void given_emit(struct modimage *m, struct given *g, struct module_file *f, size_t i)
{
	const Elf64_Shdr *sh = &f->in.sh[i];
	struct err why;
	kva_t end;

	g->seen = true;
	if (g->s.size == 0)
		g->s.size = sh->sh_size;
	if (add_ovf(g->s.va, g->s.size, &end)) {
		fail(&why, VS_CORRUPT,
		     "%s: section %s: %#" PRIx64 " bytes at %#" PRIx64 " wrap around", f->in.path,
		     g->s.name, g->s.size, g->s.va);
		warn(f, &why);
		g->s.va = 0;
		return;
	}
	if (begins_with(g->s.name, ".data..percpu")) {
		g->shndx = SHN_ABS;
		return;
	}
	if (g->s.size == 0)
		return;
	if (strcmp(g->s.name, ".eh_frame") != 0)
		g->shndx = elfwrite_section(&m->w, g->s.name, SHT_NOBITS,
					    sh->sh_flags & (SHF_ALLOC | SHF_WRITE | SHF_EXECINSTR),
					    g->s.va, g->s.size);
	m->lo = g->s.va < m->lo ? g->s.va : m->lo;
	m->hi = end > m->hi ? end : m->hi;
}

/* --- places of a file's sections */

static kva_t hole_alloc(struct modimage *m, const Elf64_Shdr *sh)
{
	bool code = sh->sh_flags & SHF_EXECINSTR;
	kva_t *next = code ? &m->hole_code : &m->hole_data;
	uint64_t align = sh->sh_addralign;
	kva_t va, end;

	if (align == 0 || align > 4096 || (align & (align - 1)))
		align = 16;
	va = (*next + align - 1) & ~(align - 1);
	// Sections that are not loaded may overlap here: that does no harm.
	if (add_ovf(va, sh->sh_size, &end) || end > (code ? IMAGE_HOLE_END : IMAGE_HOLE_CODE))
		va = code ? IMAGE_HOLE_CODE : IMAGE_HOLE_START;
	else
		*next = end;
	return va;
}

static void place_alloc(struct modimage *m, struct module_file *f, size_t i)
{
	const Elf64_Shdr *sh = &f->in.sh[i];
	struct given *g = given_find(m, elf_in_name(&f->in, i));

	if (g && !g->seen)
		given_emit(m, g, f, i);
	if (g && g->s.va)
		f->place[i] = (struct place){ .va = g->s.va, .size = g->s.size, .shndx = g->shndx };
	else
		f->place[i] = (struct place){ .va = hole_alloc(m, sh),
					      .dead = sh->sh_flags & SHF_EXECINSTR };
}

static vs_status place_sections(struct modimage *m, struct module_file *f, struct err *err)
{
	f->place = calloc(f->in.nsh ? f->in.nsh : 1, sizeof(*f->place));
	if (!f->place)
		return fail(err, VS_NOMEM, "%s: no memory for %zu sections", f->in.path, f->in.nsh);
	for (size_t i = 1; i < f->in.nsh; i++) {
		const Elf64_Shdr *sh = &f->in.sh[i];

		if (sh->sh_flags & SHF_ALLOC)
			place_alloc(m, f, i);
	}
	return VS_OK;
}

/* --- input files */

static vs_status find_symtab(struct module_file *f, struct err *err)
{
	for (size_t i = 1; i < f->in.nsh; i++) {
		if (is_debug(&f->in.sh[i], elf_in_name(&f->in, i)))
			f->has_debug = true;
		if (strcmp(elf_in_name(&f->in, i), ".debug_info") == 0)
			f->has_types = true;
		if (f->in.sh[i].sh_type != SHT_SYMTAB || f->symtab)
			continue;
		f->symtab = i;
		vs_status st = elf_in_data(&f->in, i, &f->syms, err);
		if (st)
			return st;
	}
	return VS_OK;
}

static vs_status module_file_open(struct module_file *f, const char *path, struct err *err)
{
	vs_status st = elf_in_open(&f->in, path, err);

	if (st)
		return st;
	if (f->in.type != ET_REL || f->in.machine != EM_X86_64)
		return fail(err, VS_UNSUPPORTED,
			    "%s: ELF type %u, machine %u; a module has type %u, machine %u", path,
			    f->in.type, f->in.machine, ET_REL, EM_X86_64);
	f->unclaimed = f->in.file.left;
	return find_symtab(f, err);
}

/* --- symbols */

static size_t symbol_count(const struct module_file *f)
{
	return f->syms.left / sizeof(Elf64_Sym);
}

static Elf64_Sym symbol_get(const struct module_file *f, size_t i)
{
	Elf64_Sym sym;

	memcpy(&sym, f->syms.p + i * sizeof(sym), sizeof(sym));
	return sym;
}

static struct reloc_symbol symbol_resolve(const struct module_file *f, const Elf64_Sym *sym)
{
	const struct place *place;

	if (sym->st_shndx == SHN_ABS)
		return (struct reloc_symbol){ .value = sym->st_value };
	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= f->in.nsh)
		return (struct reloc_symbol){ .value = IMAGE_HOLE_START };
	place = &f->place[sym->st_shndx];
	return (struct reloc_symbol){ .value = place->va + sym->st_value, .dead = place->dead };
}

/* Computes the final value of every symbol once, so that a relocation costs one array access. */
static vs_status resolve_symbols(struct module_file *f, struct err *err)
{
	size_t n = symbol_count(f);

	f->symbols = calloc(n ? n : 1, sizeof(*f->symbols));
	if (!f->symbols)
		return fail(err, VS_NOMEM, "%s: no memory for %zu symbols", f->in.path, n);
	for (size_t i = 1; i < n; i++) {
		Elf64_Sym sym = symbol_get(f, i);

		f->symbols[i] = symbol_resolve(f, &sym);
	}
	f->nsymbols = n;
	return VS_OK;
}

/* Converts sym to a symbol of the image. Returns false if it is not part of the loaded module. */
static bool symbol_convert(const struct module_file *f, Elf64_Sym *sym, const struct bytes *names)
{
	const struct place *place;

	if (sym->st_name >= names->left)
		return false;
	if (ELF64_ST_TYPE(sym->st_info) == STT_FILE)
		return true;
	if (sym->st_shndx == SHN_UNDEF || sym->st_shndx >= f->in.nsh || sym->st_name == 0 ||
	    ELF64_ST_TYPE(sym->st_info) == STT_SECTION)
		return false;
	place = &f->place[sym->st_shndx];
	if (place->shndx == SHN_UNDEF || sym->st_value > place->size)
		return false;
	sym->st_value += place->va;
	sym->st_shndx = place->shndx;
	return true;
}

static vs_status add_symbols(struct modimage *m, const struct module_file *f, struct err *err)
{
	size_t strtab = f->in.sh[f->symtab].sh_link;
	struct bytes names;
	uint32_t base;
	vs_status st;

	if (strtab == 0 || strtab >= f->in.nsh)
		return fail(err, VS_CORRUPT, "%s: symbol names in section %zu of %zu", f->in.path,
			    strtab, f->in.nsh);
	st = elf_in_data(&f->in, strtab, &names, err);
	if (st)
		return st;
	if (names.left == 0 || names.p[names.left - 1] != '\0')
		return fail(err, VS_CORRUPT, "%s: symbol names in section %zu do not end in NUL",
			    f->in.path, strtab);
	base = elfwrite_names(&m->w, names.p, names.left);
	for (size_t i = 1; i < symbol_count(f); i++) {
		Elf64_Sym sym = symbol_get(f, i);

		if (symbol_convert(f, &sym, &names)) {
			sym.st_name += base;
			elfwrite_symbol(&m->w, &sym);
		}
	}
	return VS_OK;
}

/* --- debug sections */

/* Sections of a valid file do not overlap. Without this bound, thousands of headers for the same
 * bytes would cost their product in time and memory. */
static vs_status claim(struct module_file *f, size_t i, struct err *err)
{
	uint64_t size = f->in.sh[i].sh_size;

	if (size > f->unclaimed)
		return fail(err, VS_CORRUPT,
			    "%s: section %zu %s: %#" PRIx64 " bytes overlap other sections",
			    f->in.path, i, elf_in_name(&f->in, i), size);
	f->unclaimed -= size;
	return VS_OK;
}

static void add_debug(struct modimage *m, struct module_file *f)
{
	for (size_t i = 1; i < f->in.nsh; i++) {
		const char *name = elf_in_name(&f->in, i);
		struct err why;
		uint64_t size = 0;

		if (!is_debug(&f->in.sh[i], name))
			continue;
		if (elf_in_size(&f->in, i, &size, &why) || claim(f, i, &why))
			warn(f, &why);
		else if (size)
			f->place[i].copy = elfwrite_section(&m->w, name, SHT_PROGBITS, 0,
							    f->place[i].va, size);
	}
}

static void copy_debug(struct modimage *m, struct module_file *f)
{
	for (size_t i = 1; i < f->in.nsh; i++) {
		uint16_t to = f->place[i].copy;
		struct err why;

		if (to && elf_in_copy(&f->in, i, elfwrite_content(&m->w, to),
				      m->w.sections.v[to].sh_size, &why)) {
			warn(f, &why);
			elfwrite_drop(&m->w, to);
			f->place[i].copy = 0;
		}
	}
}

static vs_status check_faults(const struct module_file *f, size_t i, const struct reloc_faults *bad,
			      struct err *err)
{
	const char *name = elf_in_name(&f->in, i);

	if (bad->unknown)
		return fail(err, VS_UNSUPPORTED,
			    "%s: section %s: %zu relocations of unknown types such as %u",
			    f->in.path, name, bad->unknown, bad->unknown_type);
	if (bad->outside || bad->bad_symbol)
		return fail(err, VS_CORRUPT,
			    "%s: section %s: %zu relocations beyond its end, %zu to symbols that "
			    "do not exist",
			    f->in.path, name, bad->outside, bad->bad_symbol);
	if (bad->overflow)
		return fail(err, VS_CORRUPT,
			    "%s: section %s: %zu relocated values do not fit, one is %#" PRIx64
			    " at %#" PRIx64,
			    f->in.path, name, bad->overflow, bad->overflow_value,
			    bad->overflow_off);
	return VS_OK;
}

/* Returns what replaces references to code that is not loaded in this section; NULL: nothing. */
static const uint64_t *tombstone(const char *name)
{
	static const uint64_t zero = 0, one = 1;

	if (strcmp(name, ".debug_frame") == 0 || strcmp(name, ".eh_frame") == 0)
		return NULL;
	return strcmp(name, ".debug_ranges") == 0 ? &one : &zero;
}

/* Applies relocation section i to the copy of its target. */
static vs_status relocate(struct modimage *m, struct module_file *f, size_t i, struct err *err)
{
	const Elf64_Shdr *sh = &f->in.sh[i];
	uint16_t to = f->place[sh->sh_info].copy;
	const Elf64_Shdr *dst = &m->w.sections.v[to];
	struct reloc_faults faults = { 0 };
	struct bytes rela;
	vs_status st;

	if (sh->sh_link != f->symtab)
		return fail(err, VS_UNSUPPORTED,
			    "%s: section %zu uses symbol table %u instead of %zu", f->in.path, i,
			    sh->sh_link, f->symtab);
	if ((st = elf_in_data(&f->in, i, &rela, err)) || (st = claim(f, i, err)))
		return st;
	reloc_apply(elfwrite_content(&m->w, to), dst->sh_size, dst->sh_addr, rela,
		    (struct reloc_symbols){ f->symbols, f->nsymbols },
		    tombstone(elf_in_name(&f->in, sh->sh_info)), &faults);
	return check_faults(f, sh->sh_info, &faults, err);
}

static void relocate_debug(struct modimage *m, struct module_file *f)
{
	for (size_t i = 1; i < f->in.nsh; i++) {
		const Elf64_Shdr *sh = &f->in.sh[i];
		struct err why;

		if (sh->sh_type == SHT_RELA && sh->sh_info < f->in.nsh &&
		    f->place[sh->sh_info].copy && relocate(m, f, i, &why))
			warn(f, &why);
	}
}

/* --- all of it */

/* main has the debug sections; other, if open, has sections or symbols that main lacks. */
static vs_status build(struct modimage *m, struct module_file *main, struct module_file *other,
		       struct err *err)
{
	struct module_file *named = main->symtab ? main : other;
	bool types = !main->has_types && m->types && m->types->make(m->types->ctx, &m->made);
	uint16_t type_sections[BTFDWARF_SECTIONS];
	vs_status st;

	if ((st = place_sections(m, main, err)) || (st = place_sections(m, other, err)))
		return st;
	if (m->lo >= m->hi)
		return fail(err, VS_NOTFOUND, "%s: none of its sections has an address",
			    main->in.path);
	if ((st = resolve_symbols(main, err)))
		return st;
	if (named->symtab && (st = add_symbols(m, named, err)))
		return st;
	add_debug(m, main);
	if (types)
		btfimage_add(&m->w, &m->made, type_sections);
	if ((st = elfwrite_layout(&m->w, m->lo, m->hi, err)))
		return fail_ctx(err, st, "%s", main->in.path);
	copy_debug(m, main);
	relocate_debug(m, main);
	if (types)
		btfimage_fill(&m->w, &m->made, type_sections);
	return VS_OK;
}

static vs_status build_from(const char *ko_path, const char *debug_path,
			    const struct image_section *sections, size_t n,
			    const struct modimage_types *types, struct buf *out, struct err *err)
{
	AUTO(modimage)
	m = { .lo = UINT64_MAX,
	      .hole_data = IMAGE_HOLE_START,
	      .hole_code = IMAGE_HOLE_CODE,
	      .types = types };
	AUTO(module_file) ko = { 0 };
	AUTO(module_file) debug = { 0 };
	bool separate;
	vs_status st = VS_OK;

	if (ko_path)
		st = module_file_open(&ko, ko_path, err);
	if (st == VS_OK && debug_path)
		st = module_file_open(&debug, debug_path, err);
	if (st)
		return st;
	elfwrite_init(&m.w, EM_X86_64);
	st = given_load(&m, sections, n, err);
	if (st)
		return st;
	separate = debug_path && (debug.has_debug || !ko_path);
	st = separate ? build(&m, &debug, &ko, err) : build(&m, &ko, &debug, err);
	if (st == VS_OK)
		elfwrite_take(&m.w, out);
	return st;
}

vs_status modimage_build(const char *ko_path, const char *debug_path,
			 const struct image_section *sections, size_t n,
			 const struct modimage_types *types, struct buf *out, struct err *err)
{
	struct err why;
	vs_status st;

	if (!ko_path && !debug_path)
		return fail(err, VS_INVAL, "module image: no file given");
	if (!ko_path || !debug_path)
		return build_from(ko_path, debug_path, sections, n, types, out, err);
	st = build_from(ko_path, debug_path, sections, n, types, out, &why);
	if (st != VS_OK && st != VS_NOMEM) {
		log_warn("%s: ignoring debug file: %s", ko_path, why.msg);
		return build_from(ko_path, NULL, sections, n, types, out, err);
	}
	if (st && err)
		*err = why;
	return st;
}
