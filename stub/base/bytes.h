// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* bytes.h - bounded little-endian reader over untrusted bytes.
 * A read past the end returns 0 and sets the sticky `bad` flag: read a whole struct, then test
 * once. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
	const uint8_t *p; /* next byte; borrowed */
	size_t left;
	bool bad;
};

static inline struct bytes bytes_of(const void *p, size_t len)
{
	return (struct bytes){ .p = p, .left = len };
}

/* Next n bytes, or NULL (and bad) when fewer are left. */
static inline const uint8_t *bytes_take(struct bytes *b, size_t n)
{
	const uint8_t *p = b->p;

	if (b->bad || n > b->left) {
		b->bad = true;
		b->left = 0;
		return NULL;
	}
	b->p += n;
	b->left -= n;
	return p;
}

static inline void bytes_skip(struct bytes *b, size_t n)
{
	(void)bytes_take(b, n);
}

/* A reader limited to the next n bytes; b moves past them. */
static inline struct bytes bytes_sub(struct bytes *b, size_t n)
{
	const uint8_t *p = bytes_take(b, n);

	return (struct bytes){ .p = p, .left = p ? n : 0, .bad = !p };
}

static inline uint8_t bytes_u8(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 1);

	return p ? *p : 0;
}

/* x86_64 is little-endian and so is every host vmstub supports (asserted below),
 * hence memcpy. */
static inline uint16_t bytes_u16(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 2);
	uint16_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t bytes_u32(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 4);
	uint32_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t bytes_u64(struct bytes *b)
{
	const uint8_t *p = bytes_take(b, 8);
	uint64_t v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return v;
}

static inline int64_t bytes_i64(struct bytes *b)
{
	return (int64_t)bytes_u64(b);
}

static inline int32_t bytes_i32(struct bytes *b)
{
	return (int32_t)bytes_u32(b);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "vmstub needs a little-endian host");

/* Are all n (at least one) bytes the same as this one? */
static inline bool all_bytes_are(const uint8_t *p, size_t n, uint8_t byte)
{
	return p[0] == byte && memcmp(p, p + 1, n - 1) == 0;
}

/* Unaligned loads from memory already known to hold them. */
static inline uint16_t load_u16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint32_t load_u32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static inline uint64_t load_u64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* The same of big-endian numbers. */
static inline uint32_t load_be32(const void *p)
{
	return __builtin_bswap32(load_u32(p));
}

static inline uint64_t load_be64(const void *p)
{
	return __builtin_bswap64(load_u64(p));
}

/* True when [off, off + len) lies inside [0, size), without wrapping. */
static inline bool range_ok(uint64_t off, uint64_t len, uint64_t size)
{
	return off <= size && len <= size - off;
}

#define add_ovf(a, b, ret) __builtin_add_overflow(a, b, ret)
#define mul_ovf(a, b, ret) __builtin_mul_overflow(a, b, ret)
