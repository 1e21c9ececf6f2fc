// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* trace.h - entries of the kernel's own traces in text ("schedule+0x36/0x70 [l2w]"), with file and
 * line. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/monitor/monitor.h"

/* What was found in one text or more; starts as { 0 }. */
struct trace_found {
	size_t entries, with_lines;
	struct err why; /* why an entry has no line; the last one */
};

/* Appends for each entry in len bytes of text its functions, file and line, indented. Says so if
 * the entry's function is unknown or has another size here, so that the text is another build's. */
void trace_put_lines(struct monitor *m, const char *text, size_t len, struct trace_found *found,
		     struct buf *out);
/* After the last text: VS_NOTFOUND if it had no entries, or none with a line. */
vs_status trace_end(const struct trace_found *found, struct err *err);
