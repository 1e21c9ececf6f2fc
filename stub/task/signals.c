/* signals.c - what a task does about signals and which wait for it. */
#include "stub/task/signals.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/walk.h"

vs_status signals_load(struct kernel *k, kva_t task, struct task_signals *ret, struct err *err)
{
	struct task_signals s;
	struct member list, shared;
	vs_status st = kernel_read_member(k, task, "task_struct", "signal", &s.signal, err);

	if (st == VS_OK && !s.signal)
		return fail(err, VS_NOTFOUND, "the task has given up its signals");
	if (st == VS_OK)
		st = kernel_read_member(k, s.signal, "signal_struct", "nr_threads", &s.nr_threads,
					err);
	if (st == VS_OK)
		st = kernel_read_member(k, task, "task_struct", "blocked", &s.blocked, err);
	if (st == VS_OK)
		st = kernel_read_member(k, task, "task_struct", "pending.signal",
					&s.private_pending, err);
	if (st == VS_OK)
		st = kernel_read_member(k, s.signal, "signal_struct", "shared_pending.signal",
					&s.shared_pending, err);
	if (st == VS_OK)
		st = kernel_member(k, "task_struct", &list, err, "pending.list", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "signal_struct", &shared, err, "shared_pending.list", NULL);
	if (st)
		return st;
	s.private_list = task + list.off;
	s.shared_list = s.signal + shared.off;
	*ret = s;
	return VS_OK;
}

vs_status signals_actions(struct kernel *k, kva_t task, struct signal_action ret[SIGNALS],
			  struct err *err)
{
	struct member action, handler, mask, flags;
	uint64_t hand, size;
	vs_status st = kernel_read_member(k, task, "task_struct", "sighand", &hand, err);

	if (st == VS_OK && !hand)
		return fail(err, VS_NOTFOUND, "the task has given up its signal handlers");
	if (st == VS_OK)
		st = kernel_member(k, "sighand_struct", &action, err, "action", NULL);
	if (st == VS_OK)
		st = types_size(k->types, "k_sigaction", &size, err);
	if (st == VS_OK)
		st = kernel_member(k, "k_sigaction", &handler, err, "sa.sa_handler", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "k_sigaction", &mask, err, "sa.sa_mask", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "k_sigaction", &flags, err, "sa.sa_flags", NULL);
	for (unsigned i = 0; st == VS_OK && i < SIGNALS; i++) {
		ret[i].va = hand + action.off + i * size;
		st = kernel_read_at(k, ret[i].va, &handler, &ret[i].handler, err);
		if (st == VS_OK)
			st = kernel_read_at(k, ret[i].va, &mask, &ret[i].mask, err);
		if (st == VS_OK)
			st = kernel_read_at(k, ret[i].va, &flags, &ret[i].flags, err);
	}
	return st;
}

struct queue {
	struct kernel *k;
	struct member list, number, info;
	struct signal_queued *to;
	size_t n, cap;
};

static bool add_queued(void *ctx, kva_t node)
{
	struct queue *q = ctx;
	kva_t va = node - q->list.off;
	uint64_t number;

	if (q->n == q->cap)
		return false;
	if (kernel_read_at(q->k, va, &q->number, &number, NULL))
		number = 0;
	q->to[q->n++] = (struct signal_queued){ number, va + q->info.off };
	return true;
}

vs_status signals_queue(struct kernel *k, kva_t list, struct signal_queued *ret, size_t cap,
			size_t *n, struct err *err)
{
	struct queue q = { .k = k, .to = ret, .cap = cap };
	vs_status st = kernel_member(k, "sigqueue", &q.list, err, "list", NULL);

	if (st == VS_OK)
		st = kernel_member(k, "sigqueue", &q.info, err, "info", NULL);
	if (st == VS_OK)
		st = kernel_member(k, "sigqueue", &q.number, err, "info.si_signo", NULL);
	if (st == VS_OK)
		st = walk_list(k, list, add_queued, &q, err);
	*n = q.n;
	return st;
}

/* Numbers and flags of x86 (arch/x86/include/uapi/asm/signal.h): an interface to programs. */
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
		// crash's order: the restorer comes first
		size_t j = i == 0 ? 3 : i <= 3 ? i - 1 : i;

		if (flags & bits[j].bit) {
			buf_printf(out, "%s%s", before, bits[j].name);
			before = "|";
		}
	}
	if (*before == '|')
		buf_putc(out, ')');
}
