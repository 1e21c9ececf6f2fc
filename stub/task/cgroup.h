// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* cgroup.h - names of cgroups, which are directories of kernfs. */
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;

/* The last part of a cgroup's path: "" for the root, or for a NULL cgroup; "?": unknown. */
void cgroup_name(struct kernel *k, kva_t cgroup, char *dst, size_t cap);
/* "/system.slice/x.service", "/" for the root. If a part is unknown, or there is no room, the path
 * begins with "...". */
void cgroup_path(struct kernel *k, kva_t cgroup, char *dst, size_t cap);
