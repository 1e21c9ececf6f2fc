// SPDX-License-Identifier: GPL-3.0-or-later
/* elfcore.c - ELF vmcore: /proc/vmcore copies, QEMU dump-guest-memory, makedumpfile -E.
 * In: PT_LOADs in any order, overlapping, unaligned. Out: one sorted map from physical address to
 * file offset. p_vaddr only feeds hints: QEMU writes physical addresses there. */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/format.h"
#include "stub/dump/raw.h"
#include "stub/dump/segments.h"
#include "stub/dump/xencore.h"

#define MAX_PHDRS      (UINT64_C(1) << 22)
#define MAX_PA	       (UINT64_C(1) << 52)
#define ELF_INCOMPLETE 0x1u			    /* e_flags, set by makedumpfile */
#define SKM	       UINT64_C(0xffffffff80000000) /* __START_KERNEL_map */
#define KERNEL_HALF    UINT64_C(0xff00000000000000)
#define PAGE	       4096u

struct elfcore {
	struct file *f; /* borrowed */
	struct segments *s;
	bool live;
};

/* State of the walk over program headers. */
struct phdrs {
	uint64_t off, entsize, n;
	size_t nload, nload_pa0;       /* PT_LOADs, and those with p_paddr 0 */
	uint64_t large_off, large_len; /* the largest one, as far as it is in the file */
	size_t nskipped, nclipped;
	bool excluded, truncated;
	// weighted majority of p_vaddr - p_paddr: direct map segments outweigh all else
	uint64_t page_offset, votes;
	uint64_t phys_base, text_va, text_size;
};

static vs_status check_ident(const Elf64_Ehdr *h, const char *path, struct err *err)
{
	if (h->e_ident[EI_CLASS] != ELFCLASS64)
		return fail(err, VS_UNSUPPORTED,
			    "%s: 32-bit ELF (EI_CLASS %u), only 64-bit dumps are supported", path,
			    h->e_ident[EI_CLASS]);
	if (h->e_ident[EI_DATA] != ELFDATA2LSB)
		return fail(
			err, VS_UNSUPPORTED,
			"%s: big-endian ELF (EI_DATA %u), only little-endian dumps are supported",
			path, h->e_ident[EI_DATA]);
	if (h->e_type != ET_CORE)
		return fail(err, VS_UNSUPPORTED,
			    "%s: ELF file with e_type %u is not a core dump (ET_CORE is 4)%s", path,
			    h->e_type,
			    h->e_type == ET_EXEC || h->e_type == ET_DYN ? "; a vmlinux goes to gdb"
									: "");
	return VS_OK;
}

/* Number of program headers; if it exceeds 65534, section header 0 has it. */
static vs_status count_phdrs(struct file *f, const Elf64_Ehdr *h, uint64_t *ret, struct err *err)
{
	Elf64_Shdr sh;
	const char *path = file_path(f);

	*ret = h->e_phnum;
	if (h->e_phnum != PN_XNUM)
		return VS_OK;
	if (h->e_shoff == 0)
		return fail(err, VS_CORRUPT,
			    "%s: e_phnum 0xffff needs a section header, e_shoff is 0", path);
	if (file_read(f, h->e_shoff, &sh, sizeof(sh), NULL))
		return fail(err, VS_CORRUPT,
			    "%s: e_phnum 0xffff, e_shoff %#" PRIx64 " is past the end of the file",
			    path, h->e_shoff);
	*ret = sh.sh_info;
	return VS_OK;
}

static vs_status check_header(struct file *f, Elf64_Ehdr *h, struct phdrs *ph, struct err *err)
{
	const char *path = file_path(f);
	size_t got;
	vs_status st = file_read_some(f, 0, h, sizeof(*h), &got, err);

	if (st)
		return st;
	if (got < sizeof(*h))
		return fail(err, VS_CORRUPT, "%s: truncated ELF header: %zu bytes, need %zu", path,
			    got, sizeof(*h));
	if ((st = check_ident(h, path, err)) || (st = count_phdrs(f, h, &ph->n, err)))
		return st;
	// ignore e_ehsize: QEMU 7.2 and later write 8
	if (ph->n == 0 && xencore_is(f, h))
		return VS_OK;
	if (ph->n == 0)
		return fail(err, VS_CORRUPT, "%s: %s: no program headers", path,
			    h->e_phnum ? "e_phnum 0xffff with sh_info 0" : "e_phnum 0");
	if (h->e_phentsize < sizeof(Elf64_Phdr))
		return fail(err, VS_CORRUPT, "%s: e_phentsize %u, need %zu", path, h->e_phentsize,
			    sizeof(Elf64_Phdr));
	ph->off = h->e_phoff;
	ph->entsize = h->e_phentsize;
	if (ph->off >= file_size(f) || ph->n > (file_size(f) - ph->off) / ph->entsize ||
	    ph->n > MAX_PHDRS)
		return fail(err, VS_CORRUPT,
			    "%s: e_phoff %#" PRIx64 ", e_phnum %" PRIu64
			    ": program headers do not fit the file (%#" PRIx64 ")",
			    path, ph->off, ph->n, file_size(f));
	return VS_OK;
}

/* Collects hints from p_vaddr about the kernel's address map. */
static void vote(struct phdrs *ph, const Elf64_Phdr *p)
{
	uint64_t diff = p->p_vaddr - p->p_paddr;

	if (p->p_vaddr >= SKM && p->p_vaddr - SKM < (UINT64_C(1) << 30)) {
		uint64_t base = p->p_paddr - (p->p_vaddr - SKM);

		if (ph->phys_base == UINT64_MAX && base % (2 << 20) == 0) {
			ph->phys_base = base;
			ph->text_va = p->p_vaddr;
			ph->text_size = p->p_memsz;
		}
		return;
	}
	// page_offset_base is aligned to 1 GiB, with and without KASLR
	if (p->p_vaddr < KERNEL_HALF || p->p_vaddr >= SKM || diff % (1 << 30))
		return;
	if (diff == ph->page_offset) {
		ph->votes += p->p_memsz;
	} else if (ph->votes > p->p_memsz) {
		ph->votes -= p->p_memsz;
	} else {
		ph->page_offset = diff;
		ph->votes = p->p_memsz - ph->votes;
	}
}

/* The files of crash's snap have phys_base, which may be negative, in an empty segment. */
static void vote_of_snap(struct phdrs *ph, const Elf64_Phdr *p)
{
	if (p->p_vaddr == SKM && p->p_filesz == 0 && ph->phys_base == UINT64_MAX &&
	    p->p_paddr % (2 << 20) == 0)
		ph->phys_base = p->p_paddr;
}

static void skip_load(struct elfcore *e, struct phdrs *ph, const Elf64_Phdr *p, const char *why)
{
	if (ph->nskipped++ == 0)
		log_warn("%s: PT_LOAD p_paddr %#" PRIx64 " p_memsz %#" PRIx64 ": %s; skipped",
			 file_path(e->f), p->p_paddr, p->p_memsz, why);
}

static vs_status add_load(struct elfcore *e, struct phdrs *ph, const Elf64_Phdr *p, struct err *err)
{
	uint64_t size = file_size(e->f);
	uint64_t filesz = p->p_filesz < p->p_memsz ? p->p_filesz : p->p_memsz;
	uint64_t have = filesz;

	ph->nload++;
	ph->nload_pa0 += p->p_paddr == 0;
	// /proc/kcore: address unknown (vmalloc, modules)
	if (p->p_paddr == UINT64_MAX)
		return VS_OK;
	if (p->p_memsz == 0) {
		vote_of_snap(ph, p);
		return VS_OK;
	}
	if (p->p_paddr >= MAX_PA || p->p_memsz > MAX_PA - p->p_paddr) {
		skip_load(e, ph, p, "ends beyond 2^52");
		return VS_OK;
	}
	if (p->p_filesz > p->p_memsz && ph->nclipped++ == 0)
		log_warn("%s: PT_LOAD p_paddr %#" PRIx64 ": p_filesz %#" PRIx64
			 " > p_memsz %#" PRIx64 "; clipped",
			 file_path(e->f), p->p_paddr, p->p_filesz, p->p_memsz);
	if (have && p->p_offset >= size)
		have = 0;
	else if (have > size - p->p_offset)
		have = size - p->p_offset;
	if (have > ph->large_len) {
		ph->large_off = p->p_offset;
		ph->large_len = have;
	}
	ph->truncated |= have < filesz;
	ph->excluded |= filesz < p->p_memsz;
	vote(ph, p);
	if (!segments_add(e->s, p->p_paddr, have, p->p_offset) ||
	    !segments_add(e->s, p->p_paddr + have, filesz - have, SEGMENT_LOST) ||
	    !segments_add(e->s, p->p_paddr + filesz, p->p_memsz - filesz, SEGMENT_EXCLUDED))
		return fail(err, VS_NOMEM, "%s: no memory for %zu PT_LOADs", file_path(e->f),
			    ph->nload);
	return VS_OK;
}

static vs_status walk_phdrs(struct elfcore *e, struct phdrs *ph, struct notes *notes,
			    struct err *err)
{
	Elf64_Phdr p;
	const uint8_t *raw;
	vs_status st = VS_OK;

	for (uint64_t i = 0; i < ph->n && !st; i++) {
		st = window_get(&e->s->w, ph->off + i * ph->entsize, sizeof(p), &raw, err);
		if (st)
			return fail_ctx(err, st, "program header %" PRIu64, i);
		memcpy(&p, raw, sizeof(p));
		if (p.p_type == PT_LOAD)
			st = add_load(e, ph, &p, err);
		else if (p.p_type == PT_NOTE)
			st = notes_load(notes, e->f, p.p_offset, p.p_filesz, p.p_align, err);
	}
	if (ph->nskipped > 1 || ph->nclipped > 1)
		log_warn("%s: %zu PT_LOADs skipped, %zu clipped", file_path(e->f), ph->nskipped,
			 ph->nclipped);
	return st;
}

/* Rejects cores that do not hold the memory of a crashed machine by physical address. */
static vs_status check_kind(struct elfcore *e, const struct notes *ns, struct err *err)
{
	const char *path = file_path(e->f);

	for (size_t i = 0; i < ns->v.n; i++) {
		const struct dump_note *n = &ns->v.v[i];

		if (strcmp(n->name, "Xen") == 0 && n->type == NOTE_XEN_CRASH_INFO)
			return fail(
				err, VS_UNSUPPORTED,
				"%s: dump of a Xen host (note Xen %#x): its addresses are the "
				"machine's, not those of dom0, which is not supported; crash opens "
				"it, with dom0's vmlinux or with xen-syms",
				path, n->type);
		// live: this note in a file on procfs; netdump writes such notes, too
		if (strcmp(n->name, "CORE") == 0 && n->type == NOTE_TASKSTRUCT)
			e->live = file_is_proc(e->f);
	}
	return VS_OK;
}

static bool is_process(const struct phdrs *ph, const struct notes *ns)
{
	return ph->nload > 1 && ph->nload_pa0 == ph->nload && !notes_find(ns, "VMCOREINFO");
}

/* The core of a process may be that of a virtual machine, whose largest mapping is its memory. The
 * notes are the process's: they mean nothing here. */
static vs_status open_process(struct elfcore *e, const struct phdrs *ph, struct dump_format *out,
			      struct err *err)
{
	struct err why;
	vs_status st = raw_open_part(e->f, ph->large_off, ph->large_len & ~(uint64_t)(PAGE - 1),
				     "core of a virtual machine's process", out, &why);

	notes_deinit(&out->notes);
	out->notes = (struct notes){ 0 };
	if (st == VS_CORRUPT)
		return fail(err, VS_UNSUPPORTED,
			    "%s: p_paddr is 0 in all %zu PT_LOADs: the core of a process? There is "
			    "no kernel in its largest mapping",
			    file_path(e->f), ph->nload);
	if (st)
		*err = why;
	return st;
}

static void fill_info(const struct elfcore *e, const struct phdrs *ph, struct dump_info *info)
{
	info->format = "ELF";
	info->page_size = PAGE;
	info->max_pfn = (e->s->end + PAGE - 1) / PAGE;
	info->partial = ph->excluded;
	info->live = e->live;
	info->incomplete = e->s->incomplete || ph->truncated || file_is_cut(e->f);
	if (ph->votes)
		info->elf_page_offset = ph->page_offset;
	info->elf_phys_base = ph->phys_base;
	info->elf_text_va = ph->text_va;
	info->elf_text_size = ph->text_size;
}

static vs_status elfcore_load(struct elfcore *e, struct dump_format *out, struct err *err)
{
	struct phdrs ph = { .phys_base = UINT64_MAX };
	Elf64_Ehdr h;
	vs_status st;

	if ((st = check_header(e->f, &h, &ph, err)))
		return st;
	if (!ph.n)
		return xencore_open(e->f, &h, out, err);
	if ((st = walk_phdrs(e, &ph, &out->notes, err)) || (st = check_kind(e, &out->notes, err)))
		return st;
	if (is_process(&ph, &out->notes))
		return open_process(e, &ph, out, err);
	st = segments_resolve(e->s, err);
	if (st)
		return st;
	e->s->incomplete = h.e_flags & ELF_INCOMPLETE;
	if (ph.truncated)
		log_warn("%s: file is shorter than its PT_LOADs say: some pages are lost",
			 file_path(e->f));
	fill_info(e, &ph, &out->info);
	out->info.elf_machine = h.e_machine;
	out->direct = file_is_mapped(e->f) || e->live;
	return VS_OK;
}

vs_status elfcore_open(struct file *const *files, size_t n, struct dump_format *out,
		       struct err *err)
{
	struct elfcore e = { .f = files[0] };
	vs_status st;

	(void)n;
	st = segments_new(files[0], &e.s, err);
	if (st == VS_OK)
		st = elfcore_load(&e, out, err);
	if (st || out->fmt) { // or it is raw memory, or Xen's
		segments_destroy(e.s);
		return st;
	}
	out->ops = &segments_ops;
	out->fmt = e.s;
	return VS_OK;
}
