// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* tasksel.h - selects the tasks for a verb by PID, task address, name or regular expression, and by
 * filters. Shared by ps, foreach and others that take several tasks. */
#include "stub/base/vec.h"
#include "stub/monitor/cmd.h"

#define TASKSEL_STATES 8

struct tasksel {
	/* Filled by the verb; all must hold. */
	bool user, kernel, leaders, active;
	uint32_t policies; /* bit by policy; 0: any */
	const char *state[TASKSEL_STATES];
	int nstates; /* one of them; 0: any */

	VEC(struct task) tasks; /* the result: idle tasks, then by PID */
	VEC(kva_t) current;	/* by CPU; 0: unknown */
	size_t lost;		/* tasks that could not be read */
	vs_status stop;		/* how the list of tasks ended, or why tasks were lost */
	struct err why;
};

/* Selects the tasks that the n words name, or all without words. VS_NOTFOUND: a word names no
 * task; the others are still selected. If the list of tasks is broken, stop says how. */
vs_status tasksel_load(struct monitor *m, struct tasksel *s, char *const *words, int n,
		       struct err *err);
void tasksel_deinit(struct tasksel *s);
/* Was t running when the kernel stopped? */
bool tasksel_is_active(const struct tasksel *s, const struct task *t);
/* What to return after the output: st, or how the list of tasks ended. */
vs_status tasksel_end(const struct tasksel *s, vs_status st, struct err *err);
