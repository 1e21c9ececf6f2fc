// SPDX-License-Identifier: GPL-3.0-or-later
/* hang_system.c - parts of the verb hang: CPUs, timers, RCU, block I/O. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/task/hang.h"
#include "stub/subsys/dev/devices.h"
#include "stub/subsys/dev/requests.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/overdue.h"
#include "stub/subsys/sys/rcu.h"
#include "stub/task/busy.h"
#include "stub/task/cpus.h"

#define NSEC  1000000000ULL
#define LATE  NSEC	  /* a timer is late enough to be shown */
#define STILL (NSEC / 10) /* a busy CPU's clock stood still long enough to be shown */

/* --- CPUs */

static bool is_stuck(const struct cpu_busy *b, uint64_t limit)
{
	return limit && b->knows_watchdog && b->watchdog > limit;
}

static const struct table_def cpu_table = {
	.name = "cpus",
	.columns = {
		{ "cpu", "  CPU ", 0, COLUMN_NUMBER, ": " },
		{ "idle", "", 0, COLUMN_FLAG },
		HANG_TASK_COLUMNS(""),
		{ "runs_ns", ", for ", 0, COLUMN_NUMBER, " s" },
		{ "waiting_tasks", ", ", 0, COLUMN_NUMBER, " " },
		{ "clock_stood_ns", ", its clock stood still for ", 0, COLUMN_NUMBER, " s" },
		{ "watchdog_s", ", STUCK: the watchdog's thread has not run for ", 0, COLUMN_NUMBER,
		  " s" },
		{ "limit_s", " (limit ", 0, COLUMN_NUMBER, " s)" },
	},
};

static void put_cpu(struct hang *h, unsigned cpu, const struct cpu_busy *b, uint64_t limit,
		    struct table *t)
{
	uint64_t waiting = b->waiting - (b->waiting && !b->idle);
	bool stuck = is_stuck(b, limit);

	table_uint(t, cpu);
	table_show(t, b->idle ? "idle" : "");
	table_flag(t, b->idle);
	if (b->idle) {
		for (int i = 0; i < 3; i++)
			table_skip(t);
	} else {
		hang_task_cells(h, b->task, "", t);
	}
	hang_known_time(b->knows_runs && !b->idle, b->runs, t);
	if (b->knows_waiting && waiting) {
		table_uint(t, waiting);
		table_layout(t, "%srunnable", b->idle ? "" : "more ");
	} else {
		table_skip(t);
	}
	hang_known_time(b->knows_lag && b->lag >= STILL && !b->idle, b->lag, t);
	for (int i = 0; i < 2; i++)
		if (stuck)
			table_uint(t, i ? limit : b->watchdog);
		else
			table_skip(t);
	table_end_row(t);
}

void hang_put_cpus(struct hang *h)
{
	struct kernel *k = h->m->k;
	struct table t;
	uint64_t limit;
	size_t n = 0, idle = 0;

	if (cpus_lockup_limit(k, &limit, NULL))
		limit = 0;
	table_begin(&t, &cpu_table, h->m, h->out);
	table_layout(&t, "CPUS:\n");
	for (unsigned cpu = 0; cpu < percpu_ncpus(k) && !buf_stopped(h->out); cpu++) {
		struct cpu_busy b;
		struct err why;

		if (!cpu_was_online(k, cpu))
			continue;
		if (cpu_busy_load(k, cpu, h->now, &b, &why))
			hang_put_unknown(h, "run queue", &why);
		else if (b.idle && !h->m->json && !is_stuck(&b, limit) &&
			 !(b.knows_waiting && b.waiting))
			idle++;
		else if (hang_more(h, n++))
			put_cpu(h, cpu, &b, limit, &t);
	}
	hang_end_list(h);
	if (idle)
		table_layout(&t, "  %zu idle\n", idle);
	table_end(&t);
}

/* --- timers */

static const struct table_def timer_table = {
	.name = "timers",
	.columns = {
		{ "cpu", "  CPU ", 0, COLUMN_NUMBER, ": " },
		{ "kind", "", 0, COLUMN_TEXT, " " },
		{ "timer", "", 16, COLUMN_ADDRESS0, " " },
		{ "function", "", 0, COLUMN_TEXT },
		{ "late_ns", ", late by ", 0, COLUMN_NUMBER, " s" },
	},
};

struct timer_print {
	struct hang *h;
	struct table t;
	size_t n;
};

static bool put_overdue(void *ctx, const struct overdue *o)
{
	struct timer_print *p = ctx;

	if (hang_more(p->h, p->n++)) {
		table_uint(&p->t, o->cpu);
		table_text(&p->t, o->high_res ? "hrtimer" : "timer_list");
		table_uint(&p->t, o->va);
		hang_function_cell(p->h, o->function, &p->t);
		hang_time_cell(o->late, &p->t);
		table_end_row(&p->t);
	}
	return !buf_stopped(p->h->out);
}

void hang_put_timers(struct hang *h)
{
	struct timer_print p = { .h = h };
	struct err why = { 0 };
	vs_status st = VS_OK;

	table_begin(&p.t, &timer_table, h->m, h->out);
	table_layout(&p.t, "TIMERS:\n");
	for (unsigned cpu = 0; cpu < percpu_ncpus(h->m->k); cpu++)
		if (cpu_was_online(h->m->k, cpu) &&
		    timers_each_overdue(h->m->k, cpu, LATE, put_overdue, &p, st ? NULL : &why))
			st = VS_CORRUPT;
	hang_end_list(h);
	if (st)
		hang_put_unknown(h, "timers", &why);
	else if (!p.n)
		table_layout(&p.t, "  none is late\n");
	table_end(&p.t);
}

/* --- RCU */

static const struct table_def rcu_table = {
	.name = "rcu",
	.columns = {
		{ "expedited", "  ", 0, COLUMN_FLAG },
		{ "began_ns", ", began ", 0, COLUMN_NUMBER, " s ago" },
		{ "thread_active_ns", "; its thread was last active ", 0, COLUMN_NUMBER, " s ago" },
		{ "state", " (", 0, COLUMN_TEXT, ")" },
	},
};
static const struct table_def waited_table = {
	.name = "waits_for",
	.columns = {
		{ "cpu", "    waits for CPU ", 0, COLUMN_NUMBER },
		{ NULL, "", 0, COLUMN_TEXT },
		HANG_TASK_COLUMNS(""),
		{ "preempted", "", 0, COLUMN_FLAG },
	},
};

struct rcu_print {
	struct hang *h;
	struct table t;
	size_t n;
};

static bool put_waited_cpu(void *ctx, unsigned cpu)
{
	struct rcu_print *p = ctx;
	struct cpu_busy b;

	if (!hang_more(p->h, p->n++))
		return true;
	table_uint(&p->t, cpu);
	if (cpu_busy_load(p->h->m->k, cpu, p->h->now, &b, NULL) == VS_OK) {
		table_text(&p->t, ", which ran ");
		hang_task_cells(p->h, b.task, "", &p->t);
	} else {
		for (int i = 0; i < 4; i++)
			table_skip(&p->t);
	}
	table_show(&p->t, "%s", "");
	table_flag(&p->t, false);
	table_end_row(&p->t);
	return true;
}

/* Does a task of PREEMPT_RT sleep for a spinlock, which it may do in a critical section? */
static bool sleeps_for_spinlock(const struct task *t)
{
	return t && strcmp(task_state_long(t), "TASK_RTLOCK_WAIT") == 0;
}

static bool put_waited_task(void *ctx, kva_t task)
{
	struct rcu_print *p = ctx;
	bool sleeps = sleeps_for_spinlock(hang_task(p->h, task));

	if (!hang_more(p->h, p->n++))
		return true;
	table_skip(&p->t);
	table_text(&p->t, "    waits for ");
	hang_task_cells(p->h, task, "", &p->t);
	table_show(&p->t, sleeps ? ", asleep for a spinlock in a critical section"
				 : ", preempted in a critical section");
	table_flag(&p->t, !sleeps);
	table_end_row(&p->t);
	return !buf_stopped(p->h->out);
}

static void put_waited(struct hang *h, bool expedited, struct table *row)
{
	struct rcu_print p = { .h = h };
	struct rcu_waiter w = { put_waited_cpu, put_waited_task, &p };
	struct err why;
	vs_status st;

	table_layout(row, "\n");
	table_nest(&p.t, &waited_table, row);
	st = rcu_each_waited(h->m->k, expedited, &w, &why);
	table_end(&p.t);
	if (st)
		hang_put_unknown(h, expedited ? "expedited grace period" : "grace period", &why);
	hang_end_list(h);
	table_end_row(row);
}

static void put_jiffies_ago(struct hang *h, bool known, uint64_t then, struct table *t)
{
	uint64_t now, nsec;

	known = known && timers_jiffies(h->m->k, &now, &nsec, NULL) == VS_OK &&
		(int64_t)(now - then) >= 0;
	hang_known_time(known, known ? (now - then) * nsec : 0, t);
}

static bool count_cpu(void *ctx, unsigned cpu)
{
	(void)cpu;
	++*(size_t *)ctx;
	return true;
}

static bool count_task(void *ctx, kva_t task)
{
	(void)task;
	++*(size_t *)ctx;
	return true;
}

void hang_put_rcu(struct hang *h)
{
	struct rcu_period p;
	struct table t;
	struct err why;
	size_t n = 0;
	struct rcu_waiter count = { count_cpu, count_task, &n };

	table_begin(&t, &rcu_table, h->m, h->out);
	table_layout(&t, "RCU:\n");
	if (rcu_period_load(h->m->k, &p, &why)) {
		hang_put_unknown(h, "RCU", &why);
		table_end(&t);
		return;
	}
	if (p.running) {
		table_show(&t, "grace period in progress");
		table_flag(&t, false);
		put_jiffies_ago(h, p.knows_start, p.start, &t);
		put_jiffies_ago(h, p.knows_activity, p.activity, &t);
		table_text(&t, p.state);
		put_waited(h, false, &t);
	} else {
		table_layout(&t, "  no grace period in progress\n");
	}
	if (rcu_each_waited(h->m->k, true, &count, NULL) == VS_OK && n) {
		table_show(&t, "expedited grace period in progress");
		table_flag(&t, true);
		for (int i = 0; i < 3; i++)
			table_skip(&t);
		put_waited(h, true, &t);
	}
	table_end(&t);
}

/* --- block I/O */

static const struct table_def request_table = {
	.name = "requests",
	.columns = {
		{ "disk", "  ", 0, COLUMN_TEXT, ": " },
		{ "request", "request ", 16, COLUMN_ADDRESS0 },
		{ "tag", " tag ", 0, COLUMN_NUMBER },
		{ "operation", ", ", 0, COLUMN_TEXT },
		{ "bytes", " of ", 0, COLUMN_NUMBER, " bytes" },
		{ "sector", " at sector ", 0, COLUMN_NUMBER },
		{ "with_driver_ns", ", with the driver for ", 0, COLUMN_NUMBER, " s" },
	},
};

struct io_print {
	struct hang *h;
	struct table t;
	const char *disk;
	uint64_t now; /* monotonic; 0: unknown */
	size_t n;
};

static void put_what(const struct io_request *r, struct table *t)
{
	if (!r->knows_what) {
		for (int i = 0; i < 3; i++)
			table_skip(t);
		return;
	}
	if (io_op_str(r->op)) {
		table_text(t, io_op_str(r->op));
	} else {
		char text[40];

		snprintf(text, sizeof(text), "operation %" PRIu64, r->op);
		table_text(t, text);
	}
	table_uint(t, r->bytes);
	table_uint(t, r->sector);
}

static bool put_request(void *ctx, const struct io_request *r)
{
	struct io_print *p = ctx;

	if (!hang_more(p->h, p->n++))
		return true;
	table_text(&p->t, p->disk);
	table_uint(&p->t, r->va);
	table_uint(&p->t, r->tag);
	put_what(r, &p->t);
	hang_known_time(r->knows_start && r->start && p->now >= r->start, p->now - r->start, &p->t);
	table_end_row(&p->t);
	return !buf_stopped(p->h->out);
}

static void put_disk(struct io_print *p, kva_t disk, struct err *first, vs_status *st)
{
	struct kernel *k = p->h->m->k;
	struct record r;
	struct err why;
	char name[40];
	vs_status end;

	record_read(k, &disk_record, disk, RECORD_BIT(DISK_NAME) | RECORD_BIT(DISK_QUEUE), &r);
	(void)record_string(&r, DISK_NAME, name, sizeof(name));
	p->disk = name;
	if (!record_pointer(&r, DISK_QUEUE))
		return;
	end = io_requests_each(k, record_pointer(&r, DISK_QUEUE), put_request, p, &why);
	if (end == VS_OK || end == VS_NOTFOUND || *st)
		return;
	*st = end;
	*first = why;
}

void hang_put_io(struct hang *h)
{
	AUTO_FREE kva_t *disks = NULL;
	struct io_print p = { .h = h };
	struct err why, later = { 0 };
	size_t n = 0;
	vs_status st;

	table_begin(&p.t, &request_table, h->m, h->out);
	table_layout(&p.t, "I/O:\n");
	if (boot_monotonic(h->m->k, &p.now, NULL))
		p.now = 0;
	st = disks_load(h->m->k, &disks, &n, &why);
	for (size_t i = 0; i < n; i++)
		put_disk(&p, disks[i], st ? &later : &why, &st);
	hang_end_list(h);
	if (st)
		hang_put_unknown(h, "disks", &why);
	else if (!p.n)
		table_layout(&p.t, "  no request is with a driver\n");
	table_end(&p.t);
}
