// SPDX-License-Identifier: GPL-3.0-or-later
/* radix.c - least-significant-digit radix sort of the keys; then each record moves once. */
#include "stub/base/radix.h"

#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS  11
#define DIGIT_COUNT (1u << DIGIT_BITS)
#define NDIGITS	    6 /* of 64 bits */
#define MAX_RECORD  256

struct key {
	uint64_t v;
	uint32_t index;
};

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

static void count_digits(const struct key *keys, uint32_t n, uint32_t counts[][DIGIT_COUNT])
{
	for (uint32_t i = 0; i < n; i++)
		for (int d = 0; d < NDIGITS; d++)
			counts[d][digit(keys[i].v, d)]++;
}

/* Skips a digit that is the same in all keys. Returns from or to, whichever holds the result. */
static struct key *sort_keys(struct key *from, struct key *to, uint32_t n,
			     uint32_t counts[][DIGIT_COUNT])
{
	for (int d = 0; d < NDIGITS; d++) {
		uint32_t *next = counts[d], sum = 0;
		struct key *other = to;

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
static void move_records(uint8_t *records, size_t size, struct key *order, uint32_t n)
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

bool radix_sort(void *records, size_t n, size_t size)
{
	uint32_t(*counts)[DIGIT_COUNT];
	struct key *keys;

	if (n > UINT32_MAX || size < sizeof(uint64_t) || size > MAX_RECORD)
		return false;
	if (is_sorted(records, n, size))
		return true;
	counts = calloc(NDIGITS, sizeof(*counts));
	keys = malloc(2 * n * sizeof(*keys));
	if (counts && keys) {
		for (uint32_t i = 0; i < n; i++)
			keys[i] = (struct key){ key_of(records, i, size), i };
		count_digits(keys, (uint32_t)n, counts);
		move_records(records, size, sort_keys(keys, keys + n, (uint32_t)n, counts),
			     (uint32_t)n);
	}
	free(counts);
	free(keys);
	return counts && keys;
}
