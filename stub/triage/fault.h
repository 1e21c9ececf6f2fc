// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* fault.h - finds the instruction that the panicking CPU, or a given task, could not execute, or
 * the call of panic(). */
#include "stub/subsys/sys/report.h"
#include "stub/task/tasks.h"
#include "stub/unwind/stack.h"

struct kernel;

struct fault {
	struct report report;
	struct task task;
	struct frame *frames; /* of the task, innermost first; owned */
	size_t n;
	bool broken; /* the walk stopped early, for this reason */
	struct err why;
	enum fault_kind kind;
	size_t at;     /* index of the frame with the fault; unless FAULT_NONE */
	bool panicked; /* frame `panic` is a call of panic() */
	size_t panic;
};

/* The fault on a task's stack. panicked: it is the task that panicked, so the log's last report is
 * about it; for others, only a report that names their PID counts. The caller frees ret->frames. */
vs_status fault_find(struct kernel *k, kva_t task, bool panicked, struct fault *ret,
		     struct err *err);
