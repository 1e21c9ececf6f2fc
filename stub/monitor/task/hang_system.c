// SPDX-License-Identifier: GPL-3.0-or-later
/* hang_system.c - parts of the verb hang: CPUs, workqueues, timers, RCU, block I/O. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/task/hang.h"
#include "stub/subsys/dev/devices.h"
#include "stub/subsys/dev/requests.h"
#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/overdue.h"
#include "stub/subsys/sys/rcu.h"
#include "stub/subsys/sys/workqueues.h"
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

static void put_cpu(struct hang *h, unsigned cpu, const struct cpu_busy *b, uint64_t limit)
{
	buf_printf(h->out, "  CPU %u: ", cpu);
	if (b->idle)
		buf_puts(h->out, "idle");
	else
		hang_put_task(h, b->task);
	if (b->knows_runs && !b->idle) {
		buf_puts(h->out, ", for ");
		hang_put_time(h, b->runs);
	}
	if (b->knows_waiting && b->waiting > !b->idle)
		buf_printf(h->out, ", %" PRIu64 " %srunnable", b->waiting - !b->idle,
			   b->idle ? "" : "more ");
	if (b->knows_lag && b->lag >= STILL && !b->idle) {
		buf_puts(h->out, ", its clock stood still for ");
		hang_put_time(h, b->lag);
	}
	if (is_stuck(b, limit))
		buf_printf(h->out,
			   ", STUCK: the watchdog's thread has not run for %" PRIu64
			   " s (limit %" PRIu64 " s)",
			   b->watchdog, limit);
	buf_putc(h->out, '\n');
}

void hang_put_cpus(struct hang *h)
{
	struct kernel *k = h->m->k;
	uint64_t limit;
	size_t n = 0, idle = 0;

	if (cpus_lockup_limit(k, &limit, NULL))
		limit = 0;
	buf_puts(h->out, "CPUS:\n");
	for (unsigned cpu = 0; cpu < percpu_ncpus(k) && !buf_stopped(h->out); cpu++) {
		struct cpu_busy b;
		struct err why;

		if (!cpu_was_online(k, cpu))
			continue;
		if (cpu_busy_load(k, cpu, h->now, &b, &why))
			hang_put_unknown(h, "run queue", &why);
		else if (b.idle && !is_stuck(&b, limit) && !(b.knows_waiting && b.waiting))
			idle++;
		else if (hang_more(h, n++))
			put_cpu(h, cpu, &b, limit);
	}
	hang_end_list(h);
	if (idle)
		buf_printf(h->out, "  %zu idle\n", idle);
}

/* --- workqueues */

struct work_print {
	struct hang *h;
	uint64_t jiffies, nsec; /* nsec 0: unknown */
	size_t pending, busy, inactive, pools, lines;
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
	buf_printf(p->h->out, "%s: ", item->queue);
	if (item->function)
		hang_put_function(p->h, item->function);
	else
		buf_puts(p->h->out, "?");
}

static bool put_pending(void *ctx, const struct work_item *item)
{
	struct work_print *p = ctx;

	if (hang_more(p->h, p->lines++)) {
		buf_puts(p->h->out, "      pending  ");
		put_work(p, item);
		buf_putc(p->h->out, '\n');
	}
	return !buf_stopped(p->h->out);
}

static bool put_busy(void *ctx, const struct work_item *item)
{
	struct work_print *p = ctx;
	const struct task *t = hang_task(p->h, item->task);
	uint64_t nsec;

	if (!hang_more(p->h, p->lines++))
		return true;
	buf_puts(p->h->out, "      busy     ");
	put_work(p, item);
	buf_puts(p->h->out, "  in ");
	hang_put_task(p->h, item->task);
	if (t)
		buf_printf(p->h->out, "  %s", task_state_str(t));
	if (t && !t->on_cpu && hang_sleeps(p->h, t, &nsec)) {
		buf_puts(p->h->out, "  last ran ");
		hang_put_time(p->h, nsec);
		buf_puts(p->h->out, " ago");
	}
	buf_putc(p->h->out, '\n');
	return !buf_stopped(p->h->out);
}

static void keep_failure(struct work_print *p, vs_status st, const struct err *why)
{
	if (st == VS_OK || p->st)
		return;
	p->st = st;
	p->why = *why;
}

static void put_pool_head(struct work_print *p, const struct work_pool *pool)
{
	struct buf *out = p->h->out;

	buf_printf(out, "  pool ");
	buf_put_known(out, pool->knows_id, "%" PRIu64, pool->id);
	if (pool->knows_cpu && pool->cpu < 0)
		buf_puts(out, ", unbound");
	else if (pool->knows_cpu)
		buf_printf(out, ", CPU %" PRId64, pool->cpu);
	buf_printf(out, ": %zu pending, %zu busy", p->pending, p->busy);
	if (pool->knows_workers)
		buf_printf(out, " of %" PRIu64 " workers", pool->workers);
	if (p->pending && pool->knows_progress && p->nsec &&
	    (int64_t)(p->jiffies - pool->progress) >= 0) {
		buf_puts(out, ", no progress for ");
		hang_put_time(p->h, (p->jiffies - pool->progress) * p->nsec);
	}
	buf_putc(out, '\n');
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
	p->pools++;
	put_pool_head(p, pool);
	p->lines = 0;
	(void)work_each_busy(k, pool, put_busy, p, NULL);
	hang_end_list(p->h);
	p->lines = 0;
	(void)work_each_pending(k, pool, put_pending, p, NULL);
	hang_end_list(p->h);
	return !buf_stopped(p->h->out);
}

void hang_put_workqueues(struct hang *h)
{
	struct work_print p = { .h = h };
	struct err why;
	vs_status st;

	if (timers_jiffies(h->m->k, &p.jiffies, &p.nsec, NULL))
		p.nsec = 0;
	buf_puts(h->out, "WORK:\n");
	st = work_pools_each(h->m->k, put_pool, &p, &why);
	keep_failure(&p, st, &why);
	keep_failure(&p, work_each_inactive(h->m->k, count_inactive, &p, &why), &why);
	if (p.inactive)
		buf_printf(h->out, "  %zu more held back until active work is done\n", p.inactive);
	if (p.st)
		hang_put_unknown(h, "work", &p.why);
	else if (!p.pools && !p.inactive)
		buf_puts(h->out, "  none\n");
}

/* --- timers */

struct timer_print {
	struct hang *h;
	size_t n;
};

static bool put_overdue(void *ctx, const struct overdue *o)
{
	struct timer_print *p = ctx;

	if (hang_more(p->h, p->n++)) {
		buf_printf(p->h->out, "  CPU %u: %s %016" PRIx64 " ", o->cpu,
			   o->high_res ? "hrtimer" : "timer_list", o->va);
		hang_put_function(p->h, o->function);
		buf_puts(p->h->out, ", late by ");
		hang_put_time(p->h, o->late);
		buf_putc(p->h->out, '\n');
	}
	return !buf_stopped(p->h->out);
}

void hang_put_timers(struct hang *h)
{
	struct timer_print p = { .h = h };
	struct err why = { 0 };
	vs_status st = VS_OK;

	buf_puts(h->out, "TIMERS:\n");
	for (unsigned cpu = 0; cpu < percpu_ncpus(h->m->k); cpu++)
		if (cpu_was_online(h->m->k, cpu) &&
		    timers_each_overdue(h->m->k, cpu, LATE, put_overdue, &p, st ? NULL : &why))
			st = VS_CORRUPT;
	hang_end_list(h);
	if (st)
		hang_put_unknown(h, "timers", &why);
	else if (!p.n)
		buf_puts(h->out, "  none is late\n");
}

/* --- RCU */

struct rcu_print {
	struct hang *h;
	size_t n;
};

static bool put_waited_cpu(void *ctx, unsigned cpu)
{
	struct rcu_print *p = ctx;
	struct cpu_busy b;

	if (!hang_more(p->h, p->n++))
		return true;
	buf_printf(p->h->out, "    waits for CPU %u", cpu);
	if (cpu_busy_load(p->h->m->k, cpu, p->h->now, &b, NULL) == VS_OK) {
		buf_puts(p->h->out, ", which ran ");
		hang_put_task(p->h, b.task);
	}
	buf_putc(p->h->out, '\n');
	return true;
}

static bool put_waited_task(void *ctx, kva_t task)
{
	struct rcu_print *p = ctx;

	if (!hang_more(p->h, p->n++))
		return true;
	buf_puts(p->h->out, "    waits for ");
	hang_put_task(p->h, task);
	buf_puts(p->h->out, ", preempted in a critical section\n");
	return !buf_stopped(p->h->out);
}

static void put_waited(struct hang *h, bool expedited)
{
	struct rcu_print p = { h, 0 };
	struct rcu_waiter w = { put_waited_cpu, put_waited_task, &p };
	struct err why;

	if (rcu_each_waited(h->m->k, expedited, &w, &why))
		hang_put_unknown(h, expedited ? "expedited grace period" : "grace period", &why);
	hang_end_list(h);
}

static void put_jiffies_ago(struct hang *h, const char *text, uint64_t then)
{
	uint64_t now, nsec;

	if (timers_jiffies(h->m->k, &now, &nsec, NULL) || (int64_t)(now - then) < 0)
		return;
	buf_puts(h->out, text);
	hang_put_time(h, (now - then) * nsec);
	buf_puts(h->out, " ago");
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
	struct err why;
	size_t n = 0;
	struct rcu_waiter count = { count_cpu, count_task, &n };

	buf_puts(h->out, "RCU:\n");
	if (rcu_period_load(h->m->k, &p, &why)) {
		hang_put_unknown(h, "RCU", &why);
		return;
	}
	if (p.running) {
		buf_puts(h->out, "  grace period in progress");
		if (p.knows_start)
			put_jiffies_ago(h, ", began ", p.start);
		if (p.knows_activity)
			put_jiffies_ago(h, "; its thread was last active ", p.activity);
		buf_printf(h->out, " (%s)\n", p.state);
		put_waited(h, false);
	} else {
		buf_puts(h->out, "  no grace period in progress\n");
	}
	if (rcu_each_waited(h->m->k, true, &count, NULL) == VS_OK && n) {
		buf_puts(h->out, "  expedited grace period in progress\n");
		put_waited(h, true);
	}
}

/* --- block I/O */

struct io_print {
	struct hang *h;
	const char *disk;
	uint64_t now; /* monotonic; 0: unknown */
	size_t n;
};

static bool put_request(void *ctx, const struct io_request *r)
{
	struct io_print *p = ctx;
	struct buf *out = p->h->out;

	if (!hang_more(p->h, p->n++))
		return true;
	buf_printf(out, "  %s: request %016" PRIx64 " tag %u", p->disk, r->va, r->tag);
	if (r->knows_what && io_op_str(r->op))
		buf_printf(out, ", %s", io_op_str(r->op));
	else if (r->knows_what)
		buf_printf(out, ", operation %" PRIu64, r->op);
	if (r->knows_what)
		buf_printf(out, " of %" PRIu64 " bytes at sector %" PRIu64, r->bytes, r->sector);
	if (r->knows_start && r->start && p->now >= r->start) {
		buf_puts(out, ", with the driver for ");
		hang_put_time(p->h, p->now - r->start);
	}
	buf_putc(out, '\n');
	return !buf_stopped(out);
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

	buf_puts(h->out, "I/O:\n");
	if (boot_monotonic(h->m->k, &p.now, NULL))
		p.now = 0;
	st = disks_load(h->m->k, &disks, &n, &why);
	for (size_t i = 0; i < n; i++)
		put_disk(&p, disks[i], st ? &later : &why, &st);
	hang_end_list(h);
	if (st)
		hang_put_unknown(h, "disks", &why);
	else if (!p.n)
		buf_puts(h->out, "  no request is with a driver\n");
}
