// SPDX-License-Identifier: GPL-3.0-or-later
/* kallsyms.c - decodes the kernel's compressed symbol names.
 * Layout (scripts/kallsyms.c): names is a stream of (length, token bytes); token_index[256] gives
 * each token's offset in token_table; the first character of a name is its nm type letter. */
#include "stub/symbols/kallsyms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/cleanup.h"
#include "stub/symbols/symtab.h"

#define MAX_TOKEN_LEN KALLSYMS_MAX_TOKEN
#define MAX_NAME      (KALLSYMS_MAX_NAME + 1)
#define NAME_ROOM     (MAX_NAME + MAX_TOKEN_LEN)
#define NAMES_CHUNK   65536

/* How an address is stored. Offsets are s32. STYLE_PERCPU (4.6 to 6.14): a value >= 0 is the
 * address itself (a per-CPU offset), a negative one means base - 1 - value. STYLE_BASE (since 6.15,
 * and before it without CONFIG_SMP): base + value, unsigned. STYLE_PLACE (7.0): address of the
 * entry + value. STYLE_ADDRESS (before 2213e9a66bb8 of 4.6): the address itself, u64. */
enum number_style { STYLE_PERCPU, STYLE_BASE, STYLE_PLACE, STYLE_ADDRESS };

struct tokens {
	char text[256][MAX_TOKEN_LEN];
	uint8_t len[256];
};

struct name_stream {
	const struct mem *mem;
	kva_t next;
	uint8_t *chunk; /* NAMES_CHUNK bytes */
	struct bytes b;
};

static vs_status load_tokens(const struct mem *mem, const struct kallsyms_tables *tables,
			     struct tokens *t, struct err *err)
{
	uint16_t index[256];
	vs_status st = mem_read(mem, tables->token_index, index, sizeof(index), err);

	for (int i = 0; i < 256 && st == VS_OK; i++) {
		st = mem_read_str(mem, tables->token_table + index[i], t->text[i], MAX_TOKEN_LEN,
				  err);
		t->len[i] = (uint8_t)strlen(t->text[i]);
	}
	return st ? fail_ctx(err, st, "kallsyms tokens") : VS_OK;
}

/* Appends a token. Most are shorter than 16 bytes, and a copy of a fixed size is much faster; the
 * room behind a name takes what is too much. */
static inline size_t put_token(char *to, const struct tokens *t, uint8_t i)
{
	memcpy(to, t->text[i], 16);
	if (t->len[i] > 16)
		memcpy(to + 16, t->text[i] + 16, MAX_TOKEN_LEN - 16);
	return t->len[i];
}

/* The next n <= 255 * 128 bytes of the stream; refills the chunk at its end. */
static const uint8_t *stream_take(struct name_stream *s, size_t n, struct err *err)
{
	if (s->b.left < n) {
		size_t keep = s->b.left;
		struct mem_got got;

		if (keep)
			memmove(s->chunk, s->b.p, keep);
		got = s->mem->read(s->mem, s->next, s->chunk + keep, NAMES_CHUNK - keep, err);
		s->next += got.len;
		s->b = bytes_of(s->chunk, keep + got.len);
		if (s->b.left < n)
			return NULL;
	}
	return bytes_take(&s->b, n);
}

static vs_status next_name(struct name_stream *s, const struct tokens *t, bool long_names,
			   char name[NAME_ROOM], struct err *err)
{
	const uint8_t *p = stream_take(s, 1, err);
	size_t len = p ? *p : 0, out = 0;

	if (p && long_names && len & 0x80) {
		p = stream_take(s, 1, err);
		len = (len & 0x7f) | (p ? (size_t)*p << 7 : 0);
	}
	if (p)
		p = stream_take(s, len, err);
	if (!p)
		return fail_ctx(err, VS_LOST, "kallsyms names");
	for (size_t i = 0; i < len; i++) {
		out += put_token(name + out, t, p[i]);
		if (out >= MAX_NAME)
			return fail(err, VS_CORRUPT, "kallsyms: name longer than %d", MAX_NAME);
	}
	name[out] = '\0';
	return VS_OK;
}

/* The numbers from which the symbols' addresses follow: n of them, of the style's width. */
struct numbers {
	uint8_t *raw; /* owned */
	uint32_t n;
	enum number_style style;
};

static size_t style_width(enum number_style style)
{
	return style == STYLE_ADDRESS ? 8 : 4;
}

static kva_t decode_number(const struct kallsyms_tables *t, const struct numbers *v, uint32_t i)
{
	int32_t off = (int32_t)load_u32(v->raw + style_width(v->style) * i);

	switch (v->style) {
	case STYLE_ADDRESS:
		return load_u64(v->raw + 8 * (size_t)i);
	case STYLE_PERCPU:
		return off >= 0 ? (kva_t)off : t->relative_base - 1 - (uint64_t)(int64_t)off;
	case STYLE_BASE:
		return t->relative_base + (uint32_t)off;
	case STYLE_PLACE:
	default:
		return t->offsets + (kva_t)i * 4 + (uint64_t)(int64_t)off;
	}
}

/* Every kernel's table has _stext: the style that yields it is the right one. */
static bool has_stext(const struct kallsyms_tables *t, const struct numbers *v)
{
	for (uint32_t i = 0; i < v->n; i++)
		if (decode_number(t, v, i) == t->stext)
			return true;
	return false;
}

static bool style_possible(const struct kallsyms_tables *t, enum number_style style)
{
	if (t->absolute || style == STYLE_ADDRESS)
		return t->absolute && style == STYLE_ADDRESS;
	return (style == STYLE_PLACE) == (t->relative_base == 0);
}

static vs_status find_style(const struct kallsyms_tables *t, struct numbers *v, struct err *err)
{
	for (int style = STYLE_PERCPU; style <= STYLE_ADDRESS; style++) {
		v->style = (enum number_style)style;
		if (style_possible(t, v->style) && has_stext(t, v))
			return VS_OK;
	}
	return fail(err, VS_CORRUPT, "kallsyms offsets do not contain _stext (%#" PRIx64 ")",
		    t->stext);
}

/* The caller frees ret->raw, also after a failure. */
static vs_status load_numbers(const struct mem *mem, const struct kallsyms_tables *t, uint32_t n,
			      struct numbers *ret, struct err *err)
{
	size_t len = (size_t)n * (t->absolute ? 8 : 4);
	vs_status st;

	ret->n = n;
	ret->raw = malloc(len);
	if (!ret->raw)
		return fail(err, VS_NOMEM, "kallsyms: %u symbols", n);
	st = mem_read(mem, t->offsets, ret->raw, len, err);
	return st ? fail_ctx(err, st, "kallsyms offsets") : find_style(t, ret, err);
}

vs_status kallsyms_in_order(const struct mem *mem, const struct kallsyms_tables *t, uint32_t n,
			    struct err *err)
{
	struct numbers v = { 0 };
	vs_status st = load_numbers(mem, t, n, &v, err);

	for (uint32_t i = 1; i < n && st == VS_OK; i++)
		if (decode_number(t, &v, i) < decode_number(t, &v, i - 1))
			st = fail(err, VS_CORRUPT, "kallsyms: address %u is below the one before",
				  i);
	free(v.raw);
	return st;
}

static vs_status add_names(struct name_stream *s, const struct kallsyms_tables *tables,
			   const struct tokens *tok, const struct numbers *v, struct symtab *t,
			   struct err *err)
{
	for (uint32_t i = 0; i < v->n; i++) {
		char name[NAME_ROOM];
		vs_status st = next_name(s, tok, tables->long_names, name, err);

		if (st)
			return st;
		if (name[0] && !symtab_add(t, name + 1, decode_number(tables, v, i), 0, name[0]))
			return fail(err, VS_NOMEM, "kallsyms: %u symbols", v->n);
	}
	return VS_OK;
}

vs_status kallsyms_load(const struct mem *mem, const struct kallsyms_tables *tables,
			struct symtab *t, struct err *err)
{
	struct numbers v = { 0 };
	AUTO_FREE struct tokens *tok = calloc(1, sizeof(*tok));
	struct name_stream s = { .mem = mem, .next = tables->names };
	AUTO_FREE uint8_t *chunk = malloc(NAMES_CHUNK);
	uint32_t n;
	vs_status st;

	if (!tok || !chunk)
		return fail(err, VS_NOMEM, "kallsyms");
	s.chunk = chunk;
	st = mem_read_u32(mem, tables->num_syms, &n, err);
	if (st)
		return fail_ctx(err, st, "kallsyms_num_syms");
	if (n == 0 || n > KALLSYMS_MAX)
		return fail(err, VS_CORRUPT, "kallsyms_num_syms is %u", n);
	st = load_tokens(mem, tables, tok, err);
	if (st == VS_OK)
		st = load_numbers(mem, tables, n, &v, err);
	if (st == VS_OK)
		st = add_names(&s, tables, tok, &v, t, err);
	free(v.raw);
	return st;
}
