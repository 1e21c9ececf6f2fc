// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* resources.h - owners of I/O ports and memory: trees of struct resource. */
#include <stdbool.h>

#include "stub/kernel/record.h"

enum resource_field {
	RESOURCE_START,
	RESOURCE_END,
	RESOURCE_NAME,
	RESOURCE_PARENT,
	RESOURCE_SIBLING,
	RESOURCE_CHILD,
};
extern const struct record_def resource_record;

typedef bool (*resource_fn)(void *ctx, const struct record *r);
/* Calls fn for the tree below the variable SYMBOL in order of addresses, until it returns false. */
vs_status resources_each(struct kernel *k, const char *symbol, resource_fn fn, void *ctx,
			 struct err *err);
