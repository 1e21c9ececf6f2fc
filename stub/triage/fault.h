// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* fault.h - finds the instruction that the panicking CPU could not execute, or the call of panic().
 */
#include "stub/triage/report.h"
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
	size_t at;	 /* index of the frame with the fault; unless FAULT_NONE */
	bool log_agrees; /* the log names the same place */
	bool panicked;	 /* frame `panic` is a call of panic() */
	size_t panic;
};

/* The fault of the CPU that panicked, or of another task. The caller frees ret->frames.
 * VS_NOTFOUND: there is no panic. */
vs_status fault_find(struct kernel *k, kva_t task, struct fault *ret, struct err *err);
