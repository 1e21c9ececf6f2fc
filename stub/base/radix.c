// SPDX-License-Identifier: GPL-3.0-or-later
/* radix.c - least-significant-digit radix sort of the keys; then each record may move once. */
#include "stub/base/radix.h"

#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS  11
#define DIGIT_COUNT (1u << DIGIT_BITS)
#define NDIGITS	    6 /* of 64 bits */
#define MAX_RECORD  256

static uint64_t key_of(const uint8_t *records, size_t i, size_t size)
{
	uint64_t v;

	memcpy(&v, records + i * size, sizeof(v));
	return v;
}

static bool is_sorted(const uint8_t *records, size_t n, size_t size)
{
	for (size_t i = 1; i < n; i++)
		if (key_of(records, i - 1, size) > key_of(records, i, size))
			return false;
	return true;
}

static unsigned digit(uint64_t v, int d)
{
	return v >> d * DIGIT_BITS & (DIGIT_COUNT - 1);
}

static void count_digits(const struct radix_key *keys, uint32_t n, uint32_t counts[][DIGIT_COUNT])
{
	for (uint32_t i = 0; i < n; i++)
		for (int d = 0; d < NDIGITS; d++)
			counts[d][digit(keys[i].v, d)]++;
}

/* Skips a digit that is the same in all keys. Returns from or to, whichever holds the result. */
static struct radix_key *sort_keys(struct radix_key *from, struct radix_key *to, uint32_t n,
				   uint32_t counts[][DIGIT_COUNT])
{
	for (int d = 0; d < NDIGITS; d++) {
		uint32_t *next = counts[d], sum = 0;
		struct radix_key *other = to;

		if (next[digit(from[0].v, d)] == n)
			continue;
		for (unsigned i = 0; i < DIGIT_COUNT; i++) {
			uint32_t count = next[i];

			next[i] = sum;
			sum += count;
		}
		for (uint32_t i = 0; i < n; i++)
			to[next[digit(from[i].v, d)]++] = from[i];
		to = from;
		from = other;
	}
	return from;
}

/* Moves records along each cycle of the permutation, without a second copy of all records. */
static void move_records(uint8_t *records, size_t size, struct radix_key *order, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		uint8_t first[MAX_RECORD];
		uint32_t hole = i, next;

		if (order[i].index == i)
			continue;
		memcpy(first, records + i * size, size);
		for (; (next = order[hole].index) != i; hole = next) {
			memcpy(records + hole * size, records + next * size, size);
			order[hole].index = hole;
		}
		memcpy(records + hole * size, first, size);
		order[hole].index = hole;
	}
}

static bool keys_are_sorted(const struct radix_key *keys, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (keys[i - 1].v > keys[i].v)
			return false;
	return true;
}

struct radix_key *radix_sort_keys(struct radix_key *keys, struct radix_key *spare, size_t n)
{
	uint32_t counts[NDIGITS][DIGIT_COUNT] = { 0 };

	if (keys_are_sorted(keys, n))
		return keys;
	count_digits(keys, (uint32_t)n, counts);
	return sort_keys(keys, spare, (uint32_t)n, counts);
}

bool radix_sort(void *records, size_t n, size_t size)
{
	struct radix_key *keys;

	if (n > UINT32_MAX || size < sizeof(uint64_t) || size > MAX_RECORD)
		return false;
	if (is_sorted(records, n, size))
		return true;
	keys = malloc(2 * n * sizeof(*keys));
	if (!keys)
		return false;
	for (uint32_t i = 0; i < n; i++)
		keys[i] = (struct radix_key){ key_of(records, i, size), i };
	move_records(records, size, radix_sort_keys(keys, keys + n, n), (uint32_t)n);
	free(keys);
	return true;
}
