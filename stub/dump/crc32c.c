// SPDX-License-Identifier: GPL-3.0-or-later
/* crc32c.c - CRC-32C, one byte at a time. */
#include "stub/dump/crc32c.h"

#define POLYNOMIAL 0x82f63b78u /* bits reversed */

void crc32c_init(struct crc32c *c)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t v = i;

		for (int bit = 0; bit < 8; bit++)
			v = v >> 1 ^ (v & 1 ? POLYNOMIAL : 0);
		c->table[i] = v;
	}
}

uint32_t crc32c(const struct crc32c *c, const uint8_t *p, size_t n)
{
	uint32_t v = ~0u;

	for (size_t i = 0; i < n; i++)
		v = v >> 8 ^ c->table[(v ^ p[i]) & 0xff];
	return ~v;
}
