// SPDX-License-Identifier: GPL-3.0-or-later
/* ranges: the sweep against painting an array, for both orders of precedence. */
#include "tests/unit/dumpfix.h"

#include "stub/dump/ranges.h"

#define SPAN 300

static uint64_t rnd(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return *s;
}

static void check_against_paint(uint64_t *seed, bool high_wins)
{
	struct ranges r = { 0 };
	uint64_t rank[SPAN], src[SPAN]; // the winner's src, and where the byte is
	size_t n = rnd(seed) % 30;
	bool any[SPAN] = { 0 };

	for (size_t i = 0; i < n; i++) {
		uint64_t start = rnd(seed) % (SPAN - 1), len = 1 + rnd(seed) % (SPAN - start);
		uint64_t s = 1000 * (i + 1) + rnd(seed) % 100;

		if (len > 20 && rnd(seed) % 2)
			len = 20;
		if (rnd(seed) % 5 == 0)
			s = RANGE_NOWHERE + i % 3;
		assert_true(ranges_add(&r, start, len, s));
		for (uint64_t j = start; j < start + len; j++) {
			if (any[j] && (high_wins ? rank[j] >= s : rank[j] <= s))
				continue;
			any[j] = true;
			rank[j] = s;
			src[j] = s >= RANGE_NOWHERE ? s : s + (j - start);
		}
	}
	assert_true(ranges_resolve(&r, high_wins));
	for (uint64_t k = 0; k < 2 * SPAN; k++) {
		uint64_t j = k < SPAN ? k : rnd(seed) % SPAN;
		const struct range *x = ranges_find(&r, j);

		if (!any[j]) {
			assert_true(!x || x->start > j);
			continue;
		}
		assert_non_null(x);
		assert_true(x->start <= j && j < x->start + x->len);
		assert_true((x->src >= RANGE_NOWHERE ? x->src : x->src + (j - x->start)) == src[j]);
	}
	for (size_t i = 1; i < r.n; i++)
		assert_true(r.v[i - 1].start + r.v[i - 1].len <= r.v[i].start);
	ranges_deinit(&r);
}

static void test_random(void **state)
{
	uint64_t seed = 88172645463325252;

	(void)state;
	for (int i = 0; i < 3000; i++)
		check_against_paint(&seed, i % 2);
}

static void test_empty(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_true(ranges_resolve(&r, true));
	assert_null(ranges_find(&r, 0));
	ranges_deinit(&r);
}

static void test_top_of_space(void **state)
{
	struct ranges r = { 0 };

	(void)state;
	assert_true(ranges_add(&r, UINT64_MAX - 10, 10, 5));
	assert_true(ranges_add(&r, UINT64_MAX - 8, 3, 70));
	assert_true(ranges_resolve(&r, true));
	assert_int_equal(r.n, 3);
	assert_int_equal(ranges_find(&r, UINT64_MAX - 8)->src, 70);
	assert_null(ranges_find(&r, UINT64_MAX));
	ranges_deinit(&r);
}

/* A million ranges on top of each other take no quadratic time. */
static void test_many(void **state)
{
	struct ranges r = { 0 };
	const struct range *x;

	(void)state;
	for (uint64_t i = 0; i < 300000; i++)
		assert_true(ranges_add(&r, i % 1000, 1000000 - i, i));
	assert_true(ranges_resolve(&r, true));
	x = ranges_find(&r, 999);
	assert_int_equal(x->src + (999 - x->start), 299999);
	ranges_deinit(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_top_of_space),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
