// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* inflate.h - unpacks streams of gzip, xz and zstd in pieces. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

struct inflate;

#define INFLATE_MAGIC 6 /* as many bytes at the start of a stream identify its format */

/* A decoder for a stream that begins with these bytes. VS_NOMATCH: it is in none of the formats.
 * VS_UNSUPPORTED: built without that library. The caller closes *ret. */
vs_status inflate_open(const uint8_t head[INFLATE_MAGIC], struct inflate **ret, struct err *err);
void inflate_close(struct inflate *z); /* NULL is fine */

/* Takes bytes of *in (*in_len of them are left) and writes at most cap bytes to out, *got of them.
 * Without input and output it is done with what it was given. Several streams one after the other,
 * as `cat` makes them, count as one. VS_CORRUPT: damaged. */
vs_status inflate_some(struct inflate *z, const uint8_t **in, size_t *in_len, uint8_t *out,
		       size_t cap, size_t *got, struct err *err);
/* Has all input been at the end of a stream? Else the file was cut. */
bool inflate_complete(struct inflate *z);
