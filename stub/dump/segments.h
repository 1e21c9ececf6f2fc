// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* segments.h - private to stub/dump: a dump format whose pages lie uncompressed in one file, in
 * pieces at any place and of any length, which may overlap. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/dump/format.h"
#include "stub/dump/ranges.h"
#include "stub/dump/window.h"

/* The place of addresses without bytes. Where pieces overlap, the lowest place wins: data, then
 * lost, then excluded. */
#define SEGMENT_LOST	 RANGE_NOWHERE
#define SEGMENT_EXCLUDED (RANGE_NOWHERE + 1)

struct segments {
	struct file *f; /* borrowed */
	struct ranges map;
	/* Of a guest whose page tables hold machine addresses: these to its own; else empty. The
	 * format resolves it. */
	struct ranges machine;
	struct window w; /* over f; may also serve to read its headers */
	uint64_t end;	 /* highest address that any piece names */
	uint64_t stored; /* bytes */
	bool incomplete; /* the writer ran out of space: addresses from end on are lost */
};

/* Makes an empty map over f. Free it with segments_destroy(), or by the close of segments_ops. */
vs_status segments_new(struct file *f, struct segments **ret, struct err *err);
void segments_destroy(struct segments *s); /* NULL is fine */
/* Adds len bytes at pa, which the file has at src (or one of the above). An empty piece is ignored;
 * pa + len must not wrap. False without memory. */
bool segments_add(struct segments *s, pa_t pa, uint64_t len, uint64_t src);
/* The same for len bytes at src, of which the file has only those before end; the others are lost,
 * and *lost is set. */
bool segments_add_cut(struct segments *s, pa_t pa, uint64_t len, uint64_t src, uint64_t end,
		      bool *lost);
/* Removes all pieces. */
void segments_clear(struct segments *s);
/* The address of the byte at off of the file, false if no piece has it. Only after resolving. */
bool segments_address_of(const struct segments *s, uint64_t off, pa_t *ret);
/* The guest's address of a machine address; false if it is none of the guest's. */
bool segments_from_machine(struct segments *s, uint64_t machine, pa_t *ret);
/* To be called once all pieces are added, before any read. */
vs_status segments_resolve(struct segments *s, struct err *err);
/* The operations on a struct segments. */
extern const struct dump_ops segments_ops;
/* Makes out that of a resolved map, which it owns from now on; format is what users call it. */
void segments_finish(struct segments *s, const char *format, struct dump_format *out);
