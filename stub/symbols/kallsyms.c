// SPDX-License-Identifier: GPL-3.0-or-later
/* kallsyms.c - decodes the kernel's compressed symbol names.
 * Layout (scripts/kallsyms.c): names is a stream of (length, token bytes); token_index[256] gives
 * each token's offset in token_table; the first character of a name is its nm type letter. */
#include "stub/symbols/kallsyms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/base/hash.h"
#include "stub/symbols/symtab.h"

#define MAX_TOKEN_LEN KALLSYMS_MAX_TOKEN
#define MAX_NAME      (KALLSYMS_MAX_NAME + 1)
#define NAME_ROOM     (MAX_NAME + MAX_TOKEN_LEN)
#define NAMES_CHUNK   65536

_Static_assert(NAME_ROOM <= SYMTAB_NAME_MAX, "room for a name");

/* How an address is stored. Offsets are s32. STYLE_PERCPU (4.6 to 6.14): a value >= 0 is the
 * address itself (a per-CPU offset), a negative one means base - 1 - value. STYLE_BASE (since 6.15,
 * and before it without CONFIG_SMP): base + value, unsigned. STYLE_PLACE (7.0): address of the
 * entry + value. STYLE_ADDRESS (before 2213e9a66bb8 of 4.6): the address itself, u64. */
enum number_style { STYLE_PERCPU, STYLE_BASE, STYLE_PLACE, STYLE_ADDRESS };

struct tokens {
	char text[256][MAX_TOKEN_LEN];
	uint8_t len[256];
	/* To hash a name token by token: of the text, of the text behind its first letter, which is
	 * the type if the token is the first one, and what a hash is multiplied by in front of it.
	 */
	uint32_t hash[256], hash_behind_type[256], factor[256];
};

/* The names as they are in memory. */
struct names {
	struct tokens tokens;
	bool long_names;
	uint8_t *p; /* owned */
	size_t len, cap;
	const struct mem *mem;
	kva_t next; /* where the bytes behind the last one read are */
};

static void hash_token(struct tokens *t, int i)
{
	uint32_t factor = 1;

	t->hash[i] = hash_of_parts(t->text[i]);
	t->hash_behind_type[i] = t->len[i] ? hash_of_parts(t->text[i] + 1) : 0;
	for (int n = 0; n < t->len[i]; n++)
		factor *= HASH_BASE;
	t->factor[i] = factor;
}

static vs_status load_tokens(const struct mem *mem, const struct kallsyms_tables *tables,
			     struct tokens *t, struct err *err)
{
	uint16_t index[256];
	vs_status st = mem_read(mem, tables->token_index, index, sizeof(index), err);

	for (int i = 0; i < 256 && st == VS_OK; i++) {
		st = mem_read_str(mem, tables->token_table + index[i], t->text[i], MAX_TOKEN_LEN,
				  err);
		t->len[i] = (uint8_t)strlen(t->text[i]);
		hash_token(t, i);
	}
	return st ? fail_ctx(err, st, "kallsyms tokens") : VS_OK;
}

/* Reads on until there are n bytes from this place. */
static bool names_up_to(struct names *names, size_t at, size_t n, struct err *err)
{
	while (names->len - at < n) {
		struct mem_got got;

		if (names->cap - names->len < NAMES_CHUNK) {
			size_t cap = 2 * names->cap + NAMES_CHUNK;
			uint8_t *p = realloc(names->p, cap);

			if (!p)
				return false;
			names->p = p;
			names->cap = cap;
		}
		got = names->mem->read(names->mem, names->next, names->p + names->len, NAMES_CHUNK,
				       err);
		if (!got.len)
			return false;
		names->next += got.len;
		names->len += got.len;
	}
	return true;
}

/* The tokens of the name at this place, and their number; NULL if memory ends before. */
static const uint8_t *tokens_at(struct names *names, size_t at, size_t *n, struct err *err)
{
	size_t head = 1;

	if (!names_up_to(names, at, 1, err))
		return NULL;
	*n = names->p[at];
	if (names->long_names && *n & 0x80) {
		if (!names_up_to(names, at, 2, err))
			return NULL;
		*n = (*n & 0x7f) | (size_t)names->p[at + 1] << 7;
		head = 2;
	}
	return names_up_to(names, at, head + *n, err) ? names->p + at + head : NULL;
}

/* For struct symtab_coder: ref is the name's place. The type is not part of it. */
static bool decode_name(void *ctx, uint32_t ref, char name[SYMTAB_NAME_MAX])
{
	struct names *names = ctx;
	const struct tokens *t = &names->tokens;
	size_t n, out = 0;
	const uint8_t *p = tokens_at(names, ref, &n, NULL);

	for (size_t i = 0; p && i < n && out < MAX_NAME; i++) {
		memcpy(name + out, t->text[p[i]], t->len[p[i]]);
		out += t->len[p[i]];
	}
	if (!p || !out || out >= MAX_NAME)
		return false;
	memmove(name, name + 1, out - 1);
	name[out - 1] = '\0';
	return true;
}

static void destroy_names(void *ctx)
{
	struct names *names = ctx;

	free(names->p);
	free(names);
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

/* What can be told of a name without decoding it. */
struct coded_name {
	char type; /* 0: the name is empty */
	uint32_t hash;
	size_t end; /* place of the next one */
};

static vs_status hash_name(struct names *names, size_t at, struct coded_name *ret, struct err *err)
{
	const struct tokens *t = &names->tokens;
	size_t n, len = 0;
	const uint8_t *p = tokens_at(names, at, &n, err);
	uint32_t hash = 0;
	char type = 0;

	if (!p)
		return fail_ctx(err, VS_LOST, "kallsyms names");
	for (size_t i = 0; i < n; i++) {
		uint8_t token = p[i];

		hash = hash * t->factor[token] +
		       (type ? t->hash[token] : t->hash_behind_type[token]);
		type = type ? type : t->text[token][0];
		len += t->len[token];
		if (len >= MAX_NAME)
			return fail(err, VS_CORRUPT, "kallsyms: name longer than %d", MAX_NAME);
	}
	*ret = (struct coded_name){ type, hash, (size_t)(p - names->p) + n };
	return VS_OK;
}

static vs_status add_names(struct names *names, const struct kallsyms_tables *tables,
			   const struct numbers *v, struct symtab *t, struct err *err)
{
	size_t at = 0;

	for (uint32_t i = 0; i < v->n; i++) {
		struct coded_name name = { 0 };
		vs_status st = hash_name(names, at, &name, err);

		if (st)
			return st;
		if (name.type && !symtab_add_coded(t, (uint32_t)at, name.hash,
						   decode_number(tables, v, i), name.type))
			return fail(err, VS_NOMEM, "kallsyms: %u symbols", v->n);
		at = name.end;
	}
	return VS_OK;
}

static vs_status count_symbols(const struct mem *mem, const struct kallsyms_tables *tables,
			       uint32_t *n, struct err *err)
{
	vs_status st = mem_read_u32(mem, tables->num_syms, n, err);

	if (st)
		return fail_ctx(err, st, "kallsyms_num_syms");
	if (*n == 0 || *n > KALLSYMS_MAX)
		return fail(err, VS_CORRUPT, "kallsyms_num_syms is %u", *n);
	return VS_OK;
}

vs_status kallsyms_load(const struct mem *mem, const struct kallsyms_tables *tables,
			struct symtab *t, struct err *err)
{
	struct numbers v = { 0 };
	struct names *names = calloc(1, sizeof(*names));
	uint32_t n;
	vs_status st;

	if (!names)
		return fail(err, VS_NOMEM, "kallsyms");
	names->mem = mem;
	names->next = tables->names;
	names->long_names = tables->long_names;
	symtab_set_coder(
		t, &(struct symtab_coder){ decode_name, hash_of_parts, destroy_names, names });
	st = count_symbols(mem, tables, &n, err);
	if (st == VS_OK)
		st = load_tokens(mem, tables, &names->tokens, err);
	if (st == VS_OK)
		st = load_numbers(mem, tables, n, &v, err);
	if (st == VS_OK && !symtab_reserve(t, n))
		st = fail(err, VS_NOMEM, "kallsyms: %u symbols", n);
	if (st == VS_OK)
		st = add_names(names, tables, &v, t, err);
	free(v.raw);
	return st;
}
