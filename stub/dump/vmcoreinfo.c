// SPDX-License-Identifier: GPL-3.0-or-later
/* vmcoreinfo.c - parses and validates KEY=VALUE text.
 * In: note text, any bytes. Out: keys sorted for lookup. Not here: finding the text (dump.c,
 * kernel). */
#include "stub/dump/vmcoreinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/dump/notes.h"

struct entry {
	const char *key, *value; /* point into text */
};

struct vmcoreinfo {
	char *text; /* the copy; '=' and newlines become NUL */
	VEC(struct entry) v;
};

/* Stable for qsort: equal keys stay in text order, because both point into the same text. */
static int cmp_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = strcmp(x->key, y->key);

	return c ? c : (x->key > y->key) - (x->key < y->key);
}

/* Split one line in place. Lines without '=' or without a key are dropped. */
static bool add_line(struct vmcoreinfo *v, char *line)
{
	char *eq = strchr(line, '=');

	if (!eq || eq == line)
		return true;
	*eq = '\0';
	return vec_push(&v->v, (struct entry){ line, eq + 1 });
}

static bool add_lines(struct vmcoreinfo *v)
{
	char *line = v->text;

	while (line) {
		char *nl = strchr(line, '\n');

		if (nl)
			*nl = '\0';
		if (!add_line(v, line))
			return false;
		line = nl ? nl + 1 : NULL;
	}
	return true;
}

/* Keep the last of equal keys. */
static void drop_duplicates(struct vmcoreinfo *v)
{
	size_t n = 0;

	for (size_t i = 0; i < v->v.n; i++) {
		if (i + 1 < v->v.n && strcmp(v->v.v[i].key, v->v.v[i + 1].key) == 0)
			continue;
		v->v.v[n++] = v->v.v[i];
	}
	v->v.n = n;
}

struct vmcoreinfo *vmcoreinfo_parse(const char *text, size_t len)
{
	struct vmcoreinfo *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	if (!text)
		len = 0;
	if (len > VMCOREINFO_MAX)
		len = VMCOREINFO_MAX;
	v->text = len ? strndup(text, len) : strdup(""); // ends at the first NUL, as the note does
	if (!v->text || !add_lines(v)) {
		vmcoreinfo_destroy(v);
		return NULL;
	}
	if (v->v.n)
		qsort(v->v.v, v->v.n, sizeof(v->v.v[0]), cmp_entry);
	drop_duplicates(v);
	return v;
}

void vmcoreinfo_destroy(struct vmcoreinfo *v)
{
	if (!v)
		return;
	vec_free(&v->v);
	free(v->text);
	free(v);
}

static int cmp_key(const void *key, const void *entry)
{
	return strcmp(key, ((const struct entry *)entry)->key);
}

const char *vmcoreinfo_str(const struct vmcoreinfo *v, const char *key)
{
	const struct entry *e = NULL;

	if (v && v->v.n)
		e = bsearch(key, v->v.v, v->v.n, sizeof(v->v.v[0]), cmp_key);
	return e ? e->value : NULL;
}

/* A whole number in base 10 or 16 that fits in 64 bits, with a sign in base 10 only. Rejects "". */
static bool parse_u64(const char *s, int base, uint64_t *ret)
{
	bool neg = base == 10 && *s == '-';
	unsigned long long n;
	char *end;

	if (neg)
		s++;
	// strtoull would also accept blanks and signs
	if (!*s || strspn(s, base == 10 ? "0123456789" : "0123456789abcdefABCDEF") != strlen(s))
		return false;
	errno = 0;
	n = strtoull(s, &end, base);
	if (errno || *end || (neg && n > (unsigned long long)INT64_MAX + 1))
		return false;
	*ret = neg ? -(uint64_t)n : n;
	return true;
}

static bool parse_hex(const char *s, uint64_t *ret)
{
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		s += 2;
	return parse_u64(s, 16, ret);
}

static bool parse_number(const char *s, uint64_t *ret)
{
	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		return parse_hex(s, ret);
	return parse_u64(s, 10, ret);
}

/* Value of KIND(name). Kernel symbol names are at most 511 bytes (KSYM_NAME_LEN). */
static const char *find_in(const struct vmcoreinfo *v, const char *kind, const char *name)
{
	char key[600];
	int n = snprintf(key, sizeof(key), "%s(%s)", kind, name);

	return n > 0 && (size_t)n < sizeof(key) ? vmcoreinfo_str(v, key) : NULL;
}

bool vmcoreinfo_hex(const struct vmcoreinfo *v, const char *key, uint64_t *ret)
{
	const char *s = vmcoreinfo_str(v, key);

	return s && parse_hex(s, ret);
}

bool vmcoreinfo_dec(const struct vmcoreinfo *v, const char *key, uint64_t *ret)
{
	const char *s = vmcoreinfo_str(v, key);

	return s && parse_u64(s, 10, ret);
}

bool vmcoreinfo_symbol(const struct vmcoreinfo *v, const char *name, uint64_t *ret)
{
	const char *s = find_in(v, "SYMBOL", name);
	uint64_t addr;

	// anything but a kernel address (upper half, 4 or 5 levels) is corrupt
	if (!s || !parse_hex(s, &addr) || addr >> 56 != 0xff)
		return false;
	*ret = addr;
	return true;
}

bool vmcoreinfo_number(const struct vmcoreinfo *v, const char *name, uint64_t *ret)
{
	const char *s = find_in(v, "NUMBER", name);
	uint64_t n;

	if (!s || !parse_number(s, &n))
		return false;
	// everything else is computed from phys_base: ignore it rather than use a wrong value
	if (strcmp(name, "phys_base") == 0 && n & 4095)
		return false;
	*ret = n;
	return true;
}

bool vmcoreinfo_size(const struct vmcoreinfo *v, const char *name, uint64_t *ret)
{
	const char *s = find_in(v, "SIZE", name);

	return s && parse_number(s, ret);
}

bool vmcoreinfo_offset(const struct vmcoreinfo *v, const char *name, uint64_t *ret)
{
	const char *s = find_in(v, "OFFSET", name);

	return s && parse_number(s, ret);
}

bool vmcoreinfo_length(const struct vmcoreinfo *v, const char *name, uint64_t *ret)
{
	const char *s = find_in(v, "LENGTH", name);

	return s && parse_number(s, ret);
}
