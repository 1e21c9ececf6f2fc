// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kobj_map.h - maps of device numbers to objects (drivers/base/map.c); private to this folder. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct kobj_probe {
	uint64_t first, count; /* dev_t */
	uint64_t data; /* a cdev or gendisk; NULL or a number for probes that load modules */
	bool known;
};
typedef bool (*kobj_map_fn)(void *ctx, const struct kobj_probe *p);
/* Calls fn for the entries of the struct kobj_map that a variable points to, in one bucket (-1:
 * all), until it returns false. */
vs_status kobj_map_each(struct kernel *k, kva_t variable, int bucket, kobj_map_fn fn, void *ctx,
			struct err *err);
