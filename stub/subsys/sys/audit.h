// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* audit.h - messages of the audit system that no daemon has read yet. */
#include <stddef.h>

#include "stub/base/err.h"

struct kernel;

struct audit_record {
	unsigned type;	  /* AUDIT_* */
	const char *text; /* len bytes, not terminated; valid during the call */
	size_t len;
};
/* Calls fn for each message, oldest first. VS_NOTFOUND: the kernel has no audit system. */
vs_status audit_each(struct kernel *k, void (*fn)(void *ctx, const struct audit_record *r),
		     void *ctx, struct err *err);
