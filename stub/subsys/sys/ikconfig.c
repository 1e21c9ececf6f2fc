// SPDX-License-Identifier: GPL-3.0-or-later
/* ikconfig.c - finds and unpacks the kernel's copy of its configuration. */
#include "stub/subsys/sys/ikconfig.h"

#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/dump/inflate.h"
#include "stub/kernel/kernel.h"

/* A packed configuration of a distribution has 30 to 70 kB, and unpacked 150 to 300. */
#define MAX_PACKED (1u << 20)
#define MAX_TEXT   (8u << 20)
/* The image, with its modules' area behind it, has at most 2 GiB. */
#define MAX_IMAGE (UINT64_C(2) << 30)

#define PAGE_SIZE 4096
#define MARK_LEN  8
static const char start_mark[] = "IKCFG_ST", end_mark[] = "IKCFG_ED";

/* The first bytes of a stream of gzip follow the mark; the mark alone may be text of a program that
 * looks for it, such as scripts/extract-ikconfig in the page cache. */
static bool is_start(const uint8_t *p, const uint8_t *end)
{
	return end - p >= MARK_LEN + 2 && p[MARK_LEN] == 0x1f && p[MARK_LEN + 1] == 0x8b;
}

vs_status ikconfig_find(struct kernel *k, kva_t *ret, struct err *err)
{
	// What is left of the page before goes in front of each page: a mark may be in both.
	enum { TAIL = MARK_LEN + 1 };
	uint8_t bytes[TAIL + PAGE_SIZE];
	kva_t va = k->image_start & -(kva_t)PAGE_SIZE, end = k->image_end, sym;
	bool joined = false;

	// The end that layout.h tells may be too early, but comes behind read-only data.
	if (kernel_symbol(k, "_end", &sym, NULL) == VS_OK && sym > end)
		end = sym;
	if (end - va > MAX_IMAGE)
		end = va + MAX_IMAGE;
	while (k->image_start && va < end) {
		const uint8_t *from = joined ? bytes : bytes + TAIL, *last = bytes + sizeof(bytes);
		const uint8_t *at = from;

		if (mem_read(k->mem, va, bytes + TAIL, PAGE_SIZE, NULL)) {
			kva_t next = kmem_next_mapped(k->kmem, 0, va);

			va = next > va ? next & -(kva_t)PAGE_SIZE : va + PAGE_SIZE;
			joined = false;
			continue;
		}
		while ((at = memmem(at, (size_t)(last - at), start_mark, MARK_LEN))) {
			if (is_start(at, last)) {
				*ret = va + (kva_t)(at - bytes) - TAIL;
				return VS_OK;
			}
			at++;
		}
		memcpy(bytes, last - TAIL, TAIL);
		joined = true;
		va += PAGE_SIZE;
	}
	return fail(err, VS_NOTFOUND,
		    "this kernel has no copy of its configuration "
		    "(CONFIG_IKCONFIG)");
}

/* Appends what is between data and the second mark. */
static vs_status read_packed(struct kernel *k, kva_t data, struct buf *packed, struct err *err)
{
	while (packed->len < MAX_PACKED) {
		uint8_t page[PAGE_SIZE];
		size_t n = PAGE_SIZE - data % PAGE_SIZE, from = packed->len;
		const char *end;
		vs_status st = mem_read(k->mem, data, page, n, err);

		if (st)
			return st;
		buf_put(packed, page, n);
		if (packed->oom)
			return fail(err, VS_NOMEM, "out of memory");
		from -= from < MARK_LEN ? from : MARK_LEN; // a mark may be in both pages
		end = memmem(packed->p + from, packed->len - from, end_mark, MARK_LEN);
		if (end) {
			packed->len = (size_t)(end - packed->p);
			return VS_OK;
		}
		data += n;
	}
	return fail(err, VS_CORRUPT, "no end of the configuration in %u kB", MAX_PACKED >> 10);
}

static vs_status unpack(struct inflate *z, const uint8_t *in, size_t left, struct buf *out,
			struct err *err)
{
	uint8_t chunk[4096];
	size_t got = 0, total = 0;
	vs_status st;

	do {
		st = inflate_some(z, &in, &left, chunk, sizeof(chunk), &got, err);
		total += got;
		if (st == VS_OK)
			buf_put(out, chunk, got);
	} while (st == VS_OK && (left || got) && total < MAX_TEXT);
	if (st == VS_OK && (total >= MAX_TEXT || !inflate_complete(z)))
		st = fail(err, VS_CORRUPT, "the configuration is damaged");
	return st;
}

vs_status ikconfig_read(struct kernel *k, kva_t data, struct buf *out, struct err *err)
{
	AUTO(buf) packed = { 0 };
	struct inflate *z;
	const uint8_t *in;
	size_t skip;
	vs_status st = read_packed(k, data, &packed, err);

	if (st)
		return st;
	in = (const uint8_t *)packed.p;
	skip = packed.len >= MARK_LEN && memcmp(in, start_mark, MARK_LEN) == 0 ? MARK_LEN : 0;
	if (packed.len - skip < INFLATE_MAGIC)
		return fail(err, VS_CORRUPT, "the configuration is damaged");
	st = inflate_open(in + skip, &z, err);
	if (st == VS_NOMATCH)
		return fail(err, VS_CORRUPT, "the configuration is not packed with gzip");
	if (st)
		return st;
	st = unpack(z, in + skip, packed.len - skip, out, err);
	inflate_close(z);
	return st;
}
