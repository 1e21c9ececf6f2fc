// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* shown.h - how klist and tree show an entry: its address and, with -s, the object there. */
#include "stub/monitor/data/object.h"

struct shown {
	struct monitor *m;
	struct type_spec spec[4]; /* -s, which may be repeated */
	unsigned nspecs;
	struct object_style style;
	uint64_t off;	/* of the node in the object */
	uint64_t inner; /* -l: of the list's node in the -s struct */
	bool position;
	struct buf *out;
	size_t n;
};

/* Also show each entry as "STRUCT.MEMBER,...". VS_INVAL: too many of these, or no such type. */
vs_status shown_add_spec(struct shown *s, const char *text, struct err *err);
void shown_deinit(struct shown *s);
/* Shows the entry at va. If the object cannot be read, prints why in its place. */
void shown_put_object(struct shown *s, kva_t va);
/* Shows the entry whose node, s->off bytes inside it, is at `node`; ctx is a struct shown. False:
 * the user has stopped the output. */
bool shown_put_node(void *ctx, kva_t node);
