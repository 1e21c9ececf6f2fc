// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* busy.h - what each CPU ran when the kernel stopped, and since when. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct cpu_busy {
	kva_t task;    /* that the CPU ran */
	bool idle;     /* it is the idle task */
	uint64_t runs; /* nanoseconds since it got the CPU */
	uint64_t lag;  /* nanoseconds since the CPU last updated its scheduler clock: a tick does */
	uint64_t waiting;  /* runnable tasks, with the one that runs */
	uint64_t watchdog; /* seconds since the soft lockup detector's thread last ran */
	bool knows_runs, knows_lag, knows_waiting, knows_watchdog;
};
/* now: from cpus_now(). The CPU should have been online. */
vs_status cpu_busy_load(struct kernel *k, unsigned cpu, uint64_t now, struct cpu_busy *ret,
			struct err *err);
/* The latest scheduler clock of all CPUs, in nanoseconds: the kernel stopped then or later. */
vs_status cpus_now(struct kernel *k, uint64_t *ret, struct err *err);
/* Seconds without a run of its thread after which the detector reports a soft lockup. VS_NOTFOUND:
 * the kernel has no detector, or it is off. */
vs_status cpus_lockup_limit(struct kernel *k, uint64_t *ret, struct err *err);
