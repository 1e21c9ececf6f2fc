// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pool.h - runs jobs in processes of their own, several at a time: a job that crashes or never ends
 * costs only its own result. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/err.h"

enum pool_end {
	POOL_EXITED, /* detail: its exit code */
	POOL_KILLED, /* detail: the signal */
	POOL_LATE,   /* it took too long */
	POOL_LONG,   /* it wrote too much */
};

struct pool_result {
	size_t job;
	enum pool_end end;
	int detail;
	const char *text; /* what it wrote: len bytes and a NUL; valid during the call */
	size_t len;
};

struct pool {
	unsigned workers; /* at a time, at least 1 */
	unsigned seconds; /* that a job may take; 0: any */
	size_t max_bytes; /* that a job may write */
	/* In the process of a job: writes its output to fd and returns its exit code. */
	int (*run)(void *ctx, size_t job, int fd);
	/* In the process that called pool_run(), as each job ends: false ends all others. */
	bool (*done)(void *ctx, const struct pool_result *r);
	void *ctx;
};

/* Runs jobs 0 to n - 1. Fails if it cannot start any process. */
vs_status pool_run(const struct pool *p, size_t n, struct err *err);
