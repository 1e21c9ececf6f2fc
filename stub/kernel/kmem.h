// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kmem.h - virtual memory of the crashed kernel and its tasks, by page walks.
 * Reads go page by page, end at the first unreadable byte and say why. */
#include "stub/arch.h"
#include "stub/base/mem.h"
#include "stub/base/pulse.h"

struct kmem;

/* Called for kernel addresses that no page table entry maps. If it provides memory there (for
 * example above an IRQ stack), it fills dst like a mem read and returns true. */
typedef bool (*kmem_overlay_fn)(void *ctx, kva_t va, void *dst, size_t len, struct mem_got *got);

/* Called for kernel addresses whose page tables are not in the dump: translates without them. */
typedef bool (*kmem_linear_fn)(void *ctx, kva_t va, pa_t *ret);

/* Called for a page of user memory that is not present: entry is that of the page table. Fills page
 * (4 KiB) if its content is elsewhere in memory, such as compressed. VS_SWAPPED: it is not. Other
 * failures: it should be, and err says why it cannot be read. */
typedef vs_status (*kmem_swapped_fn)(void *ctx, uint64_t entry, void *page, struct err *err);

/* arch and phys are borrowed for the life of the object. NULL without memory. */
struct kmem *kmem_create(const struct arch_ops *arch, const struct mem *phys);
void kmem_destroy(struct kmem *k);

/* The kernel's own page tables; forgets cached translations. */
void kmem_set_paging(struct kmem *k, const struct paging *pg);
const struct paging *kmem_paging(const struct kmem *k);
void kmem_set_overlay(struct kmem *k, kmem_overlay_fn fn, void *ctx);
/* Memory changes: do not cache translations. */
void kmem_set_live(struct kmem *k);
/* Each read of memory calls pulse(p); p is borrowed and may be NULL. */
void kmem_set_pulse(struct kmem *k, struct pulse *p);
/* Calls that pulse during long work that reads no virtual memory. */
void kmem_pulse(struct kmem *k);
/* Installs the callback for pages that are swapped out; without it, they cannot be read. */
void kmem_set_swapped(struct kmem *k, kmem_swapped_fn fn, void *ctx);
void kmem_set_linear(struct kmem *k, kmem_linear_fn fn, void *ctx);

/* The kernel half of every address space; user addresses fail with VS_UNMAPPED. */
const struct mem *kmem_kernel(struct kmem *k);

/* Any address in the address space with page table root `root` (physical). The kernel half uses the
 * kernel's own tables, because with page table isolation a task's tables may lack it. */
struct mem_got kmem_read_as(struct kmem *k, pa_t root, uint64_t va, void *dst, size_t len,
			    struct err *err);

/* If va is not mapped, the first address after it that may be: skips missing tables as a whole. 0:
 * none up to the end of the address space. For scans of large ranges. */
uint64_t kmem_next_mapped(struct kmem *k, pa_t root, uint64_t va);

/* Translate one address: kernel addresses by the kernel's tables, others by root (0: none). */
vs_status kmem_walk(struct kmem *k, pa_t root, uint64_t va, struct walk *ret, struct err *err);
