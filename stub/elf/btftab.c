// SPDX-License-Identifier: GPL-3.0-or-later
/* btftab.c - the types of a BTF blob by number.
 *
 *   header | types: 12 bytes each, then what the kind adds | strings
 *
 * Numbers start at 1. In split BTF, numbers and string offsets go on where the kernel's end.
 * btfcheck.c checks the types. */
#include "stub/elf/btftab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/btfsign.h"
#include "stub/base/bytes.h"
#include "stub/elf/btfcheck.h"

#define BTF_MAGIC     0xeb9f
#define MIN_HEADER    24
#define RECORD_SIZE   12
#define MAX_BTF_TYPES (1u << 24)

/* Returns the number of bytes after the common 12. */
static uint64_t more_size(enum btf_kind kind, uint32_t count)
{
	switch (kind) {
	case BTF_INT:
	case BTF_VAR:
	case BTF_DECL_TAG:
		return 4;
	case BTF_ARRAY:
		return 12;
	case BTF_STRUCT:
	case BTF_UNION:
	case BTF_DATASEC:
	case BTF_ENUM64:
		return UINT64_C(12) * count;
	case BTF_ENUM:
	case BTF_FUNC_PROTO:
		return UINT64_C(8) * count;
	default:
		return 0;
	}
}

static struct btf_record record_at(const uint8_t *p)
{
	uint32_t info = load_u32(p + 4);

	return (struct btf_record){
		.kind = info >> 24 & 0x1f,
		.flag = info >> 31,
		.name = load_u32(p),
		.count = info & 0xffff,
		.size = load_u32(p + 8),
		.type = load_u32(p + 8),
		.more = p + RECORD_SIZE,
	};
}

/* Finds where each type starts, up to the first of unknown length. */
static vs_status index_types(struct btftab *t, uint32_t len, struct err *err)
{
	uint32_t room = len / RECORD_SIZE;

	if (room > MAX_BTF_TYPES - t->first)
		return fail(err, VS_CORRUPT, "BTF with %" PRIu32 " bytes of types", len);
	t->at = calloc(room + 1, sizeof(*t->at));
	t->sizes = calloc(room + 1, sizeof(*t->sizes));
	t->bad = calloc(room + 1, sizeof(*t->bad));
	if (!t->at || !t->sizes || !t->bad)
		return fail(err, VS_NOMEM, "BTF");
	for (uint64_t pos = 0; range_ok(pos, RECORD_SIZE, len);) {
		struct btf_record r = record_at(t->types + pos);
		uint64_t more = more_size(r.kind, r.count);

		if (r.kind == BTF_VOID || r.kind >= BTF_KINDS ||
		    !range_ok(pos + RECORD_SIZE, more, len)) {
			fail(&t->why, VS_CORRUPT,
			     "type %" PRIu32 " has kind %u and %" PRIu32 " elements; it and all "
			     "later types are lost",
			     t->n, r.kind, r.count);
			t->nbad++;
			break;
		}
		t->at[t->n++ - t->first] = t->types + pos;
		pos += RECORD_SIZE + more;
	}
	return VS_OK;
}

/* Replaces control characters: names are printed on terminals. */
static char *clean_strings(const uint8_t *p, uint32_t len)
{
	char *s = malloc((size_t)len + 1);

	if (!s)
		return NULL;
	memcpy(s, p, len);
	s[len] = '\0';
	for (uint32_t i = 0; i < len; i++)
		if (s[i] && (s[i] < ' ' || s[i] > '~'))
			s[i] = '?';
	return s;
}

/* Later kernels mark signed enums, later pahole the type "signed char": is either mark present? */
static void find_dialect(struct btftab *t)
{
	for (uint32_t id = t->first; id < t->n; id++) {
		struct btf_record r = btftab_get(t, id);

		if (r.kind == BTF_ENUM64 || (r.kind == BTF_ENUM && r.flag))
			t->signed_enums = true;
		if (r.kind == BTF_INT && (load_u32(r.more) >> 24 & 1) &&
		    strcmp(btftab_name(t, r.name), "signed char") == 0)
			t->signed_chars = true;
	}
	if (t->base) {
		t->signed_enums |= t->base->signed_enums;
		t->signed_chars |= t->base->signed_chars;
	}
}

static vs_status read_sections(struct btftab *t, const void *data, size_t len, struct err *err)
{
	struct bytes b = bytes_of(data, len);
	uint16_t magic = bytes_u16(&b);
	uint8_t version = bytes_u8(&b);
	uint32_t head, type_off, type_len, str_off, str_len;
	vs_status st;

	bytes_skip(&b, 1);
	head = bytes_u32(&b);
	type_off = bytes_u32(&b);
	type_len = bytes_u32(&b);
	str_off = bytes_u32(&b);
	str_len = bytes_u32(&b);
	if (b.bad || magic != BTF_MAGIC || version != 1 || head < MIN_HEADER || head > len)
		return fail(err, VS_CORRUPT, "%zu bytes are not BTF", len);
	if (!range_ok(type_off, type_len, len - head) || !range_ok(str_off, str_len, len - head))
		return fail(err, VS_CORRUPT, "the sections of this BTF do not fit in %zu bytes",
			    len);
	t->types = malloc((size_t)type_len + 1);
	t->strings = clean_strings((const uint8_t *)data + head + str_off, str_len);
	if (!t->types || !t->strings)
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	memcpy(t->types, (const uint8_t *)data + head + type_off, type_len);
	t->strings_len = str_len;
	st = index_types(t, type_len, err);
	if (st)
		return st;
	find_dialect(t);
	return btfcheck(t, err);
}

vs_status btftab_create(const void *data, size_t len, const struct btftab *base,
			struct btftab **ret, struct err *err)
{
	struct btftab *t = calloc(1, sizeof(*t));
	vs_status st;

	if (!t)
		return fail(err, VS_NOMEM, "BTF");
	t->base = base;
	t->first = t->n = base ? base->n : 1;
	t->strings_start = base ? base->strings_len : 0;
	st = read_sections(t, data, len, err);
	if (st) {
		btftab_destroy(t);
		return st;
	}
	*ret = t;
	return VS_OK;
}

void btftab_destroy(struct btftab *t)
{
	if (!t)
		return;
	free(t->strings);
	free(t->types);
	free(t->at);
	free(t->sizes);
	free(t->bad);
	free(t);
}

static const struct btftab *owner(const struct btftab *t, uint32_t id)
{
	return id < t->first && t->base ? t->base : t;
}

struct btf_record btftab_get(const struct btftab *t, uint32_t id)
{
	t = owner(t, id);
	return id ? record_at(t->at[id - t->first]) : (struct btf_record){ 0 };
}

bool btftab_is_bad(const struct btftab *t, uint32_t id)
{
	t = owner(t, id);
	return id && t->bad[id - t->first];
}

uint64_t btftab_size(const struct btftab *t, uint32_t id)
{
	t = owner(t, id);
	return id ? t->sizes[id - t->first] : 0;
}

const char *btftab_name(const struct btftab *t, uint32_t off)
{
	if (off < t->strings_start)
		t = t->base;
	off -= t->strings_start;
	return off < t->strings_len ? t->strings + off : "";
}

/* In old BTF, the int type of a bit field says how many bits it has. */
static void narrow(const struct btftab *t, struct btf_member_at *m)
{
	struct btf_record r;
	uint32_t word;

	if (m->type >= t->n)
		return;
	r = btftab_get(t, m->type);
	if (r.kind != BTF_INT)
		return;
	word = load_u32(r.more);
	if ((word & 0xff) && (word & 0xff) < r.size * UINT64_C(8)) {
		m->width = word & 0xff;
		m->bit += word >> 16 & 0xff;
	}
}

struct btf_member_at btftab_member(const struct btftab *t, const struct btf_record *r, uint32_t i)
{
	const uint8_t *p = r->more + UINT64_C(12) * i;
	uint32_t place = load_u32(p + 8);
	struct btf_member_at m = { .name = load_u32(p), .type = load_u32(p + 4) };

	m.bit = r->flag ? place & 0xffffff : place;
	m.width = r->flag ? place >> 24 : 0;
	if (!r->flag)
		narrow(t, &m);
	return m;
}

static bool looks_signed(const struct btf_record *r)
{
	for (uint32_t i = 0; i < r->count; i++)
		if (btfsign_is_negative((int32_t)load_u32(r->more + (size_t)i * 8 + 4)))
			return true;
	return false;
}

bool btftab_enum_is_signed(const struct btftab *t, const struct btf_record *r)
{
	return r->flag || (!t->signed_enums && r->kind == BTF_ENUM && looks_signed(r));
}

bool btftab_is_declared_enum(const struct btf_record *r)
{
	return (r->kind == BTF_ENUM || r->kind == BTF_ENUM64) && !r->count;
}

uint32_t btftab_enumerators(const struct btf_record *r)
{
	return r->kind == BTF_ENUM && r->size > sizeof(uint32_t) ? 0 : r->count;
}

int64_t btftab_enumerator(const struct btf_record *r, uint32_t i, bool is_signed, uint32_t *name)
{
	const uint8_t *p = r->more + (size_t)i * (r->kind == BTF_ENUM64 ? 12 : 8);

	*name = load_u32(p);
	if (r->kind == BTF_ENUM64)
		return (int64_t)load_u64(p + 4);
	return is_signed ? (int64_t)(int32_t)load_u32(p + 4) : (int64_t)load_u32(p + 4);
}

uint32_t btftab_parameter(const struct btf_record *r, uint32_t i, uint32_t *name)
{
	*name = load_u32(r->more + (size_t)i * 8);
	return load_u32(r->more + (size_t)i * 8 + 4);
}

uint32_t btftab_element(const struct btf_record *r, uint32_t *count)
{
	*count = load_u32(r->more + 8);
	return load_u32(r->more);
}
