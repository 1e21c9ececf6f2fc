// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* stackdepot.h - stacks that the kernel keeps once each (lib/stackdepot.c), for page owners. */
#include <stddef.h>

#include "stub/base/mem.h"

struct kernel;

#define DEPOT_FRAMES 64 /* CONFIG_STACKDEPOT_MAX_FRAMES */

/* The stack of the handle that is in memory at va: return addresses, the innermost first; *n of
 * them, at most DEPOT_FRAMES. Its record has the same handle, else it fails with VS_CORRUPT. */
vs_status depot_stack(struct kernel *k, kva_t handle, kva_t *frames, size_t *n, struct err *err);
