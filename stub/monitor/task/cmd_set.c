// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_set.c - set: the selected task. */
#include <inttypes.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/task/cpus.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/cmd.h"

static void label(struct buf *out, const char *text)
{
	buf_printf(out, "%12s: ", text);
}

/* What crash prints after the state: whether the task panicked or was running. */
static const char *state_suffix(struct monitor *m, const struct task *t)
{
	unsigned panicked;
	kva_t current;

	if (t->cpu >= percpu_ncpus(m->k) || task_current(m->k, t->cpu, &current, NULL) ||
	    current != t->va)
		return "";
	return cpu_panicked(m->k, &panicked, NULL) == VS_OK && panicked == t->cpu ? " (PANIC)"
										  : " (ACTIVE)";
}

vs_status cmd_put_context(struct monitor *m, kva_t va, struct buf *out, struct err *err)
{
	struct member info;
	struct task t;
	vs_status st = task_load(m->k, va, &t, err);

	if (st)
		return st;
	label(out, "PID");
	buf_printf(out, "%d\n", t.pid);
	label(out, "COMMAND");
	buf_printf(out, "\"%s\"\n", t.comm);
	label(out, "TASK");
	buf_printf(out, "%" PRIx64, t.va);
	if (t.pid == 0)
		buf_printf(out, "  (1 of %u)", percpu_ncpus(m->k));
	if (record_member(m->k, &task_record, TASK_THREAD_INFO, &info, NULL) == VS_OK)
		buf_printf(out, "  [THREAD_INFO: %" PRIx64 "]", t.va + info.off);
	buf_putc(out, '\n');
	label(out, "CPU");
	if (task_knows(&t, TASK_CPU))
		buf_printf(out, "%u\n", t.cpu);
	else
		buf_puts(out, "?\n");
	label(out, "STATE");
	buf_printf(out, "%s%s\n", task_state_long(&t), state_suffix(m, &t));
	return VS_OK;
}

struct set_request {
	bool one_line, panic;
	const char *cpu;
};

/* The task to select; *chosen stays 0 if there is none. */
static vs_status choose(struct monitor *m, const struct set_request *r, struct args *a,
			kva_t *chosen, struct err *err)
{
	uint64_t number;
	unsigned cpu;
	vs_status st;

	if (r->cpu && r->panic)
		return fail(err, VS_INVAL, "-c and -p cannot be combined");
	if (r->panic) {
		st = cpu_panicked(m->k, &cpu, err);
		return st ? st : task_current(m->k, cpu, chosen, err);
	}
	if (r->cpu) {
		if (!cmd_number(r->cpu, &number) || number >= percpu_ncpus(m->k))
			return fail(err, VS_INVAL, "no CPU %s", r->cpu);
		return task_current(m->k, (unsigned)number, chosen, err);
	}
	return a->argc ? cmd_find_task(m, a->argv[0], chosen, err) : VS_OK;
}

/* Selects t for later verbs; in gdb the task becomes a thread, which the user selects there. */
static vs_status select_task(struct monitor *m, const struct task *t, unsigned *thread,
			     struct buf *about, struct err *err)
{
	vs_status st = m->choose_task ? m->choose_task(m->ctx, t->va, thread, about, err) : VS_OK;

	if (st)
		return st;
	m->task = t->va;
	m->cpu = t->cpu;
	m->pc = 0;
	return VS_OK;
}

/* crash's users have it in their files of commands. */
static vs_status set_scroll(struct monitor *m, const char *value, struct err *err)
{
	if (strcmp(value, "off") != 0 && strcmp(value, "on") != 0)
		return fail(err, VS_INVAL, "scroll is on or off");
	if (!m->alone)
		return fail(err, VS_UNSUPPORTED, "in gdb, type \"set pagination %s\"", value);
	m->scroll_off = strcmp(value, "off") == 0;
	return VS_OK;
}

static vs_status cmd_set(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct set_request r = {
		.one_line = cmd_has(a, "l"),
		.panic = cmd_has(a, "p"),
		.cpu = cmd_value(a, "c"),
	};
	AUTO(buf) about = { 0 };
	unsigned thread = 0;
	kva_t va = 0;
	struct task t;
	vs_status st;

	if (a->argc == 2 && strcmp(a->argv[0], "scroll") == 0)
		return set_scroll(m, a->argv[1], err);
	if (a->argc > 1)
		return fail(err, VS_INVAL, "unexpected argument %s; see \"help set\"", a->argv[1]);
	st = choose(m, &r, a, &va, err);
	if (st == VS_OK && !va)
		st = cmd_selected_task(m, &va, err);
	else if (st == VS_OK && (st = task_load(m->k, va, &t, err)) == VS_OK)
		st = select_task(m, &t, &thread, &about, err);
	if (st == VS_OK && !r.one_line)
		st = cmd_put_context(m, va, out, err);
	else if (st == VS_OK && (st = task_load(m->k, va, &t, err)) == VS_OK)
		cmd_task_line(&t, out);
	if (st == VS_OK && thread && !r.one_line) {
		label(out, "THREAD");
		buf_printf(out, "%u\n%s", thread, buf_str(&about));
	}
	return st;
}

static const struct cmd_opt options[] = {
	{ "c", "CPU", .help = "the task running on CPU", OPERANDS(0, 0) },
	{ "p", .help = "the task that panicked", OPERANDS(0, 0) },
	{ "l", .help = "print one line, as above a backtrace" },
	{ 0 },
};

const struct cmd verb_set = {
	.name = "set",
	.run = cmd_set,
	.brief = "the selected task",
	.synopsis = "set [-l] [PID | TASK | -c CPU | -p]\n"
		    "  set scroll on | off",
	.help = "Without arguments, show the selected task. With one, select that task for later "
		"verbs of\n"
		"--exec; in gdb it becomes a thread, and the command `task` selects it.\n"
		"scroll off, before any output: no pager on a terminal, like --no-pager.\n",
	.example = "  set 1\n"
		   "           PID: 1\n"
		   "       COMMAND: \"init\"\n"
		   "          TASK: ffff8aa90123b080  [THREAD_INFO: ffff8aa90123b080]\n"
		   "           CPU: 1\n"
		   "         STATE: TASK_INTERRUPTIBLE\n",
	.options = options,
	.operands = OPERANDS(0, 2),
	.tasks = TASKS_ONE,
};
