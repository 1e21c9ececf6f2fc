// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ranges.h - maps address ranges to places: a sorted table of disjoint ranges, made from a list of
 * ranges that may overlap. Used for records of flattened files and for PT_LOADs. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct range {
	uint64_t start;
	uint64_t len; /* never 0; start + len does not wrap */
	uint64_t src; /* place of the first byte, also the rank among overlapping ranges */
};

/* Ranges with this src or above have no place; their src is treated like `whole` below. */
#define RANGE_NOWHERE (UINT64_MAX - 15)

struct ranges {
	struct range *v; /* sorted, disjoint after ranges_resolve() */
	size_t n, cap;
	size_t last; /* most recent hit of ranges_find() */
	bool overlapped;
	bool whole; /* src belongs to the whole range: it stays when the front is cut off */
};

void ranges_deinit(struct ranges *r);
/* False without memory. Empty and wrapping ranges must not be added. */
bool ranges_add(struct ranges *r, uint64_t start, uint64_t len, uint64_t src);
/* Sort and make disjoint: where several ranges cover an address, the highest src wins
 * (high_wins) or the lowest. O(n log n). False without memory. */
bool ranges_resolve(struct ranges *r, bool high_wins);
/* Merge n >= 1 ranges that all have the same src (as with `whole`) into one range for each stretch
 * without gaps, sorted, in place. Returns their number. */
size_t ranges_unite(struct range *v, size_t n);
/* The first range that ends above addr: it holds addr, or is the next one after it. NULL if there
 * is none. Borrowed. Only after ranges_resolve(). */
const struct range *ranges_find(struct ranges *r, uint64_t addr);
