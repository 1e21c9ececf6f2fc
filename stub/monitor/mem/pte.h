// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pte.h - a page table entry as text; private to stub/monitor. */
#include "stub/monitor/cmd.h"

/* Its physical address and flags, or the swap area and offset of a page that was swapped out.
 * leaf: the entry is in a table of the lowest level. */
void pte_put(struct monitor *m, uint64_t entry, bool leaf, struct buf *out);
