// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kallsymsfix.h - a kernel image in memory with the tables of kallsyms in the order of each
 * release, as scripts/kallsyms.c writes them, between other contents. */
#include "tests/unit/memfix.h"

#include <stdio.h>

#include "stub/base/buf.h"
#include "stub/symbols/kallsyms_find.h"

#define TEXT	   0xffffffff81000000ULL
#define STEXT	   (TEXT + 0x40)
#define BEFORE	   70000 /* bytes of other contents before and after the tables */
#define FIX_SYMS   2000
#define FIX_ETEXT  1500 /* symbols with these names */
#define FIX_BANNER 1600

/* The releases whose tables differ, by the first one. */
enum fix_release { R3_10, R4_18, R5_10, R6_1, R6_12, R7_0, NRELEASES };

struct fix_syms {
	enum fix_release release;
	struct buf b; /* the memory at TEXT */
	size_t num, names, markers, token_table, token_index, numbers;
	size_t hole; /* a page that cannot be read; 0: none */
	struct kallsyms_tables found;
	struct symtab *syms;
	struct err err;
};

static inline void align(struct buf *b, size_t to)
{
	while (b->len % to)
		buf_putc(b, 0);
}

static inline void put(struct buf *b, uint64_t v, size_t size)
{
	buf_put(b, &v, size);
}

static inline size_t place(struct fix_syms *m)
{
	align(&m->b, m->release == R7_0 ? 4 : 8);
	return m->b.len;
}

/* The i-th symbol: some per-CPU offsets, _stext and ordinary ones; a long one in between. */
static inline kva_t fix_syms_address(const struct fix_syms *m, unsigned i)
{
	unsigned npercpu = m->release < R6_12 ? 10 : 0;

	return i < npercpu ? (kva_t)i * 8 : STEXT + (kva_t)(i - npercpu) * 16;
}

static inline void fix_syms_name(const struct fix_syms *m, unsigned i, char *ret)
{
	size_t n = (size_t)sprintf(ret, "tsymbol%u", i);

	if (fix_syms_address(m, i) == STEXT)
		strcpy(ret, "T_stext");
	if (i == FIX_ETEXT)
		strcpy(ret, "T_etext");
	if (i == FIX_BANNER)
		strcpy(ret, "Dlinux_banner");
	if (i == 1000) {
		memset(ret + n, 'x', 160);
		ret[n + 160] = '\0';
	}
}

static inline void put_names(struct fix_syms *m, uint32_t *markers)
{
	bool longs = m->release >= R6_1;
	char text[300];

	m->num = place(m);
	put(&m->b, FIX_SYMS, 4);
	m->names = place(m);
	for (unsigned i = 0; i < FIX_SYMS; i++) {
		size_t len;

		if (i % 256 == 0)
			markers[i / 256] = (uint32_t)(m->b.len - m->names);
		fix_syms_name(m, i, text);
		len = strlen(text);
		if (longs && len >= 0x80) {
			buf_putc(&m->b, (char)(len | 0x80));
			len >>= 7;
		}
		buf_putc(&m->b, (char)len);
		buf_put(&m->b, text, strlen(text));
	}
}

static inline void put_numbers(struct fix_syms *m)
{
	m->numbers = place(m);
	for (unsigned i = 0; i < FIX_SYMS; i++) {
		kva_t va = fix_syms_address(m, i), at = TEXT + m->b.len;

		if (m->release == R3_10)
			put(&m->b, va, 8);
		else if (m->release < R6_12)
			put(&m->b, va < TEXT ? va : -1 - (va - TEXT), 4);
		else
			put(&m->b, m->release == R6_12 ? va - TEXT : va - at, 4);
	}
	if (m->release != R3_10 && m->release != R7_0) {
		place(m);
		put(&m->b, TEXT, 8);
	}
}

static inline void put_tokens(struct fix_syms *m)
{
	uint16_t index[256];

	m->token_table = place(m);
	for (unsigned i = 0; i < 256; i++) {
		index[i] = (uint16_t)(m->b.len - m->token_table);
		if (i > 0x20 && i < 0x7f)
			buf_putc(&m->b, (char)i);
		else
			buf_printf(&m->b, "token%u", i);
		buf_putc(&m->b, 0);
	}
	m->token_index = place(m);
	buf_put(&m->b, index, sizeof(index));
}

static inline void fix_syms_build(struct fix_syms *m, enum fix_release release)
{
	uint32_t markers[FIX_SYMS / 256 + 1];

	*m = (struct fix_syms){ .release = release };
	for (unsigned i = 0; i < BEFORE; i++) // code, and what looks like the start of an index
		put(&m->b, i % 1000 < 200 ? i % 1000 : i * 2654435761u, 2);
	if (release < R6_12)
		put_numbers(m);
	put_names(m, markers);
	m->markers = place(m);
	for (size_t i = 0; i <= FIX_SYMS / 256; i++)
		put(&m->b, markers[i], release < R5_10 ? 8 : 4);
	if (release == R6_1) { // kallsyms_seqs_of_names
		place(m);
		for (unsigned i = 0; i < FIX_SYMS; i++)
			put(&m->b, (i * 777) % FIX_SYMS, 3);
	}
	put_tokens(m);
	if (release >= R6_12)
		put_numbers(m);
	for (unsigned i = 0; i < BEFORE; i++)
		put(&m->b, i * 40503u, 2);
	memcpy(m->b.p + (fix_syms_address(m, FIX_BANNER) - TEXT), "Linux version 5.10", 19);
}

static inline struct mem_got fix_syms_read(const struct mem *mem, uint64_t va, void *dst,
					   size_t len, struct err *err)
{
	const struct fix_syms *m = mem->ctx;
	uint64_t off = va - TEXT, end = m->b.len;

	if (m->hole && off < m->hole + 4096)
		end = off < m->hole ? m->hole : off;
	if (off >= end)
		return (struct mem_got){ 0, fail(err, VS_EXCLUDED, "hole") };
	memcpy(dst, m->b.p + off, len < end - off ? len : end - off);
	return (struct mem_got){ len < end - off ? len : end - off,
				 len <= end - off ? VS_OK : fail(err, VS_EXCLUDED, "hole") };
}
