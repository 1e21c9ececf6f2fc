// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* context.h - what a line of the file `trace` of tracefs has before the text of the event: the
 * task, the CPU, the state of the CPU, and the time. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/buf.h"

struct kernel;

/* The values of enum trace_flag_type in this kernel; 0: it lacks the flag. */
struct context_flags {
	uint64_t irqs_off, no_irqs, bh_off, resched, resched_lazy, preempt, hardirq, softirq, nmi;
};

struct event_context {
	const char *comm;
	int32_t pid;
	unsigned cpu;
	uint8_t flags, preempt_count;
	uint64_t ts;
	bool ns; /* ts is nanoseconds */
};

void context_flags_load(struct kernel *k, struct context_flags *ret);
/* "          <idle>-0       [003] dNh2.    36.801666: " */
void event_context_put(const struct context_flags *f, const struct event_context *c,
		       struct buf *out);
