// SPDX-License-Identifier: GPL-3.0-or-later
/* hang_work.c - a part of the verb hang: workqueues. */
#include "stub/monitor/task/hang.h"
#include "stub/subsys/sys/overdue.h"
#include "stub/subsys/sys/workqueues.h"

static const struct table_def pool_table = {
	.name = "pools",
	.columns = {
		{ "pool", "  pool ", 0, COLUMN_NUMBER },
		{ "cpu", ", CPU ", 0, COLUMN_NUMBER },
		{ "unbound", "", 0, COLUMN_FLAG },
		{ "pending", ": ", 0, COLUMN_NUMBER, " pending" },
		{ "busy", ", ", 0, COLUMN_NUMBER, " busy" },
		{ "workers", " of ", 0, COLUMN_NUMBER, " workers" },
		{ "no_progress_ns", ", no progress for ", 0, COLUMN_NUMBER, " s" },
	},
};
static const struct table_def busy_table = {
	.name = "busy_workers",
	.columns = {
		{ "workqueue", "      busy     ", 0, COLUMN_TEXT, ": " },
		{ "function", "", 0, COLUMN_TEXT },
		HANG_TASK_COLUMNS("  in "),
		{ "state", "  ", 0, COLUMN_TEXT },
		{ "last_ran_ns", "  last ran ", 0, COLUMN_NUMBER, " s ago" },
	},
};
static const struct table_def pending_table = {
	.name = "pending_work",
	.columns = {
		{ "workqueue", "      pending  ", 0, COLUMN_TEXT, ": " },
		{ "function", "", 0, COLUMN_TEXT },
	},
};

struct work_print {
	struct hang *h;
	struct table pools, items;
	uint64_t jiffies, nsec; /* nsec 0: unknown */
	size_t pending, busy, inactive, npools, lines;
	struct err why;
	vs_status st; /* of the first list that is broken */
};

static bool count_pending(void *ctx, const struct work_item *item)
{
	struct work_print *p = ctx;

	(void)item;
	p->pending++;
	return true;
}

static bool count_busy(void *ctx, const struct work_item *item)
{
	struct work_print *p = ctx;

	(void)item;
	p->busy++;
	return true;
}

static bool count_inactive(void *ctx, const struct work_item *item)
{
	struct work_print *p = ctx;

	(void)item;
	p->inactive++;
	return true;
}

static void put_work(struct work_print *p, const struct work_item *item)
{
	table_text(&p->items, item->queue);
	if (item->function)
		hang_function_cell(p->h, item->function, &p->items);
	else
		table_unknown(&p->items);
}

static bool put_pending(void *ctx, const struct work_item *item)
{
	struct work_print *p = ctx;

	if (hang_more(p->h, p->lines++)) {
		put_work(p, item);
		table_end_row(&p->items);
	}
	return !buf_stopped(p->h->out);
}

static bool put_busy(void *ctx, const struct work_item *item)
{
	struct work_print *p = ctx;
	const struct task *t = hang_task(p->h, item->task);
	uint64_t nsec = 0;
	bool sleeps;

	if (!hang_more(p->h, p->lines++))
		return true;
	put_work(p, item);
	hang_task_cells(p->h, item->task, "  in ", &p->items);
	if (t)
		table_text(&p->items, task_state_str(t));
	else
		table_skip(&p->items);
	sleeps = t && !t->on_cpu && hang_sleeps(p->h, t, &nsec);
	hang_known_time(sleeps, nsec, &p->items);
	table_end_row(&p->items);
	return !buf_stopped(p->h->out);
}

static void keep_failure(struct work_print *p, vs_status st, const struct err *why)
{
	if (st == VS_OK || p->st)
		return;
	p->st = st;
	p->why = *why;
}

static void put_pool_cells(struct work_print *p, const struct work_pool *pool)
{
	struct table *t = &p->pools;
	bool unbound = pool->knows_cpu && pool->cpu < 0;
	bool late = p->pending && pool->knows_progress && p->nsec &&
		    (int64_t)(p->jiffies - pool->progress) >= 0;

	table_known(t, pool->knows_id, pool->id);
	if (pool->knows_cpu && !unbound)
		table_int(t, pool->cpu);
	else
		table_skip(t);
	table_show(t, unbound ? ", unbound" : "");
	table_flag(t, unbound);
	table_uint(t, p->pending);
	table_uint(t, p->busy);
	if (pool->knows_workers)
		table_uint(t, pool->workers);
	else
		table_skip(t);
	hang_known_time(late, (p->jiffies - pool->progress) * p->nsec, t);
	table_layout(t, "\n");
}

static bool put_pool(void *ctx, const struct work_pool *pool)
{
	struct work_print *p = ctx;
	struct kernel *k = p->h->m->k;
	struct err why;

	p->pending = p->busy = 0;
	keep_failure(p, work_each_pending(k, pool, count_pending, p, &why), &why);
	keep_failure(p, work_each_busy(k, pool, count_busy, p, &why), &why);
	if (!p->pending && !p->busy)
		return !buf_stopped(p->h->out);
	p->npools++;
	put_pool_cells(p, pool);
	p->lines = 0;
	table_nest(&p->items, &busy_table, &p->pools);
	(void)work_each_busy(k, pool, put_busy, p, NULL);
	table_end(&p->items);
	hang_end_list(p->h);
	p->lines = 0;
	table_nest(&p->items, &pending_table, &p->pools);
	(void)work_each_pending(k, pool, put_pending, p, NULL);
	table_end(&p->items);
	hang_end_list(p->h);
	table_end_row(&p->pools);
	return !buf_stopped(p->h->out);
}

void hang_put_workqueues(struct hang *h)
{
	struct work_print p = { .h = h };
	struct err why;
	vs_status st;

	if (timers_jiffies(h->m->k, &p.jiffies, &p.nsec, NULL))
		p.nsec = 0;
	table_begin(&p.pools, &pool_table, h->m, h->out);
	table_layout(&p.pools, "WORK:\n");
	st = work_pools_each(h->m->k, put_pool, &p, &why);
	keep_failure(&p, st, &why);
	keep_failure(&p, work_each_inactive(h->m->k, count_inactive, &p, &why), &why);
	if (p.inactive)
		buf_printf(h->out, "  %zu more held back until active work is done\n", p.inactive);
	if (p.st)
		hang_put_unknown(h, "work", &p.why);
	else if (!p.npools && !p.inactive)
		table_layout(&p.pools, "  none\n");
	table_end(&p.pools);
}
