// SPDX-License-Identifier: GPL-3.0-or-later
/* err.c - status codes and error text. */
#include "stub/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_text[] = {
	[VS_OK] = "ok",
	[VS_NOMATCH] = "not this format",
	[VS_END] = "end",
	[VS_NOTFOUND] = "not found",
	[VS_STOPPED] = "stopped",
	[VS_EXCLUDED] = "page excluded from the dump",
	[VS_LOST] = "page lost, the dump is incomplete",
	[VS_HOLE] = "no RAM at this address",
	[VS_UNMAPPED] = "address not mapped",
	[VS_SWAPPED] = "page swapped out",
	[VS_CORRUPT] = "corrupt data",
	[VS_UNSUPPORTED] = "not supported",
	[VS_IO] = "read error",
	[VS_NOMEM] = "out of memory",
	[VS_INVAL] = "invalid argument",
};

const char *vs_status_str(vs_status st)
{
	if ((unsigned)st >= sizeof(status_text) / sizeof(status_text[0]))
		return "unknown status";
	return status_text[st];
}

vs_status fail(struct err *err, vs_status st, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return st;
	err->code = st;
	va_start(ap, fmt);
	vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	return st;
}

void fail_first(vs_status *first, struct err *err, vs_status st, const struct err *why)
{
	if (!st || *first)
		return;
	*first = st;
	if (err)
		*err = *why;
}

vs_status fail_ctx(struct err *err, vs_status st, const char *fmt, ...)
{
	char old[sizeof(err->msg)];
	va_list ap;
	size_t room;
	int n;

	if (!err)
		return st;
	memcpy(old, err->msg, sizeof(old));
	err->code = st;
	va_start(ap, fmt);
	n = vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(err->msg))
		return st;
	room = sizeof(err->msg) - (size_t)n;
	snprintf(err->msg + n, room, ": %.*s", (int)room, old); // what does not fit is cut
	return st;
}
