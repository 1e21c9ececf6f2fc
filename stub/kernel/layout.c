// SPDX-License-Identifier: GPL-3.0-or-later
/* layout.c - locates the crashed kernel in memory.
 * In: VMCOREINFO wherever it is, control registers, ELF segments, vmlinux, the user's options.
 * Out: page tables, phys_base, slide. */
#include "stub/kernel/layout.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/kernel/addressmap.h"
#include "stub/kernel/kernel.h"

#define BANNER	   "Linux version "
#define PIECE	   65536
#define MAX_VMCORE (1 << 20) /* of --vmcoreinfo */
#define MAX_IMAGE  (UINT64_C(256) << 20)

/* --- VMCOREINFO */

/* The range from _stext to the last symbol in VMCOREINFO, all of it in the kernel's image. */
static void span_from_info(const struct arch_ops *arch, const struct vmcoreinfo *v,
			   struct layout *ret)
{
	static const char *const names[] = { "_stext",
					     "swapper_pg_dir",
					     "init_top_pgt",
					     "init_uts_ns",
					     "node_data",
					     "mem_section",
					     "prb",
					     "kallsyms_names",
					     "kallsyms_offsets",
					     "kallsyms_token_table",
					     "kallsyms_token_index" };
	uint64_t va;

	if (!vmcoreinfo_symbol(v, "_stext", &va) || va < arch->os->image_base)
		return;
	ret->image_start = va & ~(arch->os->image_step - 1);
	ret->image_end = va;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (vmcoreinfo_symbol(v, names[i], &va) && va > ret->image_end &&
		    va - ret->image_start < arch->os->image_limit)
			ret->image_end = va + 4096;
}

void layout_from_info(const struct arch_ops *arch, const struct vmcoreinfo *v, struct layout *ret)
{
	arch->os->layout_from_info(v, ret);
	span_from_info(arch, v, ret);
}

vs_status layout_check(const struct arch_ops *arch, const struct mem *phys, const struct layout *l,
		       kva_t stext, struct err *err)
{
	struct walk w;
	vs_status st;

	if (!l->have_root || !l->have_phys)
		return fail(err, VS_NOMATCH, "no page tables or no phys_base");
	st = arch->walk(&l->pg, phys, stext, &w, err);
	if (st == VS_UNMAPPED || st == VS_SWAPPED || st == VS_CORRUPT)
		return fail_ctx(err, VS_NOMATCH, "page tables at %#" PRIx64, l->pg.root);
	if (st)
		return st;
	if (w.pa != stext - arch->os->image_base + l->phys_base)
		return fail(err, VS_NOMATCH,
			    "page tables at %#" PRIx64 " map _stext to %#" PRIx64
			    ", but phys_base is %#" PRIx64,
			    l->pg.root, w.pa, l->phys_base);
	return VS_OK;
}

static vs_status info_from_file(struct kernel *k, struct err *err)
{
	const char *path = k->opt->vmcoreinfo;
	AUTO_FREE char *text = malloc(MAX_VMCORE);
	FILE *f = fopen(path, "re");
	size_t n = f && text ? fread(text, 1, MAX_VMCORE, f) : 0;
	bool bad = !f || !text || ferror(f);

	if (f)
		fclose(f);
	if (bad)
		return fail(err, VS_IO, "--vmcoreinfo %s: cannot be read", path);
	k->vmci = vmcoreinfo_parse(text, n);
	if (!k->vmci)
		return fail(err, VS_NOMEM, "out of memory");
	if (!vmcoreinfo_str(k->vmci, "OSRELEASE"))
		return fail(err, VS_INVAL, "--vmcoreinfo %s: no OSRELEASE=", path);
	return VS_OK;
}

static vs_status info_from_dump(struct kernel *k, struct err *err)
{
	size_t len = 0;
	const char *text = dump_vmcoreinfo(k->dump, &len);

	k->vmci = vmcoreinfo_parse(text, len);
	return k->vmci ? VS_OK : fail(err, VS_NOMEM, "out of memory");
}

/* --- the image, found by its mapping */

static bool maps(struct kernel *k, const struct paging *pg, kva_t va, pa_t *pa)
{
	struct walk w;

	if (k->arch->walk(pg, dump_mem(k->dump), va, &w, NULL))
		return false;
	*pa = w.pa;
	return true;
}

/* The image is the first mapped range above image_base. */
static bool find_image(struct kernel *k, struct layout *l)
{
	const struct arch_ops *a = k->arch;
	kva_t va = a->os->image_base, limit = a->os->image_base + a->os->image_limit;
	pa_t first = 0, pa;

	while (va < limit && !maps(k, &l->pg, va, &first))
		va += a->os->image_step;
	if (va == limit)
		return false;
	l->image_start = va;
	l->phys_base = first - (va - a->os->image_base);
	l->have_phys = true;
	do
		va += a->os->image_step;
	while (va < limit && maps(k, &l->pg, va, &pa) &&
	       pa == va - a->os->image_base + l->phys_base);
	l->image_end = va;
	return true;
}

/* Tries the kernel's own tables first, because a task's tables may map only entry code. */
static bool try_cr3(struct kernel *k, const struct paging *cr3, struct layout *ret)
{
	struct layout l = { .pg = *cr3, .have_root = true };

	l.pg.root &= ~k->arch->os->user_root_bit;
	if (!find_image(k, &l)) {
		l.pg.root = cr3->root;
		if (!find_image(k, &l))
			return false;
	}
	*ret = l;
	return true;
}

/* Uses the CPU whose tables map most of the image, preferably one that runs in it. */
static bool from_registers(struct kernel *k, struct layout *ret)
{
	size_t n;
	const struct dump_note *notes = dump_notes(k->dump, &n);
	bool found = false, in_kernel = false;

	for (size_t i = 0; i < n && !in_kernel; i++) {
		struct bytes desc = bytes_of(notes[i].desc, notes[i].len);
		struct paging pg = { .max_pa = ret->pg.max_pa };
		struct layout l;
		struct regs r;
		pa_t pa;

		if (strcmp(notes[i].name, "QEMU") != 0 ||
		    k->arch->regs_from_qemu(desc, &r, NULL) != VS_OK ||
		    !k->arch->paging_from_regs(&r, &pg) || !try_cr3(k, &pg, &l))
			continue;
		in_kernel = regs_has(&r, k->arch->pc) && k->arch->is_kernel_va(r.v[k->arch->pc]) &&
			    maps(k, &l.pg, r.v[k->arch->pc], &pa);
		if (!found || in_kernel ||
		    l.image_end - l.image_start > ret->image_end - ret->image_start)
			*ret = l;
		found = true;
	}
	return found;
}

/* --- VMCOREINFO in memory */

/* Physical addresses between which the image must be, according to the file. */
static void about_image(struct kernel *k, pa_t *start, pa_t *end)
{
	const struct dump_info *info = dump_info(k->dump);
	uint64_t phys_base = info->elf_phys_base;

	if (phys_base == UINT64_MAX)
		phys_base = info->phys_base_hint;
	*end = phys_base + k->arch->os->image_limit;
	*start = (int64_t)phys_base < 0 ? 0 : phys_base; // negative with some KASLR offsets
}

/* If the note is missing, or not of this memory, searches for another. VS_NOTFOUND keeps k->vmci.
 */
static vs_status info_from_memory(struct kernel *k, const char *why, struct err *err)
{
	struct layout l = { .pg = { .max_pa = dump_info(k->dump)->max_pfn << 12 } };
	pa_t where, image, image_end;
	struct vmcoreinfo *v;
	bool running = from_registers(k, &l);
	vs_status st;

	if (running) {
		image = l.image_start - k->arch->os->image_base + l.phys_base;
		image_end = image + (l.image_end - l.image_start);
	} else {
		about_image(k, &image, &image_end);
	}
	st = infoscan_find(k, running ? &l : NULL, image, image_end, &v, &where, err);
	if (st)
		return st;
	vmcoreinfo_destroy(k->vmci);
	k->vmci = v;
	log_warn("%s: %s; found one in memory at %#" PRIx64, dump_info(k->dump)->path, why, where);
	return VS_OK;
}

/* Finds "Linux version 6.1.0-...": the first one in the image that is not a format string. */
static void release_from_banner(struct kernel *k)
{
	AUTO_FREE char *piece = malloc(PIECE + sizeof(BANNER) + 64);
	size_t keep = sizeof(BANNER) + 64, have = 0;
	kva_t end = k->image_end;

	if (end - k->image_start > MAX_IMAGE)
		end = k->image_start + MAX_IMAGE;
	for (kva_t va = k->image_start; piece && va < end; va += PIECE) {
		char *p = piece, *hit;
		size_t left;

		if (mem_read(k->mem, va, piece + have, PIECE, NULL)) {
			have = 0;
			continue;
		}
		left = have + PIECE;
		while ((hit = memmem(p, left, BANNER, strlen(BANNER)))) {
			char *text = hit + strlen(BANNER);

			left -= (size_t)(text - p);
			p = text;
			if (left < 64 || *text < '0' || *text > '9')
				continue;
			snprintf(k->release, sizeof(k->release), "%.*s", (int)strcspn(text, " \n"),
				 text);
			return;
		}
		memmove(piece, piece + have + PIECE - keep, keep);
		have = keep;
	}
}

/* --- vmlinux */

bool layout_slide_of(const struct kernel *k, struct elffile *f, uint64_t *ret)
{
	uint64_t vaddr, size;

	if (!k->image_start || !elffile_load_segment(f, 0, &vaddr, &size))
		return false;
	*ret = k->image_start - vaddr;
	return true;
}

struct wanted {
	const char *const *names;
	uint64_t va[PAGING_SYMBOLS_MAX]; /* of each name; 0: not found */
};

static bool take_symbol(void *ctx, const struct elf_symbol *s)
{
	struct wanted *w = ctx;

	for (size_t i = 0; w->names[i]; i++)
		if (strcmp(w->names[i], s->name) == 0)
			w->va[i] = s->value;
	return true;
}

/* Finds the page tables by symbols of vmlinux, if only the address of the text is known. */
static vs_status root_from_vmlinux(struct kernel *k, struct paging *pg, struct err *err)
{
	struct wanted w = { .names = k->arch->os->paging_symbols };
	uint64_t size;
	vs_status st = kernel_need_vmlinux(k, err);

	if (st == VS_OK)
		st = elffile_symbols(k->vmlinux, take_symbol, &w, err);
	if (st)
		return st;
	if (!k->have_slide)
		return fail(err, VS_NOTFOUND, "%s: its slide is unknown", k->vmlinux_path);
	if (!k->image_start && elffile_load_segment(k->vmlinux, 0, &k->image_start, &size))
		k->image_start += k->slide;
	st = k->arch->os->paging_from_symbols(dump_mem(k->dump), w.va,
					      k->slide - k->arch->os->image_base + k->phys_base, pg,
					      err);
	return st ? fail_ctx(err, st, "%s", k->vmlinux_path) : VS_OK;
}

/* The same by the dump's own symbols, which are read from the image without page tables. */
static vs_status root_from_dump(struct kernel *k, struct paging *pg, struct err *err)
{
	const char *const *names = k->arch->os->paging_symbols;
	uint64_t va[PAGING_SYMBOLS_MAX] = { 0 };
	vs_status st = kernel_need_syms(k, err);

	for (size_t i = 0; names[i] && st == VS_OK; i++)
		(void)kernel_symbol(k, names[i], &va[i], NULL);
	return st ? st
		  : k->arch->os->paging_from_symbols(
			    dump_mem(k->dump), va, k->phys_base - k->arch->os->image_base, pg, err);
}

/* --- all together */

/* /proc/vmcore has a segment for the kernel's image. */
static bool from_segments(struct kernel *k, struct layout *l)
{
	const struct dump_info *info = dump_info(k->dump);

	if (info->elf_phys_base == UINT64_MAX)
		return false;
	l->phys_base = info->elf_phys_base;
	l->have_phys = true;
	l->image_start = info->elf_text_va;
	l->image_end = info->elf_text_va + info->elf_text_size;
	return true;
}

static void override(struct kernel *k, struct layout *l)
{
	const struct kernel_options *o = k->opt;

	if (o->have_phys_base) {
		l->phys_base = o->phys_base;
		l->have_phys = true;
	}
	if (o->have_slide) {
		l->slide = o->slide;
		l->have_slide = true;
	}
	if (!o->have_root)
		return;
	l->pg.root = o->root;
	if (!l->have_root) // the number of levels is unknown: use the one that leads to an image
		for (l->pg.levels = k->arch->os->levels_high;
		     l->pg.levels > k->arch->os->levels_low; l->pg.levels--)
			if (find_image(k, l))
				break;
	l->have_root = true;
}

/* Uses VMCOREINFO, if it matches this memory or cannot be checked. */
static vs_status from_info(struct kernel *k, struct layout *l, struct err *err)
{
	const char *path = dump_info(k->dump)->path;
	uint64_t max_pa = l->pg.max_pa, stext;
	struct err why;
	vs_status st = fail(&why, VS_NOMATCH, "%s",
			    vmcoreinfo_str(k->vmci, "OSRELEASE") ? "VMCOREINFO names no page tables"
								 : "no VMCOREINFO note");

	layout_from_info(k->arch, k->vmci, l);
	l->pg.max_pa = max_pa;
	if (l->have_root && vmcoreinfo_symbol(k->vmci, "_stext", &stext))
		st = layout_check(k->arch, dump_mem(k->dump), l, stext, &why);
	if (st != VS_NOMATCH || k->opt->vmcoreinfo || k->opt->have_phys_base)
		return VS_OK;
	st = info_from_memory(k, why.msg, err);
	if (st == VS_OK) {
		layout_from_info(k->arch, k->vmci, l);
		l->pg.max_pa = max_pa;
	} else if (st == VS_NOTFOUND) {
		log_warn("%s: %s, and %s", path, why.msg, err->msg);
		st = VS_OK;
	}
	return st;
}

static void apply(struct kernel *k, const struct layout *l)
{
	k->phys_base = l->phys_base;
	k->have_phys_base = l->have_phys;
	k->slide = l->slide;
	k->have_slide = l->have_slide;
	k->image_start = l->image_start;
	k->image_end = l->image_end;
	kmem_set_paging(k->kmem, &l->pg);
	kmem_set_linear(k->kmem, layout_linear, k);
}

/* Without VMCOREINFO, finds what else can be known, and the page tables by vmlinux. */
static vs_status complete(struct kernel *k, struct layout *l, struct err *err)
{
	vs_status st;

	if (!l->have_phys)
		(void)find_image(k, l);
	apply(k, l);
	if (!k->release[0] && k->image_start)
		release_from_banner(k);
	if (l->have_root && l->have_slide)
		return VS_OK;
	if (!l->have_phys)
		return fail(err, VS_NOTFOUND,
			    "%s: no VMCOREINFO and no control registers: cannot find the page "
			    "tables; use --vmcoreinfo, --root or --phys-base",
			    dump_info(k->dump)->path);
	st = root_from_vmlinux(k, &l->pg, err);
	if (st && !l->have_root)
		st = root_from_dump(k, &l->pg, err);
	if (st == VS_OK)
		kmem_set_paging(k->kmem, &l->pg);
	// A CPU's own tables are enough; without a slide there are no symbols.
	return l->have_root ? VS_OK : st;
}

vs_status layout_find(struct kernel *k, struct err *err)
{
	struct layout l = { .have_root = false };
	const char *release, *path = dump_info(k->dump)->path;
	uint64_t word;
	vs_status st = k->opt->vmcoreinfo ? info_from_file(k, err) : info_from_dump(k, err);

	if (st == VS_OK && dump_info(k->dump)->raw_size)
		st = rammap_find(k, err);
	l.pg.max_pa = dump_info(k->dump)->max_pfn << 12;
	if (st == VS_OK)
		st = from_info(k, &l, err);
	if (st)
		return st;
	release = vmcoreinfo_str(k->vmci, "OSRELEASE");
	snprintf(k->release, sizeof(k->release), "%s",
		 release ? release : dump_info(k->dump)->release);
	if (!l.have_root && !k->opt->have_root && !from_registers(k, &l))
		(void)from_segments(k, &l);
	override(k, &l);
	if (!l.have_root || !l.have_phys || !l.have_slide) {
		st = complete(k, &l, err);
		if (st && k->opt->physical) {
			log_warn("%s; only physical memory can be read, with rd -p, search -p and "
				 "why -p",
				 err->msg);
			return VS_OK;
		}
		if (st)
			return st;
	} else {
		apply(k, &l);
	}
	st = mem_read_u64(dump_mem(k->dump), l.pg.root, &word, err);
	if (st)
		log_warn("%s: top page table at %#" PRIx64 ": %s; reading the kernel's image and "
			 "the direct map without it",
			 path, l.pg.root, vs_status_str(st));
	return VS_OK;
}

/* --- without page tables */

/* End of the image, from vmlinux or the dump's own symbols. */
static kva_t image_end(struct kernel *k)
{
	uint64_t vaddr, size;
	kva_t end = k->image_end, va;

	if (!k->have_slide || kernel_need_vmlinux(k, NULL)) {
		if (kernel_symbol(k, "_end", &va, NULL) == VS_OK && va > end)
			end = va;
		return end;
	}
	for (size_t i = 0; elffile_load_segment(k->vmlinux, i, &vaddr, &size); i++)
		if (vaddr >= k->arch->os->image_base && vaddr + size + k->slide > end)
			end = vaddr + size + k->slide;
	return end;
}

/* The segments of /proc/vmcore show it; otherwise a kernel variable tells it. */
static vs_status load_direct(struct kernel *k, void *owner, struct err *err)
{
	(void)owner;
	k->direct_base = dump_info(k->dump)->elf_page_offset;
	return k->direct_base != UINT64_MAX ? VS_OK : addressmap_direct(k, &k->direct_base, err);
}

static const struct slot_ops direct_slot_ops = { load_direct, NULL };

static bool direct_map(struct kernel *k, uint64_t *ret)
{
	if (slot_need(k, &k->direct_slot, &direct_slot_ops, k, NULL))
		return false;
	*ret = k->direct_base;
	return true;
}

bool layout_linear(void *ctx, kva_t va, pa_t *ret)
{
	struct kernel *k = ctx;
	uint64_t base, max_pa = dump_info(k->dump)->max_pfn << 12;

	if (va >= k->arch->os->image_base) {
		if (!k->have_phys_base || !k->image_start || va < k->image_start)
			return false;
		// Find the end only for addresses above the known part: finding it reads the image.
		if (va >= k->image_end && va >= image_end(k))
			return false;
		*ret = va - k->arch->os->image_base + k->phys_base;
		return true;
	}
	if (!direct_map(k, &base) || va - base >= max_pa)
		return false;
	*ret = va - base;
	return true;
}
