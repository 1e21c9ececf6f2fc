// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* stall.h - the CPUs and tasks that the kernel's report of an RCU stall names, and what a task did
 * when the kernel stopped. */
#include <stdbool.h>
#include <stddef.h>

#include "stub/task/tasks.h"
#include "stub/unwind/rules.h"

struct kernel;

#define STALLED_MAX 16

struct stalled {
	bool is_task; /* else a CPU */
	unsigned cpu;
	int pid;
};

/* The first ones that the lines of a report (report.more) name; returns their number. */
size_t stall_parse(const char *lines, struct stalled v[STALLED_MAX]);

/* Which of the frames of a task, innermost first, shows what it did: for one that a CPU ran, the
 * frame that an interrupt or NMI stopped for the panic, else 0; for others, the one that was
 * preempted, or where it sleeps. n: that is unknown. */
size_t stall_place(struct kernel *k, const struct task *t, const struct frame *v, size_t n);
