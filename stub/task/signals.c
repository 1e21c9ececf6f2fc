// SPDX-License-Identifier: GPL-3.0-or-later
/* signals.c - a task's signal handlers, and its blocked, pending and queued signals. */
#include "stub/task/signals.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"
#include "stub/task/task_record.h"

vs_status signals_load(struct kernel *k, kva_t task, struct task_signals *ret, struct err *err)
{
	struct task_signals s;
	struct record of_task, shared;
	vs_status st;

	record_read(k, &task_record, task,
		    RECORD_BIT(TASK_SIGNAL) | RECORD_BIT(TASK_BLOCKED) | RECORD_BIT(TASK_PENDING) |
			    RECORD_BIT(TASK_PENDING_LIST),
		    &of_task);
	st = record_need(&of_task, TASK_SIGNAL, &s.signal, err);
	if (st == VS_OK && !s.signal)
		return fail(err, VS_NOTFOUND, "no signals: the task is dead");
	if (st)
		return st;
	record_read(k, &signal_record, s.signal, RECORD_ALL, &shared);
	st = record_need(&shared, SIGNAL_NR_THREADS, &s.nr_threads, err);
	if (st == VS_OK)
		st = record_need(&of_task, TASK_BLOCKED, &s.blocked, err);
	if (st == VS_OK)
		st = record_need(&of_task, TASK_PENDING, &s.private_pending, err);
	if (st == VS_OK)
		st = record_need(&shared, SIGNAL_PENDING, &s.shared_pending, err);
	if (st == VS_OK)
		st = record_need(&of_task, TASK_PENDING_LIST, &s.private_list, err);
	if (st == VS_OK)
		st = record_need(&shared, SIGNAL_PENDING_LIST, &s.shared_list, err);
	if (st == VS_OK)
		*ret = s;
	return st;
}

enum { SIGHAND_ACTION };
static const struct record_field sighand_fields[] = {
	[SIGHAND_ACTION] = { { "action" }, RECORD_ADDRESS },
};
RECORD(sighand_record, "sighand_struct", sighand_fields);

enum { ACTION_HANDLER, ACTION_MASK, ACTION_FLAGS };
static const struct record_field action_fields[] = {
	[ACTION_HANDLER] = { { "sa.sa_handler" }, RECORD_POINTER },
	[ACTION_MASK] = { { "sa.sa_mask" }, RECORD_UINT },
	[ACTION_FLAGS] = { { "sa.sa_flags" }, RECORD_UINT },
};
RECORD(action_record, "k_sigaction", action_fields);

vs_status signals_actions(struct kernel *k, kva_t task, struct signal_action ret[SIGNALS],
			  struct err *err)
{
	struct member action;
	uint64_t hand, size;
	vs_status st = record_field_read(k, &task_record, task, TASK_SIGHAND, &hand, err);

	if (st == VS_OK && !hand)
		return fail(err, VS_NOTFOUND, "no signal handlers: the task is dead");
	if (st == VS_OK)
		st = record_member(k, &sighand_record, SIGHAND_ACTION, &action, err);
	if (st == VS_OK)
		st = types_size(k->types, "k_sigaction", &size, err);
	for (unsigned i = 0; st == VS_OK && i < SIGNALS; i++) {
		struct record r;

		ret[i].va = hand + action.off + i * size;
		record_read(k, &action_record, ret[i].va, RECORD_ALL, &r);
		st = record_need(&r, ACTION_HANDLER, &ret[i].handler, err);
		if (st == VS_OK)
			st = record_need(&r, ACTION_MASK, &ret[i].mask, err);
		if (st == VS_OK)
			st = record_need(&r, ACTION_FLAGS, &ret[i].flags, err);
	}
	return st;
}

enum { QUEUED_LIST, QUEUED_INFO, QUEUED_NUMBER };
static const struct record_field queued_fields[] = {
	[QUEUED_LIST] = { { "list" }, RECORD_ADDRESS },
	[QUEUED_INFO] = { { "info" }, RECORD_ADDRESS },
	[QUEUED_NUMBER] = { { "info.si_signo" }, RECORD_INT },
};
RECORD(queued_record, "sigqueue", queued_fields);

struct queue {
	struct kernel *k;
	uint64_t node_off;
	struct signal_queued *to;
	size_t n, cap;
};

static bool add_queued(void *ctx, kva_t node)
{
	struct queue *q = ctx;
	struct signal_queued *to = &q->to[q->n];
	struct record r;

	if (q->n == q->cap)
		return false;
	record_read(q->k, &queued_record, node - q->node_off, RECORD_ALL, &r);
	*to = (struct signal_queued){ .info = record_pointer(&r, QUEUED_INFO) };
	to->known = record_get(&r, QUEUED_NUMBER, &to->number);
	q->n++;
	return true;
}

vs_status signals_queue(struct kernel *k, kva_t list, struct signal_queued *ret, size_t cap,
			size_t *n, struct err *err)
{
	struct queue q = { .k = k, .to = ret, .cap = cap };
	struct member node, m;
	vs_status st = record_member(k, &queued_record, QUEUED_LIST, &node, err);

	if (st == VS_OK)
		st = record_member(k, &queued_record, QUEUED_INFO, &m, err);
	if (st == VS_OK)
		st = record_member(k, &queued_record, QUEUED_NUMBER, &m, err);
	if (st == VS_OK) {
		q.node_off = node.off;
		st = walk_list(k, list, add_queued, &q, err);
	}
	*n = q.n;
	return st;
}

/* Numbers and flags of x86 (arch/x86/include/uapi/asm/signal.h): a fixed user-space interface. */
const char *signal_name(unsigned number)
{
	static const char *const names[SIGNALS + 1] = {
		NULL,	       "SIGHUP",      "SIGINT",	     "SIGQUIT",	    "SIGILL",
		"SIGTRAP",     "SIGABRT",     "SIGBUS",	     "SIGFPE",	    "SIGKILL",
		"SIGUSR1",     "SIGSEGV",     "SIGUSR2",     "SIGPIPE",	    "SIGALRM",
		"SIGTERM",     "SIGSTKFLT",   "SIGCHLD",     "SIGCONT",	    "SIGSTOP",
		"SIGTSTP",     "SIGTTIN",     "SIGTTOU",     "SIGURG",	    "SIGXCPU",
		"SIGXFSZ",     "SIGVTALRM",   "SIGPROF",     "SIGWINCH",    "SIGIO",
		"SIGPWR",      "SIGSYS",      "SIGRTMIN",    "SIGRTMIN+1",  "SIGRTMIN+2",
		"SIGRTMIN+3",  "SIGRTMIN+4",  "SIGRTMIN+5",  "SIGRTMIN+6",  "SIGRTMIN+7",
		"SIGRTMIN+8",  "SIGRTMIN+9",  "SIGRTMIN+10", "SIGRTMIN+11", "SIGRTMIN+12",
		"SIGRTMIN+13", "SIGRTMIN+14", "SIGRTMIN+15", "SIGRTMIN+16", "SIGRTMAX-15",
		"SIGRTMAX-14", "SIGRTMAX-13", "SIGRTMAX-12", "SIGRTMAX-11", "SIGRTMAX-10",
		"SIGRTMAX-9",  "SIGRTMAX-8",  "SIGRTMAX-7",  "SIGRTMAX-6",  "SIGRTMAX-5",
		"SIGRTMAX-4",  "SIGRTMAX-3",  "SIGRTMAX-2",  "SIGRTMAX-1",  "SIGRTMAX",
	};

	return number <= SIGNALS ? names[number] : NULL;
}

void signal_put_flags(uint64_t flags, struct buf *out)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} bits[] = {
		{ 0x00000001, "SA_NOCLDSTOP" }, { 0x00000002, "SA_NOCLDWAIT" },
		{ 0x00000004, "SA_SIGINFO" },	{ 0x04000000, "SA_RESTORER" },
		{ 0x08000000, "SA_ONSTACK" },	{ 0x10000000, "SA_RESTART" },
		{ 0x40000000, "SA_NODEFER" },	{ 0x80000000, "SA_RESETHAND" },
	};
	const char *before = "(";

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		// in crash's order the restorer comes first
		size_t j = i == 0 ? 3 : i <= 3 ? i - 1 : i;

		if (flags & bits[j].bit) {
			buf_printf(out, "%s%s", before, bits[j].name);
			before = "|";
		}
	}
	if (*before == '|')
		buf_putc(out, ')');
}
