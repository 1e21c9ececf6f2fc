// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* clock.h - a monotonic clock, for time limits and pauses. */
#include <stdint.h>
#include <time.h>

/* Milliseconds since some time before the program started. */
static inline int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}
