// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pulse.h - a periodic callback from code that works for a long time without output.
 * The worker calls pulse() regularly; whoever waits for the work installs beat(), for example to
 * check for an interrupt. beat() must not touch the worker's data. */
#include <stddef.h>

/* Calls of pulse() per beat. Each is a memory read that takes 0.1 microseconds to 10 ms. */
#define PULSE_EVERY 64

struct pulse {
	void (*beat)(void *ctx); /* may be NULL */
	void *ctx;
	unsigned count;
};

/* p may be NULL. */
static inline void pulse(struct pulse *p)
{
	if (p && p->beat && ++p->count % PULSE_EVERY == 0)
		p->beat(p->ctx);
}
