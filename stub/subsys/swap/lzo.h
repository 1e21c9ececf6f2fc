// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* lzo.h - decodes LZO1X as the kernel writes it: plain ("lzo"), and with runs of zeros ("lzo-rle"),
 * which liblzo2 does not know. Format: Documentation/staging/lzo.rst of the kernel. */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

/* Decodes n bytes of src into exactly `block` bytes of dst. VS_CORRUPT: the data is damaged, or
 * gives another number of bytes; dst may be partly written then. */
vs_status lzo_decode(const uint8_t *src, size_t n, uint8_t *dst, size_t block, struct err *err);
