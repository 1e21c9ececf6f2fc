// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* err.h - status codes and error text, passed by value up the call chain.
 * A fallible function returns vs_status and fills a caller-owned struct err. fail() sets the text
 * where the cause is found; fail_ctx(), called straight after a failing call, prepends what this
 * layer did. */

enum vs_status {
	VS_OK = 0,
	/* outcomes: never shown to the user as errors */
	VS_NOMATCH,  /* a probe: another format or reader may try */
	VS_END,	     /* an iterator or unwinder is done */
	VS_NOTFOUND, /* a lookup missed */
	/* Reasons why memory cannot be read. Users must be able to tell them apart. */
	VS_EXCLUDED, /* filtered out when the dump was made */
	VS_LOST,     /* should be in the dump but the file is incomplete */
	VS_HOLE,     /* no RAM at this physical address */
	VS_UNMAPPED, /* no page table entry for this virtual address */
	VS_SWAPPED,  /* the page table says it is not in RAM */
	/* failures */
	VS_CORRUPT,
	VS_UNSUPPORTED,
	VS_IO,
	VS_NOMEM,
	VS_INVAL, /* the user asked for something that makes no sense */
	/* also an outcome; at the end, because gdb sees these numbers and they must not change */
	VS_STOPPED, /* the user no longer waits for the result */
};
typedef enum vs_status vs_status;

struct err {
	vs_status code;
	char msg[512]; /* always NUL-terminated; longer text is truncated */
};

/* Returns a short phrase for st, e.g. "page excluded from the dump". Static storage. */
const char *vs_status_str(vs_status st);

/* Set err (may be NULL) to st and the formatted text. Returns st. */
vs_status fail(struct err *err, vs_status st, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* For work that goes on after a failure: copies st and why to *first and err (may be NULL), unless
 * st is VS_OK or there was a failure before. */
void fail_first(vs_status *first, struct err *err, vs_status st, const struct err *why);

/* Prepend "formatted text: " to the message already in err (may be NULL). Returns st. */
vs_status fail_ctx(struct err *err, vs_status st, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
