// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* shown.h - how klist and tree show an entry: its address, and on request the object there. */
#include "stub/monitor/data/object.h"

struct shown {
	struct monitor *m;
	struct type_spec spec[4]; /* -s, more than once */
	unsigned nspecs;
	struct object_style style;
	uint64_t off;	/* of the node in the object */
	uint64_t inner; /* -l: of the list's node in the -s struct */
	bool position;
	struct buf *out;
	size_t n;
};

/* "STRUCT.MEMBER,...": show each entry as that, too. VS_INVAL: too many of them. */
vs_status shown_add_spec(struct shown *s, const char *text, struct err *err);
void shown_deinit(struct shown *s);
/* The entry at va. What cannot be read is said in its place. */
void shown_put_object(struct shown *s, kva_t va);
/* The entry whose node, s->off bytes inside, is at `node`; ctx is a struct shown. False: the user
 * wants no more. */
bool shown_put_node(void *ctx, kva_t node);
