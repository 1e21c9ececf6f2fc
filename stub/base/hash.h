// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* hash.h - one hash of names for the tables that index by name. */
#include <stdint.h>
#include <string.h>

/* FNV-1a with words of eight bytes in the place of bytes: a kernel has 200,000 names, and by bytes
 * they took a twelfth of a start. The upper half of a product depends on all of the word. */
static inline uint32_t hash_str(const char *s)
{
	size_t left = strlen(s);
	uint64_t h = 14695981039346656037u;

	for (; left; s += 8) {
		uint64_t word = 0;
		size_t n = left < 8 ? left : 8;

		memcpy(&word, s, n);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 32;
		left -= n;
	}
	return (uint32_t)h;
}
