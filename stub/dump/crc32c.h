// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* crc32c.h - the checksum of Castagnoli (RFC 3720), which framed snappy uses. */
#include <stddef.h>
#include <stdint.h>

struct crc32c {
	uint32_t table[256];
};

/* Must be called before crc32c(). */
void crc32c_init(struct crc32c *c);
uint32_t crc32c(const struct crc32c *c, const uint8_t *p, size_t n);
