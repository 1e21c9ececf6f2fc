// SPDX-License-Identifier: GPL-3.0-or-later
/* rcu.c - reads struct rcu_state of tree RCU (kernel/rcu/tree.h). Its nodes are a tree whose
 * leaves have a bit for each CPU that has not passed through a quiescent state. */
#include "stub/subsys/sys/rcu.h"

#include <stdio.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/kernel/walk.h"

#define SEQ_STATE 3  /* RCU_SEQ_STATE_MASK: not 0 while a grace period runs */
#define MAX_STATE 16 /* more than the kernel has names for states of its thread */

enum { RCU_NODES, RCU_SEQ, RCU_START, RCU_ACTIVITY, RCU_THREAD, RCU_GP_STATE };
static const struct record_field rcu_fields[] = {
	[RCU_NODES] = { { "node" }, RECORD_ADDRESS },
	// de30ad512a66 (4.16)
	[RCU_SEQ] = { { "gp_seq" }, RECORD_UINT, "since 4.16" },
	[RCU_START] = { { "gp_start" }, RECORD_UINT },
	[RCU_ACTIVITY] = { { "gp_activity" }, RECORD_UINT, "since 4.1" },
	[RCU_THREAD] = { { "gp_kthread" }, RECORD_POINTER },
	[RCU_GP_STATE] = { { "gp_state" }, RECORD_UINT, "since 4.1" },
};
RECORD(rcu_state_record, "rcu_state", rcu_fields);

enum {
	NODE_MASK,
	NODE_EXP_MASK,
	NODE_FIRST,
	NODE_LAST,
	NODE_LEVEL,
	NODE_BLOCKED,
	NODE_TASKS,
	NODE_EXP_TASKS
};
static const struct record_field node_fields[] = {
	[NODE_MASK] = { { "qsmask" }, RECORD_UINT },
	[NODE_EXP_MASK] = { { "expmask" }, RECORD_UINT },
	[NODE_FIRST] = { { "grplo" }, RECORD_UINT },
	[NODE_LAST] = { { "grphi" }, RECORD_UINT },
	[NODE_LEVEL] = { { "level" }, RECORD_UINT },
	[NODE_BLOCKED] = { { "blkd_tasks" }, RECORD_ADDRESS },
	[NODE_TASKS] = { { "gp_tasks" }, RECORD_POINTER },
	[NODE_EXP_TASKS] = { { "exp_tasks" }, RECORD_POINTER },
};
RECORD(rcu_node_record, "rcu_node", node_fields);

enum { TASK_RCU_ENTRY };
static const struct record_field entry_fields[] = {
	[TASK_RCU_ENTRY] = { { "rcu_node_entry" }, RECORD_ADDRESS, "CONFIG_PREEMPT_RCU" },
};
RECORD(task_rcu_record, "task_struct", entry_fields);

/* The kernel's name of its thread's state, without the prefix that all have. */
static void state_name(struct kernel *k, uint64_t state, char *dst, size_t cap)
{
	static const char prefix[] = "RCU_GP_";
	kva_t names;
	uint64_t text;
	char name[24];

	snprintf(dst, cap, "?");
	if (state < MAX_STATE && kernel_symbol(k, "gp_state_names", &names, NULL) == VS_OK &&
	    mem_read_u64(k->mem, names + state * sizeof(kva_t), &text, NULL) == VS_OK && text &&
	    mem_read_str(k->mem, text, name, sizeof(name), NULL) == VS_OK &&
	    strncmp(name, prefix, sizeof(prefix) - 1) == 0)
		snprintf(dst, cap, "%s", name + sizeof(prefix) - 1);
}

vs_status rcu_period_load(struct kernel *k, struct rcu_period *ret, struct err *err)
{
	struct rcu_period p = { 0 };
	struct record r;
	uint64_t state;
	kva_t va;
	vs_status st = kernel_symbol(k, "rcu_state", &va, err);

	if (st)
		return st;
	record_read(k, &rcu_state_record, va, RECORD_ALL, &r);
	st = record_need(&r, RCU_SEQ, &p.seq, err);
	if (st)
		return st;
	p.running = p.seq & SEQ_STATE;
	p.knows_start = record_get(&r, RCU_START, &p.start);
	p.knows_activity = record_get(&r, RCU_ACTIVITY, &p.activity);
	p.thread = record_pointer(&r, RCU_THREAD);
	if (record_get(&r, RCU_GP_STATE, &state))
		state_name(k, state, p.state, sizeof(p.state));
	else
		strcpy(p.state, "?");
	*ret = p;
	return VS_OK;
}

/* --- who delays it */

struct rcu_walk {
	struct kernel *k;
	const struct rcu_waiter *w;
	uint64_t entry; /* offset of the list node in struct task_struct */
	bool more;
};

static bool take_task(void *ctx, kva_t node)
{
	struct rcu_walk *w = ctx;

	w->more = w->w->task(w->w->ctx, node - w->entry);
	return w->more;
}

/* The tasks from the one that the node points to up to the end of its list delay the period. */
static vs_status tasks_of_node(struct rcu_walk *w, const struct record *node, unsigned first_field,
			       struct err *err)
{
	struct member entry;
	uint64_t first, head;
	vs_status st = record_need(node, first_field, &first, err);

	if (st || !first)
		return st;
	st = record_member(w->k, &task_rcu_record, TASK_RCU_ENTRY, &entry, err);
	if (st == VS_OK)
		st = record_need(node, NODE_BLOCKED, &head, err);
	if (st)
		return st;
	w->entry = entry.off;
	return walk_chain(w->k, first, 0, head, take_task, w, err);
}

static vs_status cpus_of_node(struct rcu_walk *w, const struct record *node, unsigned mask_field,
			      struct err *err)
{
	uint64_t mask, first, last;
	vs_status st = record_need(node, mask_field, &mask, err);

	if (st == VS_OK)
		st = record_need(node, NODE_FIRST, &first, err);
	if (st == VS_OK)
		st = record_need(node, NODE_LAST, &last, err);
	for (unsigned bit = 0; st == VS_OK && w->more && bit < 64; bit++) {
		if (!(mask >> bit & 1))
			continue;
		if (first + bit > last || !percpu_may_exist(w->k, first + bit))
			return fail(err, VS_CORRUPT,
				    "an RCU node waits for a CPU that it does not have");
		w->more = w->w->cpu(w->w->ctx, (unsigned)(first + bit));
	}
	return st;
}

/* Gets the nodes and the level of the leaves. */
static vs_status find_nodes(struct kernel *k, kva_t *ret, uint64_t *size, uint32_t *n,
			    uint32_t *levels, struct err *err)
{
	kva_t va, count, nlevels;
	struct member nodes;
	vs_status st = kernel_symbol(k, "rcu_state", &va, err);

	if (st == VS_OK)
		st = record_member(k, &rcu_state_record, RCU_NODES, &nodes, err);
	if (st == VS_OK)
		st = types_size(k->types, "rcu_node", size, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "rcu_num_nodes", &count, err);
	if (st == VS_OK)
		st = kernel_symbol(k, "rcu_num_lvls", &nlevels, err);
	if (st == VS_OK)
		st = mem_read_u32(k->mem, count, n, err);
	if (st == VS_OK)
		st = mem_read_u32(k->mem, nlevels, levels, err);
	if (st)
		return st;
	if (!*size || *n > nodes.size / *size || !*levels)
		return fail(err, VS_CORRUPT, "rcu_num_nodes is %u, rcu_num_lvls %u", *n, *levels);
	*ret = va + nodes.off;
	return VS_OK;
}

vs_status rcu_each_waited(struct kernel *k, bool expedited, const struct rcu_waiter *waiter,
			  struct err *err)
{
	struct rcu_walk w = { .k = k, .w = waiter, .more = true };
	uint64_t size, level;
	uint32_t n, levels;
	kva_t nodes = 0;
	vs_status st = find_nodes(k, &nodes, &size, &n, &levels, err);

	for (uint32_t i = 0; st == VS_OK && w.more && i < n; i++) {
		struct record r;

		record_read(k, &rcu_node_record, nodes + i * size, RECORD_ALL, &r);
		st = record_need(&r, NODE_LEVEL, &level, err);
		if (st || level + 1 != levels)
			continue;
		st = cpus_of_node(&w, &r, expedited ? NODE_EXP_MASK : NODE_MASK, err);
		if (st == VS_OK && w.more)
			st = tasks_of_node(&w, &r, expedited ? NODE_EXP_TASKS : NODE_TASKS, err);
	}
	return st;
}
