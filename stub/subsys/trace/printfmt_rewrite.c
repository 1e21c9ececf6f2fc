// SPDX-License-Identifier: GPL-3.0-or-later
/* printfmt_rewrite.c - prepares a print format for libtraceevent. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "stub/subsys/trace/printfmt.h"

#define MAX_NAME 128
/* pfn_to_page() with CONFIG_SPARSEMEM_VMEMMAP */
#define PAGE_OF "((struct page *)vmemmap_base) + "

struct rewriting {
	const struct printfmt_names *names;
	struct buf *out;
	const char *p;
	char before; /* the last character that is no space */
	bool failed;
};

static bool is_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static void copy(struct rewriting *r, size_t n)
{
	for (; n && *r->p; n--, r->p++) {
		buf_putc(r->out, *r->p);
		if (!isspace((unsigned char)*r->p))
			r->before = *r->p;
	}
}

static void copy_string(struct rewriting *r)
{
	size_t n = 1;

	while (r->p[n] && r->p[n] != '"')
		n += r->p[n] == '\\' && r->p[n + 1] ? 2 : 1;
	copy(r, n + (r->p[n] == '"'));
}

static bool value_of(const struct rewriting *r, const char *name, size_t len, int64_t *ret)
{
	char text[MAX_NAME];

	if (len >= sizeof(text))
		return false;
	memcpy(text, name, len);
	text[len] = '\0';
	return r->names->value(r->names->ctx, text, ret);
}

static size_t word_length(const char *p)
{
	size_t n = 0;

	while (is_word(p[n]))
		n++;
	return n;
}

/* The length of "(type)" or "(type *)"; 0: the parenthesis at p is none. */
static size_t cast_length(const struct rewriting *r)
{
	size_t first = 1 + strspn(r->p + 1, " "), n = first, len;
	int64_t unused;

	if (!isalpha((unsigned char)r->p[n]) && r->p[n] != '_')
		return 0;
	while (is_word(r->p[n]) || r->p[n] == ' ' || r->p[n] == '*')
		n++;
	if (r->p[n] != ')')
		return 0;
	len = word_length(r->p + first);
	return first + len == n && value_of(r, r->p + first, len, &unused) ? 0 : n + 1;
}

/* A parenthesis: of a cast, of the right side of an operator, or another. */
static void take_parenthesis(struct rewriting *r)
{
	size_t cast = cast_length(r);

	if (strncmp(r->p, PAGE_OF, strlen(PAGE_OF)) == 0 && r->names->vmemmap &&
	    r->names->page_size) {
		buf_printf(r->out, "%" PRIu64 " + %" PRIu64 " * (u64)", r->names->vmemmap,
			   r->names->page_size);
		r->p += strlen(PAGE_OF);
		r->before = 0;
		return;
	}
	if (cast) {
		copy(r, cast);
		r->before = 0; // what follows is no right side
		return;
	}
	if (r->before && strchr("+-*/%<>&|^=", r->before))
		buf_puts(r->out, "(u64)");
	copy(r, 1);
}

/* A name that is not behind "->". */
static void take_name(struct rewriting *r)
{
	size_t n = word_length(r->p);
	int64_t v;

	if (strncmp(r->p, "REC->", 5) == 0) {
		copy(r, 5 + word_length(r->p + 5));
	} else if (strncmp(r->p, "__get_", 6) == 0 || (n == 6 && strncmp(r->p, "sizeof", 6) == 0)) {
		copy(r, n + strcspn(r->p + n, ")"));
	} else if (r->p[n] == '(') {
		copy(r, n + 1); // a function, which the library knows, or not
	} else if (value_of(r, r->p, n, &v)) {
		buf_printf(r->out, v < 0 ? "(%" PRId64 ")" : "%" PRId64, v);
		r->before = '0';
		r->p += n;
	} else {
		r->failed = true;
		copy(r, n);
	}
}

bool printfmt_rewrite(const char *text, const struct printfmt_names *names, struct buf *out)
{
	struct rewriting r = { .names = names, .out = out, .p = text };

	while (*r.p) {
		if (*r.p == '"')
			copy_string(&r);
		else if (*r.p == '(')
			take_parenthesis(&r);
		else if (isdigit((unsigned char)*r.p))
			copy(&r, word_length(r.p));
		else if (is_word(*r.p))
			take_name(&r);
		else
			copy(&r, 1);
	}
	return !r.failed && !out->oom;
}
