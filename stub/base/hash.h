// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* hash.h - the hash function for tables indexed by name. */
#include <stdint.h>
#include <string.h>

/* FNV-1a over eight-byte words instead of bytes: a kernel has 200,000 names, and hashing them by
 * bytes took a twelfth of the start-up time. The upper half of a product depends on the whole
 * word. */
static inline uint32_t hash_bytes(const char *s, size_t left)
{
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

static inline uint32_t hash_str(const char *s)
{
	return hash_bytes(s, strlen(s));
}

/* A hash that can be put together from those of a string's parts: of a and then b, which has n
 * bytes, it is hash(a) * HASH_BASE^n + hash(b). kallsyms compresses names into such parts. */
#define HASH_BASE 0x01000193u

static inline uint32_t hash_of_parts(const char *s)
{
	uint32_t h = 0;

	for (; *s; s++)
		h = h * HASH_BASE + (uint8_t)*s;
	return h;
}
