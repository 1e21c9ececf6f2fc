// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* resources.h - who has which I/O ports and addresses: trees of struct resource. */
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
/* The tree below the variable SYMBOL in order of addresses, until fn returns false. */
vs_status resources_each(struct kernel *k, const char *symbol, resource_fn fn, void *ctx,
			 struct err *err);
