// SPDX-License-Identifier: GPL-3.0-or-later
/* imagebytes.c - makes the contents of ELF files for gdb: names, types, lines and unwind rules,
 * from available files and from the dump. */
#include "stub/gdb/imagebytes.h"

#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/elf/ehframe.h"
#include "stub/elf/entryimage.h"
#include "stub/elf/kernelimage.h"
#include "stub/elf/modimage.h"
#include "stub/elf/symimage.h"
#include "stub/gdb/kerneltypes.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/module/modules.h"
#include "stub/unwind/dyncode.h"
#include "stub/unwind/entryrules.h"
#include "stub/unwind/framerules.h"

/* Converts a symbol table to image symbols. NULL without memory. */
static struct image_symbol *image_symbols(const struct symtab *t)
{
	size_t n = symtab_count(t);
	struct image_symbol *syms = calloc(n + 1, sizeof(*syms));

	for (size_t i = 0; syms && i < n; i++) {
		const struct symbol *s = symtab_at(t, i);

		syms[i] = (struct image_symbol){ s->name, s->va, s->size,
						 s->type == 't' || s->type == 'T', s->type >= 'a' };
	}
	return syms;
}

/* Builds the image of a kernel without vmlinux: names from the dump's kallsyms, types from its BTF,
 * and unwind rules for all of its code. */
static vs_status build_kernel_symbols(struct kernel *k, struct kerneltypes *types,
				      struct buf *frames, struct buf *bytes, struct err *err)
{
	AUTO_FREE struct image_symbol *syms = NULL;
	AUTO(btfdwarf) debug = { 0 };
	struct kernel_code code;
	struct err no_types;
	kva_t lo, hi;
	bool only_code;
	vs_status st = kernel_symbol(k, "_text", &lo, err);

	if (st == VS_OK)
		st = kernel_named_end(k, &hi, &only_code, err);
	if (st)
		return st;
	syms = image_symbols(k->syms);
	if (!syms)
		return fail(err, VS_NOMEM, "no memory for the kernel's symbols");
	if (kernel_code_find(k, &code))
		for (size_t i = 0; i < symtab_count(k->syms); i++) {
			syms[i].code = kernel_code_names(&code, symtab_at(k->syms, i));
			// _etext does not name the data that follows.
			if (only_code && !syms[i].code)
				syms[i].size = 1;
		}
	if (kerneltypes_kernel(types, false, &debug, &no_types))
		log_warn("gdb has no types: %s", no_types.msg);
	return symimage_build(syms, symtab_count(k->syms), lo, hi, frames, &debug, bytes, err);
}

/* Makes types for a vmlinux without debug information. NULL: it has some, or there are no types. */
static const struct btfdwarf *stripped_types(struct kernel *k, struct kerneltypes *types,
					     bool moved, struct btfdwarf *ret)
{
	struct err why;

	if (elffile_has_debug_info(k->vmlinux))
		return NULL;
	if (kerneltypes_kernel(types, moved, ret, &why) == VS_OK) {
		// gdb 18 rejects an index with addresses outside the image's sections.
		buf_deinit(&ret->section[BTFDWARF_INDEX]);
		return ret;
	}
	log_warn("%s is stripped, and gdb has no types: %s", k->vmlinux_name, why.msg);
	return NULL;
}

/* For code that nothing tells how to unwind: gdb would guess, so backtraces end there. */
static bool unknown_rules(struct kernel *k, struct entry_rules *ret)
{
	struct entry_rules e = { .rules = calloc(2, sizeof(*e.rules)) };
	struct kernel_code c;

	if (!e.rules || !kernel_code_find(k, &c)) {
		free(e.rules);
		return false;
	}
	for (size_t i = 0; i < 2; i++)
		e.rules[e.n++] = (struct unwind_rule){ .start = c.start[i],
						       .end = c.end[i],
						       .kind = RULE_END };
	*ret = e;
	return true;
}

vs_status imagebytes_entry(struct kernel *k, struct kerneltypes *types, enum kernel_file file,
			   bool entry_first, struct buf *bytes, struct err *err)
{
	AUTO(btfdwarf) debug = { 0 };
	AUTO(entry_rules) rules = { 0 };
	AUTO(buf) frames = { 0 };
	uint64_t slide = file == KERNEL_FILE_DEBUG ? k->slide : 0;
	vs_status st = entry_rules_load(k, entry_first || file == KERNEL_FILE_DEBUG,
					file == KERNEL_FILE_NONE, &rules, err);

	if (st && file == KERNEL_FILE_NONE && unknown_rules(k, &rules)) {
		log_warn("backtraces end at their first frame in the kernel: %s", err->msg);
		st = VS_OK;
	}
	if (st == VS_OK)
		st = entry_rules_frames(k, &rules, slide, &frames, err);
	if (st)
		return st;
	if (file == KERNEL_FILE_DEBUG)
		return kernelimage_build(k->arch, k->vmlinux, &frames, bytes, err);
	if (file == KERNEL_FILE_NONE)
		return build_kernel_symbols(k, types, &frames, bytes, err);
	return entryimage_build(
		&(struct entryimage){
			.arch = k->arch,
			.frames = &frames,
			.lo = rules.entry_start,
			.hi = rules.entry_end,
			.debug = stripped_types(k, types, kernel_file_moves_percpu(file), &debug) },
		bytes, err);
}

struct module_types {
	struct kerneltypes *kernel;
	struct module *m;
};

static bool make_types(void *ctx, struct btfdwarf *ret)
{
	struct module_types *t = ctx;
	struct err why;
	vs_status st = kerneltypes_module(t->kernel, t->m, ret, &why);

	if (st && st != VS_NOTFOUND)
		log_warn("gdb has no types of module %s: %s", t->m->name, why.msg);
	else if (st)
		log_info("gdb has no types of module %s: %s", t->m->name, why.msg);
	return st == VS_OK;
}

static vs_status bytes_from_file(struct kernel *k, struct kerneltypes *kernel_types,
				 struct module *m, bool moved, struct buf *bytes, struct err *err)
{
	AUTO_FREE struct image_section *secs = NULL;
	struct module_types make = { kernel_types, m };
	struct modimage_types types = { make_types, &make };
	struct percpu_window w;
	size_t n;
	vs_status st = module_need_file(k, m, err);

	if (st == VS_OK)
		st = module_need_sections(k, m, err);
	if (st)
		return st;
	secs = calloc(m->nsections + 1, sizeof(*secs));
	if (!secs)
		return fail(err, VS_NOMEM, "module %s", m->name);
	for (n = 0; n < m->nsections; n++)
		secs[n] = (struct image_section){ .name = m->sections[n].name,
						  .va = m->sections[n].va,
						  .init_live = m->state == 1 };
	// gdb reads per-CPU symbols of modules through the same window as vmlinux's.
	if (m->percpu && percpu_gdb_window(k, moved, &w, NULL) == VS_OK)
		secs[n++] =
			(struct image_section){ .name = ".data..percpu", .va = m->percpu + w.bias };
	return modimage_build(m->path, m->debug_path, secs, n, &types, bytes, err);
}

/* Makes frames from the kernel's unwind rules; without the module's DWARF, gdb would guess. */
static bool module_frames(struct kernel *k, struct module *m, struct buf *frames)
{
	AUTO_FREE struct unwind_rule *rules = NULL;
	size_t n;

	if (module_rules(k, m, &rules, &n, NULL) && frame_module_rules(k, m, &rules, &n, NULL))
		return false;
	return ehframe_build(k->arch, rules, n, frames, NULL) == VS_OK;
}

/* Gets the range of the module's code and of what follows without a gap. Since 6.4, data lies
 * elsewhere: an image of both would overlap other modules. */
static void code_range(const struct module *m, kva_t *lo, kva_t *hi)
{
	*lo = *hi = 0;
	for (size_t i = 0; i < m->nranges; i++) {
		if (!m->range[i].text || (*lo && m->range[i].base >= *lo))
			continue;
		*lo = m->range[i].base;
		*hi = *lo + m->range[i].size;
	}
	for (size_t i = 0; i < m->nranges; i++) // adjacent ranges are in ascending order
		if (m->range[i].base == *hi)
			*hi += m->range[i].size;
}

/* Builds the image of a module without a file: names and unwind rules from the dump. */
static vs_status bytes_from_symbols(struct kernel *k, struct kerneltypes *kernel_types,
				    struct module *m, struct buf *bytes, struct err *err)
{
	struct module_types make = { kernel_types, m };
	AUTO(btfdwarf) debug = { 0 };
	AUTO_FREE struct image_symbol *syms = NULL;
	AUTO(buf) frames = { 0 };
	bool have_frames;
	kva_t lo, hi;
	size_t n;
	vs_status st = module_need_syms(k, m, err);

	if (st)
		return st;
	n = symtab_count(m->syms);
	syms = image_symbols(m->syms);
	if (!syms)
		return fail(err, VS_NOMEM, "module %s", m->name);
	code_range(m, &lo, &hi);
	have_frames = module_frames(k, m, &frames);
	return symimage_build(syms, n, lo, hi, have_frames ? &frames : NULL,
			      make_types(&make, &debug) ? &debug : NULL, bytes, err);
}

vs_status imagebytes_module(struct kernel *k, struct kerneltypes *types, struct module *m,
			    bool moved, struct buf *bytes, bool *has_file, struct err *err)
{
	vs_status st = m->hidden ? VS_NOTFOUND : bytes_from_file(k, types, m, moved, bytes, err);

	*has_file = st == VS_OK;
	if (st == VS_OK)
		return VS_OK;
	if (!m->hidden && err)
		log_info("%s", err->msg);
	return bytes_from_symbols(k, types, m, bytes, NULL) == VS_OK ? VS_OK : st;
}

vs_status imagebytes_programs(const struct dyncodes *d, size_t first, size_t n, struct buf *bytes,
			      struct err *err)
{
	AUTO_FREE struct image_symbol *syms = image_symbols(d->syms);

	if (!syms)
		return fail(err, VS_NOMEM, "symbols");
	return symimage_build(syms, symtab_count(d->syms), d->v[first].start,
			      d->v[first + n - 1].end, NULL, NULL, bytes, err);
}
