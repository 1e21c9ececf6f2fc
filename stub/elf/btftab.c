// SPDX-License-Identifier: GPL-3.0-or-later
/* btftab.c - the types of a BTF blob by number. In split BTF, numbers and string offsets go on
 * where the kernel's end. btfcheck.c checks the types. */
#include "stub/elf/btftab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/elf/btfcheck.h"

#define MAX_BTF_TYPES (1u << 24)

/* Finds where each type starts, up to the first of unknown length. */
static vs_status index_types(struct btftab *t, uint32_t len, struct err *err)
{
	uint32_t room = len / BTF_RECORD_MIN;

	if (room > MAX_BTF_TYPES - t->first)
		return fail(err, VS_CORRUPT, "BTF with %" PRIu32 " bytes of types", len);
	t->at = calloc(room + 1, sizeof(*t->at));
	t->sizes = calloc(room + 1, sizeof(*t->sizes));
	t->bad = calloc(room + 1, sizeof(*t->bad));
	if (!t->at || !t->sizes || !t->bad)
		return fail(err, VS_NOMEM, "BTF");
	for (uint64_t pos = 0, size; len - pos >= BTF_RECORD_MIN; pos += size) {
		size = btf_record_length(t->types + pos, len - pos);
		if (!size) {
			struct btf_record r = btf_record_at(t->types + pos);

			fail(&t->why, VS_CORRUPT,
			     "type %" PRIu32 " has kind %u and %" PRIu32 " elements; it and all "
			     "later types are lost",
			     t->n, r.kind, r.count);
			t->nbad++;
			break;
		}
		t->at[t->n++ - t->first] = t->types + pos;
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
		if (r.kind == BTF_INT && (btf_int_word(&r) & BTF_INT_SIGNED_FLAG) &&
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
	struct btf_sections s;
	vs_status st = btf_find_sections(data, len, &s, err);

	if (st)
		return st;
	t->types = malloc((size_t)s.types_len + 1);
	t->strings = clean_strings(s.strings, s.strings_len);
	if (!t->types || !t->strings)
		return fail(err, VS_NOMEM, "BTF of %zu bytes", len);
	memcpy(t->types, s.types, s.types_len);
	t->strings_len = s.strings_len;
	st = index_types(t, s.types_len, err);
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
	return id ? btf_record_at(t->at[id - t->first]) : (struct btf_record){ 0 };
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
	word = btf_int_word(&r);
	if ((word & 0xff) && (word & 0xff) < r.size * UINT64_C(8)) {
		m->width = word & 0xff;
		m->bit += word >> 16 & 0xff;
	}
}

struct btf_member_at btftab_member(const struct btftab *t, const struct btf_record *r, uint32_t i)
{
	struct btf_raw_member raw = btf_member_of(r, i);
	struct btf_member_at m = { raw.name, raw.type, raw.bit, raw.width };

	if (!r->flag)
		narrow(t, &m);
	return m;
}

bool btftab_is_declared_enum(const struct btf_record *r)
{
	return (r->kind == BTF_ENUM || r->kind == BTF_ENUM64) && !r->count;
}
