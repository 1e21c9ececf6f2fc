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

/* The digits that are not the same in all keys, lowest first. Returns their number. */
static int varying_digits(const struct radix_key *keys, uint32_t n, int digits[NDIGITS])
{
	uint64_t vary = 0;
	int count = 0;

	for (uint32_t i = 1; i < n; i++)
		vary |= keys[i].v ^ keys[0].v;
	for (int d = 0; d < NDIGITS; d++)
		if (digit(vary, d))
			digits[count++] = d;
	return count;
}

/* Sorts by one digit after the other. Returns from or to, whichever holds the result. */
static struct radix_key *sort_digits(struct radix_key *from, struct radix_key *to, uint32_t n)
{
	uint32_t counts[NDIGITS][DIGIT_COUNT] = { 0 };
	int digits[NDIGITS], ndigits = varying_digits(from, n, digits);

	for (uint32_t i = 0; i < n; i++)
		for (int j = 0; j < ndigits; j++)
			counts[j][digit(from[i].v, digits[j])]++;
	for (int j = 0; j < ndigits; j++) {
		uint32_t *next = counts[j], sum = 0;
		struct radix_key *other = to;

		for (unsigned i = 0; i < DIGIT_COUNT; i++) {
			uint32_t count = next[i];

			next[i] = sum;
			sum += count;
		}
		for (uint32_t i = 0; i < n; i++)
			to[next[digit(from[i].v, digits[j])]++] = from[i];
		to = from;
		from = other;
	}
	return from;
}

/* Moves keys without the top bit in front of those with it. Returns the number of those without. */
static uint32_t split_at_top(const struct radix_key *from, struct radix_key *to, uint32_t n)
{
	uint32_t low = 0, at[2] = { 0 };

	for (uint32_t i = 0; i < n; i++)
		low += !(from[i].v >> 63);
	at[1] = low;
	for (uint32_t i = 0; i < n; i++)
		to[at[from[i].v >> 63]++] = from[i];
	return low;
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

/* A kernel has symbols at its addresses and at offsets near 0. In each half few digits vary. */
struct radix_key *radix_sort_keys(struct radix_key *keys, struct radix_key *spare, size_t count)
{
	uint32_t n = (uint32_t)count, low;
	struct radix_key *first, *second;

	if (keys_are_sorted(keys, n))
		return keys;
	low = split_at_top(keys, spare, n);
	first = sort_digits(spare, keys, low);
	second = sort_digits(spare + low, keys + low, n - low);
	if (second != first + low)
		memcpy(first + low, second, (n - low) * sizeof(*second));
	return first;
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
