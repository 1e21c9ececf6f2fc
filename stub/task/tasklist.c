// SPDX-License-Identifier: GPL-3.0-or-later
/* tasklist.c - lists all tasks, even if lost pages break the kernel's lists. */
#include "stub/task/tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"
#include "stub/task/cpus.h"
#include "stub/task/pids.h"

#define MAX_TASKS (4u << 20) /* PID_MAX_LIMIT */
#define LIST_PREV 8	     /* struct list_head: next, prev */

struct task_vec {
	VEC(kva_t) va;
};

/* Finds the rest of a list that is broken after its entry `last`, by walking back from head. VS_OK:
 * it reached `last`, so nothing is missing. */
static vs_status rest_of_list(struct kernel *k, kva_t head, kva_t last, uint64_t node_off,
			      size_t limit, struct task_vec *out)
{
	struct walk_cycle seen = { 0 };
	kva_t node;

	for (size_t n = 0; n < limit; n++) {
		vs_status st = mem_read_u64(k->mem, (n ? node : head) + LIST_PREV, &node, NULL);

		if (st || node == last)
			return st;
		if (!node)
			return VS_CORRUPT;
		if (node == head || walk_comes_back(&seen, node))
			return VS_CORRUPT;
		if (!vec_push(&out->va, node - node_off))
			return VS_NOMEM;
	}
	return VS_CORRUPT;
}

/* The next node of a list. It cannot be 0 unless the page reads as zeros or was freed. */
static vs_status next_node(struct kernel *k, kva_t node, kva_t *ret, struct err *err)
{
	vs_status st = mem_read_u64(k->mem, node, ret, err);

	return st || *ret ? st : fail(err, VS_CORRUPT, "%#" PRIx64 " has a NULL pointer", node);
}

/* Walks the circular list at head; node_off is the offset of the list_head in each object. */
static vs_status each_on_list(struct kernel *k, kva_t head, uint64_t node_off, size_t limit,
			      struct task_vec *out, const char *what, struct err *err)
{
	kva_t node, last = head;
	vs_status st = next_node(k, head, &node, err);
	struct walk_cycle seen = { 0 };
	size_t n = 0;

	for (; st == VS_OK && node != head; n++) {
		if (walk_comes_back(&seen, node))
			return fail(err, VS_CORRUPT,
				    "%s after %zu entries: it comes back to %#" PRIx64, what, n,
				    node);
		if (n >= limit)
			return fail(err, VS_CORRUPT, "%s does not end after %zu entries", what, n);
		if (!vec_push(&out->va, node - node_off))
			return fail(err, VS_NOMEM, "%s", what);
		last = node;
		st = next_node(k, node, &node, err);
	}
	if (st == VS_OK || rest_of_list(k, head, last, node_off, limit - n, out) == VS_OK)
		return VS_OK;
	return fail_ctx(err, st, "%s after %zu entries", what, n);
}

/* Adds the idle tasks, which are in no list and have no struct pid. */
static vs_status add_idle_tasks(struct kernel *k, struct task_vec *out, struct err *err)
{
	struct member m;
	vs_status first = record_member(k, &rq_idle_record, RQ_IDLE, &m, err);
	unsigned n;

	if (first)
		return first;
	n = percpu_ncpus(k);
	for (unsigned cpu = 0; cpu < n; cpu++) {
		struct err why;
		uint64_t task;
		kva_t rq;
		vs_status st;

		if (!cpu_in_use(k, cpu))
			continue;
		st = percpu_symbol(k, "runqueues", cpu, &rq, &why);
		if (st == VS_OK)
			st = mem_read_u64(k->mem, rq + m.off, &task, &why);
		if (st && !first)
			first = fail(err, st, "idle task of CPU %u: %s", cpu, why.msg);
		if (st == VS_OK && task)
			(void)vec_push(&out->va, task);
	}
	return first;
}

/* Adds the threads of one process, the leader first. */
static vs_status add_threads(struct kernel *k, kva_t leader, struct task_vec *out, struct err *err)
{
	struct member node = { 0 }, head = { 0 };
	uint64_t signal;
	vs_status st = record_field_read(k, &task_record, leader, TASK_SIGNAL, &signal, err);

	if (st == VS_OK)
		st = record_member(k, &task_record, TASK_THREAD_NODE, &node, err);
	if (st == VS_OK)
		st = record_member(k, &signal_record, SIGNAL_THREADS, &head, err);
	if (st == VS_OK && signal)
		st = each_on_list(k, signal + head.off, node.off, MAX_TASKS, out, "thread list",
				  err);
	return st;
}

vs_status task_threads(struct kernel *k, kva_t task, kva_t **ret, size_t *n, struct err *err)
{
	struct task_vec all = { 0 };
	vs_status st = add_threads(k, task, &all, err);

	*ret = all.va.v;
	*n = all.va.n;
	return st;
}

static vs_status add_children(struct kernel *k, kva_t task, struct task_vec *out, struct err *err)
{
	struct member head, node;
	vs_status st = record_member(k, &task_record, TASK_CHILDREN, &head, err);

	if (st == VS_OK)
		st = record_member(k, &task_record, TASK_SIBLING, &node, err);
	if (st == VS_OK)
		st = each_on_list(k, task + head.off, node.off, MAX_TASKS, out, "children", err);
	return st;
}

vs_status task_children(struct kernel *k, kva_t task, kva_t **ret, size_t *n, struct err *err)
{
	struct task_vec all = { 0 };
	vs_status st = add_children(k, task, &all, err);

	*ret = all.va.v;
	*n = all.va.n;
	return st;
}

/* A sorted list of the tasks found so far. */
struct known {
	kva_t *v;
	size_t n;
};

static int by_address(const void *a, const void *b)
{
	kva_t x = *(const kva_t *)a, y = *(const kva_t *)b;

	return x < y ? -1 : x > y;
}

/* The caller frees ret->v. False without memory. */
static bool note_known(const struct task_vec *tasks, struct known *ret)
{
	ret->n = tasks->va.n;
	ret->v = malloc((ret->n + 1) * sizeof(*ret->v));
	if (!ret->v)
		return false;
	if (ret->n)
		memcpy(ret->v, tasks->va.v, ret->n * sizeof(*ret->v));
	qsort(ret->v, ret->n, sizeof(*ret->v), by_address);
	return true;
}

static bool is_known(const struct known *known, kva_t task)
{
	return bsearch(&task, known->v, known->n, sizeof(task), by_address);
}

struct by_pid {
	struct kernel *k;
	size_t first;	    /* in struct pid */
	struct member link; /* in task_struct */
	struct task_vec *out;
	struct known known;
	bool lost; /* a struct pid cannot be read, so its task is missing */
};

static bool add_task_of_pid(void *ctx, kva_t pid)
{
	struct by_pid *p = ctx;
	kva_t node, task;

	if (mem_read_u64(p->k->mem, pid + p->first, &node, NULL)) {
		p->lost = true;
		return true;
	}
	if (!node)
		return true; // the PID of a process group or session that outlived its leader
	task = node - p->link.off;
	if (!is_known(&p->known, task))
		(void)vec_push(&p->out->va, task);
	return p->out->va.n < MAX_TASKS;
}

/* Second source, for tasks between two lost pages, which no list reaches: the PIDs in use. VS_OK:
 * it found all tasks. */
static vs_status add_by_pid(struct kernel *k, struct task_vec *out)
{
	struct by_pid p = { .k = k, .out = out };
	vs_status st = pids_first_task(k, &p.first, NULL);

	if (st == VS_OK)
		st = record_member(k, &task_record, TASK_PID_LINK, &p.link, NULL);
	if (st)
		return st;
	if (!note_known(out, &p.known))
		return VS_NOMEM;
	st = pids_each(k, add_task_of_pid, &p, NULL);
	free(p.known.v);
	return st || !p.lost ? st : VS_LOST;
}

/* Adds the tasks in found that out does not have yet. */
static void add_unknown(struct task_vec *found, struct task_vec *out)
{
	struct known known;

	if (!note_known(out, &known))
		return;
	if (found->va.n)
		qsort(found->va.v, found->va.n, sizeof(found->va.v[0]), by_address);
	for (size_t i = 0; i < found->va.n && out->va.n < MAX_TASKS; i++) {
		kva_t task = found->va.v[i];

		if ((i == 0 || task != found->va.v[i - 1]) && !is_known(&known, task))
			(void)vec_push(&out->va, task);
	}
	free(known.v);
}

/* Third source, if PIDs are lost, too: children and threads of the tasks found so far, their
 * children, and so on. Nothing in the dump shows whether there are more. */
static void add_descendants(struct kernel *k, struct task_vec *out)
{
	for (size_t from = 0, end = out->va.n; from < end; from = end, end = out->va.n) {
		struct task_vec found = { 0 };

		for (size_t i = from; i < end && found.va.n < MAX_TASKS; i++) {
			(void)add_children(k, out->va.v[i], &found, NULL);
			(void)add_threads(k, out->va.v[i], &found, NULL);
		}
		add_unknown(&found, out);
		vec_free(&found.va);
	}
}

static vs_status find_all(struct kernel *k, kva_t **ret, size_t *n, struct err *err)
{
	struct task_vec leaders = { 0 }, all = { 0 };
	struct member tasks;
	struct err why, idle_why;
	kva_t init;
	vs_status st = kernel_symbol_quick(k, "init_task", &init, err), thread_st, idle_st = VS_OK;

	if (st == VS_OK)
		st = record_member(k, &task_record, TASK_TASKS, &tasks, err);
	if (st == VS_OK) {
		idle_st = add_idle_tasks(k, &all, &idle_why);
		st = each_on_list(k, init + tasks.off, tasks.off, MAX_TASKS, &leaders, "task list",
				  err);
	}
	for (size_t i = 0; i < leaders.va.n; i++) {
		size_t before = all.va.n;

		thread_st = add_threads(k, leaders.va.v[i], &all, &why);
		// A dead leader may have left the thread list, but it is still a task.
		if (all.va.n == before)
			(void)vec_push(&all.va, leaders.va.v[i]);
		if (thread_st && st == VS_OK) {
			st = thread_st;
			if (err)
				*err = why;
		}
	}
	vec_free(&leaders.va);
	if (st && st != VS_NOMEM && all.va.n) {
		if (add_by_pid(k, &all) == VS_OK)
			st = VS_OK;
		else
			add_descendants(k, &all);
	}
	if (st == VS_OK && idle_st)
		st = fail(err, idle_st, "%s", idle_why.msg);
	*ret = all.va.v;
	*n = all.va.n;
	return st;
}

/* Of a dump. What can be found of a broken list counts, too. */
struct task_list {
	kva_t *v;
	size_t n;
};

static vs_status load(struct kernel *k, void *owner, struct err *err)
{
	struct task_list *l = calloc(1, sizeof(*l));

	(void)owner;
	k->tasks = l;
	return l ? find_all(k, &l->v, &l->n, err) : fail(err, VS_NOMEM, "no memory for tasks");
}

static void unload(struct kernel *k, void *owner)
{
	(void)owner;
	if (k->tasks)
		free(k->tasks->v);
	free(k->tasks);
	k->tasks = NULL;
}

vs_status tasks_list(struct kernel *k, kva_t **ret, size_t *n, struct err *err)
{
	static const struct slot_ops ops = { load, unload };
	const struct task_list *l;
	vs_status st;

	if (k->dump && dump_info(k->dump)->live)
		return find_all(k, ret, n, err);
	st = slot_need(k, &k->tasks_slot, &ops, k, err);
	l = k->tasks;
	*ret = NULL;
	*n = 0;
	if (!l || !l->n)
		return st;
	*ret = malloc(l->n * sizeof(*l->v));
	if (!*ret)
		return fail(err, VS_NOMEM, "no memory for %zu tasks", l->n);
	memcpy(*ret, l->v, l->n * sizeof(*l->v));
	*n = l->n;
	return st;
}

vs_status task_by_pid(struct kernel *k, int32_t pid, kva_t *ret, struct err *err)
{
	kva_t *list = NULL;
	size_t n = 0;
	vs_status st = tasks_list(k, &list, &n, err), found = VS_NOTFOUND;

	for (size_t i = 0; i < n && found; i++) {
		uint64_t v;

		if (record_field_read(k, &task_record, list[i], TASK_PID, &v, NULL) == VS_OK &&
		    (int32_t)v == pid) {
			*ret = list[i];
			found = VS_OK;
		}
	}
	free(list);
	if (found == VS_OK)
		return VS_OK;
	return st ? st : fail(err, VS_NOTFOUND, "no task with PID %d", pid);
}
