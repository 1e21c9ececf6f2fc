// SPDX-License-Identifier: GPL-3.0-or-later
/* window.c - a small read-ahead buffer over a file. */
#include "stub/dump/window.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/bytes.h"
#include "stub/dump/file.h"

vs_status window_init(struct window *w, struct file *f, size_t min, size_t cap, struct err *err)
{
	*w = (struct window){ .f = f, .min = min, .ahead = min, .cap = cap };
	w->buf = malloc(cap);
	if (!w->buf)
		return fail(err, VS_NOMEM, "%s: no memory for a buffer of %zu bytes", file_path(f),
			    cap);
	return VS_OK;
}

void window_deinit(struct window *w)
{
	free(w->buf);
	w->buf = NULL;
}

/* Bytes to read when the buffer lacks the request. Forward moves to a place in or just after the
 * buffer are a scan; anything else is a jump and reads no more than needed. */
static size_t refill_size(struct window *w, uint64_t off, size_t len)
{
	bool scan = w->len && off >= w->off && off - w->off <= w->len + w->min;

	if (file_is_mapped(w->f))
		return len;
	if (!scan)
		w->ahead = w->min;
	else if (w->ahead < w->cap / 2)
		w->ahead *= 2;
	else
		w->ahead = w->cap;
	return w->ahead > len ? w->ahead : len;
}

vs_status window_get(struct window *w, uint64_t off, size_t len, const uint8_t **ret,
		     struct err *err)
{
	size_t want, got;
	vs_status st;

	if (off >= w->off && range_ok(off - w->off, len, w->len)) {
		*ret = w->buf + (off - w->off);
		return VS_OK;
	}
	if (len > w->cap)
		return fail(err, VS_INVAL, "%s: window of %zu bytes asked for %zu", file_path(w->f),
			    w->cap, len);
	want = refill_size(w, off, len);
	w->off = off;
	w->len = 0;
	st = file_read_some(w->f, off, w->buf, want, &got, err);
	if (st && want > len) // the bad sector may be in the read-ahead part
		st = file_read_some(w->f, off, w->buf, len, &got, err);
	if (st)
		return st;
	w->len = got;
	if (got < len)
		return fail(err, VS_LOST,
			    "%s: %zu bytes at %#" PRIx64
			    " reach past the end of the file (%#" PRIx64 ")",
			    file_path(w->f), len, off, file_size(w->f));
	*ret = w->buf;
	return VS_OK;
}
