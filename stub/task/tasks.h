// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* tasks.h - processes and threads of the crashed kernel. */
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "stub/task/task_record.h"

struct regs;

#define TASK_NO_CPU UINT_MAX

struct task {
	kva_t va;
	uint64_t known; /* bit TASK_...: that member is known; pid always is */
	int32_t pid, tgid;
	char comm[17]; /* unprintable bytes as '?'; "?": unknown */
	kva_t stack;   /* lowest address of its kernel stack; 0: unknown, or freed */
	kva_t mm;      /* 0: kernel thread, exited, or unknown */
	uint64_t state;
	uint64_t exit_state;
	uint64_t flags; /* PF_* */
	unsigned cpu;	/* TASK_NO_CPU: unknown */
	bool on_cpu;	/* running when the kernel stopped */
};

/* Fails if the PID cannot be read, or reads as 0 and the task is not a CPU's idle task: its page is
 * lost or damaged, or reads as zeros. For the other members, `known` has a bit each. */
vs_status task_load(struct kernel *k, kva_t va, struct task *ret, struct err *err);
/* The same, but of a task that a CPU was running, it is enough to know which CPU: its registers and
 * its stack may be readable. err says what is missing then; if nothing is, its message is empty. */
vs_status task_load_running(struct kernel *k, kva_t va, struct task *ret, struct err *err);
static inline bool task_knows(const struct task *t, enum task_field field)
{
	return t->known & RECORD_BIT(field);
}
/* Is it a kernel thread (or an idle task)? Uses PF_KTHREAD, because a dead process has no mm
 * either. */
bool task_is_kernel(const struct task *t);
/* "RU", "IN", "UN", ... as in crash; "?": unknown. */
const char *task_state_str(const struct task *t);
/* The long form in crash's banner, "TASK_RUNNING", without a suffix such as "(PANIC)". */
const char *task_state_long(const struct task *t);

/* The task that ran on a CPU when the kernel stopped. */
vs_status task_current(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err);

/* Physical address of a task's top page table; VS_NOTFOUND for kernel threads. */
vs_status task_page_root(struct kernel *k, kva_t task, pa_t *ret, struct err *err);

/* Is struct thread_info at the low end of a task's stack, and not in the task (before 4.9)? */
bool task_info_on_stack(struct kernel *k);
/* The lowest address of a task's kernel stack. Without types, only running tasks show where to read
 * it. VS_NOTFOUND, or why it cannot be read. (taskstack.c) */
vs_status task_stack(struct kernel *k, kva_t task, kva_t *ret, struct err *err);
/* Size of a kernel stack (THREAD_SIZE). (taskstack.c) */
uint64_t task_stack_size(struct kernel *k);

/* All tasks: idle tasks of the CPUs first, then by process and thread. The caller frees *ret. If a
 * list is broken, fails with the place, and returns what was found. */
vs_status tasks_list(struct kernel *k, kva_t **ret, size_t *n, struct err *err);
/* The threads of a task's process, and a task's children (the first threads of their processes).
 * Like tasks_list(). */
vs_status task_threads(struct kernel *k, kva_t task, kva_t **ret, size_t *n, struct err *err);
vs_status task_children(struct kernel *k, kva_t task, kva_t **ret, size_t *n, struct err *err);
/* Finds a task by PID; VS_NOTFOUND. PID 0 is the idle task of CPU 0. */
vs_status task_by_pid(struct kernel *k, int32_t pid, kva_t *ret, struct err *err);
