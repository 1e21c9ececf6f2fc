// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* merge.h - the events of several ring buffers in the order of time. */
#include <stddef.h>

#include "stub/subsys/trace/instances.h"
#include "stub/subsys/trace/ringbuf.h"

/* One ring buffer of a merge. */
struct merge_source {
	const struct trace_instance *instance;
	unsigned cpu;
	struct ring ring;
	struct ring_event event; /* the next one */
};

/* Initialise with zeros. */
struct merge {
	struct merge_source **v; /* owned; in the order of their addition */
	size_t n, cap;
	struct merge_source **heap; /* those with an event, the earliest first */
	size_t nheap;
	struct merge_source *last; /* whose event was given */
};

/* Adds a CPU's buffer. It is added even if this fails, without events. */
vs_status merge_add(struct merge *m, struct kernel *k, const struct trace_instance *instance,
		    unsigned cpu, kva_t buffer, struct err *err);
/* The buffer with the next event; NULL: no more. Events at the same time come in the order in which
 * their buffers were added. */
struct merge_source *merge_next(struct merge *m);
void merge_deinit(struct merge *m);
