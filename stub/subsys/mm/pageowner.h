// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pageowner.h - who allocated each page, if the kernel records that: CONFIG_PAGE_OWNER, and
 * page_owner=on on its command line (mm/page_owner.c). */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/mem.h"
#include "stub/symbols/types.h"

struct kernel;

/* Where it is recorded; plain data. */
struct page_owners {
	struct kernel *k; /* borrowed */
	kva_t sections;	  /* of the pointers to arrays of struct mem_section */
	uint64_t section_size, per_root, section_pages;
	uint64_t size, at;  /* of an entry, and of the owner in it */
	uint64_t allocated; /* the flag of pages that are allocated */
	struct member flags, order, gfp, handle;
};

/* VS_NOTFOUND: this kernel does not record owners. */
vs_status page_owners_open(struct kernel *k, struct page_owners *ret, struct err *err);

struct page_owner {
	unsigned order; /* the allocation had 1 << order pages */
	bool allocated; /* it still is; else these are of the last time that it was */
	uint64_t gfp;
	kva_t handle; /* where the handle of its stack is, for depot_stack(); 0: none */
};
/* VS_NOTFOUND: the frame never had an owner. */
vs_status page_owner_of(const struct page_owners *o, pfn_t pfn, struct page_owner *ret,
			struct err *err);

/* Allocations with the same stack, order and flags. */
struct owner_stack {
	uint64_t pages, allocations, gfp;
	uint32_t key; /* the value of the handle */
	unsigned order;
	kva_t handle;
};
/* All of them, the one with the most pages first. The caller frees *ret. unread: pages whose
 * entries the dump lacks. stop (may be NULL): returns true to end early, with what was found. */
vs_status page_owner_stacks(const struct page_owners *o, bool (*stop)(void *ctx), void *ctx,
			    struct owner_stack **ret, size_t *n, uint64_t *unread, struct err *err);

/* "GFP_KERNEL|__GFP_ZERO", as the kernel's own table gfpflag_names has it; what that lacks as a
 * number. */
void gfp_text(struct kernel *k, uint64_t gfp, struct buf *out);
