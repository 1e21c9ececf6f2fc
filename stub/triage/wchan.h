// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* wchan.h - where a task sleeps. */
#include "stub/task/tasks.h"

struct kernel;

/* The return address in the innermost function of a sleeping task's stack that does not belong to
 * the scheduler or a lock, as in the kernel's own traces and /proc/PID/wchan. Subtract 1 to look it
 * up. VS_NOTFOUND: there is none, or the stack cannot be followed that far. */
vs_status task_wchan(struct kernel *k, const struct task *t, kva_t *ret, struct err *err);
