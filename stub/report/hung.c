// SPDX-License-Identifier: GPL-3.0-or-later
/* hung.c - the task that hung, in a panic for that. The CPU that panicked only looked for such
 * tasks; the cause is on the stack of the one that the log names. */
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/report/parts.h"
#include "stub/triage/fault.h"
#include "stub/triage/hungtask.h"

static vs_status find_task(struct kernel *k, const struct hung_task *hung, struct task *ret,
			   struct err *err)
{
	kva_t va;
	vs_status st = task_by_pid(k, hung->pid, &va, err);

	if (st == VS_OK)
		st = task_load(k, va, ret, err);
	if (st)
		return st;
	// The kernel panics only after it has reported all hung tasks.
	if (strcmp(ret->comm, hung->comm) != 0 || strcmp(task_state_str(ret), "UN") != 0)
		return fail(err, VS_NOTFOUND, "PID %d no longer waits", hung->pid);
	return VS_OK;
}

static vs_status take_stack(struct kernel *k, const struct task *t, struct crash_report *r,
			    struct err *err)
{
	struct frame *frames;
	size_t n;
	vs_status st = crash_unwind(k, t, &frames, &n, err);

	if (!frames)
		return st;
	r->hung.whole = crash_add_frames(k, frames, 0, n, r, &r->hung.trace) && st == VS_OK;
	free(frames);
	return st;
}

void crash_take_hung(struct kernel *k, const struct fault *f, struct crash_report *r)
{
	struct hung_task hung;
	struct task t;
	struct err why;
	vs_status st;

	if (!r->kind || strcmp(r->kind, "hung-task") != 0)
		return;
	if (!hung_task_parse(f->report.fault, &hung)) {
		crash_miss(r, "hung_task", "the log does not name a task");
		return;
	}
	r->hung.pid = hung.pid;
	r->hung.comm = crash_copy(r, hung.comm);
	r->hung.seconds = hung.seconds;
	st = find_task(k, &hung, &t, &why);
	if (st == VS_OK)
		st = take_stack(k, &t, r, &why);
	if (st)
		crash_miss(r, "hung_task", why.msg);
}
