// SPDX-License-Identifier: GPL-3.0-or-later
/* printk_lines.c - cuts the records of the kernel's log into lines. */
#include <string.h>

#include "stub/subsys/sys/printk.h"

struct lines {
	void (*fn)(void *ctx, const struct log_record *r, const char *text, size_t len);
	void *ctx;
};

static void cut(void *ctx, const struct log_record *r)
{
	const struct lines *l = ctx;
	const char *p = r->text, *end = r->text + r->len, *stop;

	for (; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop)
			stop = end;
		l->fn(l->ctx, r, p, (size_t)(stop - p));
	}
}

vs_status printk_each_line(struct kernel *k,
			   void (*fn)(void *ctx, const struct log_record *r, const char *text,
				      size_t len),
			   void *ctx, struct err *err)
{
	struct lines l = { fn, ctx };

	return printk_each(k, cut, &l, err);
}

const char *printk_line_text(const char *text, size_t len, char *dst, size_t cap)
{
	if (len > cap - 1)
		len = cap - 1;
	for (size_t i = 0; i < len; i++)
		dst[i] = text[i] == '\t' ? ' ' : text[i] < 0x20 || text[i] > 0x7e ? '?' : text[i];
	dst[len] = '\0';
	return dst;
}
