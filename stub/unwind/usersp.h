// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* usersp.h - system calls of kernels before 4.1, which left out some registers when they saved the
 * user's. */
#include <stdbool.h>

#include "stub/base/mem.h"

struct kernel;

/* Does entry code save a user's stack pointer apart from the other registers (old_rsp)? What is in
 * its place among them is then of an earlier entry, like flags and segments. */
bool user_sp_is_apart(struct kernel *k);
/* The user's stack pointer in a task's last system call. VS_NOTFOUND: unknown. */
vs_status user_sp(struct kernel *k, kva_t task, uint64_t *ret);

/* Is pc in the code that calls what a system call asks for, without a detour? *saves_all: that code
 * saved the registers that a called function keeps, too, and cleared them. */
bool user_fast_call(struct kernel *k, kva_t pc, bool *saves_all);
