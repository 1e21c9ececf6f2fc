// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rank.h - counts the set bits of a bitmap below a position, lazily.
 * Keeps a running count per 4 KiB of bitmap, as far as needed so far, and a small cache of bitmap
 * blocks with a count per 512 bits. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/err.h"

struct file;
struct rank;

/* The bitmap has nbits bits (LSB first) at off of f (borrowed). Counting starts at bit base.
 * The bitmap must lie inside the file; bits at nbits and above are ignored. */
vs_status rank_create(struct file *f, uint64_t off, uint64_t base, uint64_t nbits,
		      struct rank **ret, struct err *err);
void rank_destroy(struct rank *r); /* NULL is fine */

/* Is bit set? VS_IO or VS_LOST when the bitmap cannot be read. bit >= nbits is not set. */
vs_status rank_test(struct rank *r, uint64_t bit, bool *ret, struct err *err);
/* Number of set bits in [base, bit). base <= bit < nbits. */
vs_status rank_index(struct rank *r, uint64_t bit, uint64_t *ret, struct err *err);
/* First set bit >= from (and < nbits); VS_END when there is none. */
vs_status rank_next(struct rank *r, uint64_t from, uint64_t *ret, struct err *err);
/* Number of all set bits, or 0 if counting would take long (a bitmap of many MiB) or failed. */
uint64_t rank_total(struct rank *r);
