// SPDX-License-Identifier: GPL-3.0-or-later
/* lz4.c - decodes a block of LZ4: sequences of literals and a repetition, the last one without. */
#include "stub/subsys/swap/lz4.h"

#include <stdbool.h>
#include <string.h>

#define MIN_REPEAT 4

struct lz4 {
	const uint8_t *in, *in_end;
	uint8_t *out, *out_start, *out_end;
};

/* A length of four bits; 15: bytes follow that are added, up to one that is not 255. */
static bool take_length(struct lz4 *z, unsigned bits, size_t *ret)
{
	uint8_t b = 255;

	*ret = bits;
	if (bits != 15)
		return true;
	while (b == 255) {
		if (z->in == z->in_end)
			return false;
		b = *z->in++;
		*ret += b;
	}
	return true;
}

static bool literals(struct lz4 *z, size_t n)
{
	if (n > (size_t)(z->in_end - z->in) || n > (size_t)(z->out_end - z->out))
		return false;
	memcpy(z->out, z->in, n);
	z->in += n;
	z->out += n;
	return true;
}

/* Repeats what was written `distance` bytes before; source and target may overlap. */
static bool repeat(struct lz4 *z, size_t distance, size_t n)
{
	if (!distance || distance > (size_t)(z->out - z->out_start) ||
	    n > (size_t)(z->out_end - z->out))
		return false;
	for (; n; n--, z->out++)
		*z->out = *(z->out - distance);
	return true;
}

static bool sequence(struct lz4 *z)
{
	unsigned token = *z->in++;
	size_t n, distance;

	if (!take_length(z, token >> 4, &n) || !literals(z, n))
		return false;
	if (z->in == z->in_end) // the last one
		return true;
	if (z->in_end - z->in < 2)
		return false;
	distance = z->in[0] | (size_t)z->in[1] << 8;
	z->in += 2;
	return take_length(z, token & 15, &n) && repeat(z, distance, n + MIN_REPEAT);
}

vs_status lz4_decode(const uint8_t *src, size_t n, uint8_t *dst, size_t block, struct err *err)
{
	struct lz4 z = { src, src + n, dst, dst, dst + block };
	bool ok = n;

	while (ok && z.in < z.in_end)
		ok = sequence(&z);
	if (!ok)
		return fail(err, VS_CORRUPT, "lz4 data is damaged");
	if (z.out != z.out_end)
		return fail(err, VS_CORRUPT, "lz4 data gives %zu bytes, not %zu",
			    (size_t)(z.out - dst), block);
	return VS_OK;
}
