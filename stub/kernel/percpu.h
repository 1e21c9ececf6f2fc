// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* percpu.h - per-CPU areas and the number of CPUs. */
#include <stdbool.h>

#include "stub/base/mem.h"

struct kernel;

#define MAX_CPUS 8192 /* the largest NR_CPUS of x86_64 */

/* Possible CPUs as numbers 0 .. n - 1 (nr_cpu_ids); falls back to the dump's notes, at least 1. */
unsigned percpu_ncpus(struct kernel *k);
/* False: this cannot be the number of a CPU. */
bool percpu_may_exist(struct kernel *k, uint64_t cpu);
bool percpu_is_online(struct kernel *k, unsigned cpu);
/* Was the scheduler still using it? Hot-unplugging a CPU ends that, stop_this_cpu() does not. False
 * also if unknown. */
bool percpu_is_active(struct kernel *k, unsigned cpu);

/* The offset to add to a per-CPU symbol or pointer for that CPU (__per_cpu_offset[cpu]). */
vs_status percpu_offset(struct kernel *k, unsigned cpu, uint64_t *ret, struct err *err);
/* Address of a per-CPU variable on one CPU. */
vs_status percpu_symbol(struct kernel *k, const char *name, unsigned cpu, kva_t *ret,
			struct err *err);

/* Value of the struct percpu_counter at va: its count plus what the CPUs have not added yet. */
vs_status percpu_counter_sum(struct kernel *k, kva_t va, int64_t *ret, struct err *err);

/* The addresses that gdb uses for the per-CPU section. For an address in [start, end), the copy of
 * a CPU is at address + percpu_offset() - bias. */
struct percpu_window {
	kva_t start, end;
	uint64_t bias; /* by how much gdb moved a zero-based section, else 0 */
};
/* moved: gdb moves every address of vmlinux by the slide, even those of a zero-based section
 * (before 6.15). */
vs_status percpu_gdb_window(struct kernel *k, bool moved, struct percpu_window *ret,
			    struct err *err);
