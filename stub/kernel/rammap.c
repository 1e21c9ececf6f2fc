// SPDX-License-Identifier: GPL-3.0-or-later
/* rammap.c - finds where the memory in a raw file was: virtual machines leave a hole below 4 GiB
 * for devices, which their files of memory do not have. In: VMCOREINFO of the kernels in the file.
 * Out: a map for the dump. The kernel's direct map has all memory at a fixed distance. With a wrong
 * map the walk reads other bytes as page tables, which map no such thing; with the right one, the
 * direct map ends where the map does. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/dump/dump.h"
#include "stub/dump/notes.h"
#include "stub/dump/ram_map.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/layout.h"

#define GIB	  (UINT64_C(1) << 30)
#define MIB	  (UINT64_C(1) << 20)
#define HOLE_END  (4 * GIB)
#define TIB	  (UINT64_C(1) << 40)
#define MAX_INFOS 8
/* Pages of direct maps that are looked at, with all maps: 16 TiB in pages of 2 MiB, which takes
 * some seconds. */
#define MAX_WALKS (UINT64_C(1) << 23)

/* Where the hole begins, and in whose machines. */
static const struct {
	uint64_t low;
	const char *who;
} known[] = {
	/* pc_init1() and pc_q35_init() of QEMU's hw/i386 */
	{ 3 * GIB, "QEMU's pc, VMware and cloud-hypervisor" },
	{ 2 * GIB, "QEMU's q35" },
	{ UINT64_C(0xb0000000), "QEMU's q35 with less than 2.75 GiB below the hole" },
	{ UINT64_C(0xe0000000), "QEMU's pc with 3.5 GiB below the hole, and VirtualBox" },
	{ UINT64_C(0xd0000000), "Firecracker and crosvm" }, // MMIO_MEM_START
	{ UINT64_C(0xf0000000), "Xen" },		    // HVM_BELOW_4G_RAM_END
	{ UINT64_C(0xf8000000), "Hyper-V" },		    // unverified
};

/* What a direct map shows. */
struct survey {
	uint64_t mapped;	       /* bytes */
	pa_t low_end, high_start, top; /* the memory below and above 4 GiB; 0: none */
	bool high_tables;	       /* page tables above 4 GiB were read, too */
};

/* How well a map agrees with the page tables. */
enum agreement {
	AGREE_NOT,
	AGREE_IMAGE, /* the direct map is as it should be */
	AGREE_HIGH,  /* also its tables above 4 GiB */
	AGREE_ENDS,  /* and it ends where the memory ends */
};

struct search {
	struct kernel *k;
	uint64_t size;
	struct layout info[MAX_INFOS]; /* of each kernel in the file */
	kva_t stext[MAX_INFOS];
	size_t n;
	uint64_t walks; /* done */
	struct ram_map best;
	enum agreement agreement;
	uint64_t mapped;
};

/* --- kernels in the file */

static void add_info(struct search *s, const struct vmcoreinfo *v)
{
	struct layout *l = &s->info[s->n];

	if (s->n == MAX_INFOS || !v || !vmcoreinfo_symbol(v, "_stext", &s->stext[s->n]))
		return;
	layout_from_info(s->k->arch, v, l);
	s->n += l->have_root && l->have_phys;
}

/* The text follows the 24 bytes of the note's head and name. */
static vs_status add_note(struct search *s, pa_t pa, uint32_t descsz, struct err *err)
{
	AUTO_FREE char *text = malloc(descsz);
	struct vmcoreinfo *v;

	if (!text)
		return fail(err, VS_NOMEM, "VMCOREINFO of %u bytes", descsz);
	if (mem_read(dump_mem(s->k->dump), pa + 24, text, descsz, NULL))
		return VS_OK;
	v = vmcoreinfo_parse(text, descsz);
	if (!v)
		return fail(err, VS_NOMEM, "VMCOREINFO of %u bytes", descsz);
	add_info(s, v);
	vmcoreinfo_destroy(v);
	return VS_OK;
}

/* Addresses are offsets here. */
static vs_status find_infos(struct search *s, struct err *err)
{
	const struct mem *phys = dump_mem(s->k->dump);
	uint8_t head[NOTE_INFO_HEAD];
	pfn_t pfn = 0;
	vs_status st;

	add_info(s, s->k->vmci);
	for (; (st = dump_next_note(s->k->dump, pfn, &pfn, err)) == VS_OK; pfn++) {
		if (mem_read(phys, pfn << 12, head, sizeof(head), NULL) ||
		    !note_is_vmcoreinfo(head))
			continue;
		st = add_note(s, pfn << 12, load_u32(head + 4), err);
		if (st)
			return st;
	}
	return st == VS_END ? VS_OK : st;
}

/* --- the direct map */

/* The first address after what an entry, present or not, covers; 0 after the last. */
static kva_t after(kva_t va, const struct walk *w)
{
	return (va | (w->size - 1)) + 1;
}

/* The direct map is what the kernel's half maps first; its first page is the first of memory. */
static bool find_direct(const struct kernel *k, const struct paging *pg, kva_t *ret)
{
	kva_t va = k->arch->os->kernel_half(pg);
	struct walk w;

	for (unsigned n = 0; n < 4096 && va; n++, va = after(va, &w)) {
		vs_status st = k->arch->walk(pg, dump_mem(k->dump), va, &w, NULL);

		if (st == VS_OK) {
			*ret = va;
			return w.pa == 0;
		}
		if (st != VS_UNMAPPED)
			return false;
	}
	return false;
}

static void note_piece(struct survey *v, const struct walk *w, pa_t pa, pa_t end)
{
	v->mapped += end - pa;
	v->top = end;
	if (pa < HOLE_END)
		v->low_end = end;
	else if (!v->high_start)
		v->high_start = pa;
	for (int i = 0; i < w->nsteps; i++)
		v->high_tables |= w->step[i].entry_pa >= HOLE_END;
}

/* Looks at the direct map up to limit. False: it is none, or a part of it cannot be read. */
static bool survey(struct search *s, const struct paging *pg, pa_t limit, struct survey *v)
{
	const struct kernel *k = s->k;
	kva_t base, va;

	*v = (struct survey){ 0 };
	if (!find_direct(k, pg, &base))
		return false;
	va = base;
	for (; va && va - base < limit && s->walks < MAX_WALKS; s->walks++) {
		struct walk w;
		vs_status st = k->arch->walk(pg, dump_mem(k->dump), va, &w, NULL);
		kva_t next;

		if (st != VS_OK && st != VS_UNMAPPED)
			return false;
		next = after(va, &w);
		if (st == VS_OK && w.pa != va - base)
			return false;
		if (st == VS_OK)
			note_piece(v, &w, va - base, next - base);
		va = next;
	}
	return v->mapped != 0;
}

/* --- maps */

static struct ram_map plain_map(uint64_t size)
{
	return (struct ram_map){ .n = 1, .v = { { 0, size, 0 } } };
}

/* The memory with a hole from low to high. */
static struct ram_map hole_map(uint64_t size, uint64_t low, pa_t high)
{
	return (struct ram_map){ .n = 2, .v = { { 0, low, 0 }, { high, size - low, low } } };
}

static bool same_map(const struct ram_map *a, const struct ram_map *b)
{
	return a->n == b->n && memcmp(a->v, b->v, a->n * sizeof(a->v[0])) == 0;
}

/* The map by the ends of the direct map. False: the file is too short for it. */
static bool derive(const struct survey *v, uint64_t size, struct ram_map *ret)
{
	uint64_t high = v->top - v->high_start;

	*ret = plain_map(size);
	// Memory above a hole that begins inside so small a file would be outside it, so that page
	// tables there could not be read. The firmware keeps the end of the memory for itself.
	if (v->top == size || (size <= HOLE_END && !v->high_start))
		return true;
	if (v->top < size || !v->high_start || high >= size || size - high < v->low_end ||
	    size - high > HOLE_END)
		return false;
	*ret = hole_map(size, size - high, v->high_start);
	return true;
}

/* Rates this map by the page tables of the kernel i, and keeps it if it is the best so far. *next
 * becomes the map that the direct map suggests. */
static void rate(struct search *s, const struct ram_map *map, size_t i, struct ram_map *next)
{
	const struct ram_piece *last = &map->v[map->n - 1];
	pa_t end = last->start + last->len;
	enum agreement a = AGREE_IMAGE;
	struct layout l = s->info[i];
	struct survey v;
	struct ram_map fit;

	l.pg.max_pa = end;
	if (layout_check(s->k->arch, dump_mem(s->k->dump), &l, s->stext[i], NULL) ||
	    !survey(s, &l.pg, (end + TIB - 1) & ~(TIB - 1), &v))
		return;
	if (v.high_tables)
		a = AGREE_HIGH;
	if (derive(&v, s->size, &fit)) {
		*next = fit;
		if (same_map(&fit, map))
			a = AGREE_ENDS;
	}
	if (a > s->agreement || (a == s->agreement && v.mapped > s->mapped)) {
		s->best = *map;
		s->agreement = a;
		s->mapped = v.mapped;
	}
}

/* Tries a map, and then the one that the direct map shows with it. */
static vs_status try_map(struct search *s, const struct ram_map *map, struct err *err)
{
	struct ram_map next = *map, other;
	vs_status st = dump_set_ram_map(s->k->dump, map, err);

	for (size_t i = 0; i < s->n && st == VS_OK && s->agreement < AGREE_ENDS; i++)
		rate(s, map, i, &next);
	if (st || s->agreement == AGREE_ENDS || same_map(&next, map))
		return st;
	st = dump_set_ram_map(s->k->dump, &next, err);
	for (size_t i = 0; i < s->n && st == VS_OK; i++)
		rate(s, &next, i, &other);
	return st;
}

/* Tries a hole that begins at low, and ends at 4 GiB or, in machines of AMD with very much memory,
 * at 1 TiB. */
static vs_status try_hole(struct search *s, uint64_t low, struct err *err)
{
	struct ram_map map;
	vs_status st;

	if (low >= s->size)
		return VS_OK;
	map = hole_map(s->size, low, HOLE_END);
	st = try_map(s, &map, err);
	if (st == VS_OK && s->agreement < AGREE_HIGH && s->size > TIB / 2) {
		map = hole_map(s->size, low, TIB);
		st = try_map(s, &map, err);
	}
	return st;
}

static vs_status try_all(struct search *s, struct err *err)
{
	struct ram_map map = plain_map(s->size);
	vs_status st = try_map(s, &map, err);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (st == VS_OK && s->agreement < AGREE_ENDS)
			st = try_hole(s, known[i].low, err);
	// the user of a virtual machine may choose any size, such as QEMU's max-ram-below-4g
	for (uint64_t low = MIB; low < HOLE_END && low < s->size; low += MIB)
		if (st == VS_OK && s->agreement < AGREE_HIGH)
			st = try_hole(s, low, err);
	return st;
}

static void tell(const struct search *s)
{
	const struct dump_info *info = dump_info(s->k->dump);
	const char *who = NULL;
	AUTO(buf) text = { 0 };

	if (s->agreement == AGREE_NOT) {
		log_warn("%s: %s%s; assuming that offsets are addresses; else use --ram-map",
			 info->path, info->format,
			 s->n ? ": the page tables make no sense with any hole below 4 GiB"
			      : " without VMCOREINFO");
		return;
	}
	if (s->best.n == 1 && s->agreement == AGREE_ENDS) {
		log_warn("%s: %s: offsets are addresses, as the page tables show", info->path,
			 info->format);
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && s->best.n > 1; i++)
		if (known[i].low == s->best.v[0].len)
			who = known[i].who;
	ram_map_print(&s->best, &text);
	log_warn("%s: %s: %s --ram-map %s%s%s", info->path, info->format,
		 s->agreement == AGREE_IMAGE ? "assuming" : "the page tables show", buf_str(&text),
		 who ? ", as in " : "", who ? who : "");
}

vs_status rammap_find(struct kernel *k, struct err *err)
{
	struct search s = { .k = k, .size = dump_info(k->dump)->raw_size };
	vs_status st;

	s.best = plain_map(s.size);
	st = find_infos(&s, err);
	if (st == VS_OK && s.n)
		st = try_all(&s, err);
	if (st == VS_OK)
		st = dump_set_ram_map(k->dump, &s.best, err);
	if (st == VS_OK)
		tell(&s);
	return st;
}
