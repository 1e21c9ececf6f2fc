// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* vec.h - growable array of any plain type: struct { T *v; size_t n, cap; } x = {0}. */
#include <stddef.h>
#include <stdlib.h>

#define VEC(T)                                                                                     \
	struct {                                                                                   \
		T *v;                                                                              \
		size_t n, cap;                                                                     \
	}

/* Append an element (an lvalue or compound literal in parentheses). False without memory. */
#define vec_push(vec, ...)                                                                         \
	(vec_grow((void **)&(vec)->v, &(vec)->cap, (vec)->n, sizeof(*(vec)->v)) &&                 \
	 ((vec)->v[(vec)->n++] = __VA_ARGS__, 1))

#define vec_free(vec)                                                                              \
	do {                                                                                       \
		free((vec)->v);                                                                    \
		(vec)->v = NULL;                                                                   \
		(vec)->n = (vec)->cap = 0;                                                         \
	} while (0)

/* Make room for one more element after n of size bytes. Returns 1, or 0 without memory. */
int vec_grow(void **v, size_t *cap, size_t n, size_t size);
