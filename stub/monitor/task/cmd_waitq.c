/* cmd_waitq.c - waitq: who waits on a wait queue. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/walk.h"
#include "stub/monitor/cmd.h"

struct waitq_print {
	struct monitor *m;
	struct buf *out;
	struct member entry, private, func;
	const char *type; /* of the entries */
	kva_t *tasks;
	size_t ntasks, n;
};

/* 2055da97389a (4.13): struct __wait_queue became wait_queue_entry, its task_list entry. */
static vs_status load_types(struct monitor *m, struct waitq_print *p, struct member *head,
			    struct err *err)
{
	vs_status st;

	p->type = "wait_queue_entry";
	if (kernel_member(m->k, p->type, &p->entry, NULL, "entry", NULL))
		p->type = "__wait_queue";
	st = kernel_member(m->k, p->type, &p->entry, err, "entry", "task_list", NULL);
	if (st == VS_OK)
		st = kernel_member(m->k, p->type, &p->private, err, "private", NULL);
	if (st == VS_OK)
		st = kernel_member(m->k, p->type, &p->func, err, "func", NULL);
	if (st == VS_OK && kernel_member(m->k, "wait_queue_head", head, NULL, "head", NULL))
		st = kernel_member(m->k, "__wait_queue_head", head, err, "task_list", NULL);
	return st;
}

static int by_va(const void *a, const void *b)
{
	kva_t x = *(const kva_t *)a, y = *(const kva_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_task(const struct waitq_print *p, kva_t va)
{
	return p->ntasks && bsearch(&va, p->tasks, p->ntasks, sizeof(va), by_va);
}

/* Who is behind an entry: private is a task by default, and of poll() its struct poll_wqueues. */
static kva_t waiter(const struct waitq_print *p, kva_t private, const struct addr_name *func)
{
	uint64_t task;

	if (is_task(p, private))
		return private;
	if (func->sym && strcmp(func->sym->name, "pollwake") == 0 &&
	    kernel_read_member(p->m->k, private, "poll_wqueues", "polling_task", &task, NULL) ==
		    VS_OK &&
	    is_task(p, task))
		return task;
	return 0;
}

static bool put_entry(void *ctx, kva_t node)
{
	struct waitq_print *p = ctx;
	kva_t va = node - p->entry.off, task;
	struct addr_name func = { 0 };
	uint64_t private, fn;
	struct err why;
	struct task t;

	p->n++;
	if (kernel_read_at(p->m->k, va, &p->private, &private, &why) ||
	    kernel_read_at(p->m->k, va, &p->func, &fn, &why)) {
		buf_printf(p->out, "(%s %016" PRIx64 ": %s)\n", p->type, va, why.msg);
		return true;
	}
	cmd_lookup(p->m, fn, &func);
	task = waiter(p, private, &func);
	if (task && task_load(p->m->k, task, &t, NULL) == VS_OK) {
		cmd_task_line(&t, p->out);
		return true;
	}
	buf_printf(p->out, "(no task: %s %016" PRIx64 "  func: ", p->type, va);
	cmd_put_name(p->out, &func, false);
	cmd_put_owner(p->out, &func);
	buf_printf(p->out, "  private: %016" PRIx64 ")\n", private);
	return true;
}

/* "ADDRESS", "SYMBOL" or "STRUCT.MEMBER ADDRESS". */
static vs_status find_head(struct monitor *m, struct args *a, kva_t *ret, struct err *err)
{
	AUTO_FREE char *type = NULL;
	struct member at;
	char *dot;
	vs_status st;

	if (a->argc == 1)
		return cmd_address(m, a->argv[0], ret, err);
	if (a->argc != 2)
		return fail(err, VS_INVAL, "usage: waitq ADDRESS | SYMBOL | STRUCT.MEMBER ADDRESS");
	type = strdup(a->argv[0]);
	dot = type ? strchr(type, '.') : NULL;
	if (!dot)
		return fail(err, VS_INVAL, "%s: not STRUCT.MEMBER", a->argv[0]);
	*dot = '\0';
	st = kernel_member(m->k, type, &at, err, dot + 1, NULL);
	if (st == VS_OK)
		st = cmd_address(m, a->argv[1], ret, err);
	if (st == VS_OK)
		*ret += at.off;
	return st;
}

vs_status cmd_waitq(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct waitq_print p = { .m = m, .out = out };
	struct member head;
	kva_t va;
	vs_status st = find_head(m, a, &va, err);

	if (st == VS_OK)
		st = load_types(m, &p, &head, err);
	if (st)
		return st;
	(void)tasks_list(m->k, &p.tasks, &p.ntasks, NULL);
	if (p.ntasks)
		qsort(p.tasks, p.ntasks, sizeof(*p.tasks), by_va);
	st = walk_list(m->k, va + head.off, put_entry, &p, err);
	free(p.tasks);
	if (st)
		return fail_ctx(err, st, "wait queue %016" PRIx64, va);
	if (!p.n)
		buf_printf(out, "wait queue \"%s\" (%016" PRIx64 ") is empty\n",
			   a->argv[a->argc - 1], va);
	return VS_OK;
}
