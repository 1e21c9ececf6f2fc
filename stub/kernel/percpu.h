// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* percpu.h - per-CPU areas and which CPUs there are. */
#include <stdbool.h>

#include "stub/base/mem.h"

struct kernel;

#define MAX_CPUS 8192 /* the largest NR_CPUS of x86_64 */

/* Possible CPUs as numbers 0 .. n - 1 (nr_cpu_ids); falls back to the dump's notes, at least 1. */
unsigned percpu_ncpus(struct kernel *k);
bool percpu_is_online(struct kernel *k, unsigned cpu);

/* What is added to a per-CPU symbol or pointer for that CPU (__per_cpu_offset[cpu]). */
vs_status percpu_offset(struct kernel *k, unsigned cpu, uint64_t *ret, struct err *err);
/* Address of a per-CPU variable on one CPU. */
vs_status percpu_symbol(struct kernel *k, const char *name, unsigned cpu, kva_t *ret,
			struct err *err);

/* Value of the struct percpu_counter at va: its count and what the CPUs have not yet added to it.
 */
vs_status percpu_counter_sum(struct kernel *k, kva_t va, int64_t *ret, struct err *err);

/* Where gdb believes the per-CPU section to be. An address in [start, end) means its copy on some
 * CPU: add percpu_offset() - bias. */
struct percpu_window {
	kva_t start, end;
	uint64_t bias; /* what gdb moved a zero-based section by, else 0 */
};
/* moved: gdb moves every vmlinux address by the slide, those of a zero-based section (before 6.15),
 * too. */
vs_status percpu_gdb_window(struct kernel *k, bool moved, struct percpu_window *ret,
			    struct err *err);
