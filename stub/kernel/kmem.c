// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem.c - virtual memory of the crashed kernel and its tasks. */
#include "stub/kernel/kmem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* A direct-mapped cache of translations by page number. A huge page takes one slot for each 4K page
 * used, so that a lookup needs only one comparison. */
#define TLB_SLOTS 4096
#define PAGE_SIZE 4096ULL

struct tlb_slot {
	uint64_t vpn_plus1; /* 0: free */
	pa_t root;
	pa_t pa;
};

struct kmem {
	const struct arch_ops *arch;
	const struct mem *phys;
	struct paging paging;
	struct mem kernel_mem;
	kmem_overlay_fn overlay;
	void *overlay_ctx;
	bool in_overlay, live;
	kmem_linear_fn linear;
	void *linear_ctx;
	kmem_swapped_fn swapped;
	void *swapped_ctx;
	struct pulse *pulse;
	struct tlb_slot tlb[TLB_SLOTS];
};

static struct mem_got kernel_read(const struct mem *m, uint64_t va, void *dst, size_t len,
				  struct err *err)
{
	return kmem_read_as(m->ctx, 0, va, dst, len, err);
}

struct kmem *kmem_create(const struct arch_ops *arch, const struct mem *phys)
{
	struct kmem *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	k->arch = arch;
	k->phys = phys;
	k->kernel_mem = (struct mem){ .read = kernel_read, .ctx = k };
	return k;
}

void kmem_destroy(struct kmem *k)
{
	free(k);
}

void kmem_set_paging(struct kmem *k, const struct paging *pg)
{
	k->paging = *pg;
	memset(k->tlb, 0, sizeof(k->tlb));
}

const struct paging *kmem_paging(const struct kmem *k)
{
	return &k->paging;
}

void kmem_set_overlay(struct kmem *k, kmem_overlay_fn fn, void *ctx)
{
	k->overlay = fn;
	k->overlay_ctx = ctx;
}

void kmem_set_live(struct kmem *k)
{
	k->live = true;
}

void kmem_set_pulse(struct kmem *k, struct pulse *p)
{
	k->pulse = p;
}

void kmem_pulse(struct kmem *k)
{
	pulse(k->pulse);
}

void kmem_set_linear(struct kmem *k, kmem_linear_fn fn, void *ctx)
{
	k->linear = fn;
	k->linear_ctx = ctx;
}

void kmem_set_swapped(struct kmem *k, kmem_swapped_fn fn, void *ctx)
{
	k->swapped = fn;
	k->swapped_ctx = ctx;
}

const struct mem *kmem_kernel(struct kmem *k)
{
	return &k->kernel_mem;
}

vs_status kmem_walk(struct kmem *k, pa_t root, uint64_t va, struct walk *ret, struct err *err)
{
	struct paging pg = k->paging;

	pulse(k->pulse);
	ret->nsteps = 0;
	if (!k->arch->is_kernel_va(va)) {
		if (!root)
			return fail(err, VS_UNMAPPED, "%#" PRIx64 " is a user address", va);
		pg.root = root;
	} else if (!pg.root) {
		return fail(err, VS_UNMAPPED, "the kernel's page tables are unknown");
	}
	return k->arch->walk(&pg, k->phys, va, ret, err);
}

/* UNMAPPED and SWAPPED come from an entry of a page table; any other status means that the table
 * itself is missing, so the linear map may still answer. */
static bool tables_missing(const struct kmem *k, vs_status st)
{
	return !k->paging.root || (st != VS_UNMAPPED && st != VS_SWAPPED);
}

uint64_t kmem_next_mapped(struct kmem *k, pa_t root, uint64_t va)
{
	struct walk w = { 0 };
	uint64_t span = PAGE_SIZE;

	// The last step read is the entry that maps nothing; without steps, the root is missing.
	if (kmem_walk(k, root, va, &w, NULL) && w.nsteps && w.nsteps < k->paging.levels)
		span = PAGE_SIZE << 9 * (k->paging.levels - w.nsteps);
	return (va | (span - 1)) + 1;
}

/* *entry is that of the page table, if the page is swapped out. */
static vs_status translate(struct kmem *k, pa_t root, uint64_t va, pa_t *ret, uint64_t *entry,
			   struct err *err)
{
	uint64_t vpn = va / PAGE_SIZE;
	pa_t space = k->arch->is_kernel_va(va) ? 0 : root;
	struct tlb_slot *slot = &k->tlb[(vpn ^ vpn >> 12) % TLB_SLOTS];
	struct walk w;
	vs_status st;

	if (k->live || slot->vpn_plus1 != vpn + 1 || slot->root != space) {
		st = kmem_walk(k, root, va & ~(PAGE_SIZE - 1), &w, err);
		if (st && k->linear && k->arch->is_kernel_va(va) && tables_missing(k, st) &&
		    k->linear(k->linear_ctx, va & ~(PAGE_SIZE - 1), &w.pa))
			st = VS_OK;
		if (st == VS_SWAPPED && w.nsteps)
			*entry = w.step[w.nsteps - 1].entry;
		if (st)
			return st;
		*slot = (struct tlb_slot){ vpn + 1, space, w.pa };
	}
	*ret = slot->pa + va % PAGE_SIZE;
	return VS_OK;
}

static struct mem_got read_swapped(struct kmem *k, uint64_t va, uint64_t entry, void *dst,
				   size_t len, struct err *err)
{
	struct mem_got got = { 0, VS_SWAPPED };
	uint8_t page[PAGE_SIZE];
	struct err why;

	got.why = k->swapped(k->swapped_ctx, entry, page, &why);
	if (got.why == VS_OK) {
		memcpy(dst, page + va % PAGE_SIZE, len);
		got.len = len;
	} else if (got.why != VS_SWAPPED) { // else err has why already
		fail(err, got.why, "%#" PRIx64 " is swapped out: %s", va, why.msg);
	}
	return got;
}

static struct mem_got read_in_page(struct kmem *k, pa_t root, uint64_t va, void *dst, size_t len,
				   struct err *err)
{
	struct mem_got got = { 0, VS_OK };
	uint64_t entry = 0;
	pa_t pa;

	got.why = translate(k, root, va, &pa, &entry, err);
	if (got.why == VS_OK) {
		got = k->phys->read(k->phys, pa, dst, len, err);
		if (got.why && err)
			fail_ctx(err, got.why, "%#" PRIx64, va + got.len);
		return got;
	}
	if (entry && k->swapped && !k->arch->is_kernel_va(va))
		return read_swapped(k, va, entry, dst, len, err);
	// The overlay itself reads memory, which must not call it again.
	if (k->overlay && !k->in_overlay && k->arch->is_kernel_va(va)) {
		k->in_overlay = true;
		k->overlay(k->overlay_ctx, va, dst, len, &got);
		k->in_overlay = false;
	}
	return got;
}

struct mem_got kmem_read_as(struct kmem *k, pa_t root, uint64_t va, void *dst, size_t len,
			    struct err *err)
{
	struct mem_got total = { 0, VS_OK };

	pulse(k->pulse);
	while (total.len < len) {
		uint64_t at = va + total.len;
		size_t step = PAGE_SIZE - at % PAGE_SIZE;
		struct mem_got got;

		if (at < va) { // wrapped past the last address
			total.why = fail(err, VS_UNMAPPED, "address range wraps");
			break;
		}
		if (step > len - total.len)
			step = len - total.len;
		got = read_in_page(k, root, at, (char *)dst + total.len, step, err);
		total.len += got.len;
		if (got.len < step) {
			total.why = got.why ? got.why : VS_IO;
			break;
		}
	}
	return total;
}
