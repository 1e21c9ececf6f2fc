// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cached.h - files that have pages in memory, of all file systems. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

struct cached_file {
	kva_t inode;
	uint64_t pages;
	char type[32]; /* of the file system; "?": unknown */
	bool shmem;    /* its pages count as shared memory: tmpfs, SysV shm, memfd */
};

/* The files with most pages in memory, at most max, the largest first. Skips what cannot be read;
 * the status is that of the first failure. */
vs_status cached_files(struct kernel *k, struct cached_file *ret, size_t max, size_t *n,
		       struct err *err);
/* The file's path, if one of its names is in memory; without a mount in init's namespace, the path
 * within its file system. False, and nothing is put: no name. */
bool cached_put_path(struct kernel *k, const struct cached_file *f, struct buf *out);
