// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* threads.h - what gdb sees as threads: the CPUs (tid = CPU + 1), and tasks that do not run on one
 * (tid = THREADS_TASK_BASE + PID), all of them or those that were asked for. */
#include <stdbool.h>

#include "stub/arch.h"
#include "stub/task/tasks.h"

struct kernel;
struct threads;

#define THREADS_TASK_BASE 100000

/* One thread; filled when first looked at. */
struct thread_view {
	uint64_t tid;
	kva_t task_va;
	bool loaded, has_regs, has_task;
	struct frame frame; /* frame 0; regs.known 0 without has_regs */
	struct err why;	    /* none were saved; with has_regs: frame 0 is evidence */
	struct task task;
	unsigned cpu;
	pa_t user_root; /* page tables of its user memory, 0: none */
};

/* all_tasks: --threads=tasks. NULL without memory. */
struct threads *threads_create(struct kernel *k, bool all_tasks);
void threads_destroy(struct threads *t); /* NULL is fine */

/* NULL: no such thread. Valid until threads_destroy(). */
struct thread_view *threads_find(struct threads *t, uint64_t tid);
/* The tid after `after` in the order gdb numbers them; 0 at the end, 0 as `after`: the first. */
uint64_t threads_next(struct threads *t, uint64_t after);
/* The panicking CPU's, else the first. */
uint64_t threads_first_choice(struct threads *t);

/* The thread of a task: its CPU's when it was running, else one of its own, made if need be.
 * *number is what gdb calls it (1, 2, ...). */
vs_status threads_of_task(struct threads *t, kva_t task, uint64_t *tid, unsigned *number,
			  struct err *err);
