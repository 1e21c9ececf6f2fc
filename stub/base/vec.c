// SPDX-License-Identifier: GPL-3.0-or-later
/* vec.c - grows the array for vec_push(). */
#include "stub/base/vec.h"

#include <stdint.h>

int vec_grow(void **v, size_t *cap, size_t n, size_t size)
{
	size_t want, bytes;
	void *p;

	if (n < *cap)
		return 1;
	want = *cap ? *cap * 2 : 16;
	if (want < *cap || __builtin_mul_overflow(want, size, &bytes))
		return 0;
	p = realloc(*v, bytes);
	if (!p)
		return 0;
	*v = p;
	*cap = want;
	return 1;
}
