// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* buf.h - growing output: text, hex, XML escapes.
 * Running out of memory sets the sticky `oom` flag and drops further output; test it once, at the
 * end. A drain may take whole lines away at any time, so an offset into the text is valid only
 * until the end of its line. */
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Takes finished lines out of a growing buffer. */
struct buf_drain {
	/* Takes text, which ends with a newline. False: it was not taken. May set stopped. */
	bool (*take)(void *ctx, const char *text, size_t len);
	void *ctx;
	bool stopped; /* the reader wants no more: drop further output */
};

struct buf {
	char *p; /* NUL-terminated once anything was put; owned */
	size_t len;
	size_t cap;
	bool oom;
	struct buf_drain *drain; /* borrowed; NULL: text stays */
	size_t taken;		 /* bytes that the drain took */
};

void buf_deinit(struct buf *b);
/* Forget the content, keep the memory. */
void buf_reset(struct buf *b);
/* Make room for n more bytes. Returns false (and sets oom) without memory. */
bool buf_reserve(struct buf *b, size_t n);
void buf_put(struct buf *b, const void *p, size_t n);
void buf_putc(struct buf *b, char c);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);
/* One column of a table: buf_printf() if `known`, else "?" where the value would end (or begin,
 * if left-aligned); the value then only determines the width. */
void buf_put_known(struct buf *b, bool known, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Two lower-case hex digits a byte. */
void buf_hex(struct buf *b, const void *p, size_t n);
/* s with & < > " ' escaped and bytes below 0x20 or above 0x7e (invalid in gdb's XML) as '?'. */
void buf_xml(struct buf *b, const char *s);
/* Pad with spaces until the current line (after the last newline) is col columns wide. */
void buf_pad_to(struct buf *b, size_t col);
/* Long loops check this: true if the reader wants no more output. */
bool buf_stopped(const struct buf *b);
/* Bytes put so far, including those that the drain took. */
size_t buf_total(const struct buf *b);
/* Is the buffer empty, or does it end with a newline? */
bool buf_at_line_start(const struct buf *b);
/* The text, never NULL. Borrowed: valid until the next put. */
const char *buf_str(const struct buf *b);
