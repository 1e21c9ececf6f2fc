// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* usersp.h - system calls before 4.1, which saved only some of the user's registers. */
#include <stdbool.h>

#include "stub/base/mem.h"

struct kernel;

/* Does entry code save the user's stack pointer apart from the other registers (old_rsp)? Then its
 * slot among them, like those of flags and segments, is from an earlier entry. */
bool user_sp_is_apart(struct kernel *k);
/* Gets the user's stack pointer in a task's last system call. VS_NOTFOUND: unknown. */
vs_status user_sp(struct kernel *k, kva_t task, uint64_t *ret);

/* Is pc in the fast path of system calls? *saves_all: that code also saved, and cleared, the
 * callee-saved registers. */
bool user_fast_call(struct kernel *k, kva_t pc, bool *saves_all);
