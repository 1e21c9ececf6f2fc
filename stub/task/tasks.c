// SPDX-License-Identifier: GPL-3.0-or-later
/* tasks.c - processes and threads of the crashed kernel. */
#include "stub/task/tasks.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/task/cpus.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"

#define MAX_TASKS  (4u << 20) /* PID_MAX_LIMIT */
#define LIST_PREV  8	      /* struct list_head: next, prev */
#define PF_KTHREAD 0x00200000 /* since 7b34e4283c68 (2.6.27) at this bit */

struct task_vec {
	VEC(kva_t) va;
};

/* What a struct task holds. */
#define TASK_BASICS (RECORD_BIT(TASK_ON_CPU + 1) - 1)

#define PF_IDLE 0x00000002 /* since c1de45ca831a (4.10) */

/* A CPU's runqueue, as far as finding tasks needs it. */
enum { RQ_IDLE };
static const struct record_field rq_fields[] = { [RQ_IDLE] = { { "idle" }, RECORD_POINTER } };
RECORD(rq_idle_record, "rq", rq_fields);

/* PID 0 is that of idle tasks, and what a lost page looks like when it is shown as zeros. */
static bool is_idle(struct kernel *k, const struct task *t)
{
	uint64_t idle;
	kva_t rq;

	if (task_knows(t, TASK_CPU) && percpu_symbol(k, "runqueues", t->cpu, &rq, NULL) == VS_OK &&
	    record_field_read(k, &rq_idle_record, rq, RQ_IDLE, &idle, NULL) == VS_OK)
		return idle == t->va;
	return t->flags & (PF_KTHREAD | PF_IDLE);
}

/* Before c65eacbe290b (4.9) struct thread_info was at the low end of the stack. */
enum { THREAD_CPU };
static const struct record_field thread_fields[] = {
	[THREAD_CPU] = { { "cpu" }, RECORD_UINT, "before 4.9, and since 5.16" },
};
RECORD(thread_info_record, "thread_info", thread_fields);

static bool cpu_on_stack(struct kernel *k, kva_t stack, uint64_t *ret)
{
	struct member m;

	return stack && record_member(k, &task_record, TASK_CPU, &m, NULL) &&
	       record_member(k, &task_record, TASK_THREAD_INFO, &m, NULL) &&
	       record_field_read(k, &thread_info_record, stack, THREAD_CPU, ret, NULL) == VS_OK;
}

static kva_t known_or_0(const struct record *r, enum task_field f)
{
	uint64_t v = 0;

	(void)record_get(r, f, &v);
	return v;
}

vs_status task_load(struct kernel *k, kva_t va, struct task *ret, struct err *err)
{
	struct task t = { .va = va, .cpu = TASK_NO_CPU };
	struct record r;
	uint64_t v;
	vs_status st;

	record_read(k, &task_record, va, TASK_BASICS, &r);
	st = record_need(&r, TASK_PID, &v, err);
	if (st)
		return fail_ctx(err, st, "task %#" PRIx64, va);
	t.pid = (int32_t)v;
	t.known = r.known | RECORD_BIT(TASK_PID);
	t.tgid = (int32_t)known_or_0(&r, TASK_TGID);
	if (!record_string(&r, TASK_COMM, t.comm, sizeof(t.comm)))
		t.known &= ~RECORD_BIT(TASK_COMM);
	t.stack = known_or_0(&r, TASK_STACK);
	t.mm = known_or_0(&r, TASK_MM);
	t.state = known_or_0(&r, TASK_STATE);
	t.exit_state = known_or_0(&r, TASK_EXIT_STATE);
	t.flags = known_or_0(&r, TASK_FLAGS);
	if (record_get(&r, TASK_CPU, &v) || cpu_on_stack(k, t.stack, &v)) {
		t.cpu = (unsigned)v;
		t.known |= RECORD_BIT(TASK_CPU);
	}
	t.on_cpu = known_or_0(&r, TASK_ON_CPU) != 0;
	if (t.pid == 0 && !is_idle(k, &t))
		return fail(err, VS_CORRUPT,
			    "task %#" PRIx64 " has PID 0, but is not the idle task of a CPU", va);
	*ret = t;
	return VS_OK;
}

bool task_is_kernel(const struct task *t)
{
	return t->pid == 0 || t->flags & PF_KTHREAD; // unknown flags are 0
}

/* TASK_* and EXIT_* bits (include/linux/sched.h). Renumbered in 4.14; older kernels are shown by
 * the same names for the bits that did not move. */
static const struct {
	uint32_t bit;
	const char *brief, *full;
} state_names[] = {
	{ 0x0001, "IN", "TASK_INTERRUPTIBLE" }, { 0x0002, "UN", "TASK_UNINTERRUPTIBLE" },
	{ 0x0004, "ST", "TASK_STOPPED" },	{ 0x0008, "TR", "TASK_TRACED" },
	{ 0x0040, "PA", "TASK_PARKED" },	{ 0x0080, "DE", "TASK_DEAD" },
	{ 0x0200, "WA", "TASK_WAKING" },	{ 0x0800, "NE", "TASK_NEW" },
};

/* A dead task's state says nothing, so both words count. */
static bool knows_state(const struct task *t)
{
	return task_knows(t, TASK_STATE) && task_knows(t, TASK_EXIT_STATE);
}

const char *task_state_str(const struct task *t)
{
	if (t->exit_state & 0x10)
		return "DE"; // EXIT_DEAD
	if (t->exit_state & 0x20)
		return "ZO"; // EXIT_ZOMBIE
	if (!knows_state(t))
		return "?";
	if ((t->state & 0x402) == 0x402)
		return "ID"; // TASK_NOLOAD | TASK_UNINTERRUPTIBLE
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (t->state & state_names[i].bit)
			return state_names[i].brief;
	return t->state == 0 ? "RU" : "??";
}

const char *task_state_long(const struct task *t)
{
	if (t->exit_state & 0x10)
		return "EXIT_DEAD";
	if (t->exit_state & 0x20)
		return "EXIT_ZOMBIE";
	if (!knows_state(t))
		return "(unknown)";
	if ((t->state & 0x402) == 0x402)
		return "TASK_IDLE";
	for (size_t i = 0; i < sizeof(state_names) / sizeof(state_names[0]); i++)
		if (t->state & state_names[i].bit)
			return state_names[i].full;
	return t->state == 0 ? "TASK_RUNNING" : "(unknown)";
}

vs_status task_current(struct kernel *k, unsigned cpu, kva_t *ret, struct err *err)
{
	vs_status st = k->arch->os->current_task(k, cpu, ret, err);

	return st ? fail_ctx(err, st, "task on CPU %u", cpu) : VS_OK;
}

vs_status task_page_root(struct kernel *k, kva_t task, pa_t *ret, struct err *err)
{
	struct walk w;
	uint64_t mm, pgd;
	vs_status st = record_field_read(k, &task_record, task, TASK_MM, &mm, err);

	if (st)
		return st;
	if (!mm)
		return fail(err, VS_NOTFOUND, "a kernel thread has no user memory");
	st = record_field_read(k, &mm_record, mm, MM_PGD, &pgd, err);
	if (st == VS_OK)
		st = kmem_walk(k->kmem, 0, pgd, &w, err);
	if (st)
		return fail_ctx(err, st, "page tables of task %#" PRIx64, task);
	*ret = w.pa;
	return VS_OK;
}

static bool is_stack_size(uint64_t size)
{
	return size >= 4096 && size <= 1 << 20 && (size & (size - 1)) == 0;
}

uint64_t task_stack_size(struct kernel *k)
{
	static const char *const symbols[] = { "init_stack", "init_thread_union" };
	const struct symbol *s;
	uint64_t size;

	// union thread_union { ... unsigned long stack[THREAD_SIZE / sizeof(long)]; }
	if (kernel_need_types(k, NULL) == VS_OK &&
	    types_size(k->types, "thread_union", &size, NULL) == VS_OK && is_stack_size(size))
		return size;
	// Some vmlinux lack that type; its symbols have a size, those of the dump have none.
	for (size_t i = 0; i < 2 && kernel_need_syms(k, NULL) == VS_OK; i++)
		if ((s = symtab_find(k->syms, symbols[i])) && is_stack_size(s->size))
			return s->size;
	return 16384;
}

/* The rest of a ring whose way forward is lost behind its entry last: backwards from head, up to
 * there. VS_OK if it got there, so that none is missing. */
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

/* No list holds 0: that is a page shown as zeros, or memory that was given back. */
static vs_status next_node(struct kernel *k, kva_t node, kva_t *ret, struct err *err)
{
	vs_status st = mem_read_u64(k->mem, node, ret, err);

	return st || *ret ? st : fail(err, VS_CORRUPT, "%#" PRIx64 " leads nowhere", node);
}

/* Walk a list_head ring at head; node_off is the list member's offset in each object. */
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

/* No list and no PID leads to them. */
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

/* Threads of one process; the leader is the first of them. */
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

/* Tasks that were there at some time, sorted. */
struct known {
	kva_t *v;
	size_t n;
};

static int by_address(const void *a, const void *b)
{
	kva_t x = *(const kva_t *)a, y = *(const kva_t *)b;

	return x < y ? -1 : x > y;
}

/* To be freed. False without memory. */
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

/* 95846ecf9dac (4.15): an idr holds the struct pid of each PID. */
enum { PID_NS_TREE };
static const struct record_field pid_ns_fields[] = {
	[PID_NS_TREE] = { { "idr.idr_rt" }, RECORD_ADDRESS },
};
RECORD(pid_ns_record, "pid_namespace", pid_ns_fields);

enum { PID_FIRST };
static const struct record_field pid_fields[] = {
	[PID_FIRST] = { { "tasks[0].first" }, RECORD_POINTER },
};
RECORD(pid_record, "pid", pid_fields);

struct by_pid {
	struct kernel *k;
	struct member first, link; /* in struct pid, in task_struct */
	struct task_vec *out;
	struct known known;
	bool lost; /* a struct pid cannot be read, so that its task is missing */
};

static bool add_task_of_pid(void *ctx, uint64_t nr, uint64_t last, uint64_t pid)
{
	struct by_pid *p = ctx;
	kva_t node, task;

	(void)nr;
	(void)last;
	if (mem_read_u64(p->k->mem, pid + p->first.off, &node, NULL)) {
		p->lost = true;
		return true;
	}
	if (!node)
		return true; // of a process group or session that outlived its leader
	task = node - p->link.off;
	if (!is_known(&p->known, task))
		(void)vec_push(&p->out->va, task);
	return p->out->va.n < MAX_TASKS;
}

/* Second source for tasks between two lost pages, which no list leads to: the PIDs that are in use.
 * VS_OK: all of them. */
static vs_status add_by_pid(struct kernel *k, struct task_vec *out)
{
	struct by_pid p = { .k = k, .out = out };
	struct member idr;
	kva_t ns;
	vs_status st = kernel_symbol(k, "init_pid_ns", &ns, NULL);

	if (st == VS_OK)
		st = record_member(k, &pid_ns_record, PID_NS_TREE, &idr, NULL);
	if (st == VS_OK)
		st = record_member(k, &pid_record, PID_FIRST, &p.first, NULL);
	if (st == VS_OK)
		st = record_member(k, &task_record, TASK_PID_LINK, &p.link, NULL);
	if (st)
		return st;
	if (!note_known(out, &p.known))
		return VS_NOMEM;
	st = walk_xarray(k, ns + idr.off, add_task_of_pid, &p, NULL);
	free(p.known.v);
	return st || !p.lost ? st : VS_LOST;
}

/* Those of found that out does not have yet, each once. */
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

/* Third source, when PIDs are lost, too: children and threads of the tasks found so far, their
 * children, and so on. Nothing in the dump shows whether there are others. */
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

vs_status tasks_list(struct kernel *k, kva_t **ret, size_t *n, struct err *err)
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
		// A dead leader may have left the thread list; it is still a task.
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
