// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* flatmap.h - the index of a flattened container, in bounded memory.
 * The index holds each record, if they are few. Otherwise it holds groups of records that follow
 * each other in the container, as the stretches that they cover together; a read then reads the
 * headers of the group again. */
#include <stddef.h>
#include <stdint.h>

#include "stub/dump/flat/flatscan.h"
#include "stub/dump/ranges.h"

/* 24 bytes each, temporarily four times that in flatmap_finish(). */
#ifndef FLATMAP_ENTRIES
#define FLATMAP_ENTRIES ((size_t)1 << 19)
#endif

struct pagecache;

struct flatmap {
	/* In file order; after flatmap_finish() sorted and disjoint. src is the place of the data
	 * if group is 1, else that of the header of the group's first record. */
	struct ranges v;
	size_t limit;
	size_t group; /* records in each */
	size_t open;  /* first entry of the group that is not full yet */
	size_t fill;  /* records in that group */
	/* the last group, if it is not full: tail records from tail_src on; else tail is 0 */
	size_t tail;
	uint64_t tail_src;
	struct pagecache *expanded;
};

/* What is at an offset of the file inside. */
struct flatpiece {
	uint64_t gap; /* bytes up to the next record if the offset is in none; else 0 and: */
	/* r holds the offset, and the ranges up to end follow; valid for `left` bytes */
	const struct range *r, *end;
	uint64_t left;
};

/* limit: maximum number of entries, FLATMAP_ENTRIES except in tests. */
void flatmap_init(struct flatmap *m, size_t limit);
void flatmap_deinit(struct flatmap *m);
/* Add the next record in file order. VS_NOMEM, or VS_UNSUPPORTED: too many stretches. */
vs_status flatmap_add(struct flatmap *m, const struct flatrec *rec);
/* Call after the last record (at least one was added): makes later records win over earlier ones.
 * VS_NOMEM. */
vs_status flatmap_finish(struct flatmap *m);
/* Offset after all records. Call this and the functions below after flatmap_finish(). */
uint64_t flatmap_size(const struct flatmap *m);
/* First offset >= off inside a record, flatmap_size() when there is none. */
uint64_t flatmap_next(struct flatmap *m, uint64_t off);
/* What is at off. s reads the headers of a group again. Valid until the next call. VS_END: nothing
 * at or after off. VS_LOST: the headers have changed. VS_IO with errno, also without memory. */
vs_status flatmap_find(struct flatmap *m, struct flatscan *s, uint64_t off, struct flatpiece *ret);
