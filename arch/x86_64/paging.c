// SPDX-License-Identifier: GPL-3.0-or-later
/* paging.c - translates virtual to physical addresses through 4- or 5-level page tables.
 * Input: a root and a physical reader. Output: the address, or an error that names the entry.
 * Sources: Intel SDM vol. 3 ch. 4; arch/x86/include/asm/pgtable_types.h; pgtable-invert.h for the
 * inverted page frames of PROT_NONE entries (L1TF, since 4.18.1). */
#include "arch/x86_64/x86_64.h"

#include <inttypes.h>

#define PTE_ADDR  0x000ffffffffff000ULL
#define PTE_NX	  (1ULL << 63)
#define PTE_WRITE (1ULL << 1)
#define CR4_LA57  (1ULL << 12)

bool x86_is_canonical(const struct paging *pg, uint64_t va)
{
	int shift = pg->levels == 5 ? 7 : 16;

	return (uint64_t)((int64_t)(va << shift) >> shift) == va;
}

bool x86_paging_from_regs(const struct regs *r, struct paging *ret)
{
	if (!regs_has(r, X86_CR3) || !regs_has(r, X86_CR4))
		return false;
	ret->root = r->v[X86_CR3] & PTE_ADDR;
	ret->levels = r->v[X86_CR4] & CR4_LA57 ? 5 : 4;
	return true;
}

/* A PROT_NONE page is in RAM though not present; since 4.18.1, its frame number is inverted. Takes
 * the interpretation that lies in RAM. There are no PROT_NONE tables. */
static bool protnone_pa(const struct paging *pg, uint64_t entry, bool leaf, uint64_t *ret)
{
	uint64_t inverted = ~entry & PTE_ADDR & ~pg->enc_mask;
	uint64_t plain = entry & PTE_ADDR & ~pg->enc_mask;

	if (!leaf || !(entry & PTE_PROTNONE))
		return false;
	*ret = !pg->max_pa || inverted < pg->max_pa ? inverted : plain;
	return true;
}

static vs_status not_present(int level, uint64_t va, uint64_t entry, struct err *err)
{
	if (entry == 0)
		return fail(err, VS_UNMAPPED, "%#" PRIx64 " is not mapped (level %d entry is 0)",
			    va, level);
	return fail(err, level == 1 ? VS_SWAPPED : VS_UNMAPPED,
		    "%#" PRIx64 " is not present (level %d entry is %#" PRIx64 ")", va, level,
		    entry);
}

/* Entries of a paravirtual Xen guest hold machine addresses. */
static vs_status from_machine(const struct mem *phys, uint64_t entry, uint64_t *pa, struct err *err)
{
	if (!phys->from_machine || phys->from_machine(phys, *pa, pa))
		return VS_OK;
	return fail(err, VS_HOLE,
		    "page table entry %#" PRIx64 ": its machine frame is not the guest's", entry);
}

vs_status x86_walk(const struct paging *pg, const struct mem *phys, uint64_t va, struct walk *ret,
		   struct err *err)
{
	pa_t table = pg->root;

	ret->nsteps = 0;
	if (!x86_is_canonical(pg, va))
		return fail(err, VS_UNMAPPED, "%#" PRIx64 " is not a canonical address", va);
	for (int level = pg->levels; level >= 1; level--) {
		int shift = 12 + 9 * (level - 1);
		struct walk_step *s = &ret->step[ret->nsteps];
		uint64_t base;
		vs_status st;
		bool leaf;

		ret->size = 1ULL << shift;
		s->entry_pa = table + (va >> shift & 511) * 8;
		st = mem_read_u64(phys, s->entry_pa, &s->entry, err);
		if (st)
			return fail_ctx(err, st, "level %d page table of %#" PRIx64, level, va);
		ret->nsteps++;
		base = s->entry & PTE_ADDR & ~pg->enc_mask;
		leaf = level == 1 || s->entry & PTE_PSE;
		if (!(s->entry & PTE_PRESENT) && !protnone_pa(pg, s->entry, leaf, &base))
			return not_present(level, va, s->entry, err);
		if (leaf) {
			if (level > 3)
				return fail(err, VS_CORRUPT,
					    "%#" PRIx64 ": level %d entry %#" PRIx64
					    " claims a huge page",
					    va, level, s->entry);
			ret->pa = (base & ~(ret->size - 1)) | (va & (ret->size - 1));
			return from_machine(phys, s->entry, &ret->pa, err);
		}
		table = base;
		st = from_machine(phys, s->entry, &table, err);
		if (st)
			return st;
	}
	return fail(err, VS_CORRUPT, "page walk of %#" PRIx64 " did not end", va);
}

bool x86_walk_executable(const struct walk *w)
{
	for (int i = 0; i < w->nsteps; i++)
		if (w->step[i].entry & PTE_NX)
			return false;
	return true;
}

bool x86_walk_writable(const struct walk *w)
{
	for (int i = 0; i < w->nsteps; i++)
		if (!(w->step[i].entry & PTE_WRITE))
			return false;
	return w->nsteps > 0;
}

/* X86_PF_* of arch/x86/include/asm/trap_pf.h */
void x86_fault_code(uint64_t code, struct buf *out)
{
	const char *what = code & 16 ? "an instruction fetch" : code & 2 ? "a write" : "a read";

	buf_printf(out, "%s in %s mode; ", what, code & 4 ? "user" : "kernel");
	if (code & 8)
		buf_puts(out, "a page table entry has reserved bits set");
	else if (!(code & 1))
		buf_puts(out, "no page is there");
	else if (code & 32)
		buf_puts(out, "the page's protection key forbids it");
	else
		buf_puts(out, "a page is there, but does not allow it");
}

/* IA32_MCi_STATUS, Intel SDM vol. 3 ch. 15.3.2.2; AMD has the same bits. */
void x86_machine_check(uint64_t status, struct buf *out)
{
	static const struct {
		int bit;
		const char *set, *clear;
	} bits[] = {
		{ 63, "valid", "not valid" },
		{ 62, "an earlier error was lost", NULL },
		{ 61, "not corrected", "corrected" },
		{ 60, "reporting enabled", NULL },
		{ 57, "processor context corrupt", NULL },
	};

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		const char *text = status >> bits[i].bit & 1 ? bits[i].set : bits[i].clear;

		if (text)
			buf_printf(out, "%s%s", i ? ", " : "", text);
	}
	buf_printf(out, ", error code %" PRIx64, status & 0xffff);
}
