// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* comms.h - the names of the tasks in a trace, by PID. ftrace saves them as tasks are switched
 * (struct saved_cmdlines_buffer); for a PID that it forgot, a task that still exists is asked. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/mem.h"

struct kernel;
struct trace_comms;

#define TRACE_COMM 16 /* TASK_COMM_LEN, with the NUL */

/* NULL without memory. Reads nothing yet. */
struct trace_comms *trace_comms_create(struct kernel *k);
void trace_comms_destroy(struct trace_comms *c);
/* "<idle>" for 0, "<...>" if unknown; valid until the next call. */
const char *trace_comms_get(struct trace_comms *c, int32_t pid);
/* Calls fn for all that ftrace saved. */
void trace_comms_each(struct trace_comms *c, void (*fn)(void *ctx, int32_t pid, const char *comm),
		      void *ctx);
