// SPDX-License-Identifier: GPL-3.0-or-later
/* kallsyms_find.c - finds the kernel's symbol table by its structure.
 * The order of the tables (scripts/kallsyms.c), each aligned to 8 bytes, or 4 since 7.0:
 *   before 4.6:  addresses, num_syms, names, markers, token_table, token_index
 *   before 6.4:  offsets, relative_base, num_syms, names, markers, token_table, token_index
 *   since 6.4:   num_syms, names, markers, token_table, token_index, offsets, relative_base
 * In some releases of 6.1 to 6.3, kallsyms_seqs_of_names is in front of token_table.
 * token_index is easiest to recognize: 256 ascending numbers that agree with the strings before it.
 * markers[i] is the place of name 256 * i in names: 8 bytes each before 4.20, then 4. */
#include "stub/symbols/kallsyms_find.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"

#define PIECE	    65536
#define PAGE	    4096
#define MAX_IMAGE   (256u << 20)
#define INDEX_BYTES 512
#define MIN_MARKERS 4	       /* a kernel has thousands of symbols */
#define MAX_SEQS    (3u << 20) /* kallsyms_seqs_of_names of a million symbols */
#define LAST_NAMES  (256 * (KALLSYMS_MAX_NAME + 2)) /* bytes after the last marker */
#define MAX_STEPS   (64u << 20) /* of one search, against tables made to slow it down */

/* What was read so far. Places in it are offsets from the start of the image. */
struct image {
	uint8_t *p;
	size_t len, cap;
	kva_t base;
	size_t steps; /* left */
};

struct markers {
	size_t at, count, width;
};

/* Counts work against the limit of one search. Returns false when it is used up. */
static bool spend(struct image *m, size_t n)
{
	m->steps -= n < m->steps ? n : m->steps;
	return m->steps;
}

static uint64_t marker(const struct image *m, const struct markers *k, size_t i)
{
	const uint8_t *p = m->p + k->at + i * k->width;

	return k->width == 8 ? load_u64(p) : load_u32(p);
}

static bool is_padding(const struct image *m, size_t from, size_t to)
{
	return to - from < 8 && (from == to || all_bytes_are(m->p + from, to - from, 0));
}

/* Do 256 strings that are as long as the index says start here, and reach up to the index? */
static bool table_fits(const struct image *m, size_t table, size_t index)
{
	size_t at = table;

	for (size_t i = 0; i < 256; i++) {
		size_t start = load_u16(m->p + index + 2 * i), len;

		if (table + start != at)
			return false;
		len = strnlen((const char *)m->p + at, index - at);
		if (len >= KALLSYMS_MAX_TOKEN || len >= index - at)
			return false;
		at += len + 1;
	}
	return is_padding(m, at, index);
}

/* Finds the token table that belongs to an index at this place. */
static bool find_token_table(struct image *m, size_t index, size_t *ret)
{
	size_t last = load_u16(m->p + index + 2 * 255);

	for (size_t i = 0; i < 256; i++) {
		size_t next = i < 255 ? load_u16(m->p + index + 2 * i + 2) : last + 1;
		size_t start = load_u16(m->p + index + 2 * i);

		if ((i == 0 && start) || next <= start || next - start > KALLSYMS_MAX_TOKEN)
			return false;
	}
	for (size_t tail = 1; tail < KALLSYMS_MAX_TOKEN + 8 && last + tail <= index; tail++) {
		size_t table = index - last - tail;

		if (table % 4 == 0 && spend(m, 64) && table_fits(m, table, index)) {
			*ret = table;
			return true;
		}
	}
	return false;
}

/* Finds markers that end here: they ascend from 0. */
static bool markers_end(struct image *m, size_t end, size_t width, struct markers *ret)
{
	struct markers k = { .width = width };
	uint64_t above = m->len; // more than any offset in names

	for (k.at = end; k.at >= width && k.count < KALLSYMS_MAX / 256 && spend(m, 1); k.count++) {
		struct markers one = { k.at - width, 1, width };
		uint64_t v = marker(m, &one, 0);

		if (v >= above)
			return false;
		k.at -= width;
		above = v;
		if (v == 0)
			break;
	}
	k.count++;
	*ret = k;
	return above == 0 && k.count >= MIN_MARKERS;
}

/* Walks over n names from `names`: do they agree with the markers, and end where those start? */
static bool names_fit(struct image *m, size_t names, uint64_t n, const struct markers *k,
		      bool long_names)
{
	struct bytes b = bytes_of(m->p + names, k->at - names);

	for (uint64_t i = 0; i < n && spend(m, 1); i++) {
		size_t len;

		if (i % 256 == 0 && k->at - names - b.left != marker(m, k, i / 256))
			return false;
		len = bytes_u8(&b);
		if (long_names && len & 0x80)
			len = (len & 0x7f) | (size_t)bytes_u8(&b) << 7;
		bytes_skip(&b, len);
		if (len == 0 || len > KALLSYMS_MAX_NAME || b.bad)
			return false;
	}
	return m->steps && is_padding(m, k->at - b.left, k->at);
}

/* Finds names before these markers, which follow directly after their number. */
static bool find_names(struct image *m, const struct markers *k, size_t *num, uint64_t *n,
		       struct kallsyms_tables *ret)
{
	uint64_t last = marker(m, k, k->count - 1);
	size_t high = k->at > last ? k->at - last : 0;
	size_t low = high > LAST_NAMES + 8 ? high - LAST_NAMES : 8;

	if (!spend(m, LAST_NAMES / 4))
		return false;
	for (size_t names = (low + 3) & ~(size_t)3; names < high; names += 4) {
		for (size_t back = 4; back <= 8; back += 4) {
			uint64_t count =
				back == 8 ? load_u64(m->p + names - 8) : load_u32(m->p + names - 4);
			bool shorts, longs;

			if (count <= 256 * (k->count - 1) || count > 256 * k->count)
				continue;
			shorts = names_fit(m, names, count, k, false);
			longs = !shorts && names_fit(m, names, count, k, true);
			if (!shorts && !longs)
				continue;
			*num = names - back;
			*n = count;
			ret->names = m->base + names;
			ret->num_syms = m->base + *num;
			ret->long_names = longs;
			return true;
		}
	}
	return false;
}

/* Tries the places where the addresses can be: num and after are the ends of the tables. */
static bool find_addresses(const struct mem *mem, const struct image *m, size_t num, size_t after,
			   uint32_t n, struct kallsyms_tables *t)
{
	size_t size = ((size_t)n * 4 + 7) & ~(size_t)7;
	kva_t behind = m->base + after + (((kva_t)n * 4 + 7) & ~7ULL);

	if (num >= size + 8) {
		t->relative_base = load_u64(m->p + num - 8);
		t->offsets = m->base + num - 8 - size;
		if (t->relative_base && kallsyms_in_order(mem, t, n, NULL) == VS_OK)
			return true;
	}
	t->absolute = true;
	t->relative_base = 0;
	if (num >= (size_t)n * 8) {
		t->offsets = m->base + num - (size_t)n * 8;
		if (kallsyms_in_order(mem, t, n, NULL) == VS_OK)
			return true;
	}
	t->absolute = false;
	t->offsets = m->base + after;
	if (mem_read_u64(mem, behind, &t->relative_base, NULL) == VS_OK && t->relative_base &&
	    kallsyms_in_order(mem, t, n, NULL) == VS_OK)
		return true;
	t->relative_base = 0;
	return kallsyms_in_order(mem, t, n, NULL) == VS_OK;
}

/* Are markers that end here those of a complete table? */
static bool try_markers(const struct mem *mem, struct image *m, size_t end, size_t index,
			struct kallsyms_tables *t)
{
	for (size_t width = 4; width <= 8; width += 4) {
		struct markers k;
		size_t num;
		uint64_t n;

		if (markers_end(m, end, width, &k) && find_names(m, &k, &num, &n, t) &&
		    find_addresses(mem, m, num, index + INDEX_BYTES, (uint32_t)n, t))
			return true;
	}
	return false;
}

/* Finds the other tables of a token index at this place. */
static bool tables_at(const struct mem *mem, struct image *m, size_t index, kva_t stext,
		      struct kallsyms_tables *ret)
{
	struct kallsyms_tables t = { .token_index = m->base + index, .stext = stext };
	size_t table;

	if (!find_token_table(m, index, &table))
		return false;
	t.token_table = m->base + table;
	for (size_t gap = 0; gap <= MAX_SEQS && gap < table && m->steps; gap += 4) {
		if (!try_markers(mem, m, table - gap, index, &t))
			continue;
		*ret = t;
		return true;
	}
	return false;
}

/* Appends a piece of memory; pages that cannot be read are zero. */
static bool read_piece(const struct mem *mem, struct image *m, size_t len)
{
	size_t end = m->len + len;

	if (end > m->cap) {
		uint8_t *p = realloc(m->p, end * 2);

		if (!p)
			return false;
		m->p = p;
		m->cap = end * 2;
	}
	while (m->len < end) {
		size_t got =
			mem->read(mem, m->base + m->len, m->p + m->len, end - m->len, NULL).len;
		size_t hole;

		m->len += got;
		hole = PAGE - (size_t)((m->base + m->len) % PAGE);
		if (hole > end - m->len)
			hole = end - m->len;
		memset(m->p + m->len, 0, hole);
		m->len += hole;
	}
	return true;
}

vs_status kallsyms_find(const struct mem *mem, kva_t start, kva_t end, kva_t stext,
			struct kallsyms_tables *ret, struct err *err)
{
	struct image m = { .base = start, .steps = MAX_STEPS };
	size_t size = end - start < MAX_IMAGE ? (size_t)(end - start) : MAX_IMAGE, at = 0;
	vs_status st = VS_NOTFOUND;

	while (end > start && m.len < size && st == VS_NOTFOUND && m.steps) {
		if (!read_piece(mem, &m, size - m.len < PIECE ? size - m.len : PIECE)) {
			st = fail(err, VS_NOMEM, "search for kallsyms");
			break;
		}
		for (; at + INDEX_BYTES <= m.len && st == VS_NOTFOUND; at += 4)
			if (tables_at(mem, &m, at, stext, ret))
				st = VS_OK;
	}
	free(m.p);
	if (st == VS_NOTFOUND)
		fail(err, st, "no kallsyms found in the kernel image at %#" PRIx64, start);
	return st;
}
