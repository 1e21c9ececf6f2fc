/* runqueue.c - what waits for a CPU. Groups nest: an entity in a tree or array is a task, or the
 * queue of a group, which is walked in turn from a list of those still to do. */
#include "stub/task/runqueue.h"

#include <inttypes.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/walk.h"

#define MAX_QUEUES 65536 /* groups on one CPU */
#define RT_PRIOS   100	 /* MAX_RT_PRIO */

vs_status runqueue_load(struct kernel *k, unsigned cpu, struct runqueue *ret, struct err *err)
{
	struct runqueue q = { 0 };
	struct member m;
	vs_status st = percpu_symbol(k, "runqueues", cpu, &q.rq, err);

	if (st == VS_OK)
		st = kernel_read_member(k, q.rq, "rq", "curr", &q.curr, err);
	if (st == VS_OK &&
	    (st = kernel_member(k, "rq", &m, err, "cfs.tasks_timeline", NULL)) == VS_OK)
		q.fair = q.rq + m.off;
	if (st == VS_OK && (st = kernel_member(k, "rq", &m, err, "rt.active", NULL)) == VS_OK)
		q.rt = q.rq + m.off;
	if (st == VS_OK && (st = kernel_member(k, "rq", &m, err, "dl.root", NULL)) == VS_OK)
		q.deadline = q.rq + m.off;
	// f0e1a0643a59 (6.12): sched_ext.
	if (st == VS_OK && kernel_member(k, "rq", &m, NULL, "scx.runnable_list", NULL) == VS_OK)
		q.ext = q.rq + m.off;
	if (st)
		return fail_ctx(err, st, "runqueue of CPU %u", cpu);
	*ret = q;
	return VS_OK;
}

struct run_walk {
	struct kernel *k;
	run_fn fn;
	void *ctx;
	uint64_t off;		      /* of the node in the entity */
	uint64_t task_off;	      /* of the entity in the task */
	struct member my_q;	      /* size 0: entities are tasks */
	struct member timeline, curr; /* of a cfs_rq */
	int64_t prio;		      /* of the RT list being walked */
	bool rt, stopped;
	VEC(kva_t) todo; /* queues of groups */
};

/* The queue of a group, if the entity is one. */
static kva_t group_queue(struct run_walk *w, kva_t entity)
{
	uint64_t q;

	if (!w->my_q.size || kernel_read_at(w->k, entity, &w->my_q, &q, NULL))
		return 0;
	return q;
}

static bool each_entity(void *ctx, kva_t node)
{
	struct run_walk *w = ctx;
	kva_t entity = node - w->off, q = group_queue(w, entity);
	struct run_entry e = { entity - w->task_off, w->prio };
	uint64_t prio;

	if (q)
		return w->todo.n < MAX_QUEUES && vec_push(&w->todo, q);
	if (!w->rt && kernel_read_member(w->k, e.task, "task_struct", "prio", &prio, NULL) == VS_OK)
		e.prio = (int32_t)prio;
	w->stopped = !w->fn(w->ctx, &e);
	return !w->stopped;
}

/* --- fair */

/* The entity that runs is in no tree; when it is a group, its tasks wait all the same. */
static void add_current_group(struct run_walk *w, kva_t cfs)
{
	uint64_t curr;
	kva_t q;

	if (kernel_read_at(w->k, cfs, &w->curr, &curr, NULL) || !curr)
		return;
	q = group_queue(w, curr);
	if (q && w->todo.n < MAX_QUEUES)
		(void)vec_push(&w->todo, q);
}

static vs_status each_fair(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	struct member m;
	vs_status st = kernel_member(w->k, "sched_entity", &m, err, "run_node", NULL);

	w->off = m.off;
	if (st == VS_OK)
		st = kernel_member(w->k, "task_struct", &m, err, "se", NULL);
	w->task_off = m.off;
	if (st == VS_OK)
		st = kernel_member(w->k, "cfs_rq", &w->timeline, err, "tasks_timeline", NULL);
	if (st == VS_OK)
		st = kernel_member(w->k, "cfs_rq", &w->curr, err, "curr", NULL);
	if (st)
		return st;
	if (kernel_member(w->k, "sched_entity", &w->my_q, NULL, "my_q", NULL)) // no groups
		w->my_q.size = 0;
	if (!vec_push(&w->todo, q->fair - w->timeline.off))
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; st == VS_OK && i < w->todo.n && !w->stopped; i++) {
		add_current_group(w, w->todo.v[i]);
		st = walk_rbtree(w->k, w->todo.v[i] + w->timeline.off, each_entity, w, err);
	}
	return st;
}

/* --- RT */

static vs_status each_rt(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	struct member m, active, queue;
	vs_status st = kernel_member(w->k, "sched_rt_entity", &m, err, "run_list", NULL);

	w->off = m.off;
	if (st == VS_OK)
		st = kernel_member(w->k, "task_struct", &m, err, "rt", NULL);
	w->task_off = m.off;
	if (st == VS_OK)
		st = kernel_member(w->k, "rt_rq", &active, err, "active", NULL);
	if (st == VS_OK)
		st = kernel_member(w->k, "rt_prio_array", &queue, err, "queue", NULL);
	if (st)
		return st;
	if (queue.size != RT_PRIOS * 16)
		return fail(err, VS_UNSUPPORTED, "rt_prio_array.queue has %" PRIu64 " bytes",
			    queue.size);
	if (kernel_member(w->k, "sched_rt_entity", &w->my_q, NULL, "my_q", NULL))
		w->my_q.size = 0;
	w->rt = true;
	if (!vec_push(&w->todo, q->rt - active.off))
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; st == VS_OK && i < w->todo.n && !w->stopped; i++) {
		kva_t lists = w->todo.v[i] + active.off + queue.off;

		for (w->prio = 0; st == VS_OK && w->prio < RT_PRIOS && !w->stopped; w->prio++)
			st = walk_list(w->k, lists + (uint64_t)w->prio * 16, each_entity, w, err);
	}
	return st;
}

/* --- deadline, ext */

static bool each_deadline_entity(void *ctx, kva_t node)
{
	struct run_walk *w = ctx;
	kva_t entity = node - w->off;
	uint64_t server;
	struct run_entry e = { entity - w->task_off, -1 };

	// 63ba8422f876 (6.8): a server stands for a whole class.
	if (kernel_read_member(w->k, entity, "sched_dl_entity", "dl_server", &server, NULL) ==
		    VS_OK &&
	    server)
		e.task = 0;
	return w->fn(w->ctx, &e);
}

static vs_status each_deadline(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	struct member m;
	vs_status st = kernel_member(w->k, "sched_dl_entity", &m, err, "rb_node", NULL);

	w->off = m.off;
	if (st == VS_OK)
		st = kernel_member(w->k, "task_struct", &m, err, "dl", NULL);
	w->task_off = m.off;
	return st ? st : walk_rbtree(w->k, q->deadline, each_deadline_entity, w, err);
}

static vs_status each_ext(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	struct member m;
	vs_status st = kernel_member(w->k, "task_struct", &m, err, "scx.runnable_node", NULL);

	w->off = m.off;
	return st ? st : walk_list(w->k, q->ext, each_entity, w, err);
}

vs_status runqueue_each(struct kernel *k, const struct runqueue *q, enum run_class class, run_fn fn,
			void *ctx, struct err *err)
{
	struct run_walk w = { .k = k, .fn = fn, .ctx = ctx };
	vs_status st = VS_OK;

	if (class == RUN_FAIR)
		st = each_fair(&w, q, err);
	else if (class == RUN_RT)
		st = each_rt(&w, q, err);
	else if (class == RUN_DEADLINE)
		st = each_deadline(&w, q, err);
	else if (q->ext)
		st = each_ext(&w, q, err);
	vec_free(&w.todo);
	return st;
}

/* --- groups */

vs_status task_group_of(struct kernel *k, kva_t task, kva_t *ret, struct err *err)
{
	return kernel_read_member(k, task, "task_struct", "sched_task_group", ret, err);
}

/* An array of pointers, one a CPU, or since 7.0 a per-CPU pointer: its type tells. 0: no such
 * member.
 */
static kva_t group_on_cpu(struct kernel *k, kva_t group, const char *member, unsigned cpu)
{
	type_ref type;
	struct type_field f;
	struct type_info info;
	uint64_t base, off, q;

	if (kernel_need_types(k, NULL) || types_find(k->types, "struct task_group", &type, NULL) ||
	    types_field(k->types, type, member, &f, NULL) ||
	    mem_read_u64(k->mem, group + f.at.off, &base, NULL) || !base)
		return 0;
	types_info(k->types, types_strip(k->types, f.type), &info);
	types_info(k->types, types_strip(k->types, info.target), &info);
	if (info.kind == TYPE_POINTER)
		return mem_read_u64(k->mem, base + cpu * 8ULL, &q, NULL) == VS_OK ? q : 0;
	return percpu_offset(k, cpu, &off, NULL) == VS_OK ? base + off : 0;
}

static void group_name(struct kernel *k, kva_t group, char *dst, size_t cap)
{
	uint64_t cgroup, node, name;

	dst[0] = '\0';
	if (kernel_read_member(k, group, "task_group", "css.cgroup", &cgroup, NULL) || !cgroup ||
	    kernel_read_member(k, cgroup, "cgroup", "kn", &node, NULL) || !node ||
	    kernel_read_member(k, node, "kernfs_node", "name", &name, NULL) ||
	    mem_read_str(k->mem, name, dst, cap, NULL))
		return;
	for (; *dst; dst++)
		if (*dst < 0x20 || *dst > 0x7e)
			*dst = '?';
}

vs_status task_group_load(struct kernel *k, kva_t va, const struct runqueue *q, unsigned cpu,
			  struct run_group *ret, struct err *err)
{
	struct run_group g = { .va = va };
	uint64_t throttled;
	struct member m;
	vs_status st = kernel_read_member(k, va, "task_group", "parent", &g.parent, err);

	if (st)
		return fail_ctx(err, st, "task group %#" PRIx64, va);
	group_name(k, va, g.name, sizeof(g.name));
	g.fair = group_on_cpu(k, va, "cfs_rq", cpu);
	g.rt = group_on_cpu(k, va, "rt_rq", cpu);
	if (!g.parent) { // the root's are the CPU's own
		if (kernel_member(k, "rq", &m, NULL, "cfs", NULL) == VS_OK)
			g.fair = q->rq + m.off;
		if (kernel_member(k, "rq", &m, NULL, "rt", NULL) == VS_OK)
			g.rt = q->rq + m.off;
	}
	g.fair_throttled =
		g.fair &&
		kernel_read_member(k, g.fair, "cfs_rq", "throttled", &throttled, NULL) == VS_OK &&
		throttled;
	*ret = g;
	return VS_OK;
}
