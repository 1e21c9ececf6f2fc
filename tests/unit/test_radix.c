// SPDX-License-Identifier: GPL-3.0-or-later
/* radix: the same order as a stable comparison sort, for all keys. */
#include "tests/unit/memfix.h"

#include "stub/base/radix.h"

struct record {
	uint64_t key;
	uint32_t place; /* before sorting */
	char pad[12];
};

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* Sorts by key, and equal keys in their original order. */
static int expected(const void *pa, const void *pb)
{
	const struct record *a = pa, *b = pb;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return a->place < b->place ? -1 : 1;
}

static void check(size_t n, uint64_t mask, uint64_t base)
{
	struct record *want = calloc(n + 1, sizeof(*want)), *got = calloc(n + 1, sizeof(*got));
	uint64_t state = 88172645463325252ULL;

	for (uint32_t i = 0; i < n; i++) {
		want[i].key = base + (next_random(&state) & mask);
		want[i].place = i;
		memset(want[i].pad, (int)i, sizeof(want[i].pad));
	}
	memcpy(got, want, n * sizeof(*got));
	qsort(want, n, sizeof(*want), expected);
	assert_true(radix_sort(got, n, sizeof(*got)));
	assert_memory_equal(got, want, n * sizeof(*got));
	assert_true(radix_sort(got, n, sizeof(*got))); // sorted already
	assert_memory_equal(got, want, n * sizeof(*got));
	free(want);
	free(got);
}

static void test_order(void **state)
{
	(void)state;
	for (size_t n = 0; n < 5; n++)
		check(n, UINT64_MAX, 0);
	check(5000, UINT64_MAX, 0);
	check(5000, 0x7ff, 0xffffffff81000000ULL);    // one digit differs, most keys occur twice
	check(5000, 0xffe00000, 0);		      // two digits
	check(5000, 3ULL << 62, 0);		      // the highest
	check(5000, 0, 42);			      // none
	check(5000, 1ULL << 63 | 0xffff, 0x81000000); // two halves, both with the same digits
	check(3000, 0x8000000000000001ULL, 0x10ULL);  // the lowest and the highest
}

static void test_refused(void **state)
{
	struct {
		uint64_t key;
		char pad[504];
	} wide[2] = { { .key = 2 }, { .key = 1 } };
	uint32_t narrow[2] = { 2, 1 };

	(void)state;
	assert_false(radix_sort(wide, 2, sizeof(wide[0])));
	assert_int_equal(wide[0].key, 2);
	assert_false(radix_sort(narrow, 2, sizeof(narrow[0])));
	assert_int_equal(narrow[0], 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
