// SPDX-License-Identifier: GPL-3.0-or-later
/* pool: jobs that end, fail, crash, hang, and write too much. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "stub/base/pool.h"

#include <cmocka.h>

struct seen {
	enum pool_end end[8];
	int detail[8];
	char text[8][32];
	unsigned n;
	unsigned stop_after;
};

enum { GOOD, FAILS, CRASHES, HANGS, WRITES, CLOSES, JOBS };

static int job(void *ctx, size_t n, int fd)
{
	const struct rlimit no_core = { 0, 0 };
	char text[64];

	(void)ctx;
	setrlimit(RLIMIT_CORE, &no_core);
	memset(text, 'x', sizeof(text));
	switch (n) {
	case GOOD:
		return dprintf(fd, "good") == 4 ? 0 : 9;
	case FAILS:
		(void)dprintf(fd, "failed");
		return 3;
	case CRASHES:
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
		return 0;
	case WRITES:
		while (write(fd, text, sizeof(text)) > 0)
			;
		return 0;
	case CLOSES: // its output ends, but it does not
		close(fd);
		pause();
		return 0;
	default:
		pause();
		return 0;
	}
}

static bool take(void *ctx, const struct pool_result *r)
{
	struct seen *s = ctx;

	s->end[r->job] = r->end;
	s->detail[r->job] = r->detail;
	snprintf(s->text[r->job], sizeof(s->text[0]), "%s", r->text);
	return ++s->n != s->stop_after;
}

static void test_ends(void **state)
{
	struct seen s = { 0 };
	const struct pool p = {
		.workers = 3, .seconds = 1, .max_bytes = 1000, .run = job, .done = take, .ctx = &s
	};

	(void)state;
	assert_int_equal(pool_run(&p, JOBS, NULL), VS_OK);
	assert_int_equal(s.n, JOBS);
	assert_int_equal(s.end[GOOD], POOL_EXITED);
	assert_int_equal(s.detail[GOOD], 0);
	assert_string_equal(s.text[GOOD], "good");
	assert_int_equal(s.end[FAILS], POOL_EXITED);
	assert_int_equal(s.detail[FAILS], 3);
	assert_string_equal(s.text[FAILS], "failed");
	assert_int_equal(s.end[CRASHES], POOL_KILLED);
	assert_int_equal(s.detail[CRASHES], SIGSEGV);
	assert_int_equal(s.end[HANGS], POOL_LATE);
	assert_int_equal(s.end[WRITES], POOL_LONG);
	assert_int_equal(s.end[CLOSES], POOL_LATE);
}

static void test_stop(void **state)
{
	struct seen s = { .stop_after = 1 };
	const struct pool p = {
		.workers = 1, .max_bytes = 1000, .run = job, .done = take, .ctx = &s
	};

	(void)state;
	assert_int_equal(pool_run(&p, 2, NULL), VS_OK);
	assert_int_equal(s.n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_stop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
