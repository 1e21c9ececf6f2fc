// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* instances.h - the instances of ftrace (struct trace_array): the one of the whole system, and
 * those of tracefs/instances. Each has a ring buffer for each CPU. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

#define TRACE_MAX_INSTANCES 4096

struct trace_instance {
	char name[64]; /* "top" for the one of the whole system */
	bool top;
	char tracer[32];   /* "nop", "function", ...; "?" unknown */
	char clock[32];	   /* as in trace_clock: "local"; "?" unknown */
	bool clock_ns;	   /* time stamps are nanoseconds */
	bool known_on, on; /* is it recording? */
	kva_t buffers;	   /* array of pointers to struct ring_buffer_per_cpu, by CPU */
	size_t page_size;  /* bytes of a page of the ring buffer */
	vs_status st;	   /* VS_OK: the above is valid; else why has the reason */
	struct err why;
};

/* All instances, the top one first, then in the order of their creation; the caller frees *ret. If
 * the list is broken, fails and returns what was found. VS_NOTFOUND: a kernel without ftrace. */
vs_status trace_instances(struct kernel *k, struct trace_instance **ret, size_t *n,
			  struct err *err);
/* The struct ring_buffer_per_cpu of a CPU; 0: it has none, or it is unknown. */
kva_t trace_cpu_buffer(struct kernel *k, const struct trace_instance *t, unsigned cpu);
