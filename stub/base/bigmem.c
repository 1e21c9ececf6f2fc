// SPDX-License-Identifier: GPL-3.0-or-later
/* bigmem.c - huge pages for large tables. */
#include "stub/base/bigmem.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE (2u << 20)

void *bigmem_alloc(size_t n)
{
	size_t rounded = (n + HUGE_PAGE - 1) & ~(size_t)(HUGE_PAGE - 1);
	void *p;

	if (n < HUGE_PAGE / 2 || rounded < n)
		return malloc(n ? n : 1);
	p = aligned_alloc(HUGE_PAGE, rounded);
	if (p) // without huge pages it works as well
		(void)madvise(p, rounded, MADV_HUGEPAGE);
	return p;
}
