// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pulse.h - a sign of life from code that works for long without a word.
 * The worker calls pulse() every so often; whoever waits for the work hangs a function in that may
 * look at the world. It must not touch what the worker works on. */
#include <stddef.h>

/* Calls of pulse() for each beat: memory reads of a tenth of a microsecond to ten milliseconds. */
#define PULSE_EVERY 64

struct pulse {
	void (*beat)(void *ctx); /* NULL: nobody waits */
	void *ctx;
	unsigned count;
};

/* p may be NULL. */
static inline void pulse(struct pulse *p)
{
	if (p && p->beat && ++p->count % PULSE_EVERY == 0)
		p->beat(p->ctx);
}
