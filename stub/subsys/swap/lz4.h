// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* lz4.h - decodes a block of LZ4 (also of lz4hc), without a frame, as the kernel stores pages.
 * Format: doc/lz4_Block_format.md of lz4. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

/* Decodes n bytes of src into exactly `block` bytes of dst. VS_CORRUPT: the data is damaged, or
 * gives another number of bytes; dst may be partly written then. */
vs_status lz4_decode(const uint8_t *src, size_t n, uint8_t *dst, size_t block, struct err *err);
