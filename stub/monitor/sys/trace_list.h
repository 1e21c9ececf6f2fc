// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* trace_list.h - trace -l; private to cmd_trace.c. */
#include "stub/monitor/cmd.h"

struct trace_instance;

/* The instances, or the one of this name (NULL: all), and what the kernel counted of their buffers.
 */
void trace_list(struct monitor *m, const struct trace_instance *v, size_t n, const char *only,
		struct buf *out);
