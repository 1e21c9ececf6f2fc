// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* strings.h - strings of which events have the address: the formats of trace_printk() in the kernel
 * and its modules, and what the kernel declared with tracepoint_string(). */
#include "stub/base/mem.h"

struct kernel;

/* Calls fn for each, at most 65536. Longer ones than 1023 bytes are cut off. */
void trace_strings_each(struct kernel *k, void (*fn)(void *ctx, kva_t va, const char *text),
			void *ctx);
