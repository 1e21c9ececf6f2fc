// SPDX-License-Identifier: GPL-3.0-or-later
/* stalled.c - what was stuck, in a panic for an RCU stall or a hard lockup that another CPU found.
 * The CPU that panicked only looked after the others; the cause is on the stack of the one that the
 * log names. */
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/report/parts.h"
#include "stub/task/cpus.h"
#include "stub/triage/fault.h"
#include "stub/triage/stall.h"

/* The first CPU or task that the log names. False: none, or the CPU that panicked, too. */
static bool find_named(const struct fault *f, struct stalled *ret)
{
	struct stalled v[STALLED_MAX];
	unsigned long cpu;
	size_t n = 0;

	if (f->report.kind == REPORT_RCU_STALL)
		n = stall_parse(f->report.more, v);
	else if (f->report.kind == REPORT_HARD_LOCKUP && report_lockup_cpu(f->report.fault, &cpu))
		v[n++] = (struct stalled){ .cpu = (unsigned)cpu };
	for (size_t i = 0; i < n; i++)
		if (v[i].is_task ? v[i].pid == f->task.pid : v[i].cpu == f->task.cpu)
			return false;
	if (n)
		*ret = v[0];
	return n > 0;
}

static vs_status take_stack(struct kernel *k, const struct task *t, struct crash_report *r,
			    struct err *err)
{
	struct frame *frames;
	size_t n, at;
	vs_status st = crash_unwind(k, t, &frames, &n, err);

	if (!frames)
		return st;
	at = stall_place(k, t, frames, n);
	r->stalled.whole = crash_add_frames(k, frames, at, n, r, &r->stalled.trace) && st == VS_OK;
	free(frames);
	return st;
}

void crash_take_stalled(struct kernel *k, const struct fault *f, struct crash_report *r)
{
	struct stalled s;
	struct task t;
	struct err why;
	kva_t va;
	vs_status st;

	if (!r->kind ||
	    (strcmp(r->kind, "rcu-stall") != 0 && strcmp(r->kind, "hard-lockup") != 0) ||
	    !find_named(f, &s))
		return;
	if (s.is_task)
		st = task_by_pid(k, s.pid, &va, &why);
	else if (s.cpu >= percpu_ncpus(k))
		st = fail(&why, VS_NOTFOUND, "the log names CPU %u", s.cpu);
	else
		st = task_current(k, s.cpu, &va, &why);
	if (st == VS_OK)
		st = task_load_running(k, va, &t, &why);
	if (st == VS_OK) {
		r->stalled.pid = t.pid;
		r->stalled.comm = crash_copy(r, t.comm);
		r->stalled.has_cpu = !s.is_task;
		r->stalled.cpu = s.cpu;
		st = take_stack(k, &t, r, &why);
	}
	if (st)
		crash_miss(r, "stalled", why.msg);
}
