// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ps.h - the forms of ps; private to cmd_ps.c and ps_views.c. All print to out, including what
 * cannot be read. */
#include "stub/monitor/task/tasksel.h"

/* -p, -c, -g: ancestors, children, threads of each chosen task. */
void ps_put_parents(struct monitor *m, const struct task *t, struct buf *out);
void ps_put_children(struct monitor *m, const struct task *t, struct buf *out);
void ps_put_threads(struct monitor *m, const struct task *t, struct buf *out);
/* -t, -a, -r: CPU time, arguments and environment, limits. */
void ps_put_times(struct monitor *m, const struct task *t, struct buf *out);
void ps_put_strings(struct monitor *m, const struct task *t, struct buf *out);
void ps_put_limits(struct monitor *m, const struct task *t, struct buf *out);
/* -S: how many tasks are in each state. */
void ps_put_summary(const struct tasksel *s, struct buf *out);
/* -l, or -m if ago: tasks by the time of their last run, latest first; one block per CPU if cpus
 * is not NULL. */
vs_status ps_put_last_run(struct monitor *m, const struct tasksel *s, bool ago, const char *cpus,
			  struct buf *out, struct err *err);
