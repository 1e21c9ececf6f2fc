// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_runq.c - runq: the running and queued tasks of each CPU, their clocks, tasks by group. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/vec.h"
#include "stub/task/cpus.h"
#include "stub/kernel/percpu.h"
#include "stub/task/runqueue.h"
#include "stub/task/taskinfo.h"
#include "stub/monitor/cpulist.h"
#include "stub/monitor/cmd.h"
#include "stub/monitor/table.h"

#define MAX_DEPTH 64 /* of nested groups; the kernel allows 32 levels of cgroups */

/* The columns of put_task(). */
#define TASK_COLUMNS                                                                               \
	{ "pid", "PID: ", -6, COLUMN_NUMBER }, { "task", " TASK: ", 16, COLUMN_ADDRESS0 },         \
	{                                                                                          \
		"command", "  COMMAND: \"", 0, COLUMN_TEXT, "\""                                   \
	}

static void put_task(struct monitor *m, kva_t va, struct table *row)
{
	struct task t;
	struct err why;

	if (task_load(m->k, va, &t, &why) == VS_OK) {
		table_int(row, t.pid);
		table_uint(row, t.va);
		table_text(row, t.comm);
		return;
	}
	table_layout(row, "TASK: %016" PRIx64, va);
	table_hide(row, true);
	table_unknown(row);
	table_uint(row, va);
	table_unknown(row);
	table_hide(row, false);
	table_remark(row, "  ", "%s", why.msg);
}

/* --- the queues of a CPU */

static const struct table_def cpu_table = {
	.name = "rows",
	.columns = {
		{ "cpu", "CPU ", 0, COLUMN_NUMBER },
		{ "runqueue", " RUNQUEUE: ", 16, COLUMN_ADDRESS0, "\n  CURRENT: " },
		TASK_COLUMNS,
	},
};
static const struct table_def queue_table = {
	.name = "queues",
	.columns = {
		{ "name", "  ", 0, COLUMN_TEXT },
		{ "address", ": ", 16, COLUMN_ADDRESS0, "\n" },
	},
};
static const struct table_def entry_table = {
	.name = "tasks",
	.columns = { { "prio", "     [", 3, COLUMN_NUMBER, "] " }, TASK_COLUMNS },
};

struct queue_print {
	struct monitor *m;
	struct table t;
};

static bool put_entry(void *ctx, const struct run_entry *e)
{
	struct queue_print *p = ctx;

	if (e->task) {
		table_int(&p->t, e->prio);
		put_task(p->m, e->task, &p->t);
	} else {
		table_remark(&p->t, "     ", "the server of another class");
	}
	table_end_row(&p->t);
	return true;
}

static bool count_entry(void *ctx, const struct run_entry *e)
{
	(void)e;
	++*(unsigned *)ctx;
	return true;
}

static void put_queue(struct monitor *m, const struct runqueue *q, enum run_class class,
		      const char *label, kva_t va, struct table *row)
{
	struct queue_print p = { .m = m };
	struct err why;
	vs_status st;

	table_text(row, label);
	table_uint(row, va);
	table_nest(&p.t, &entry_table, row);
	st = runqueue_each(m->k, q, class, put_entry, &p, &why);
	if (!st && !p.t.rows)
		table_layout(&p.t, "     [no tasks queued]\n");
	table_end(&p.t);
	if (st)
		table_remark(row, "     ", "%s", why.msg);
	table_end_row(row);
}

/* Usually empty queues, which crash does not print. */
static void put_if_any(struct monitor *m, const struct runqueue *q, enum run_class class,
		       const char *label, kva_t va, struct table *row)
{
	unsigned n = 0;

	if (runqueue_each(m->k, q, class, count_entry, &n, NULL) || n)
		put_queue(m, q, class, label, va, row);
}

static void put_queues(struct monitor *m, unsigned cpu, const struct runqueue *q, struct table *t)
{
	struct table queues;

	table_layout(t, t->rows ? "\n" : "");
	table_uint(t, cpu);
	table_uint(t, q->rq);
	put_task(m, q->curr, t);
	table_layout(t, "\n");
	table_nest(&queues, &queue_table, t);
	put_if_any(m, q, RUN_DEADLINE, "DL RB_ROOT", q->deadline, &queues);
	put_queue(m, q, RUN_RT, "RT PRIO_ARRAY", q->rt, &queues);
	put_queue(m, q, RUN_FAIR, "CFS RB_ROOT", q->fair, &queues);
	put_if_any(m, q, RUN_EXT, "EXT RUNNABLE_LIST", q->ext, &queues);
	table_end(&queues);
	table_end_row(t);
}

/* --- -g: by group */

struct queued {
	kva_t task, group;
	int64_t prio;
	bool rt, current, shown;
};

struct groups {
	struct monitor *m;
	struct buf *out;
	unsigned cpu;
	const struct runqueue *q;
	kva_t root;
	bool rt, rt_groups;
	VEC(struct queued) tasks;
	VEC(struct run_group) groups; /* of the tasks, and their ancestors */
};

/* A task in a line of text. */
static void put_task_text(struct monitor *m, kva_t va, const char *before, const char *after,
			  struct buf *out)
{
	static const struct table_def def = { .name = "tasks", .columns = { TASK_COLUMNS } };
	struct table t;

	buf_puts(out, before);
	table_begin(&t, &def, m, out);
	put_task(m, va, &t);
	table_layout(&t, "%s", after);
	table_end_row(&t);
	table_end(&t);
}

static bool add_queued(void *ctx, const struct run_entry *e)
{
	struct groups *g = ctx;
	struct queued t = { e->task, 0, e->prio, g->rt, e->task == g->q->curr, false };

	if (!e->task)
		return true;
	// Without group scheduling for its class, a task belongs to the root group.
	if (!g->rt || g->rt_groups)
		(void)task_group_of(g->m->k, e->task, &t.group, NULL);
	if (!t.group)
		t.group = g->root;
	return vec_push(&g->tasks, t);
}

/* The fair class does not keep the running task in its tree. */
static void add_current(struct groups *g)
{
	struct run_entry e = { g->q->curr, 0 };
	uint64_t prio, on_rq;
	struct record r;

	for (size_t i = 0; i < g->tasks.n; i++)
		if (g->tasks.v[i].task == g->q->curr)
			return;
	record_read(g->m->k, &task_record, e.task, RECORD_BIT(TASK_PRIO) | RECORD_BIT(TASK_ON_RQ),
		    &r);
	if (!record_get(&r, TASK_PRIO, &prio) || (int64_t)prio < 100 ||
	    !record_get(&r, TASK_ON_RQ, &on_rq) || !on_rq)
		return;
	e.prio = (int64_t)prio;
	g->rt = false;
	(void)add_queued(g, &e);
}

static const struct run_group *find_group(const struct groups *g, kva_t va)
{
	for (size_t i = 0; i < g->groups.n; i++)
		if (g->groups.v[i].va == va)
			return &g->groups.v[i];
	return NULL;
}

/* Adds group va and its ancestors. */
static void add_groups(struct groups *g, kva_t va)
{
	for (int depth = 0; va && depth < MAX_DEPTH && !find_group(g, va); depth++) {
		struct run_group one;

		if (task_group_load(g->m->k, va, g->q, g->cpu, &one, NULL) ||
		    !vec_push(&g->groups, one))
			return;
		va = one.parent;
	}
}

static void put_group_line(struct groups *g, const struct run_group *one, bool rt, unsigned indent)
{
	buf_printf(g->out, "%*s%s: %016" PRIx64 "  %s: %016" PRIx64, (int)indent, "",
		   one->parent ? "TASK_GROUP" : "ROOT_TASK_GROUP", one->va, rt ? "RT_RQ" : "CFS_RQ",
		   rt ? one->rt : one->fair);
	if (one->name[0] && one->parent)
		buf_printf(g->out, "  <%s>", one->name);
	if (!rt && one->fair_throttled)
		buf_puts(g->out, " (THROTTLED)");
	buf_putc(g->out, '\n');
}

static unsigned put_group_tasks(struct groups *g, kva_t group, bool rt, unsigned indent)
{
	unsigned n = 0;

	for (size_t i = 0; i < g->tasks.n; i++) {
		struct queued *t = &g->tasks.v[i];

		if (t->rt != rt || t->group != group || t->shown)
			continue;
		t->shown = true;
		n++;
		buf_printf(g->out, "%*s[%3" PRId64 "] ", (int)indent, "", t->prio);
		put_task_text(g->m, t->task, "", t->current ? " [CURRENT]" : "", g->out);
	}
	return n;
}

/* Has the group, or one below it, tasks of the class? */
static bool is_busy(const struct groups *g, kva_t group, bool rt)
{
	for (size_t i = 0; i < g->tasks.n; i++) {
		kva_t up = g->tasks.v[i].group;

		for (int depth = 0; up && g->tasks.v[i].rt == rt && depth < MAX_DEPTH; depth++) {
			const struct run_group *one = find_group(g, up);

			if (up == group)
				return true;
			up = one ? one->parent : 0;
		}
	}
	return false;
}

/* Prints the groups of a class as a tree, without recursion: a stack holds the position on each
 * level. */
static void put_tree(struct groups *g, kva_t root, bool rt)
{
	struct {
		kva_t group;
		size_t next;
	} level[MAX_DEPTH];
	int depth = 0;
	unsigned n;

	put_group_line(g, find_group(g, root), rt, 2);
	n = put_group_tasks(g, root, rt, 5);
	level[0].group = root;
	level[0].next = 0;
	while (depth >= 0) {
		const struct run_group *one;

		if (level[depth].next == g->groups.n) {
			depth--;
			continue;
		}
		one = &g->groups.v[level[depth].next++];
		if (one->parent != level[depth].group || !is_busy(g, one->va, rt) ||
		    depth + 1 == MAX_DEPTH)
			continue;
		put_group_line(g, one, rt, 5 + 3 * (unsigned)depth);
		n += put_group_tasks(g, one->va, rt, 8 + 3 * (unsigned)depth);
		depth++;
		level[depth].group = one->va;
		level[depth].next = 0;
	}
	if (!n)
		buf_puts(g->out, "     [no tasks queued]\n");
}

static void put_groups(struct monitor *m, unsigned cpu, const struct runqueue *q, struct buf *out)
{
	struct groups g = { .m = m, .out = out, .cpu = cpu, .q = q, .rt = true };
	struct err why;
	vs_status st = kernel_symbol(m->k, "root_task_group", &g.root, &why);

	buf_printf(out, "CPU %u\n", cpu);
	put_task_text(m, q->curr, "  CURRENT: ", "", out);
	g.rt_groups = runqueue_has_rt_groups(m->k);
	if (st == VS_OK)
		st = runqueue_each(m->k, q, RUN_RT, add_queued, &g, &why);
	g.rt = false;
	if (st == VS_OK)
		st = runqueue_each(m->k, q, RUN_FAIR, add_queued, &g, &why);
	if (g.root) { // else CONFIG_CGROUP_SCHED is not set
		add_current(&g);
		add_groups(&g, g.root);
		for (size_t i = 0; i < g.tasks.n; i++)
			add_groups(&g, g.tasks.v[i].group);
	}
	if (g.groups.n && (g.rt_groups || is_busy(&g, g.root, true)))
		put_tree(&g, g.root, true);
	if (g.groups.n)
		put_tree(&g, g.root, false);
	if (st)
		buf_printf(out, "     (%s)\n", why.msg);
	vec_free(&g.tasks);
	vec_free(&g.groups);
}

/* --- -t, -m, -T: clocks */

static const struct table_def clock_table = {
	.name = "rows",
	.columns = {
		{ "cpu", "CPU ", 0, COLUMN_NUMBER },
		{ "clock_ns", ": ", 0, COLUMN_NUMBER, "\n" },
		{ "ran_ns", "        ", 0, COLUMN_NUMBER, "  " },
		TASK_COLUMNS,
	},
};
static const struct table_def ran_table = {
	.name = "rows",
	.columns = {
		{ "cpu", "CPU ", 0, COLUMN_NUMBER },
		{ "ran_ms", ": ", 0, COLUMN_NUMBER, "  " },
		TASK_COLUMNS,
	},
};
static const struct table_def lag_table = {
	.name = "rows",
	.columns = {
		{ "cpu", "  CPU ", 0, COLUMN_NUMBER },
		{ "lag_ns", ": ", 0, COLUMN_NUMBER, " secs" },
	},
};

static void put_time(struct monitor *m, unsigned cpu, const struct runqueue *q, bool ago,
		     struct table *t)
{
	uint64_t clock, ran, ms;
	struct err why;
	vs_status st = task_cpu_clock(m->k, cpu, &clock, &why);

	if (st == VS_OK)
		st = task_last_run(m->k, q->curr, &ran, &why);
	table_layout(t, st || cpu < 10 ? " " : "");
	table_uint(t, cpu);
	if (st) {
		table_remark(t, ": ", "%s", why.msg);
	} else if (ago) {
		ms = clock > ran ? (clock - ran) / 1000000 : 0;
		table_show(t,
			   "[%" PRIu64 " %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 "]",
			   ms / 86400000, ms / 3600000 % 24, ms / 60000 % 60, ms / 1000 % 60,
			   ms % 1000);
		table_uint(t, ms);
		put_task(m, q->curr, t);
	} else {
		table_uint(t, clock);
		table_show(t, "%010" PRIu64, ran);
		table_uint(t, ran);
		put_task(m, q->curr, t);
	}
	table_end_row(t);
}

struct lag {
	unsigned cpu;
	uint64_t clock;
};

static int latest_first(const void *a, const void *b)
{
	const struct lag *x = a, *y = b;

	if (x->clock != y->clock)
		return x->clock > y->clock ? -1 : 1;
	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

static void put_lags(struct lag *lags, size_t n, struct table *t)
{
	if (n)
		qsort(lags, n, sizeof(*lags), latest_first);
	for (size_t i = 0; i < n; i++) {
		uint64_t lag = lags[0].clock - lags[i].clock;

		table_uint(t, lags[i].cpu);
		table_show(t, "%.2f", (double)lag / 1e9);
		table_uint(t, lag);
		table_end_row(t);
	}
}

static vs_status each_cpu(struct monitor *m, char form, const char *cpus, struct table *t,
			  struct buf *out, struct err *err)
{
	unsigned ncpus = percpu_ncpus(m->k), shown = 0;
	AUTO_FREE struct lag *lags = calloc(ncpus, sizeof(*lags));
	bool bad = false;

	if (!lags)
		return fail(err, VS_NOMEM, "out of memory");
	for (unsigned cpu = 0; cpu < ncpus && !bad; cpu++) {
		struct runqueue q;
		vs_status st;

		if (cpus ? !cpulist_has(cpus, cpu, &bad) || bad : !cpu_in_use(m->k, cpu))
			continue;
		st = runqueue_load(m->k, cpu, &q, err);
		if (st)
			return st;
		if (shown && form == 'g')
			buf_putc(out, '\n');
		lags[shown].cpu = cpu;
		if (form == 'T' && (st = task_cpu_clock(m->k, cpu, &lags[shown].clock, err)))
			return st;
		if (form == 'g')
			put_groups(m, cpu, &q, out);
		else if (form == 't' || form == 'm')
			put_time(m, cpu, &q, form == 'm', t);
		else if (!form)
			put_queues(m, cpu, &q, t);
		shown++;
	}
	if (bad)
		return fail(err, VS_INVAL, "%s: not a list of CPUs", cpus);
	if (!shown)
		return fail(err, VS_INVAL, "no CPU %s; the dump has %u CPUs",
			    cpus ? cpus : "online", ncpus);
	if (form == 'T')
		put_lags(lags, shown, t);
	return VS_OK;
}

static vs_status cmd_runq(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct table t;
	char form;
	vs_status st = cmd_one_of(a, "tTmg", &form, err);

	if (st)
		return st;
	table_begin(&t,
		    form == 't'	  ? &clock_table
		    : form == 'm' ? &ran_table
		    : form == 'T' ? &lag_table
				  : &cpu_table,
		    m, out);
	st = each_cpu(m, form, cmd_value(a, "c"), &t, out, err);
	table_end(&t);
	return st;
}

static const struct cmd_opt options[] = {
	{ "t", .help = "each CPU's scheduler clock, and when its task started to run" },
	{ "T", .help = "how far each CPU's clock lags behind the latest one" },
	{ "m", .help = "how long each CPU's task has been running (days hours:minutes:seconds)" },
	{ "g", .help = "tasks by group", .plain = true },
	{ "c", "CPUS", .help = "only these CPUs: 0,2-3" },
	{ 0 },
};

const struct cmd verb_runq = {
	.name = "runq",
	.run = cmd_runq,
	.brief = "running and queued tasks of each CPU",
	.synopsis = "runq [-t | -T | -m | -g] [-c CPUS]",
	.help = "Print tasks of the RT and fair classes with their priority, in the order of the "
		"queue, and\n"
		"deadline and sched_ext tasks if there are any.\n",
	.example = "  runq -c 2\n"
		   "  CPU 2 RUNQUEUE: ffff893312f33440\n"
		   "    CURRENT: PID: 116    TASK: ffff893301d94380  COMMAND: \"w_busy\"\n"
		   "    RT PRIO_ARRAY: ffff893312f33680\n"
		   "       [no tasks queued]\n"
		   "    CFS RB_ROOT: ffff893312f334f0\n"
		   "       [no tasks queued]\n",
	.options = options,
	.json = true,
};
