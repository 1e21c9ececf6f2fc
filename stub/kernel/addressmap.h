// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* addressmap.h - where the large areas of the kernel's address map start. Kernels that can move
 * them have variables with their starts; for others, the dump shows them. */
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* Start of the direct map of all memory: page_offset_base, or what high_memory says (setup_arch():
 * the address in this map just after the last page frame, max_pfn). */
vs_status addressmap_direct(struct kernel *k, kva_t *ret, struct err *err);
/* Start of the array of struct page: vmemmap_base, or what the first memory section says
 * (sparse_encode_mem_map(): the array minus the section's first page, which is 0). */
vs_status addressmap_vmemmap(struct kernel *k, kva_t *ret, struct err *err);
/* Start of the vmalloc area: vmalloc_base, or the constant that belongs to the direct map's start.
 * VS_NOTFOUND: it is unknown. */
vs_status addressmap_vmalloc(struct kernel *k, kva_t *ret, struct err *err);
