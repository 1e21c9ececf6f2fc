// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* events.h - the types of trace events that the kernel and its modules registered, and the text of
 * their files tracefs/events/SYSTEM/NAME/format. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

#define EVENT_NAME_MAX 128
#define EVENT_MAX_ID   65535	  /* common_type has 16 bits */
#define EVENT_MAX_SIZE (1u << 20) /* bytes; that of a page of the ring buffer */

struct event_type {
	kva_t va; /* struct trace_event_call */
	uint16_t id;
	char system[EVENT_NAME_MAX], name[EVENT_NAME_MAX];
};

/* All that the list ftrace_events has, in its order. */
struct event_types {
	struct event_type *v;
	size_t n, cap;
};

/* VS_NOTFOUND: a kernel without trace events. If the list is broken, fails with the place and keeps
 * what was found. The caller calls event_types_deinit() in any case. */
vs_status event_types_load(struct kernel *k, struct event_types *ret, struct err *err);
void event_types_deinit(struct event_types *t);
/* NULL: none has this number; it was of a module that is gone, or an event is damaged. */
const struct event_type *event_types_find(const struct event_types *t, uint16_t id);

/* Where an event has the fields that all events have (struct trace_entry). */
struct event_common {
	size_t type, flags, preempt_count, pid; /* offsets */
	size_t size;
};
vs_status event_common_load(struct kernel *k, struct event_common *ret, struct err *err);

/* Appends the text of the type's format file. */
vs_status event_format(struct kernel *k, const struct event_type *t, struct buf *out,
		       struct err *err);
