// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* pids.h - the PIDs in use. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* Calls fn with the address of the struct pid of every PID in the initial namespace, in no useful
 * order, until it returns false. VS_NOTFOUND: this kernel keeps them in an unknown way. VS_LOST:
 * some could not be read; fn has had the others. */
vs_status pids_each(struct kernel *k, bool (*fn)(void *ctx, kva_t pid), void *ctx, struct err *err);
/* Where the struct pid has the head of the list of tasks with this PID (a struct hlist_head). */
vs_status pids_first_task(struct kernel *k, size_t *off, struct err *err);
