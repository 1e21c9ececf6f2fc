// SPDX-License-Identifier: GPL-3.0-or-later
/* buf.c - growing output. */
#include "stub/base/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_deinit(struct buf *b)
{
	free(b->p);
	*b = (struct buf){ 0 };
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->taken = 0;
	b->oom = false;
	if (b->p)
		b->p[0] = '\0';
}

bool buf_reserve(struct buf *b, size_t n)
{
	size_t need, cap;
	char *p;

	if (b->oom)
		return false;
	if (__builtin_add_overflow(b->len, n, &need) || __builtin_add_overflow(need, 1, &need)) {
		b->oom = true;
		return false;
	}
	if (need <= b->cap)
		return true;
	cap = b->cap ? b->cap : 128;
	while (cap < need)
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	p = realloc(b->p, cap);
	if (!p) {
		b->oom = true;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

/* Accounts for n bytes added at the end, and lets the drain take whole lines. */
static void buf_grown(struct buf *b, size_t n)
{
	struct buf_drain *d = b->drain;

	if (!d || d->stopped || !n || b->p[b->len - 1] != '\n')
		return;
	if (!d->take(d->ctx, b->p, b->len) && !d->stopped)
		return;
	b->taken += b->len;
	b->len = 0;
	b->p[0] = '\0';
}

void buf_put(struct buf *b, const void *p, size_t n)
{
	if (buf_stopped(b) || !buf_reserve(b, n))
		return;
	if (n)
		memcpy(b->p + b->len, p, n);
	b->len += n;
	b->p[b->len] = '\0';
	buf_grown(b, n);
}

void buf_putc(struct buf *b, char c)
{
	buf_put(b, &c, 1);
}

void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0 || buf_stopped(b) || !buf_reserve(b, (size_t)n))
		return;
	vsnprintf(b->p + b->len, (size_t)n + 1, fmt, ap);
	b->len += (size_t)n;
	buf_grown(b, (size_t)n);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}

void buf_put_known(struct buf *b, bool known, const char *fmt, ...)
{
	size_t start = b->len, left;
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
	if (known || b->len == start)
		return;
	left = b->p[b->len - 1] == ' ' ? start + strspn(b->p + start, " ") : b->len - 1;
	if (left == b->len)
		left--;
	memset(b->p + start, ' ', b->len - start);
	b->p[left] = '?';
}

void buf_hex(struct buf *b, const void *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *s = p;

	if (n > SIZE_MAX / 2 || !buf_reserve(b, n * 2)) {
		b->oom = true;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		b->p[b->len++] = digits[s[i] >> 4];
		b->p[b->len++] = digits[s[i] & 15];
	}
	b->p[b->len] = '\0';
}

static const char *xml_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	default:
		return NULL;
	}
}

void buf_xml(struct buf *b, const char *s)
{
	for (; *s; s++) {
		const char *entity = xml_entity(*s);

		if (entity)
			buf_puts(b, entity);
		else
			buf_putc(b, *s < 0x20 || *s > 0x7e ? '?' : *s);
	}
}

void buf_pad_to(struct buf *b, size_t col)
{
	size_t start = b->len;

	while (start > 0 && b->p[start - 1] != '\n')
		start--;
	while (b->len - start < col && !b->oom && !buf_stopped(b))
		buf_putc(b, ' ');
}

bool buf_stopped(const struct buf *b)
{
	return b->drain && b->drain->stopped;
}

size_t buf_total(const struct buf *b)
{
	return b->taken + b->len;
}

bool buf_at_line_start(const struct buf *b)
{
	return !b->len || b->p[b->len - 1] == '\n';
}

const char *buf_str(const struct buf *b)
{
	return b->p && b->len ? b->p : "";
}
