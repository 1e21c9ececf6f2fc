// SPDX-License-Identifier: GPL-3.0-or-later
/* xencore.c - dumps of a Xen guest by `xl dump-core`: ELF without program headers, whose sections
 * docs/misc/dump-core-format.txt of Xen describes.
 * In: pages (.xen_pages) in any order, the frame of each (.xen_p2m of a paravirtual guest, .xen_pfn
 * of others), and vcpu_guest_context of each CPU (.xen_prstatus; public/arch-x86/xen.h).
 * Out: segments, and notes with registers. Page tables of a paravirtual guest hold machine
 * addresses; the map from these to its own is made here, too. */
#include "stub/dump/xencore.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/cpunotes.h"
#include "stub/dump/file.h"
#include "stub/dump/segments.h"

#define PAGE	      4096u
#define MAX_PFN	      (UINT64_C(1) << 40)
#define SECTIONS_MAX  64u
#define NAMES_MAX     4096u
#define CPUS_MAX      4096u
#define NOTE_HEADER   0x2000001u /* XEN_ELFNOTE_DUMPCORE_HEADER */
#define NOTE_VERSION  0x2000003u /* XEN_ELFNOTE_DUMPCORE_FORMAT_VERSION */
#define MAGIC_PV      0xf00febedu
#define MAGIC_HVM     0xf00febeeu
#define INDEX_PIECE   65536u
#define CONTEXT_BYTES 5168u /* struct vcpu_guest_context of 64-bit guests */

/* Places in it. */
enum {
	CTX_FLAGS = 512,
	CTX_REGS =
		520, /* r15 to rdi, error code and vector, rip, cs, rflags, rsp, ss es ds fs gs */
	CTX_RIP = CTX_REGS + 128,
	CTX_CS = CTX_REGS + 136,
	CTX_RFLAGS = CTX_REGS + 144,
	CTX_RSP = CTX_REGS + 152,
	CTX_SS = CTX_REGS + 160,
	CTX_ES = CTX_REGS + 168,
	CTX_DS = CTX_REGS + 176,
	CTX_FS = CTX_REGS + 184,
	CTX_GS = CTX_REGS + 192,
	CTX_CR = 4984,
	CTX_FS_BASE = 5144,
	CTX_GS_KERNEL = 5152,
	CTX_GS_USER = 5160,
};
#define FLAG_IN_KERNEL 0x4 /* VGCF_in_kernel */

struct section {
	uint64_t off, len; /* len 0: there is none */
};

struct xencore {
	struct file *f;
	struct segments *s;
	struct section notes, prstatus, p2m, pfn, pages;
	uint64_t ncpus, npages;
	bool pv;
};

/* --- sections */

static vs_status read_sections(struct file *f, const Elf64_Ehdr *h, struct xencore *x,
			       struct err *err)
{
	const struct {
		const char *name;
		struct section *to;
	} known[] = {
		{ ".note.Xen", &x->notes },  { ".xen_prstatus", &x->prstatus },
		{ ".xen_p2m", &x->p2m },     { ".xen_pfn", &x->pfn },
		{ ".xen_pages", &x->pages },
	};
	char names[NAMES_MAX + 1] = { 0 };
	Elf64_Shdr sh[SECTIONS_MAX];
	size_t got, n = h->e_shnum;
	vs_status st;

	if (h->e_shentsize != sizeof(sh[0]) || !n || n > SECTIONS_MAX || h->e_shstrndx >= n)
		return fail(err, VS_CORRUPT,
			    "%s: e_shentsize %u, e_shnum %u, e_shstrndx %u: no section headers",
			    file_path(f), h->e_shentsize, h->e_shnum, h->e_shstrndx);
	if ((st = file_read(f, h->e_shoff, sh, n * sizeof(sh[0]), err)) ||
	    (st = file_read_some(f, sh[h->e_shstrndx].sh_offset, names, NAMES_MAX, &got, err)))
		return st;
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++)
			if (sh[i].sh_name < NAMES_MAX &&
			    strcmp(names + sh[i].sh_name, known[k].name) == 0)
				*known[k].to = (struct section){ sh[i].sh_offset, sh[i].sh_size };
	return VS_OK;
}

bool xencore_is(struct file *f, const Elf64_Ehdr *h)
{
	struct xencore x = { 0 };

	return read_sections(f, h, &x, NULL) == VS_OK && x.pages.len;
}

/* --- header */

static const struct dump_note *find_note(const struct notes *ns, uint32_t type, size_t len)
{
	for (size_t i = 0; i < ns->v.n; i++)
		if (ns->v.v[i].type == type && strcmp(ns->v.v[i].name, "Xen") == 0 &&
		    ns->v.v[i].len >= len)
			return &ns->v.v[i];
	return NULL;
}

static vs_status check_header(struct xencore *x, const struct notes *ns, struct err *err)
{
	const struct dump_note *head = find_note(ns, NOTE_HEADER, 32);
	const struct dump_note *version = find_note(ns, NOTE_VERSION, 8);
	const char *path = file_path(x->f);
	uint64_t magic, page;

	if (!head)
		return fail(err, VS_CORRUPT, "%s: dump of a Xen guest without its header note",
			    path);
	if (version && load_u64(version->desc) >> 32)
		return fail(err, VS_UNSUPPORTED,
			    "%s: dump of a Xen guest in format version %" PRIu64
			    ", only 0 is supported",
			    path, load_u64(version->desc) >> 32);
	magic = load_u64(head->desc);
	x->ncpus = load_u64(head->desc + 8);
	x->npages = load_u64(head->desc + 16);
	page = load_u64(head->desc + 24);
	if (magic != MAGIC_PV && magic != MAGIC_HVM)
		return fail(err, VS_CORRUPT, "%s: dump of a Xen guest: xch_magic %#" PRIx64, path,
			    magic);
	if (page != PAGE)
		return fail(err, VS_UNSUPPORTED,
			    "%s: dump of a Xen guest: xch_page_size %" PRIu64
			    ", only 4096 is supported",
			    path, page);
	x->pv = magic == MAGIC_PV;
	if (x->pages.off > file_size(x->f))
		return fail(err, VS_CORRUPT,
			    "%s: dump of a Xen guest: .xen_pages at %#" PRIx64
			    " is past the end of the file (%#" PRIx64 ")",
			    path, x->pages.off, file_size(x->f));
	if (!(x->pv ? x->p2m : x->pfn).len)
		return fail(err, VS_CORRUPT, "%s: dump of a Xen guest without section %s", path,
			    x->pv ? ".xen_p2m" : ".xen_pfn");
	return VS_OK;
}

/* --- pages */

/* Consecutive pages, not yet added. */
struct run {
	uint64_t index, pfn, mfn, n;
};

static bool add_run(struct xencore *x, const struct run *r)
{
	uint64_t off = x->pages.off + r->index * PAGE, len = r->n * PAGE;

	return !r->n || (segments_add_cut(x->s, r->pfn * PAGE, len, off, file_size(x->f),
					  &x->s->incomplete) &&
			 (!x->pv || ranges_add(&x->s->machine, r->mfn * PAGE, len, r->pfn * PAGE)));
}

/* Takes the frame of page number index: extends the run, or begins another. Frames that do not
 * exist stand for pages that could not be dumped. */
static bool take_frame(struct xencore *x, struct run *r, uint64_t index, uint64_t pfn, uint64_t mfn)
{
	if (pfn >= MAX_PFN || (x->pv && mfn >= MAX_PFN))
		return true;
	if (r->n && r->index + r->n == index && r->pfn + r->n == pfn &&
	    (!x->pv || r->mfn + r->n == mfn)) {
		r->n++;
		return true;
	}
	if (!add_run(x, r))
		return false;
	*r = (struct run){ index, pfn, mfn, 1 };
	return true;
}

/* How many entries the table of frames has, as far as it is in the file. */
static uint64_t count_frames(const struct xencore *x, const struct section *table, size_t entry)
{
	uint64_t size = file_size(x->f), n = table->len, pages = x->pages.len / PAGE;

	if (table->off >= size)
		return 0;
	if (n > size - table->off)
		n = size - table->off;
	n /= entry;
	if (n > x->npages)
		n = x->npages;
	return n < pages ? n : pages;
}

/* Makes the maps. The table has no order that could be relied on, so it is read whole. */
static vs_status read_frames(struct xencore *x, const struct dump_format *out, struct err *err)
{
	const struct section *table = x->pv ? &x->p2m : &x->pfn;
	size_t entry = x->pv ? 16 : 8, per = INDEX_PIECE / entry;
	uint64_t n = count_frames(x, table, entry);
	uint8_t *piece = malloc(INDEX_PIECE);
	struct run run = { .n = 0 };
	vs_status st = piece ? VS_OK : fail(err, VS_NOMEM, "%s: out of memory", file_path(x->f));
	bool ok = true;

	for (uint64_t i = 0; i < n && st == VS_OK && ok; i += per) {
		size_t some = n - i < per ? (size_t)(n - i) : per;

		st = file_read(x->f, table->off + i * entry, piece, some * entry, err);
		for (size_t k = 0; k < some && st == VS_OK && ok; k++)
			ok = take_frame(x, &run, i + k, load_u64(piece + k * entry),
					x->pv ? load_u64(piece + k * entry + 8) : 0);
		if (out->progress)
			out->progress(out->progress_ctx, file_path(x->f), i * entry, n * entry);
	}
	free(piece);
	if (st)
		return st;
	if (!ok || !add_run(x, &run) || !ranges_resolve(&x->s->machine, false))
		return fail(err, VS_NOMEM, "%s: no memory for %" PRIu64 " pages", file_path(x->f),
			    n);
	if (n < x->npages) {
		x->s->incomplete = true;
		log_warn("%s: file has %" PRIu64 " of the guest's %" PRIu64 " pages",
			 file_path(x->f), n, x->npages);
	} else if (x->s->incomplete) {
		log_warn("%s: file is cut: some pages are lost", file_path(x->f));
	}
	return segments_resolve(x->s, err);
}

/* --- registers */

static struct cpu_segment selector(const uint8_t *ctx, size_t at)
{
	return (struct cpu_segment){ .selector = load_u16(ctx + at) };
}

static void decode(const struct xencore *x, const uint8_t *ctx, struct cpu_state *c)
{
	bool kernel = x->pv ? load_u32(ctx + CTX_FLAGS) & FLAG_IN_KERNEL
			    : (load_u16(ctx + CTX_CS) & 3) == 0;
	struct segments *s = x->s;
	pa_t root;

	for (size_t i = 0; i < CPU_PT_REGS; i++)
		c->gpr[cpu_pt_regs[i]] = load_u64(ctx + CTX_REGS + 8 * i);
	c->rip = load_u64(ctx + CTX_RIP);
	c->rflags = load_u64(ctx + CTX_RFLAGS);
	c->gpr[GPR_RSP] = load_u64(ctx + CTX_RSP);
	c->segment[SEG_CS] = selector(ctx, CTX_CS);
	c->segment[SEG_SS] = selector(ctx, CTX_SS);
	c->segment[SEG_ES] = selector(ctx, CTX_ES);
	c->segment[SEG_DS] = selector(ctx, CTX_DS);
	c->segment[SEG_FS] = selector(ctx, CTX_FS);
	c->segment[SEG_GS] = selector(ctx, CTX_GS);
	// The kernel runs in ring 3, too; in frames that Xen makes for it, such a cs has ring 0.
	if (x->pv && kernel)
		c->segment[SEG_CS].selector &= ~3u;
	c->segment[SEG_FS].base = load_u64(ctx + CTX_FS_BASE);
	c->segment[SEG_GS].base = load_u64(ctx + (kernel ? CTX_GS_KERNEL : CTX_GS_USER));
	c->kernel_gs = load_u64(ctx + (kernel ? CTX_GS_USER : CTX_GS_KERNEL));
	for (size_t i = 0; i < 5; i++)
		c->cr[i] = load_u64(ctx + CTX_CR + 8 * i);
	if (x->pv && segments_from_machine(s, c->cr[3] & ~(uint64_t)(PAGE - 1), &root))
		c->cr[3] = root | (c->cr[3] & (PAGE - 1));
}

static vs_status add_cpus(const struct xencore *x, struct notes *ns, struct err *err)
{
	uint8_t ctx[CONTEXT_BYTES];
	uint64_t n = x->ncpus, size = x->prstatus.len;

	if (!n || n > CPUS_MAX || size != n * CONTEXT_BYTES) {
		log_warn("%s: .xen_prstatus has %" PRIu64 " bytes for %" PRIu64
			 " CPUs: not those of a 64-bit guest; registers are not used",
			 file_path(x->f), size, n);
		return VS_OK;
	}
	for (uint32_t i = 0; i < n; i++) {
		struct cpu_state c = { .rip = 0 };

		if (file_read(x->f, x->prstatus.off + (uint64_t)i * CONTEXT_BYTES, ctx, sizeof(ctx),
			      NULL)) {
			log_warn("%s: the registers of CPU %" PRIu32 " are lost", file_path(x->f),
				 i);
			return VS_OK;
		}
		decode(x, ctx, &c);
		if (!cpunotes_add(ns, i, &c))
			return fail(err, VS_NOMEM, "%s: no memory for notes", file_path(x->f));
	}
	return VS_OK;
}

static vs_status load(struct xencore *x, const Elf64_Ehdr *h, struct dump_format *out,
		      struct err *err)
{
	vs_status st;

	if ((st = read_sections(x->f, h, x, err)) ||
	    (st = notes_load(&out->notes, x->f, x->notes.off, x->notes.len, 4, err)) ||
	    (st = check_header(x, &out->notes, err)) || (st = segments_new(x->f, &x->s, err)) ||
	    (st = read_frames(x, out, err)))
		return st;
	return add_cpus(x, &out->notes, err);
}

vs_status xencore_open(struct file *f, const Elf64_Ehdr *h, struct dump_format *out,
		       struct err *err)
{
	struct xencore x = { .f = f };
	vs_status st = load(&x, h, out, err);

	if (st) {
		segments_destroy(x.s);
		return st;
	}
	segments_finish(x.s, x.pv ? "Xen PV guest" : "Xen HVM guest", out);
	out->info.elf_machine = h->e_machine;
	return VS_OK;
}
