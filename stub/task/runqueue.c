// SPDX-License-Identifier: GPL-3.0-or-later
/* runqueue.c - the tasks on a CPU's queues. Groups nest: an entity in a tree or array is a task or
 * the queue of a group; such queues go on a list and are walked later. */
#include "stub/task/runqueue.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/vec.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/task/cgroup.h"
#include "stub/kernel/walk.h"
#include "stub/task/task_record.h"

#define MAX_QUEUES 65536 /* groups on one CPU */
#define RT_PRIOS   100	 /* MAX_RT_PRIO */

enum { RQ_CURR, RQ_CFS, RQ_CFS_TREE, RQ_RT, RQ_RT_ACTIVE, RQ_DL_ROOT, RQ_EXT_LIST };
static const struct record_field rq_fields[] = {
	[RQ_CURR] = { { "curr" }, RECORD_POINTER },
	[RQ_CFS] = { { "cfs" }, RECORD_ADDRESS },
	[RQ_CFS_TREE] = { { "cfs.tasks_timeline" }, RECORD_ADDRESS },
	[RQ_RT] = { { "rt" }, RECORD_ADDRESS },
	[RQ_RT_ACTIVE] = { { "rt.active" }, RECORD_ADDRESS },
	// 4.14 renamed it; aab03e05e8f7 (3.14) added the class
	[RQ_DL_ROOT] = { { "dl.root", "dl.rb_root" }, RECORD_ADDRESS, "since 3.14" },
	// f0e1a0643a59 (6.12): sched_ext
	[RQ_EXT_LIST] = { { "scx.runnable_list" }, RECORD_ADDRESS, "CONFIG_SCHED_CLASS_EXT" },
};
RECORD(rq_record, "rq", rq_fields);

enum { SE_NODE, SE_MY_Q };
static const struct record_field se_fields[] = {
	[SE_NODE] = { { "run_node" }, RECORD_ADDRESS },
	[SE_MY_Q] = { { "my_q" }, RECORD_POINTER, "CONFIG_FAIR_GROUP_SCHED" },
};
RECORD(se_record, "sched_entity", se_fields);

enum { CFS_TREE, CFS_CURR, CFS_THROTTLED };
static const struct record_field cfs_fields[] = {
	[CFS_TREE] = { { "tasks_timeline" }, RECORD_ADDRESS },
	[CFS_CURR] = { { "curr" }, RECORD_POINTER },
	[CFS_THROTTLED] = { { "throttled" }, RECORD_UINT, "CONFIG_CFS_BANDWIDTH" },
};
RECORD(cfs_record, "cfs_rq", cfs_fields);

enum { RT_SE_LIST, RT_SE_MY_Q };
static const struct record_field rt_se_fields[] = {
	[RT_SE_LIST] = { { "run_list" }, RECORD_ADDRESS },
	[RT_SE_MY_Q] = { { "my_q" }, RECORD_POINTER, "CONFIG_RT_GROUP_SCHED" },
};
RECORD(rt_se_record, "sched_rt_entity", rt_se_fields);

enum { RT_RQ_ACTIVE };
static const struct record_field rt_rq_fields[] = {
	[RT_RQ_ACTIVE] = { { "active" }, RECORD_ADDRESS },
};
RECORD(rt_rq_record, "rt_rq", rt_rq_fields);

enum { RT_ARRAY_QUEUE };
static const struct record_field rt_array_fields[] = {
	[RT_ARRAY_QUEUE] = { { "queue" }, RECORD_ADDRESS },
};
RECORD(rt_array_record, "rt_prio_array", rt_array_fields);

enum { DL_SE_NODE, DL_SE_SERVER };
static const struct record_field dl_se_fields[] = {
	[DL_SE_NODE] = { { "rb_node" }, RECORD_ADDRESS },
	// 63ba8422f876 (6.8): a server represents a whole class
	[DL_SE_SERVER] = { { "dl_server" }, RECORD_UINT, "since 6.8" },
};
RECORD(dl_se_record, "sched_dl_entity", dl_se_fields);

vs_status runqueue_load(struct kernel *k, unsigned cpu, struct runqueue *ret, struct err *err)
{
	struct runqueue q = { 0 };
	struct record r;
	vs_status st = percpu_symbol(k, "runqueues", cpu, &q.rq, err);

	if (st)
		return fail_ctx(err, st, "runqueue of CPU %u", cpu);
	record_read(k, &rq_record, q.rq, RECORD_ALL, &r);
	st = record_need(&r, RQ_CURR, &q.curr, err);
	if (st == VS_OK)
		st = record_need(&r, RQ_CFS_TREE, &q.fair, err);
	if (st == VS_OK)
		st = record_need(&r, RQ_RT_ACTIVE, &q.rt, err);
	if (st)
		return fail_ctx(err, st, "runqueue of CPU %u", cpu);
	q.deadline = record_pointer(&r, RQ_DL_ROOT);
	q.ext = record_pointer(&r, RQ_EXT_LIST);
	*ret = q;
	return VS_OK;
}

struct run_walk {
	struct kernel *k;
	run_fn fn;
	void *ctx;
	uint64_t off;	   /* of the node in the entity */
	uint64_t task_off; /* of the entity in the task */
	const struct record_def *entity;
	unsigned my_q; /* row of the entity's table for the queue of a group */
	int64_t prio;  /* of the RT list being walked */
	bool rt, stopped;
	VEC(kva_t) todo; /* queues of groups to walk */
};

/* The queue of a group, if the entity is one. */
static kva_t group_queue(struct run_walk *w, kva_t entity)
{
	uint64_t q;

	return w->entity && record_field_read(w->k, w->entity, entity, w->my_q, &q, NULL) == VS_OK
		       ? q
		       : 0;
}

static bool each_entity(void *ctx, kva_t node)
{
	struct run_walk *w = ctx;
	kva_t entity = node - w->off, q = group_queue(w, entity);
	struct run_entry e = { entity - w->task_off, w->prio };
	uint64_t prio;

	if (q)
		return w->todo.n < MAX_QUEUES && vec_push(&w->todo, q);
	if (!w->rt &&
	    record_field_read(w->k, &task_record, e.task, TASK_PRIO, &prio, NULL) == VS_OK)
		e.prio = (int64_t)prio;
	w->stopped = !w->fn(w->ctx, &e);
	return !w->stopped;
}

/* Finds the offsets of the node in an entity of the class, and of the entity in a task. */
static vs_status entity_offsets(struct run_walk *w, const struct record_def *entity, unsigned node,
				enum task_field in_task, struct err *err)
{
	struct member m;
	vs_status st = record_member(w->k, entity, node, &m, err);

	if (st)
		return st;
	w->off = m.off;
	st = record_member(w->k, &task_record, in_task, &m, err);
	w->task_off = st ? 0 : m.off;
	return st;
}

/* --- fair */

/* The running entity is not in the tree; if it is a group, its tasks still wait. */
static void add_current_group(struct run_walk *w, kva_t cfs)
{
	uint64_t curr;
	kva_t q;

	if (record_field_read(w->k, &cfs_record, cfs, CFS_CURR, &curr, NULL) || !curr)
		return;
	q = group_queue(w, curr);
	if (q && w->todo.n < MAX_QUEUES)
		(void)vec_push(&w->todo, q);
}

static vs_status each_fair(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	struct member tree;
	vs_status st = entity_offsets(w, &se_record, SE_NODE, TASK_SE, err);

	if (st == VS_OK)
		st = record_member(w->k, &cfs_record, CFS_TREE, &tree, err);
	if (st)
		return st;
	w->entity = &se_record;
	w->my_q = SE_MY_Q;
	if (!vec_push(&w->todo, q->fair - tree.off))
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; st == VS_OK && i < w->todo.n && !w->stopped; i++) {
		add_current_group(w, w->todo.v[i]);
		st = walk_rbtree(w->k, w->todo.v[i] + tree.off, each_entity, w, err);
	}
	return st;
}

/* --- RT */

static vs_status each_rt(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	struct member active, queue;
	vs_status st = entity_offsets(w, &rt_se_record, RT_SE_LIST, TASK_RT, err);

	if (st == VS_OK)
		st = record_member(w->k, &rt_rq_record, RT_RQ_ACTIVE, &active, err);
	if (st == VS_OK)
		st = record_member(w->k, &rt_array_record, RT_ARRAY_QUEUE, &queue, err);
	if (st)
		return st;
	if (queue.size != RT_PRIOS * 16)
		return fail(err, VS_UNSUPPORTED, "rt_prio_array.queue has %" PRIu64 " bytes",
			    queue.size);
	w->entity = &rt_se_record;
	w->my_q = RT_SE_MY_Q;
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

	if (record_field_read(w->k, &dl_se_record, entity, DL_SE_SERVER, &server, NULL) == VS_OK &&
	    server)
		e.task = 0;
	return w->fn(w->ctx, &e);
}

static vs_status each_deadline(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	vs_status st;

	if (!q->deadline)
		return VS_OK;
	st = entity_offsets(w, &dl_se_record, DL_SE_NODE, TASK_DL, err);
	return st ? st : walk_rbtree(w->k, q->deadline, each_deadline_entity, w, err);
}

static vs_status each_ext(struct run_walk *w, const struct runqueue *q, struct err *err)
{
	struct member m;
	vs_status st = record_member(w->k, &task_record, TASK_EXT_NODE, &m, err);

	if (st)
		return st;
	w->off = m.off;
	return walk_list(w->k, q->ext, each_entity, w, err);
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
	return record_field_read(k, &task_record, task, TASK_GROUP, ret, err);
}

/* The member is an array of pointers, one per CPU, or since 7.0 a per-CPU pointer; its type tells.
 * 0: no such member. */
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

enum { GROUP_PARENT, GROUP_CGROUP, GROUP_RT };
static const struct record_field group_fields[] = {
	[GROUP_PARENT] = { { "parent" }, RECORD_POINTER, "CONFIG_CGROUP_SCHED" },
	[GROUP_CGROUP] = { { "css.cgroup" }, RECORD_POINTER, "CONFIG_CGROUP_SCHED" },
	[GROUP_RT] = { { "rt_rq" }, RECORD_POINTER, "CONFIG_RT_GROUP_SCHED" },
};
RECORD(group_record, "task_group", group_fields);

bool runqueue_has_rt_groups(struct kernel *k)
{
	return record_name(k, &group_record, GROUP_RT);
}

static void group_name(struct kernel *k, kva_t group, char *dst, size_t cap)
{
	uint64_t cgroup;

	if (record_field_read(k, &group_record, group, GROUP_CGROUP, &cgroup, NULL))
		snprintf(dst, cap, "?");
	else
		cgroup_name(k, cgroup, dst, cap);
}

vs_status task_group_load(struct kernel *k, kva_t va, const struct runqueue *q, unsigned cpu,
			  struct run_group *ret, struct err *err)
{
	struct run_group g = { .va = va };
	uint64_t throttled;
	struct member m;
	vs_status st = record_field_read(k, &group_record, va, GROUP_PARENT, &g.parent, err);

	if (st)
		return fail_ctx(err, st, "task group %#" PRIx64, va);
	group_name(k, va, g.name, sizeof(g.name));
	g.fair = group_on_cpu(k, va, "cfs_rq", cpu);
	g.rt = group_on_cpu(k, va, "rt_rq", cpu);
	if (!g.parent) { // the root group's queues are in the CPU's run queue
		if (record_member(k, &rq_record, RQ_CFS, &m, NULL) == VS_OK)
			g.fair = q->rq + m.off;
		if (record_member(k, &rq_record, RQ_RT, &m, NULL) == VS_OK)
			g.rt = q->rq + m.off;
	}
	g.fair_throttled = g.fair &&
			   record_field_read(k, &cfs_record, g.fair, CFS_THROTTLED, &throttled,
					     NULL) == VS_OK &&
			   throttled;
	*ret = g;
	return VS_OK;
}
