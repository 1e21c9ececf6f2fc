// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* hang.h - what the parts of the verb hang share. */
#include "stub/monitor/cmd.h"
#include "stub/triage/waits.h"

struct hang {
	struct monitor *m;
	struct buf *out;
	struct waits waits; /* its tasks: all of them */
	bool *deadlocked;   /* of these tasks: waits for itself, in a circle; NULL: unknown */
	uint64_t now;	    /* the latest scheduler clock; 0: unknown */
	size_t max;	    /* lines of one list */
	size_t left;	    /* of the current list that were not printed */
};

/* Is there room for one more row of the current list? Counts those that are left out. */
bool hang_more(struct hang *h, size_t printed);
/* Says how many rows of the list were left out, if any. */
void hang_end_list(struct hang *h);
/* A part of the report that could not be had: one line. */
void hang_put_unknown(struct hang *h, const char *what, const struct err *why);
/* Columns of a task: "PID: 12  COMMAND: "x"". */
#define HANG_TASK_COLUMNS(before)                                                                  \
	{ "pid", before "PID: ", 0, COLUMN_NUMBER }, { "task", NULL, 0, COLUMN_ADDRESS },          \
	{                                                                                          \
		"command", "  COMMAND: \"", 0, COLUMN_TEXT, "\""                                   \
	}
/* Their cells; a task that is not in the list of tasks has only its address. before: as above. */
void hang_task_cells(struct hang *h, kva_t task, const char *before, struct table *row);
/* A cell with nanoseconds, in the text as seconds: "12.345". */
void hang_time_cell(uint64_t nsec, struct table *row);
/* The same if it is known, else no cell. */
void hang_known_time(bool known, uint64_t nsec, struct table *row);
/* A cell with a function: "name", "name+12", "name [module]", or the address. */
void hang_function_cell(struct hang *h, kva_t va, struct table *row);
/* The task at va, or NULL. Valid as long as h->waits. */
const struct task *hang_task(const struct hang *h, kva_t va);
/* How long a task has not run, in nanoseconds. False: unknown. */
bool hang_sleeps(struct hang *h, const struct task *t, uint64_t *ret);

void hang_put_cpus(struct hang *h);
void hang_put_workqueues(struct hang *h);
void hang_put_timers(struct hang *h);
void hang_put_rcu(struct hang *h);
void hang_put_io(struct hang *h);
