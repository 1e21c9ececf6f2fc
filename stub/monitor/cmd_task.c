/* cmd_task.c - task: a task as a thread of gdb. */
#include <inttypes.h>

#include "stub/kernel/percpu.h"
#include "stub/monitor/cmd.h"

static vs_status wanted_task(struct monitor *m, struct args *a, kva_t *ret, struct err *err)
{
	struct opt_state s = { 0 };
	uint64_t cpu = 0;
	bool by_cpu = false;
	int c;

	while ((c = cmd_option(a, &s, "c:", err)) > 0) {
		by_cpu = true;
		if (!cmd_number(s.arg, &cpu) || cpu >= percpu_ncpus(m->k))
			return fail(err, VS_INVAL, "no CPU %s", s.arg);
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &s);
	if (by_cpu)
		return task_current(m->k, (unsigned)cpu, ret, err);
	if (a->argc > 1)
		return fail(err, VS_INVAL, "usage: task [PID | TASK | -c CPU]");
	return a->argc ? cmd_find_task(m, a->argv[0], ret, err) : cmd_selected_task(m, ret, err);
}

vs_status cmd_task(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	unsigned number = 0;
	struct task t;
	kva_t va;
	vs_status st = wanted_task(m, a, &va, err);

	if (st == VS_OK)
		st = task_load(m->k, va, &t, err);
	if (st == VS_OK && m->choose_task)
		st = m->choose_task(m->ctx, va, &number, err);
	if (st)
		return st;
	buf_printf(out, "thread %u: pid %d, %s, %s\n", number, t.pid, task_state_str(&t), t.comm);
	return VS_OK;
}
