// SPDX-License-Identifier: GPL-3.0-or-later
/* busy.c - reads run queues and the time stamps of the soft lockup detector (kernel/watchdog.c). */
#include "stub/task/busy.h"

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/record.h"
#include "stub/task/cpus.h"
#include "stub/task/taskinfo.h"

#define SOFT_WATCHDOG (1u << 1) /* of watchdog_enabled */
#define STAMP_SHIFT   30	/* get_timestamp(): a "second" is 2^30 ns */

enum { BUSY_CURR, BUSY_IDLE, BUSY_RUNNING };
static const struct record_field rq_fields[] = {
	[BUSY_CURR] = { { "curr" }, RECORD_POINTER },
	[BUSY_IDLE] = { { "idle" }, RECORD_POINTER },
	[BUSY_RUNNING] = { { "nr_running" }, RECORD_UINT },
};
RECORD(rq_busy_record, "rq", rq_fields);

vs_status cpus_now(struct kernel *k, uint64_t *ret, struct err *err)
{
	uint64_t latest = 0, clock;
	vs_status st = VS_NOTFOUND;

	for (unsigned cpu = 0; cpu < percpu_ncpus(k); cpu++) {
		if (!cpu_was_online(k, cpu))
			continue;
		if (task_cpu_clock(k, cpu, &clock, st ? err : NULL))
			continue;
		st = VS_OK;
		latest = clock > latest ? clock : latest;
	}
	if (st)
		return fail(err, st, "no CPU's scheduler clock can be read");
	*ret = latest;
	return VS_OK;
}

static vs_status read_int(struct kernel *k, const char *name, uint32_t *ret, struct err *err)
{
	kva_t va;
	vs_status st = kernel_symbol(k, name, &va, err);

	return st ? st : mem_read_u32(k->mem, va, ret, err);
}

vs_status cpus_lockup_limit(struct kernel *k, uint64_t *ret, struct err *err)
{
	uint32_t enabled, thresh;
	vs_status st = read_int(k, "watchdog_enabled", &enabled, err);

	if (st == VS_OK)
		st = read_int(k, "watchdog_thresh", &thresh, err);
	if (st)
		return st;
	if (!(enabled & SOFT_WATCHDOG) || !thresh)
		return fail(err, VS_NOTFOUND, "the soft lockup detector is off");
	*ret = 2ULL * thresh;
	return VS_OK;
}

/* Does the detector watch this CPU? Its thread does not run on those of nohz_full. */
static bool is_watched(struct kernel *k, unsigned cpu)
{
	uint64_t word, limit;
	kva_t mask;

	return cpus_lockup_limit(k, &limit, NULL) == VS_OK &&
	       kernel_symbol(k, "watchdog_cpumask", &mask, NULL) == VS_OK &&
	       mem_read_u64(k->mem, mask + cpu / 64 * 8ULL, &word, NULL) == VS_OK &&
	       word >> cpu % 64 & 1;
}

static void set_watchdog(struct kernel *k, unsigned cpu, uint64_t now, struct cpu_busy *b)
{
	uint64_t stamp;
	kva_t va;

	// 0 and -1 ask the detector to begin anew (touch_softlockup_watchdog()).
	if (!is_watched(k, cpu) || percpu_symbol(k, "watchdog_touch_ts", cpu, &va, NULL) ||
	    mem_read_u64(k->mem, va, &stamp, NULL) || !stamp || stamp == UINT64_MAX)
		return;
	now >>= STAMP_SHIFT;
	b->watchdog = now > stamp ? now - stamp : 0;
	b->knows_watchdog = true;
}

vs_status cpu_busy_load(struct kernel *k, unsigned cpu, uint64_t now, struct cpu_busy *ret,
			struct err *err)
{
	struct cpu_busy b = { 0 };
	struct record r;
	uint64_t clock, since;
	kva_t rq;
	vs_status st = percpu_symbol(k, "runqueues", cpu, &rq, err);

	if (st)
		return st;
	record_read(k, &rq_busy_record, rq, RECORD_ALL, &r);
	st = record_need(&r, BUSY_CURR, &b.task, err);
	if (st)
		return st;
	b.idle = b.task == record_pointer(&r, BUSY_IDLE);
	b.knows_waiting = record_get(&r, BUSY_RUNNING, &b.waiting);
	b.waiting = (uint32_t)b.waiting;
	b.knows_lag = task_cpu_clock(k, cpu, &clock, NULL) == VS_OK;
	b.lag = b.knows_lag && clock < now ? now - clock : 0;
	b.knows_runs = task_last_run(k, b.task, &since, NULL) == VS_OK && since && since <= now;
	b.runs = b.knows_runs ? now - since : 0;
	set_watchdog(k, cpu, now, &b);
	*ret = b;
	return VS_OK;
}
