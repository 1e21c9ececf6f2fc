// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* spins.h - which CPUs wait for a spinlock, by their stacks, and what the lock's word says. */
#include "stub/task/tasks.h"
#include "stub/unwind/rules.h"

struct kernel;

/* The word of a queued spinlock: include/asm-generic/qspinlock_types.h. */
struct spin_word {
	bool known;   /* else this kernel has others, or it cannot be read */
	bool locked;  /* someone holds it */
	bool pending; /* the first waiter, who is not in the queue */
	bool queue;
	unsigned tail; /* with queue: the CPU that is last in it */
};

struct spin {
	unsigned cpu;
	struct task task;
	kva_t lock;	  /* 0: unknown */
	kva_t caller;	  /* the address in the function that takes the lock */
	bool interrupted; /* caller is an instruction, not a return address */
};

/* Does this stack, with frames innermost first, wait for a spinlock in a function that was
 * interrupted, or that the CPU ran? The lock is the argument of that function, if its instructions
 * show which register still has it. Sets all of *ret but cpu and task. */
bool spin_of_stack(struct kernel *k, const struct frame *frames, size_t n, struct spin *ret);
/* The same for the stack that a CPU had. */
bool spin_of_cpu(struct kernel *k, unsigned cpu, struct spin *ret);
struct spin_word spin_word(struct kernel *k, kva_t lock);
