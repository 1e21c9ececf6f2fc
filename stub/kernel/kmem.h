// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kmem.h - virtual memory of the crashed kernel, and of its tasks, through page walks.
 * Reads go page by page, end at the first byte that cannot be had and say why. */
#include "stub/arch.h"
#include "stub/base/mem.h"
#include "stub/base/pulse.h"

struct kmem;

/* Called for kernel addresses that no page table entry maps; fills dst like a mem read and returns
 * true when it knows better (alias of an IRQ stack's guard page, see percpu stacks). */
typedef bool (*kmem_overlay_fn)(void *ctx, kva_t va, void *dst, size_t len, struct mem_got *got);

/* Asked for kernel addresses whose page tables are not in the dump: a map that needs none. */
typedef bool (*kmem_linear_fn)(void *ctx, kva_t va, pa_t *ret);

/* arch and phys are borrowed for the life of the object. NULL without memory. */
struct kmem *kmem_create(const struct arch_ops *arch, const struct mem *phys);
void kmem_destroy(struct kmem *k);

/* The kernel's own page tables; forgets cached translations. */
void kmem_set_paging(struct kmem *k, const struct paging *pg);
const struct paging *kmem_paging(const struct kmem *k);
void kmem_set_overlay(struct kmem *k, kmem_overlay_fn fn, void *ctx);
/* Memory changes: keep no translations. */
void kmem_set_live(struct kmem *k);
/* Beats as memory is read; p is borrowed, NULL: none. */
void kmem_set_pulse(struct kmem *k, struct pulse *p);
/* The same beat for long work that reads no virtual memory. */
void kmem_pulse(struct kmem *k);
void kmem_set_linear(struct kmem *k, kmem_linear_fn fn, void *ctx);

/* The kernel half of every address space; user addresses fail with VS_UNMAPPED. */
const struct mem *kmem_kernel(struct kmem *k);

/* Any address in the space with page table root `root` (physical). The kernel half is read
 * through the kernel's own tables: with page table isolation a task's tables may lack it. */
struct mem_got kmem_read_as(struct kmem *k, pa_t root, uint64_t va, void *dst, size_t len,
			    struct err *err);

/* First address behind va that may be mapped when va is not: a table that is not there is passed
 * over whole. 0: none up to the end of the address space. For scans of large ranges. */
uint64_t kmem_next_mapped(struct kmem *k, pa_t root, uint64_t va);

/* Translate one address, kernel half through the kernel's tables, else through root (0: none). */
vs_status kmem_walk(struct kmem *k, pa_t root, uint64_t va, struct walk *ret, struct err *err);
