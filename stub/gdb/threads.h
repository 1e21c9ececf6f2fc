// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* threads.h - gdb's threads: the CPUs (tid = CPU + 1), and tasks that are not on a CPU
 * (tid = THREADS_TASK_BASE + PID), either all of them or those that the user chose. */
#include <stdbool.h>

#include "stub/arch.h"
#include "stub/task/tasks.h"

struct kernel;
struct threads;

#define THREADS_TASK_BASE 100000

/* One thread; filled on first use. */
struct thread_view {
	uint64_t tid;
	kva_t task_va;
	bool loaded, has_regs, has_task;
	struct frame frame; /* frame 0; regs.known is 0 without has_regs */
	struct err why;	    /* why no registers were saved; with has_regs, frame 0 was found on the
			       stack */
	struct task task;
	unsigned cpu;
	pa_t user_root; /* page tables of its user memory; 0: none */
	bool held;	/* not in the list until threads_show_held() */
};

/* all_tasks: --threads=tasks. NULL without memory. */
struct threads *threads_create(struct kernel *k, bool all_tasks);
void threads_destroy(struct threads *t); /* NULL is fine */

/* NULL: no such thread. Valid until threads_destroy(). */
struct thread_view *threads_find(struct threads *t, uint64_t tid);
/* Returns the next tid in gdb's order, 0 at the end; the first one for after == 0. */
uint64_t threads_next(struct threads *t, uint64_t after);
/* Returns the thread of the CPU that panicked, else the first. */
uint64_t threads_first_choice(struct threads *t);

/* Finds the thread of a task: its CPU's if it was running, else its own, which is made if missing.
 * *number is gdb's number of the thread (1, 2, ...). */
vs_status threads_of_task(struct threads *t, kva_t task, uint64_t *tid, unsigned *number,
			  struct err *err);

/* From now on, a thread that threads_of_task() makes is not in the list before threads_show_held(),
 * and only the last one is kept. */
void threads_hold_new(struct threads *t);
/* Is there such a thread? */
bool threads_have_held(const struct threads *t);
/* Lists that thread and returns its tid; 0: none. */
uint64_t threads_show_held(struct threads *t);
