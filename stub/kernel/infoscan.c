// SPDX-License-Identifier: GPL-3.0-or-later
/* infoscan.c - finds VMCOREINFO in the memory of a dump without a VMCOREINFO note.
 * The note in memory: {namesz 11, descsz, type 0, "VMCOREINFO\0" padded to 12, text}, at the start
 * of a page (vmcoreinfo_note of kernel/crash_core.c, kernel/vmcore_info.c); before 4.13 anywhere in
 * the kernel's image (kernel/kexec.c). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/dump/dump.h"
#include "stub/dump/notes.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/layout.h"

#define HEAD_BYTES 24
#define MAX_HITS   8
#define PAGE	   4096
#define NOTE_START NOTE_INFO_HEAD

struct hit {
	pa_t pa;
	struct vmcoreinfo *info;
	struct layout l;
	bool crashed; /* has CRASHTIME */
	bool in_use;  /* a CPU's CR3 points to its page tables */
};

struct hits {
	struct hit v[MAX_HITS];
	size_t n, seen;		      /* notes that match this memory, and all notes */
	const struct layout *running; /* NULL: unknown */
};

static bool cr3_names(struct kernel *k, pa_t root)
{
	size_t n;
	const struct dump_note *notes = dump_notes(k->dump, &n);

	for (size_t i = 0; i < n; i++) {
		struct paging pg;
		struct regs r;

		if (strcmp(notes[i].name, "QEMU") == 0 &&
		    k->arch->regs_from_qemu(bytes_of(notes[i].desc, notes[i].len), &r, NULL) ==
			    VS_OK &&
		    k->arch->paging_from_regs(&r, &pg) &&
		    (pg.root == root || (pg.root & ~k->arch->os->user_root_bit) == root))
			return true;
	}
	return false;
}

/* Keeps the note at pa if its kernel is in this memory. */
static vs_status look_at(struct kernel *k, pa_t pa, uint32_t descsz, struct hits *hits,
			 struct err *err)
{
	const struct mem *phys = dump_mem(k->dump);
	AUTO_FREE char *text = malloc(descsz);
	struct hit h = { .pa = pa };
	kva_t stext;

	if (!text)
		return fail(err, VS_NOMEM, "VMCOREINFO of %u bytes", descsz);
	hits->seen++;
	if (hits->n == MAX_HITS || mem_read(phys, pa + HEAD_BYTES, text, descsz, NULL))
		return VS_OK;
	h.info = vmcoreinfo_parse(text, descsz);
	if (!h.info)
		return fail(err, VS_NOMEM, "VMCOREINFO of %u bytes", descsz);
	layout_from_info(k->arch, h.info, &h.l);
	// Before 401721ecd1dc (4.10) it has only the address of phys_base, not the value.
	if (!h.l.have_phys && hits->running) {
		h.l.have_phys = h.l.have_root = true;
		h.l.phys_base = hits->running->phys_base;
		h.l.pg = hits->running->pg;
	}
	h.l.pg.max_pa = dump_info(k->dump)->max_pfn << 12;
	if (!vmcoreinfo_symbol(h.info, "_stext", &stext) ||
	    layout_check(k->arch, phys, &h.l, stext, NULL)) {
		vmcoreinfo_destroy(h.info);
		return VS_OK;
	}
	h.crashed = vmcoreinfo_str(h.info, "CRASHTIME");
	h.in_use = cr3_names(k, h.l.pg.root);
	hits->v[hits->n++] = h;
	return VS_OK;
}

static vs_status scan(struct kernel *k, struct hits *hits, struct err *err)
{
	const struct mem *phys = dump_mem(k->dump);
	pfn_t pfn = 0;
	vs_status st;

	for (; (st = dump_next_note(k->dump, pfn, &pfn, err)) == VS_OK; pfn++) {
		uint8_t head[NOTE_START];

		if (mem_read(phys, pfn << 12, head, sizeof(head), NULL) ||
		    !note_is_vmcoreinfo(head))
			continue;
		st = look_at(k, pfn << 12, load_u32(head + 4), hits, err);
		if (st)
			return st;
	}
	return st == VS_END ? VS_OK : st;
}

/* Looks for notes that begin anywhere in this page. */
static vs_status scan_page(struct kernel *k, pa_t pa, struct hits *hits, struct err *err)
{
	const struct mem *phys = dump_mem(k->dump);
	uint8_t page[PAGE + NOTE_START];
	// If the next page is missing, the note cannot extend into it.
	size_t n = phys->read(phys, pa, page, sizeof(page), NULL).len;

	for (size_t at = 0; at + NOTE_START <= n && at < PAGE; at += 4) {
		vs_status st;

		if (!note_is_vmcoreinfo(page + at))
			continue;
		st = look_at(k, pa + at, load_u32(page + at + 4), hits, err);
		if (st)
			return st;
	}
	return VS_OK;
}

/* Before 203e9e41219b (4.13) the note was an array of 4-byte words in the image. */
static vs_status scan_image(struct kernel *k, pa_t start, pa_t end, struct hits *hits,
			    struct err *err)
{
	pfn_t pfn = start / PAGE;
	vs_status st;

	for (; (st = dump_next_page(k->dump, pfn, &pfn, err)) == VS_OK && pfn * PAGE < end; pfn++) {
		st = scan_page(k, pfn * PAGE, hits, err);
		if (st)
			return st;
	}
	return st == VS_END ? VS_OK : st;
}

/* The only hit for which fn returns true; n if there is none, or several of different kernels. */
static size_t only(const struct hits *h, bool (*fn)(const struct hit *h))
{
	size_t found = h->n;

	for (size_t i = 0; i < h->n; i++) {
		if (!fn(&h->v[i]))
			continue;
		if (found == h->n)
			found = i;
		else if (h->v[i].l.pg.root != h->v[found].l.pg.root)
			return h->n;
	}
	return found;
}

static bool any(const struct hit *h)
{
	(void)h;
	return true;
}

static bool crashed(const struct hit *h)
{
	return h->crashed;
}

static bool in_use(const struct hit *h)
{
	return h->in_use;
}

static vs_status choose(struct kernel *k, const struct hits *h, size_t *ret, struct err *err)
{
	size_t i = only(h, crashed);
	AUTO(buf) list = { 0 };

	if (h->n == 0 && h->seen)
		return fail(err, VS_NOTFOUND,
			    "%zu VMCOREINFO notes in memory, but none matches the memory", h->seen);
	if (h->n == 0)
		return fail(err, VS_NOTFOUND, "no VMCOREINFO in memory");
	for (size_t n = 0; n < h->n && k->opt->have_root; n++)
		if (h->v[n].l.pg.root == k->opt->root)
			i = n;
	if (i == h->n)
		i = only(h, in_use);
	if (i == h->n)
		i = only(h, any);
	*ret = i;
	if (i < h->n)
		return VS_OK;
	for (size_t n = 0; n < h->n; n++) {
		const char *release = vmcoreinfo_str(h->v[n].info, "OSRELEASE");

		buf_printf(&list, "%s --root %#" PRIx64 " (%.64s)", n ? "," : "", h->v[n].l.pg.root,
			   release ? release : "?");
	}
	return fail(err, VS_INVAL, "%zu kernels in memory; choose one:%s", h->n, buf_str(&list));
}

vs_status infoscan_find(struct kernel *k, const struct layout *running, pa_t image, pa_t image_end,
			struct vmcoreinfo **ret, pa_t *where, struct err *err)
{
	struct hits hits = { .running = running };
	size_t chosen = SIZE_MAX;
	vs_status st = scan(k, &hits, err);

	if (st == VS_OK && hits.n == 0)
		st = scan_image(k, image, image_end, &hits, err);
	if (st == VS_OK)
		st = choose(k, &hits, &chosen, err);
	for (size_t i = 0; i < hits.n; i++) {
		if (st == VS_OK && i == chosen) {
			*ret = hits.v[i].info;
			*where = hits.v[i].pa;
		} else {
			vmcoreinfo_destroy(hits.v[i].info);
		}
	}
	return st;
}
