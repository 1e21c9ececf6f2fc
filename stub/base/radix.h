// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* radix.h - sorts many records by a 64-bit key without comparing them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sort n records of size bytes by the uint64_t at their start; stable. False without memory, or
 * for more than UINT32_MAX records: nothing was moved. */
bool radix_sort(void *records, size_t n, size_t size);

/* A key and the number of its record, for callers that keep records in place. */
struct radix_key {
	uint64_t v;
	uint32_t index;
};
/* Sorts n keys, at most UINT32_MAX; stable. Returns keys or spare, which has room for n keys,
 * whichever holds the result. */
struct radix_key *radix_sort_keys(struct radix_key *keys, struct radix_key *spare, size_t n);
