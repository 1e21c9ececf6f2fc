// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_task.c - task: makes a task a thread in gdb, or prints its task_struct and thread_info. */
#include <inttypes.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/data/object.h"

struct task_request {
	const char *cpu, *members;
	bool whole, hex; /* the structs instead of a thread */
};

static vs_status wanted_task(struct monitor *m, const struct task_request *r, struct args *a,
			     kva_t *ret, struct err *err)
{
	uint64_t cpu;

	if (!r->cpu)
		return a->argc ? cmd_find_task(m, a->argv[0], ret, err)
			       : cmd_selected_task(m, ret, err);
	if (!cmd_number(r->cpu, &cpu) || cpu >= percpu_ncpus(m->k))
		return fail(err, VS_INVAL, "no CPU %s", r->cpu);
	return task_current(m->k, (unsigned)cpu, ret, err);
}

/* One struct, or the listed members of it. */
static vs_status put_struct(struct monitor *m, const char *type, kva_t va, const char *members,
			    bool hex, struct buf *out, struct err *err)
{
	struct object_style style = { .hex = hex };
	AUTO(buf) text = { 0 };
	struct type_spec spec;
	vs_status st;

	buf_printf(&text, "%s%s%s", type, members ? "." : "", members ? members : "");
	st = type_spec_parse(m, "struct ", buf_str(&text), &spec, err);
	if (st == VS_OK) {
		st = type_spec_put(m, &spec, m->k->mem, va, &style, out, err);
		type_spec_deinit(&spec);
	}
	return st;
}

/* Prints members of task_struct or, if it lacks them, of thread_info, one by one as crash does:
 * a missing member does not hide the others. */
static vs_status put_members(struct monitor *m, const struct task_request *r, kva_t va, kva_t info,
			     struct buf *out, struct err *err)
{
	AUTO_FREE char *list = strdup(r->members);
	char *save = NULL;
	vs_status st = VS_OK;

	if (!list)
		return fail(err, VS_NOMEM, "out of memory");
	for (char *name = strtok_r(list, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
		struct member at;
		bool in_info = kernel_member(m->k, "task_struct", &at, NULL, name, NULL) &&
			       kernel_member(m->k, "thread_info", &at, NULL, name, NULL) == VS_OK;
		struct err why;
		vs_status one = put_struct(m, in_info ? "thread_info" : "task_struct",
					   in_info ? info : va, name, r->hex, out, &why);

		if (one && st == VS_OK) {
			st = one;
			*err = why;
		}
	}
	return st;
}

static vs_status put_structs(struct monitor *m, const struct task_request *r, const struct task *t,
			     struct buf *out, struct err *err)
{
	struct member m_info;
	kva_t info = t->stack; // thread_info is at the stack's low end before c65eacbe290b (4.9)
	vs_status st;

	if (record_member(m->k, &task_record, TASK_THREAD_INFO, &m_info, NULL) == VS_OK)
		info = t->va + m_info.off;
	cmd_task_line(t, out);
	if (r->members)
		return put_members(m, r, t->va, info, out, err);
	st = put_struct(m, "task_struct", t->va, NULL, r->hex, out, err);
	buf_putc(out, '\n');
	return st ? st : put_struct(m, "thread_info", info, NULL, r->hex, out, err);
}

static vs_status cmd_task(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct task_request r = {
		.cpu = cmd_value(a, "c"),
		.members = cmd_value(a, "R"),
		.whole = cmd_has(a, "x") || cmd_has(a, "d"),
		.hex = cmd_has(a, "x"),
	};
	AUTO(buf) about = { 0 };
	unsigned number = 0;
	struct task t;
	kva_t va;
	vs_status st = wanted_task(m, &r, a, &va, err);

	if (st == VS_OK)
		st = task_load(m->k, va, &t, err);
	// foreach does not make tasks threads.
	if (st == VS_OK && (r.members || r.whole || !m->choose_task))
		return put_structs(m, &r, &t, out, err);
	if (st == VS_OK)
		st = m->choose_task(m->ctx, va, &number, &about, err);
	if (st == VS_OK)
		buf_printf(out, "thread %u: pid %d, %s, %s\n%s", number, t.pid, task_state_str(&t),
			   t.comm, buf_str(&about));
	return st;
}

static const struct cmd_opt options[] = {
	{ "c", "CPU", .help = "the task running on CPU", OPERANDS(0, 0) },
	{ "R", "MEMBER,...", .help = "show these members of its task_struct or thread_info" },
	{ "x", .help = "show both structs, or with -R the members, in hexadecimal" },
	{ "d", .help = "show both structs, or with -R the members, in decimal" },
	{ 0 },
};

const struct cmd verb_task = {
	.name = "task",
	.run = cmd_task,
	.brief = "make a task a thread in gdb, or show its structs",
	.synopsis = "task [PID | TASK | -c CPU]\n"
		    "  task -R MEMBER,... [-x] [PID | TASK | -c CPU]\n"
		    "  task -x | -d [PID | TASK | -c CPU]",
	.help = "The task becomes a thread, for which bt, info locals, $task and user memory "
		"work.\n"
		"With vmstub.gdb loaded, the command also selects the thread; otherwise `info "
		"threads`\n"
		"shows its number. Without arguments, the selected task is used.\n"
		"gdb gets the symbols of its program and libraries, too, so that bt continues into "
		"them:\n"
		"the files are found by path below --sysroot DIR, or by build-id; without a file, "
		"it has\n"
		"exported names and unwinds as far as memory has the tables. gdb has one "
		"space "
		"of\n"
		"symbols, so these replace those of the task before; without vmstub.gdb, type\n"
		"sharedlibrary to load them.\n",
	.example = "  task 1\n"
		   "  thread 5: pid 1, IN, init\n"
		   "  task -R pid,comm 1\n"
		   "  PID: 1        TASK: ffff8aa90123b080  CPU: 1    COMMAND: \"init\"\n"
		   "    pid = 1,\n",
	.options = options,
	.operands = OPERANDS(0, 1),
	.tasks = TASKS_ONE,
};
