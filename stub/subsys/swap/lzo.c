// SPDX-License-Identifier: GPL-3.0-or-later
/* lzo.c - decodes LZO1X with and without runs of zeros. */
#include "stub/subsys/swap/lzo.h"

#include <stdbool.h>
#include <string.h>

/* Documentation/staging/lzo.rst */
#define FIRST_VERSIONED 17     /* a first byte that a version follows */
#define FAR		0x4000 /* added to the distance of instructions 16 to 31 */
#define AFTER_LITERALS	0x0801 /* added to that of 0 to 15 after a run of literals */
#define MIN_ZEROS	4

struct lzo {
	const uint8_t *in, *in_end;
	uint8_t *out, *out_start, *out_end;
	bool has_zeros; /* the version allows runs of zeros */
};

static bool take(struct lzo *z, unsigned *ret)
{
	if (z->in == z->in_end)
		return false;
	*ret = *z->in++;
	return true;
}

static bool peek_word(const struct lzo *z, unsigned *ret)
{
	if (z->in_end - z->in < 2)
		return false;
	*ret = z->in[0] | (unsigned)z->in[1] << 8;
	return true;
}

static bool take_word(struct lzo *z, unsigned *ret)
{
	if (!peek_word(z, ret))
		return false;
	z->in += 2;
	return true;
}

/* A length in the low bits of an instruction. If these are 0, it is their maximum, 255 for each
 * following byte that is 0, and the first one that is not. */
static bool take_length(struct lzo *z, unsigned bits, unsigned max, size_t *ret)
{
	unsigned b = 0;

	*ret = bits;
	if (bits)
		return true;
	*ret = max;
	while (take(z, &b) && !b)
		*ret += 255;
	*ret += b;
	return b;
}

static bool literals(struct lzo *z, size_t n)
{
	if (n > (size_t)(z->in_end - z->in) || n > (size_t)(z->out_end - z->out))
		return false;
	memcpy(z->out, z->in, n);
	z->in += n;
	z->out += n;
	return true;
}

static bool zeros(struct lzo *z, size_t n)
{
	if (n > (size_t)(z->out_end - z->out))
		return false;
	memset(z->out, 0, n);
	z->out += n;
	return true;
}

/* Repeats what was written `distance` bytes before; source and target may overlap. */
static bool repeat(struct lzo *z, size_t distance, size_t n)
{
	if (distance > (size_t)(z->out - z->out_start) || n > (size_t)(z->out_end - z->out))
		return false;
	for (; n; n--, z->out++)
		*z->out = *(z->out - distance);
	return true;
}

enum outcome { GOES_ON, ENDED, DAMAGED };

static enum outcome went_on(bool ok)
{
	return ok ? GOES_ON : DAMAGED;
}

/* Instructions 16 to 31: a repetition from far away, a run of zeros, or the end. */
static enum outcome far_repetition(struct lzo *z, unsigned op, unsigned *next)
{
	unsigned word, more;
	size_t n, distance;

	if (!peek_word(z, &word))
		return DAMAGED;
	*next = word & 3;
	if (z->has_zeros && (word & 0xfffc) == 0xfffc && (op & 0xf8) == 0x18) {
		z->in += 2;
		return went_on(take(z, &more) && zeros(z, ((op & 7) | more << 3) + MIN_ZEROS));
	}
	if (!take_length(z, op & 7, 7, &n) || !take_word(z, &word))
		return DAMAGED;
	*next = word & 3;
	distance = (size_t)(op & 8) << 11 | word >> 2;
	if (!distance)
		return n == 1 ? ENDED : DAMAGED;
	return went_on(repeat(z, distance + FAR, n + 2));
}

/* One instruction with the literals after it. *state: how many literals followed the last one; 4:
 * it was a run of literals itself. */
static enum outcome step(struct lzo *z, unsigned *state)
{
	enum outcome done = GOES_ON;
	unsigned op, more, next = 0;
	size_t n;
	bool ok;

	if (!take(z, &op))
		return DAMAGED;
	if (op < 16 && *state == 0) {
		*state = 4;
		return went_on(take_length(z, op, 15, &n) && literals(z, n + 3));
	}
	if (op >= 16 && op < 32) {
		done = far_repetition(z, op, &next);
	} else if (op < 16) {
		ok = take(z, &more);
		next = op & 3;
		done = went_on(
			ok &&
			(*state == 4
				 ? repeat(z, AFTER_LITERALS + (op >> 2) + ((size_t)more << 2), 3)
				 : repeat(z, 1 + (op >> 2) + ((size_t)more << 2), 2)));
	} else if (op >= 64) {
		ok = take(z, &more);
		next = op & 3;
		done = went_on(ok &&
			       repeat(z, 1 + (op >> 2 & 7) + ((size_t)more << 3), (op >> 5) + 1));
	} else {
		ok = take_length(z, op & 31, 31, &n) && take_word(z, &more);
		next = more & 3;
		done = went_on(ok && repeat(z, 1 + (size_t)(more >> 2), n + 2));
	}
	if (done == GOES_ON)
		done = went_on(literals(z, next));
	*state = next;
	return done;
}

vs_status lzo_decode(const uint8_t *src, size_t n, uint8_t *dst, size_t block, struct err *err)
{
	struct lzo z = { src, src + n, dst, dst, dst + block, false };
	enum outcome done = GOES_ON;
	unsigned state = 0;

	if (n >= 5 && src[0] == FIRST_VERSIONED) {
		z.has_zeros = src[1];
		z.in += 2;
	}
	if (z.in != z.in_end && *z.in > FIRST_VERSIONED) { // begins with literals
		unsigned first = *z.in++ - FIRST_VERSIONED;

		state = first < 4 ? first : 4;
		done = went_on(literals(&z, first));
	}
	while (done == GOES_ON)
		done = step(&z, &state);
	if (done == DAMAGED)
		return fail(err, VS_CORRUPT, "lzo data is damaged");
	if (z.out != z.out_end)
		return fail(err, VS_CORRUPT, "lzo data gives %zu bytes, not %zu",
			    (size_t)(z.out - dst), block);
	return VS_OK;
}
