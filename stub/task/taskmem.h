// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* taskmem.h - the address space of one task: its user half, and the kernel's. */
#include "stub/base/mem.h"

struct kernel;

struct task_mem {
	struct mem mem; /* read through this */
	struct kernel *k;
	pa_t root; /* 0: a kernel thread, which has no user memory */
};

/* Also VS_OK for kernel threads, whose user addresses are not mapped. Borrows k. */
vs_status task_mem_init(struct task_mem *m, struct kernel *k, kva_t task, struct err *err);
