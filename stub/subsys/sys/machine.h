// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* machine.h - facts about the machine that the kernel ran on. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* Timer ticks per second, computed from the kernel's measurements and rounded. */
vs_status machine_hz(struct kernel *k, unsigned *ret, struct err *err);
/* CPU frequency in MHz. */
vs_status machine_mhz(struct kernel *k, unsigned *ret, struct err *err);

struct machine_range {
	pa_t start, end;
	char type[32]; /* "E820_RAM", ... */
};
/* Calls fn for the ranges of the firmware's memory map, as the kernel keeps it, until it returns
 * false. */
vs_status machine_each_range(struct kernel *k, bool (*fn)(void *ctx, const struct machine_range *r),
			     void *ctx, struct err *err);
