// SPDX-License-Identifier: GPL-3.0-or-later
/* usermem.c - the user memory of the selected task. */
#include "stub/monitor/usermem.h"

#include "stub/monitor/cmd.h"

vs_status user_mem_init(struct monitor *m, struct task_mem *ret, struct err *err)
{
	struct task t;
	kva_t task;
	vs_status st = cmd_selected_task(m, &task, err);

	if (st == VS_OK)
		st = task_mem_init(ret, m->k, task, err);
	if (st || ret->root)
		return st;
	st = task_load(m->k, task, &t, err);
	return st ? st
		  : fail(err, VS_NOTFOUND,
			 "the selected task, PID %d (%s), has no user memory; \"set PID\" selects "
			 "another one, in gdb \"task PID\"",
			 t.pid, t.comm);
}
