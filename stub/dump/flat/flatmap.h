// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* flatmap.h - where the bytes of the file inside a flattened container lie, in bounded memory.
 * A container of few records has each of them in a table. When they get too many, groups of records
 * that follow each other in the container are kept instead, as the stretches they cover together;
 * the heads of a group are then read again when a byte of it is asked for. */
#include <stddef.h>
#include <stdint.h>

#include "stub/dump/flat/flatscan.h"
#include "stub/dump/ranges.h"

/* 24 bytes each, four times that for a moment in flatmap_finish(). */
#ifndef FLATMAP_ENTRIES
#define FLATMAP_ENTRIES ((size_t)1 << 19)
#endif

struct pagecache;

struct flatmap {
	/* In file order, after flatmap_finish() sorted and disjoint. src is where the data is while
	 * group is 1, else where the head of the group's first record is. */
	struct ranges v;
	size_t limit;
	size_t group; /* records in each */
	size_t open;  /* first entry of the group that is not full yet */
	size_t fill;  /* records in that group */
	/* the last group, when it is not full: tail records from tail_src on; else tail is 0 */
	size_t tail;
	uint64_t tail_src;
	struct pagecache *expanded;
};

/* What is at an offset of the file inside. */
struct flatpiece {
	uint64_t gap; /* so many bytes are in no record, up to one; else 0 and: */
	/* r holds the offset, those behind it up to end follow; for `left` bytes this is so */
	const struct range *r, *end;
	uint64_t left;
};

/* limit: entries kept, FLATMAP_ENTRIES but in tests. */
void flatmap_init(struct flatmap *m, size_t limit);
void flatmap_deinit(struct flatmap *m);
/* The next record in file order. VS_NOMEM, or VS_UNSUPPORTED: too many stretches to keep. */
vs_status flatmap_add(struct flatmap *m, const struct flatrec *rec);
/* After the last record, of at least one: later records win over earlier ones. VS_NOMEM. */
vs_status flatmap_finish(struct flatmap *m);
/* First byte behind all records. After flatmap_finish(), as all below. */
uint64_t flatmap_size(const struct flatmap *m);
/* First offset >= off inside a record, flatmap_size() when there is none. */
uint64_t flatmap_next(struct flatmap *m, uint64_t off);
/* What is at off. s reads the heads of a group again. Valid until the next call. VS_END: nothing at
 * or behind off. VS_LOST: the heads are not what they were. VS_IO with errno, also without memory.
 */
vs_status flatmap_find(struct flatmap *m, struct flatscan *s, uint64_t off, struct flatpiece *ret);
