// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cgroups.h - memory of cgroups (mm/memcontrol.c). */
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

#define CGROUP_NO_LIMIT UINT64_MAX

struct cgroup_memory {
	kva_t va;	       /* struct mem_cgroup */
	char path[256];	       /* "/system.slice/x.service"; begins with "..." if it is cut */
	uint64_t pages, limit; /* memory.current and memory.max, in pages */
};

/* All memory cgroups but the root, which has no limit and no count of its own. The caller frees
 * *ret. Skips those that cannot be read; the status is that of the first failure. VS_NOTFOUND: this
 * kernel has none. */
vs_status cgroup_memory_list(struct kernel *k, struct cgroup_memory **ret, size_t *n,
			     struct err *err);
