// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* arena.h - memory that lives as long as its owner and is freed all at once. */
#include <stddef.h>

struct arena_chunk;
struct arena {
	struct arena_chunk *head; /* newest chunk */
};

void arena_deinit(struct arena *a);
/* n zeroed bytes aligned for any type, or NULL without memory. */
void *arena_alloc(struct arena *a, size_t n);
/* Copy of n bytes of s plus a NUL. */
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_strdup(struct arena *a, const char *s);
