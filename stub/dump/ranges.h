// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ranges.h - where the bytes of an address range lie: a sorted table of disjoint ranges made from
 * a list that may overlap. Used for records of flattened files and for PT_LOADs. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t start;
	uint64_t len; /* never 0; start + len does not wrap */
	uint64_t src; /* place of the first byte, also the rank among overlapping ranges */
};

/* Ranges with this src or above have no place: src is for them as with `whole` below. */
#define RANGE_NOWHERE (UINT64_MAX - 15)

struct ranges {
	struct range *v; /* sorted, disjoint after ranges_resolve() */
	size_t n, cap;
	size_t last; /* most recent hit of ranges_find() */
	bool overlapped;
	bool whole; /* src is not of the first byte but of all: cutting the front off leaves it
		       alone */
};

void ranges_deinit(struct ranges *r);
/* False without memory. Empty and wrapping ranges must not be added. */
bool ranges_add(struct ranges *r, uint64_t start, uint64_t len, uint64_t src);
/* Sort and make disjoint: where several ranges cover an address, the highest src wins
 * (high_wins) or the lowest. O(n log n). False without memory. */
bool ranges_resolve(struct ranges *r, bool high_wins);
/* Make n >= 1 ranges that all have the same src, with the meaning of `whole`, one for each stretch
 * they cover without a gap, sorted, in place. Returns how many. */
size_t ranges_unite(struct range *v, size_t n);
/* The first range that ends above addr (it holds addr, or is the next one after it); NULL when
 * none does. Borrowed. Only after ranges_resolve(). */
const struct range *ranges_find(struct ranges *r, uint64_t addr);
