// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* machine.h - facts about the machine the kernel ran on. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* Timer ticks a second, told from what the kernel measured: rounded to a whole number. */
vs_status machine_hz(struct kernel *k, unsigned *ret, struct err *err);
/* Megahertz. */
vs_status machine_mhz(struct kernel *k, unsigned *ret, struct err *err);

struct machine_range {
	pa_t start, end;
	char type[32]; /* "E820_RAM", ... */
};
/* The firmware's memory map as the kernel keeps it; fn until it returns false. */
vs_status machine_each_range(struct kernel *k, bool (*fn)(void *ctx, const struct machine_range *r),
			     void *ctx, struct err *err);
