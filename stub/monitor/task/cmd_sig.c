// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_sig.c - sig: a task's signal handlers, and its blocked and pending signals. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/task/signals.h"
#include "stub/monitor/cmd.h"

#define MAX_QUEUED 4096

static void put_actions(struct monitor *m, kva_t task, struct buf *out)
{
	struct signal_action actions[SIGNALS];
	struct err why;

	if (signals_actions(m->k, task, actions, &why)) {
		buf_printf(out, "(%s)\n", why.msg);
		return;
	}
	buf_puts(out, " SIG    SIGACTION        HANDLER       MASK       FLAGS\n");
	for (unsigned i = 0; i < SIGNALS; i++) {
		const struct signal_action *a = &actions[i];

		buf_printf(out, "%s[%u] %016" PRIx64 " ", i < 9 ? " " : "", i + 1, a->va);
		if (a->handler <= 1)
			buf_printf(out, "%10s", a->handler ? "SIG_IGN" : "SIG_DFL");
		else
			buf_printf(out, "%10" PRIx64, a->handler);
		buf_printf(out, " %016" PRIx64 " %" PRIx64, a->mask, a->flags);
		if (a->flags)
			buf_putc(out, ' ');
		signal_put_flags(a->flags, out);
		buf_putc(out, '\n');
	}
}

static void put_queue(struct monitor *m, kva_t list, const char *indent, struct buf *out)
{
	AUTO_FREE struct signal_queued *queued = calloc(MAX_QUEUED, sizeof(*queued));
	struct err why;
	size_t n = 0;
	vs_status st = queued ? signals_queue(m->k, list, queued, MAX_QUEUED, &n, &why)
			      : fail(&why, VS_NOMEM, "out of memory");

	buf_printf(out, "%s  SIGQUEUE: %s\n", indent,
		   n	? " SIG      SIGINFO"
		   : st ? ""
			: "(empty)");
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s             ", indent);
		buf_put_known(out, queued[i].known, "%3" PRIu64, queued[i].number);
		buf_printf(out, "  %016" PRIx64 "\n", queued[i].info);
	}
	if (n == MAX_QUEUED)
		buf_printf(out, "%s  (only the first %d are shown)\n", indent, MAX_QUEUED);
	if (st)
		buf_printf(out, "%s  (%s)\n", indent, why.msg);
}

static void put_pending(struct monitor *m, const char *label, uint64_t signals, kva_t list,
			const char *indent, struct buf *out)
{
	buf_printf(out, "%s%s\n%s    SIGNAL: %016" PRIx64 "\n", indent, label, indent, signals);
	put_queue(m, list, indent, out);
}

/* The blocked and pending signals of a single thread. */
static void put_private(struct monitor *m, const struct task_signals *s, const char *indent,
			struct buf *out)
{
	bool ready = (s->private_pending | s->shared_pending) & ~s->blocked;

	buf_printf(out, "%sSIGPENDING: %s\n%s   BLOCKED: %016" PRIx64 "\n", indent,
		   ready ? "yes" : "no", indent, s->blocked);
	put_pending(m, "PRIVATE_PENDING", s->private_pending, s->private_list, indent, out);
}

static void put_threads(struct monitor *m, kva_t task, struct buf *out)
{
	AUTO_FREE kva_t *list = NULL;
	struct task_signals s;
	struct err why;
	struct task t;
	size_t n = 0;
	vs_status st = task_threads(m->k, task, &list, &n, &why);

	for (size_t i = 0; i < n; i++) {
		if (task_load(m->k, list[i], &t, NULL) || signals_load(m->k, list[i], &s, NULL))
			continue;
		buf_puts(out, "\n  ");
		cmd_task_line(&t, out);
		put_private(m, &s, "  ", out);
	}
	if (st)
		buf_printf(out, "(%s)\n", why.msg);
}

static vs_status sig_of_task(struct monitor *m, kva_t va, bool group, struct buf *out,
			     struct err *err)
{
	struct task_signals s;
	struct task t;
	uint64_t leader;
	vs_status st = task_load(m->k, va, &t, err);

	if (st == VS_OK && group && t.pid != t.tgid &&
	    record_field_read(m->k, &task_record, va, TASK_GROUP_LEADER, &leader, NULL) == VS_OK)
		st = task_load(m->k, leader, &t, err);
	if (st)
		return st;
	cmd_task_line(&t, out);
	st = signals_load(m->k, t.va, &s, err);
	if (st)
		return st;
	buf_printf(out, "SIGNAL_STRUCT: %016" PRIx64 "  NR_THREADS: %" PRIu64 "\n", s.signal,
		   s.nr_threads);
	put_actions(m, t.va, out);
	if (!group)
		put_private(m, &s, "", out);
	put_pending(m, "SHARED_PENDING", s.shared_pending, s.shared_list, "", out);
	if (group)
		put_threads(m, t.va, out);
	return VS_OK;
}

static void put_names(struct buf *out)
{
	static const struct {
		unsigned number;
		const char *other;
	} also[] = {
		{ 6, "/SIGIOT" }, { 17, "/SIGCLD" }, { 29, "/SIGPOLL" }, { 31, "/SIGUNUSED" }
	};

	for (unsigned i = 1; i <= SIGNALS; i++) {
		buf_printf(out, "%s[%u] %s", i < 10 ? " " : "", i, signal_name(i));
		for (size_t j = 0; j < sizeof(also) / sizeof(also[0]); j++)
			if (also[j].number == i)
				buf_puts(out, also[j].other);
		buf_putc(out, '\n');
	}
}

static vs_status put_set(const char *text, struct buf *out, struct err *err)
{
	const char *before = "";
	uint64_t set;
	char *end;

	errno = 0;
	set = strtoull(text, &end, 16);
	if (*end || end == text || errno)
		return fail(err, VS_INVAL, "%s: not a set of signals in hexadecimal", text);
	for (unsigned i = 1; i <= SIGNALS; i++) {
		if (set >> (i - 1) & 1) {
			buf_printf(out, "%s%s", before, signal_name(i));
			before = " ";
		}
	}
	buf_putc(out, '\n');
	return VS_OK;
}

static vs_status cmd_sig(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	const char *set = cmd_value(a, "s");
	bool group = cmd_has(a, "g"), names = cmd_has(a, "l");
	vs_status st = VS_OK;
	kva_t va;

	if (names)
		put_names(out);
	if (set)
		st = put_set(set, out, err);
	if (names || set)
		return st;
	if (a->argc == 0) {
		st = cmd_selected_task(m, &va, err);
		return st ? st : sig_of_task(m, va, group, out, err);
	}
	for (int i = 0; i < a->argc && st == VS_OK; i++) {
		if (i)
			buf_putc(out, '\n');
		st = cmd_find_task(m, a->argv[i], &va, err);
		if (st == VS_OK)
			st = sig_of_task(m, va, group, out, err);
	}
	return st;
}

static const struct cmd_opt options[] = {
	{ "g", .help = "for all threads of the process" },
	{ "l", .help = "list signal numbers and names", OPERANDS(0, 0) },
	{ "s", "SIGSET", .help = "decode a signal set, such as BLOCKED", OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_sig = {
	.name = "sig",
	.run = cmd_sig,
	.brief = "signals of a task",
	.synopsis = "sig [-g] [PID | TASK]...\n"
		    "  sig -l | -s SIGSET",
	.help = "Print handlers, blocked and pending signals, and the signal queue.\n",
	.example = "  sig -s 800000200\n"
		   "  SIGUSR1 SIGRTMIN+4\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
	.tasks = TASKS_ONE,
};
