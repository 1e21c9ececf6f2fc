// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* inodes.h - goes through the inodes of all file systems. */
#include <stdbool.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* What to call, until inode() returns false. */
struct inodes_visit {
	/* For each file system, before its inodes; false leaves them out. NULL: none are. */
	bool (*sb)(void *ctx, kva_t sb);
	/* For each inode; a failure counts as one of the walk, which goes on. */
	bool (*inode)(void *ctx, kva_t inode, vs_status *st, struct err *err);
	void *ctx;
};

/* Fails if it cannot begin. When something on the way cannot be read, it goes on: *unread is the
 * first failure then, else VS_OK, and err says which. */
vs_status inodes_each(struct kernel *k, const struct inodes_visit *visit, vs_status *unread,
		      struct err *err);
