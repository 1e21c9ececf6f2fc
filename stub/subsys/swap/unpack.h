// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* unpack.h - decodes a page by the kernel's name of the algorithm. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

struct codec;

/* Decodes n bytes of src into exactly `block` bytes of dst. VS_UNSUPPORTED: unknown algorithm.
 * VS_CORRUPT: the data is damaged; dst may be partly written then. */
vs_status unpack_page(struct codec *c, const char *algorithm, const uint8_t *src, size_t n,
		      uint8_t *dst, size_t block, struct err *err);
