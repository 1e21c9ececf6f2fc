// SPDX-License-Identifier: GPL-3.0-or-later
/* threads.c - CPUs and tasks as threads. */
#include "stub/gdb/threads.h"

#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/log.h"
#include "stub/base/vec.h"
#include "stub/task/cpus.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/stack_start.h"

struct threads {
	struct kernel *k;
	bool all_tasks, listed, hold_new;
	bool warned;		 /* that there are no registers */
	unsigned ncpus;		 /* possible CPUs; 0 until asked for */
	struct thread_view *cpu; /* by CPU, also those offline */
	/* In the order in which gdb learns of and numbers them; never removed. Allocated one by
	 * one, as callers keep pointers. */
	VEC(struct thread_view *) order;
	VEC(struct thread_view *) tasks;
};

struct threads *threads_create(struct kernel *k, bool all_tasks)
{
	struct threads *t = calloc(1, sizeof(*t));

	if (t) {
		t->k = k;
		t->all_tasks = all_tasks;
	}
	return t;
}

void threads_destroy(struct threads *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->tasks.n; i++)
		free(t->tasks.v[i]);
	vec_free(&t->tasks);
	vec_free(&t->order);
	free(t->cpu);
	free(t);
}

/* --- filling in */

static void load_common(struct kernel *k, struct thread_view *v)
{
	v->has_task = v->task_va && task_load(k, v->task_va, &v->task, NULL) == VS_OK;
	if (v->has_task && task_page_root(k, v->task_va, &v->user_root, NULL))
		v->user_root = 0;
}

/* Finds registers on the stacks if none were saved; v->why still says so. The page of the task
 * struct may be lost. */
static void start_without_registers(struct kernel *k, struct thread_view *v)
{
	struct task t = { .va = v->task_va, .cpu = v->cpu, .on_cpu = true };

	if (!v->task_va)
		return;
	if (v->has_task)
		t = v->task;
	v->has_regs = stack_start(k, &t, &v->frame, NULL) == VS_OK;
	if (v->has_regs)
		stack_gdb_start(k, &v->frame);
	if (v->has_regs && v->frame.how == HOW_NOTE) // they were saved, the stack says so
		v->why = (struct err){ 0 };
}

static struct thread_view *load(struct threads *t, struct thread_view *v)
{
	if (v->loaded)
		return v;
	v->loaded = true;
	if (v->tid < THREADS_TASK_BASE) {
		v->cpu = (unsigned)v->tid - 1;
		v->has_regs = cpu_frame(t->k, v->cpu, &v->frame, &v->why) == VS_OK;
		if (task_current(t->k, v->cpu, &v->task_va, NULL))
			v->task_va = 0;
		load_common(t->k, v);
		if (!v->has_regs)
			start_without_registers(t->k, v);
	} else {
		load_common(t->k, v);
		v->cpu = v->task.cpu;
		v->has_regs =
			v->has_task && stack_start(t->k, &v->task, &v->frame, &v->why) == VS_OK;
	}
	return v;
}

/* --- the list */

static void list_cpus(struct threads *t)
{
	t->ncpus = percpu_ncpus(t->k);
	t->cpu = calloc(t->ncpus, sizeof(*t->cpu));
	if (!t->cpu) {
		log_error("out of memory for %u CPUs", t->ncpus);
		t->ncpus = 0;
	}
	for (unsigned i = 0; i < t->ncpus; i++) {
		struct thread_view *v = &t->cpu[i];

		v->tid = i + 1;
		if (cpu_in_use(t->k, i))
			(void)vec_push(&t->order, v);
	}
}

static struct thread_view *add_task(struct threads *t, kva_t task, int32_t pid)
{
	struct thread_view *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->tid = THREADS_TASK_BASE + (uint32_t)pid;
	v->task_va = task;
	if (!vec_push(&t->tasks, v)) {
		free(v);
		return NULL;
	}
	if (!vec_push(&t->order, v)) {
		t->tasks.n--;
		free(v);
		return NULL;
	}
	return v;
}

static bool runs_on_cpu(struct threads *t, kva_t task, uint64_t *tid)
{
	for (size_t i = 0; i < t->ncpus; i++) {
		if (load(t, &t->cpu[i])->task_va == task && task) {
			*tid = t->cpu[i].tid;
			return true;
		}
	}
	return false;
}

static void list_tasks(struct threads *t)
{
	kva_t *list = NULL;
	struct err err;
	size_t n = 0;

	if (tasks_list(t->k, &list, &n, &err))
		log_warn("not all tasks are threads: %s", err.msg);
	for (size_t i = 0; i < n; i++) {
		uint64_t pid, tid;

		// Idle tasks share PID 0, and each belongs to its CPU.
		if (record_field_read(t->k, &task_record, list[i], TASK_PID, &pid, NULL) == VS_OK &&
		    pid != 0 && !runs_on_cpu(t, list[i], &tid))
			add_task(t, list[i], (int32_t)pid);
	}
	free(list);
}

static void need_list(struct threads *t)
{
	if (t->listed)
		return;
	t->listed = true;
	list_cpus(t);
	if (t->all_tasks)
		list_tasks(t);
}

struct thread_view *threads_find(struct threads *t, uint64_t tid)
{
	need_list(t);
	if (tid == 0)
		return NULL;
	if (tid <= t->ncpus)
		return load(t, &t->cpu[tid - 1]);
	for (size_t i = 0; i < t->tasks.n; i++)
		if (t->tasks.v[i]->tid == tid)
			return load(t, t->tasks.v[i]);
	return NULL;
}

/* Returns the position in the list, or the list's length if tid is not there. */
static size_t position(struct threads *t, uint64_t tid)
{
	size_t i = 0;

	while (i < t->order.n && t->order.v[i]->tid != tid)
		i++;
	return i;
}

uint64_t threads_next(struct threads *t, uint64_t after)
{
	size_t i;

	need_list(t);
	i = after ? position(t, after) + 1 : 0;
	// a held thread is the last one
	return i < t->order.n && !t->order.v[i]->held ? t->order.v[i]->tid : 0;
}

/* Returns a thread with registers: gdb ends the session if the thread it stops in has no pc. */
static uint64_t first_with_regs(struct threads *t)
{
	struct thread_view *first;

	for (size_t i = 0; i < t->order.n; i++)
		if (load(t, t->order.v[i])->has_regs)
			return t->order.v[i]->tid;
	if (!t->order.n)
		return 1;
	first = t->order.v[0];
	if (!t->warned)
		log_warn("the dump has no registers: %s; pc is shown as 0", first->why.msg);
	t->warned = true;
	regs_set(&first->frame.regs, t->k->arch->pc, 0);
	return first->tid;
}

uint64_t threads_first_choice(struct threads *t)
{
	unsigned cpu;

	need_list(t);
	if (cpu_panicked(t->k, &cpu, NULL) == VS_OK && cpu < t->ncpus &&
	    load(t, &t->cpu[cpu])->has_regs)
		return cpu + 1;
	return first_with_regs(t);
}

void threads_hold_new(struct threads *t)
{
	t->hold_new = true;
}

bool threads_have_held(const struct threads *t)
{
	return t->order.n && t->order.v[t->order.n - 1]->held;
}

uint64_t threads_show_held(struct threads *t)
{
	if (!threads_have_held(t))
		return 0;
	t->order.v[t->order.n - 1]->held = false;
	return t->order.v[t->order.n - 1]->tid;
}

/* Removes the thread that gdb has not seen. */
static void drop_held(struct threads *t)
{
	if (!threads_have_held(t))
		return;
	free(t->order.v[--t->order.n]);
	t->tasks.n--;
}

vs_status threads_of_task(struct threads *t, kva_t task, uint64_t *tid, unsigned *number,
			  struct err *err)
{
	uint64_t pid, found = 0;
	vs_status st;

	need_list(t);
	if (!runs_on_cpu(t, task, &found)) {
		for (size_t i = 0; i < t->tasks.n && !found; i++)
			if (t->tasks.v[i]->task_va == task)
				found = t->tasks.v[i]->tid;
	}
	if (!found) {
		struct thread_view *v;

		st = record_field_read(t->k, &task_record, task, TASK_PID, &pid, err);
		if (st)
			return fail_ctx(err, st, "task %#" PRIx64, task);
		drop_held(t);
		v = add_task(t, task, (int32_t)pid);
		if (!v)
			return fail(err, VS_NOMEM, "no memory for the thread of task %#" PRIx64,
				    task);
		v->held = t->hold_new;
		found = v->tid;
	}
	*tid = found;
	*number = (unsigned)position(t, found) + 1;
	return VS_OK;
}
