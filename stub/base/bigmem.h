// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* bigmem.h - memory for tables of megabytes that are filled at once. */
#include <stddef.h>

/* n bytes, not zeroed, that free() releases; NULL without memory. Large ones ask the kernel for
 * huge pages: taking 4 MB page by page costs as much time as filling them. */
void *bigmem_alloc(size_t n);
