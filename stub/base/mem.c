// SPDX-License-Identifier: GPL-3.0-or-later
/* mem.c - helpers over the read callback of struct mem. */
#include "stub/base/mem.h"

#include <inttypes.h>
#include <string.h>

vs_status mem_read(const struct mem *m, uint64_t addr, void *dst, size_t len, struct err *err)
{
	struct mem_got got = m->read(m, addr, dst, len, err);

	if (got.len == len)
		return VS_OK;
	if (got.why == VS_OK)
		return fail(err, VS_IO, "short read at %#" PRIx64, addr + got.len);
	return got.why;
}

vs_status mem_read_u64(const struct mem *m, uint64_t addr, uint64_t *ret, struct err *err)
{
	uint64_t v;
	vs_status st = mem_read(m, addr, &v, sizeof(v), err);

	if (st == VS_OK)
		*ret = v;
	return st;
}

vs_status mem_read_u32(const struct mem *m, uint64_t addr, uint32_t *ret, struct err *err)
{
	uint32_t v;
	vs_status st = mem_read(m, addr, &v, sizeof(v), err);

	if (st == VS_OK)
		*ret = v;
	return st;
}

vs_status mem_read_u16(const struct mem *m, uint64_t addr, uint16_t *ret, struct err *err)
{
	uint16_t v;
	vs_status st = mem_read(m, addr, &v, sizeof(v), err);

	if (st == VS_OK)
		*ret = v;
	return st;
}

vs_status mem_read_uint(const struct mem *m, uint64_t addr, size_t size, uint64_t *ret,
			struct err *err)
{
	uint64_t v = 0;
	vs_status st;

	if (size != 1 && size != 2 && size != 4 && size != 8)
		return fail(err, VS_INVAL, "integer of %zu bytes at %#" PRIx64, size, addr);
	st = mem_read(m, addr, &v, size, err);
	if (st == VS_OK)
		*ret = v;
	return st;
}

vs_status mem_read_str(const struct mem *m, uint64_t addr, char *dst, size_t cap, struct err *err)
{
	size_t have = 0;

	// Read pieces that end at 64-byte boundaries, so that an unreadable next page does not
	// cut off a string.
	while (have < cap - 1) {
		size_t step = 64 - ((addr + have) & 63);
		struct mem_got got;
		char *nul;

		if (step > cap - 1 - have)
			step = cap - 1 - have;
		got = m->read(m, addr + have, dst + have, step, err);
		nul = memchr(dst + have, 0, got.len);
		if (nul)
			return VS_OK;
		have += got.len;
		if (got.len < step) {
			if (have == 0)
				return got.why ? got.why : VS_IO;
			break;
		}
	}
	dst[have] = '\0';
	return VS_OK;
}

static struct mem_got array_read(const struct mem *m, uint64_t addr, void *dst, size_t len,
				 struct err *err)
{
	const struct mem_array *a = m->ctx;
	uint64_t off = addr - a->base;
	size_t n;

	if (addr < a->base || off >= a->len) {
		fail(err, VS_UNMAPPED, "%#" PRIx64 " is not mapped", addr);
		return (struct mem_got){ 0, VS_UNMAPPED };
	}
	n = a->len - off < len ? a->len - (size_t)off : len;
	memcpy(dst, (const char *)a->data + off, n);
	if (n < len)
		fail(err, VS_UNMAPPED, "%#" PRIx64 " is not mapped", addr + n);
	return (struct mem_got){ n, n < len ? VS_UNMAPPED : VS_OK };
}

void mem_array_init(struct mem_array *a, uint64_t base, const void *data, size_t len)
{
	*a = (struct mem_array){ { .read = array_read, .ctx = a }, base, data, len };
}
