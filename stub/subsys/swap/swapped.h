// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* swapped.h - pages of programs that are swapped out and yet in memory: compressed on a zram device
 * or in zswap, still in the swap cache, or known to be zeros. */
#include <stdint.h>

#include "stub/base/err.h"

struct buf;
struct kernel;

/* From now on, reads of user memory (kmem_read_as()) get these pages. Nothing is looked up before
 * the first of them. */
void swapped_install(struct kernel *k);

/* Appends where the content of a page in swap is, such as "  ZRAM: lz4, 812 bytes"; nothing if it
 * is on a disk. type and offset: of its entry in the page table (arch->swap_entry). */
void swapped_put_place(struct kernel *k, unsigned type, uint64_t offset, struct buf *out);
/* The same, but also the physical address of one in the swap cache, which crash does not show. */
void swapped_put_all(struct kernel *k, unsigned type, uint64_t offset, struct buf *out);
