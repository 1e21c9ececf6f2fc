// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_waitq.c - waitq: who waits on a wait queue, a completion or a lock. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"
#include "stub/module/modtypes.h"
#include "stub/monitor/cmd.h"
#include "stub/triage/waitable.h"

/* The object that the command line names. */
struct subject {
	kva_t va;
	enum waitable_kind what;
	bool guessed; /* the type is assumed, because only an address was given */
};

struct waitq_print {
	struct monitor *m;
	struct buf *out;
	enum waitable_kind what;
	kva_t *tasks;
	size_t ntasks, n;
};

static int by_va(const void *a, const void *b)
{
	kva_t x = *(const kva_t *)a, y = *(const kva_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_task(const struct waitq_print *p, kva_t va)
{
	return p->ntasks && bsearch(&va, p->tasks, p->ntasks, sizeof(va), by_va);
}

enum { POLL_TASK };
static const struct record_field poll_fields[] = {
	[POLL_TASK] = { { "polling_task" }, RECORD_POINTER },
};
RECORD(poll_record, "poll_wqueues", poll_fields);

/* The waiter of an entry: its pointer is usually a task; for poll() it is a struct poll_wqueues. */
static kva_t waiter(const struct waitq_print *p, kva_t who, const struct addr_name *func)
{
	uint64_t task;

	if (is_task(p, who))
		return who;
	if (func->sym && strcmp(func->sym->name, "pollwake") == 0 &&
	    record_field_read(p->m->k, &poll_record, who, POLL_TASK, &task, NULL) == VS_OK &&
	    is_task(p, task))
		return task;
	return 0;
}

static bool put_entry(void *ctx, kva_t va)
{
	struct waitq_print *p = ctx;
	const struct record_def *def = waitables[p->what].waiter;
	kva_t task;
	struct addr_name func = { 0 };
	uint64_t who, fn;
	struct record r;
	struct err why;
	struct task t;

	p->n++;
	record_read(p->m->k, def, va, RECORD_ALL, &r);
	if (record_need(&r, WAITER_TASK, &who, &why)) {
		buf_printf(p->out, "(%s %016" PRIx64 ": %s)\n", def->type, va, why.msg);
		return !buf_stopped(p->out);
	}
	if (def->n > WAITER_FUNC && record_get(&r, WAITER_FUNC, &fn))
		cmd_lookup(p->m, fn, &func);
	task = waiter(p, who, &func);
	if (task && task_load(p->m->k, task, &t, NULL) == VS_OK) {
		cmd_task_line(&t, p->out);
		return !buf_stopped(p->out);
	}
	buf_printf(p->out, "(no task: %s %016" PRIx64 "  func: ", def->type, va);
	cmd_put_name(p->out, &func, false);
	cmd_put_owner(p->out, &func);
	buf_printf(p->out, "  private: %016" PRIx64 ")\n", who);
	return !buf_stopped(p->out);
}

/* Returns WAITABLES for other types. */
static enum waitable_kind waitable_named(const char *type)
{
	enum waitable_kind kind = 0;

	while (kind < WAITABLES && strcmp(waitables[kind].object->type, type) != 0)
		kind++;
	return kind;
}

/* Members that have the waiters of an object: the queue of a completion (a swait queue since
 * a5c6234e1028, 5.7), the rt_mutex_base in an rt_mutex, and, on PREEMPT_RT, in a mutex, in an
 * rw_semaphore or rwlock, and in a spinlock. */
static const char *const inner[] = { "wait", "rtmutex", "rwbase.rtmutex", "lock" };

/* Is this struct waitable, or one of these members? */
static bool take_object(struct monitor *m, struct types *t, type_ref type, struct subject *s)
{
	struct type_info info;
	struct type_field f;

	types_info(t, type, &info);
	s->what = waitable_named(info.name);
	if (s->what < WAITABLES && waitable_exists(m->k, s->what))
		return true;
	for (size_t i = 0; i < sizeof(inner) / sizeof(inner[0]); i++) {
		if (types_field(t, type, inner[i], &f, NULL))
			continue;
		types_info(t, types_strip(t, f.type), &info);
		s->what = waitable_named(info.name);
		if (s->what == WAITABLES)
			continue;
		s->va += f.at.off;
		return true;
	}
	return false;
}

/* Finds the waitable object for a variable or member of a type: itself, or what it points to. */
static vs_status take_type(struct monitor *m, struct types *t, type_ref type, struct subject *s,
			   struct err *err)
{
	type_ref bare = types_strip(t, type);
	struct type_info info;

	types_info(t, bare, &info);
	if (info.kind == TYPE_POINTER) {
		vs_status st = mem_read_u64(m->k->mem, s->va, &s->va, err);

		if (st || !s->va)
			return st ? st : fail(err, VS_NOTFOUND, "the pointer is NULL");
		bare = types_strip(t, info.target);
		types_info(t, bare, &info);
	}
	if (take_object(m, t, bare, s))
		return VS_OK;
	return fail(err, VS_INVAL, "%s%s is not a wait queue, completion or sleeping lock",
		    info.kind == TYPE_STRUCT && info.name[0] ? "struct " : "",
		    info.name[0] ? info.name : "this type");
}

static vs_status find_member(struct monitor *m, const char *text, const char *address,
			     struct subject *s, struct err *err)
{
	AUTO_FREE char *type = strdup(text);
	char *dot = type ? strchr(type, '.') : NULL;
	struct type_field f;
	struct types *t;
	type_ref ref;
	vs_status st;

	if (!dot)
		return fail(err, VS_INVAL, "%s: not STRUCT.MEMBER", text);
	*dot = '\0';
	st = kernel_find_type(m->k, type, &t, &ref, err);
	if (st == VS_OK)
		st = types_field(t, ref, dot + 1, &f, err);
	if (st == VS_OK)
		st = cmd_address(m, address, &s->va, err);
	if (st)
		return st;
	s->va += f.at.off;
	return take_type(m, t, f.type, s, err);
}

/* "ADDRESS", "SYMBOL" or "STRUCT.MEMBER ADDRESS". */
static vs_status find_subject(struct monitor *m, struct args *a, struct subject *s, struct err *err)
{
	struct addr_name n;
	struct types *t;
	type_ref type;
	vs_status st;

	if (a->argc == 2)
		return find_member(m, a->argv[0], a->argv[1], s, err);
	st = cmd_address(m, a->argv[0], &s->va, err);
	if (st)
		return st;
	s->what = waitable_exists(m->k, WAITABLE_QUEUE) ? WAITABLE_QUEUE : WAITABLE_OLD_QUEUE;
	s->guessed = true;
	if (!cmd_lookup(m, s->va, &n) || n.off || strcmp(n.sym->name, a->argv[0]) != 0 ||
	    kernel_find_variable(m->k, a->argv[0], &t, &type, NULL))
		return VS_OK;
	s->guessed = false;
	return take_type(m, t, type, s, err);
}

static vs_status cmd_waitq(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct waitq_print p = { .m = m, .out = out };
	struct subject s = { 0 };
	vs_status st = kernel_need_types(m->k, err);

	if (st == VS_OK)
		st = find_subject(m, a, &s, err);
	if (st)
		return st;
	p.what = s.what;
	(void)tasks_list(m->k, &p.tasks, &p.ntasks, NULL);
	if (p.ntasks)
		qsort(p.tasks, p.ntasks, sizeof(*p.tasks), by_va);
	st = waitable_each(m->k, s.what, s.va, put_entry, &p, err);
	free(p.tasks);
	if (st && s.guessed)
		return fail_ctx(err, st,
				"%016" PRIx64
				", assumed to be a wait_queue_head (use STRUCT.MEMBER "
				"ADDRESS for another type)",
				s.va);
	if (st)
		return fail_ctx(err, st, "%s %016" PRIx64, waitables[s.what].object->type, s.va);
	if (!p.n)
		buf_printf(out, "%s \"%s\" (%016" PRIx64 ") is empty\n",
			   s.what <= WAITABLE_OLD_QUEUE ? "wait queue"
							: waitables[s.what].object->type,
			   a->argv[a->argc - 1], s.va);
	return VS_OK;
}

const struct cmd verb_waitq = {
	.name = "waitq",
	.run = cmd_waitq,
	.brief = "waiters on a wait queue or lock",
	.synopsis = "waitq ADDRESS | SYMBOL | STRUCT.MEMBER ADDRESS",
	.help = "List the tasks that wait on a wait queue, completion, mutex, rw_semaphore, "
		"semaphore or\n"
		"rt_mutex, and on a spinlock or rwlock of PREEMPT_RT. The type is that of SYMBOL "
		"or MEMBER; an\n"
		"ADDRESS alone is assumed to be a wait_queue_head. Waiters that are not tasks "
		"(epoll and others) are shown with the function that wakes "
		"them.\n",
	.example = "  waitq kauditd_wait\n"
		   "  PID: 34       TASK: ffff8933012e8000  CPU: 3    COMMAND: \"kauditd\"\n",
	.operands = OPERANDS(1, 2),
};
