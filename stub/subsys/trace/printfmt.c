// SPDX-License-Identifier: GPL-3.0-or-later
/* printfmt.c - checks the print format of an event: a string as for printf, and C expressions in
 * which REC->NAME is a field. What is refused here is not in any format of Linux 5.10 to 7.3,
 * except where a comment says so. */
#include "stub/subsys/trace/printfmt.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH     64   /* of parentheses; the library recurses */
#define MAX_OPERATORS 2048 /* the same */
#define MAX_ARGS      256
#define MAX_DIGITS    4 /* of widths, and of numbers in a length */
#define MAX_INDEX     255

struct span {
	const char *p, *end;
};

struct check {
	printfmt_field_fn fn;
	void *ctx;
	bool stars[MAX_ARGS]; /* arguments that are a width or precision */
	size_t nargs;
	struct span args[MAX_ARGS];
};

/* Behind the string literal that starts at p; NULL: it does not end. */
static const char *skip_string(const char *p)
{
	for (p++; *p && *p != '"'; p++)
		if (*p == '\\' && p[1])
			p++;
	return *p ? p + 1 : NULL;
}

static const char *skip_space(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* Counts the arguments of one conversion, and remembers those that are lengths. Returns its last
 * character; NULL: it is not safe. */
static const char *take_conversion(struct check *c, const char *p, size_t *arg)
{
	size_t digits = 0;

	for (; *p && strchr("-+ #0123456789.*", *p); p++) {
		digits = isdigit((unsigned char)*p) ? digits + 1 : 0;
		if (digits > MAX_DIGITS || *arg >= MAX_ARGS)
			return NULL;
		if (*p == '*')
			c->stars[(*arg)++] = true;
	}
	while (*p && strchr("hlLqjzt", *p))
		p++;
	if (*p != '%')
		++*arg;
	return *p == 'n' ? NULL : p; // printf() would write with %n
}

/* The format string, which may be several literals. Returns its end, or NULL. */
static const char *take_format(struct check *c, const char *p)
{
	size_t arg = 0;

	for (p = skip_space(p); *p == '"'; p = skip_space(p)) {
		const char *end = skip_string(p);

		if (!end)
			return NULL;
		for (p++; p < end; p++) {
			if (*p != '%')
				continue;
			p = take_conversion(c, p + 1, &arg);
			if (!p || !*p || arg > MAX_ARGS)
				return NULL;
		}
		p = end;
	}
	return p;
}

/* Splits what follows the format at its commas, and limits depth and length. */
static bool take_args(struct check *c, const char *p)
{
	size_t depth = 0, operators = 0;

	for (p = skip_space(p); *p == ',';) {
		struct span *s = &c->args[c->nargs];

		if (c->nargs == MAX_ARGS)
			return false;
		s->p = ++p;
		while (*p && (depth || *p != ',')) {
			if (*p == '"') {
				p = skip_string(p);
				if (!p)
					return false;
				continue;
			}
			depth += strchr("({[", *p) != NULL;
			if (strchr(")}]", *p) && !depth--)
				return false;
			operators += strchr("+-*/%<>&|^!~?:=", *p) != NULL;
			if (depth > MAX_DEPTH || operators > MAX_OPERATORS)
				return false;
			p++;
		}
		s->end = p;
		c->nargs++;
	}
	return !*p && !depth;
}

/* Is the right side of a division a number other than 0? */
static bool is_divisor(const char *p)
{
	while (isspace((unsigned char)*p) || *p == '(')
		p++;
	return isdigit((unsigned char)*p) && strtoull(p, NULL, 0) != 0;
}

static bool is_index(const char *p)
{
	char *end;

	p = skip_space(p);
	return isdigit((unsigned char)*p) && strtoull(p, &end, 0) <= MAX_INDEX &&
	       *skip_space(end) == ']';
}

/* An expression that is a length: numbers, a field, a division. */
static bool check_length(const struct check *c, struct span s)
{
	bool has_field = false, multiplies = false;

	for (const char *p = s.p; p < s.end;) {
		size_t n = 0;

		if (strncmp(p, "REC->", 5) == 0) {
			p += 5;
			while (p + n < s.end && (isalnum((unsigned char)p[n]) || p[n] == '_'))
				n++;
			c->fn(c->ctx, p, n);
			has_field = true;
		} else if (isalnum((unsigned char)*p) || *p == '_') {
			while (p + n < s.end && (isalnum((unsigned char)p[n]) || p[n] == '_'))
				n++;
			if (isdigit((unsigned char)*p) && n > MAX_DIGITS)
				return false;
		} else if (strchr(" ()/*,", *p)) {
			multiplies |= *p == '*';
			n = 1;
		} else {
			return false;
		}
		p += n;
	}
	return !(has_field && multiplies);
}

/* The arguments after the first one of __print_hex(a, n), __print_array(a, n, size), ...: lengths.
 * p is at the name. */
static bool check_array(const struct check *c, const char *p, const char *end)
{
	size_t depth = 0;
	const char *second = NULL;

	for (; p < end; p++) {
		depth += *p == '(';
		if (*p == ',' && depth == 1 && !second)
			second = p + 1;
		if (*p == ')' && depth && !--depth)
			break;
	}
	return !second || check_length(c, (struct span){ second, p });
}

static bool check_arg(const struct check *c, struct span s)
{
	for (const char *p = s.p; p < s.end; p++) {
		if (*p == '"')
			p = skip_string(p) - 1;
		else if ((*p == '/' || *p == '%') && !is_divisor(p + 1))
			return false;
		else if (*p == '[' && !is_index(p + 1))
			return false;
		else if ((strncmp(p, "__print_hex", 11) == 0 ||
			  strncmp(p, "__print_array", 13) == 0) &&
			 !check_array(c, p, s.end))
			return false;
	}
	return true;
}

bool printfmt_is_plain(const char *text)
{
	for (const char *p = text; (p = strchr(p, '%')); p++) {
		size_t digits;

		if (*++p == '%')
			continue;
		p += strspn(p, "#+");
		digits = strspn(p, "0123456789");
		p += digits;
		if (*p == '.')
			p++;
		digits += strspn(p, "0123456789");
		p += strspn(p, "0123456789");
		if (digits > 2 * MAX_DIGITS)
			return false;
		p += strspn(p, "lz");
		if (!*p || !strchr("duixXosp", *p))
			return false;
		if (*p == 'p' && isalnum((unsigned char)p[1]) && !strchr("sSx", p[1]))
			return false;
	}
	return true;
}

bool printfmt_is_safe(const char *text, printfmt_field_fn fn, void *ctx)
{
	struct check c = { .fn = fn, .ctx = ctx };
	const char *p = take_format(&c, text);

	if (!p || !take_args(&c, p))
		return false;
	for (size_t i = 0; i < c.nargs; i++)
		if (!check_arg(&c, c.args[i]) || (c.stars[i] && !check_length(&c, c.args[i])))
			return false;
	return true;
}

static bool computes(struct span s)
{
	for (const char *p = s.p; p < s.end; p++) {
		if (*p == '"')
			p = skip_string(p) - 1;
		else if (*p == '<' && p[1] == '<')
			p++;
		else if (strchr("/%<", *p) || (*p == '>' && p[-1] != '-'))
			return true;
	}
	return false;
}

void printfmt_each_signed(const char *text, printfmt_field_fn fn, void *ctx)
{
	struct check c = { 0 };
	const char *p = take_format(&c, text);

	if (!p || !take_args(&c, p))
		return;
	for (size_t i = 0; i < c.nargs; i++) {
		if (!computes(c.args[i]))
			continue;
		for (p = c.args[i].p; p < c.args[i].end; p++) {
			size_t n = 0;

			if (*p == '"')
				p = skip_string(p) - 1;
			if (strncmp(p, "REC->", 5) != 0)
				continue;
			for (p += 5; isalnum((unsigned char)p[n]) || p[n] == '_';)
				n++;
			fn(ctx, p, n);
			p += n - 1;
		}
	}
}
