// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* hog.h - who holds memory: the largest slab caches, vmalloc() callers, processes and files, and
 * the verdict that names the largest holder of the largest use. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/subsys/mm/usage.h"
#include "stub/task/taskinfo.h"
#include "stub/task/tasks.h"

struct kernel;

/* A part of one use of memory. */
struct holder {
	uint64_t pages;
	uint64_t number; /* slabs, or areas of vmalloc() */
	uint64_t objects;
	bool reclaimable;
	kva_t va; /* struct kmem_cache */
	char name[128];
};

/* Slab caches by the pages of their slabs, and functions by the pages they had from vmalloc(),
 * stacks included; the largest first. The caller frees *ret; sum: pages of all. On failure, some
 * may be missing. */
vs_status hog_slab_caches(struct kernel *k, struct holder **ret, size_t *n, uint64_t *sum,
			  struct err *err);
vs_status hog_vmalloc_callers(struct kernel *k, struct holder **ret, size_t *n, uint64_t *sum,
			      struct err *err);

struct hog_process {
	struct task task; /* the first thread that has its memory */
	struct task_memory memory;
};
/* Processes by pages in memory and in swap, the largest first. Like the above. */
vs_status hog_processes(struct kernel *k, struct hog_process **ret, size_t *n, struct err *err);

/* The verdict. */
struct hog {
	unsigned use; /* enum mem_use; USE_COUNT: pages that no counter has */
	uint64_t pages, total;
	/* The largest holder of that use; NULL: unknown, or the use has no holders. */
	const char *kind; /* "slab cache" */
	char name[256];
	uint64_t held;	   /* its pages */
	bool limited;	   /* `held` is the limit that was reached, not a part of the use */
	const char *basis; /* on what that rests; never NULL */
};

struct oom_log;

/* Finds the largest use, free pages aside, and its largest holder. Fails if a use is unknown. oom:
 * what the log says, or NULL; if the kernel panicked because a cgroup reached its limit, the holder
 * is that. */
vs_status hog_find(struct kernel *k, const struct mem_usage *u, const struct oom_log *oom,
		   struct hog *ret, struct err *err);
/* As one sentence: "slab cache l2f_leak holds 180 MiB, 61% of memory". */
void hog_put(const struct hog *h, struct buf *out);
