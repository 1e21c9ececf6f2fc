// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* eventtext.h - events as text: by the print formats of their types, which libtraceevent evaluates.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/subsys/trace/events.h"

struct kernel;
struct event_texts;

struct event_symbol {
	const char *name, *module; /* module NULL: of the kernel */
	kva_t start;
};
/* The function at an address. False: none is known. */
typedef bool (*event_symbol_fn)(void *ctx, kva_t va, struct event_symbol *ret);

/* types is borrowed. VS_UNSUPPORTED: vmstub was built without libtraceevent. The caller calls
 * event_texts_destroy(). */
vs_status event_texts_create(struct kernel *k, const struct event_types *types,
			     event_symbol_fn symbol, void *ctx, struct event_texts **ret,
			     struct err *err);
void event_texts_destroy(struct event_texts *t);

/* Appends the text of one event as the file `trace` of tracefs has it behind the time, with its
 * newline: "sched_switch: prev_comm=...". */
void event_text_put(struct event_texts *t, const struct event_type *type, const uint8_t *data,
		    size_t len, struct buf *out);
