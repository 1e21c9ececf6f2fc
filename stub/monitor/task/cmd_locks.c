// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_locks.c - locks: which tasks wait for locks, who holds them, and cycles. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/cmd.h"
#include "stub/task/taskinfo.h"
#include "stub/triage/spins.h"
#include "stub/triage/waits.h"

#define NSEC 1000000000

struct locks_print {
	struct monitor *m;
	struct buf *out;
	const struct waits *w;
};

static void put_task(struct locks_print *p, size_t i)
{
	buf_printf(p->out, "PID: %d  TASK: %016" PRIx64 "  COMMAND: \"%s\"", p->w->tasks[i].pid,
		   p->w->tasks[i].va, p->w->tasks[i].comm);
}

/* How long ago the task last started to run: it cannot have waited for longer. */
static void put_age(struct locks_print *p, const struct task *t)
{
	uint64_t last, now;

	if (!task_knows(t, TASK_CPU) || task_last_run(p->m->k, t->va, &last, NULL) || !last ||
	    task_cpu_clock(p->m->k, t->cpu, &now, NULL) || now < last)
		return;
	now -= last;
	buf_printf(p->out, "  last ran %" PRIu64 ".%03" PRIu64 " s ago", now / NSEC,
		   now % NSEC / 1000000);
}

static void put_place(struct locks_print *p, kva_t lock)
{
	AUTO(buf) name = { 0 };

	buf_printf(p->out, "%016" PRIx64, lock);
	if (p->m->k->arch->is_kernel_va(lock) && cmd_put_pointer(p->m, lock, CMD_SLABS_NAME, &name))
		buf_printf(p->out, " <%s>", buf_str(&name));
}

static void put_owner(struct locks_print *p, const struct wait *first)
{
	buf_puts(p->out, "   HELD BY: ");
	if (first->readers && first->owner != SIZE_MAX) {
		buf_puts(p->out, "readers; the last one that took it: ");
		put_task(p, first->owner);
	} else if (first->readers) {
		buf_puts(p->out, "readers");
	} else if (first->owner != SIZE_MAX) {
		put_task(p, first->owner);
	} else if (first->owner_known) {
		buf_puts(p->out, "nobody");
	} else if (first->kind == LOCK_FUTEX) {
		buf_puts(p->out, "(only its program knows)");
	} else if (!lock_kind_has_owner(first->kind)) {
		buf_puts(p->out, "(it has no owner)");
	} else {
		buf_puts(p->out, "?");
	}
	buf_putc(p->out, '\n');
}

static const char *basis_text(const struct wait *w)
{
	if (w->basis == WAIT_BY_TASK)
		return w->on_stack ? "task and stack" : "task";
	if (w->lock && (w->kind == LOCK_BIT || w->kind == LOCK_PAGE || w->kind == LOCK_FUTEX))
		return "stack and the kernel's table of waiters";
	return w->lock ? "stack and the lock's list" : "stack";
}

static void put_waiter(struct locks_print *p, const struct wait *w)
{
	buf_printf(p->out, "   WAITING%s: ",
		   (w->kind != LOCK_RWSEM && w->kind != LOCK_PERCPU_RWSEM) || !w->waiter ? ""
		   : w->writes ? " TO WRITE"
			       : " TO READ");
	put_task(p, w->task);
	put_age(p, &p->w->tasks[w->task]);
	buf_printf(p->out, "  [%s]\n", basis_text(w));
}

/* Which bit, and of whom the address is. */
static void put_key(struct locks_print *p, const struct wait *w)
{
	if (w->kind == LOCK_BIT || w->kind == LOCK_PAGE)
		buf_printf(p->out, " bit %d", w->bit);
	if (w->kind == LOCK_PAGE)
		buf_puts(p->out, waits_page_bit(p->m->k, w->bit));
	if (w->kind == LOCK_FUTEX)
		buf_printf(p->out, " of process %d", p->w->tasks[w->task].tgid);
}

/* The waits for one lock, from i on; returns the next one after them. */
static size_t put_lock(struct locks_print *p, size_t i)
{
	const struct wait *first = &p->w->v[i];
	size_t end = waits_end(p->w, i);

	buf_printf(p->out, "%s ", lock_kind_str(first->kind));
	if (first->lock)
		put_place(p, first->lock);
	else
		buf_puts(p->out, "(unknown address)");
	if (first->lock)
		put_key(p, first);
	buf_putc(p->out, '\n');
	put_owner(p, first);
	while (i < end)
		put_waiter(p, &p->w->v[i++]);
	return i;
}

static void put_cpu(struct locks_print *p, const struct spin *s)
{
	buf_printf(p->out,
		   "   SPINNING: CPU %u  PID: %d  TASK: %016" PRIx64 "  COMMAND: \"%s\"  in ",
		   s->cpu, s->task.pid, s->task.va, s->task.comm);
	if (!cmd_put_pointer(p->m, s->caller, CMD_SLABS_NAME, p->out))
		buf_printf(p->out, "%" PRIx64, s->caller);
	buf_puts(p->out, "  [stack and registers]\n");
}

static void put_word(struct locks_print *p, kva_t lock)
{
	struct spin_word w = { .known = false };

	if (lock)
		w = spin_word(p->m->k, lock);
	buf_puts(p->out, "   HELD BY: (it has no owner)");
	if (w.known)
		buf_printf(p->out, "  locked: %s  pending: %s", w.locked ? "yes" : "no",
			   w.pending ? "yes" : "no");
	if (w.queue)
		buf_printf(p->out, "  last in the queue: CPU %u", w.tail);
	buf_putc(p->out, '\n');
}

/* CPUs that wait for spinlocks, by lock. */
static bool put_spins(struct locks_print *p, kva_t wanted)
{
	unsigned ncpus = percpu_ncpus(p->m->k);
	AUTO_FREE struct spin *v = calloc(ncpus ? ncpus : 1, sizeof(*v));
	size_t n = 0;
	bool any = false;

	for (unsigned cpu = 0; v && cpu < ncpus && !buf_stopped(p->out); cpu++)
		n += spin_of_cpu(p->m->k, cpu, &v[n]) && (!wanted || v[n].lock == wanted);
	for (size_t i = 0; i < n; i++) {
		bool shown = false;

		for (size_t j = 0; j < i && v[i].lock; j++)
			shown |= v[j].lock == v[i].lock;
		if (shown)
			continue;
		any = true;
		buf_puts(p->out, "spinlock ");
		if (v[i].lock)
			put_place(p, v[i].lock);
		else
			buf_puts(p->out, "(unknown address)");
		buf_putc(p->out, '\n');
		put_word(p, v[i].lock);
		for (size_t j = i; j < n; j++)
			if (j == i || (v[i].lock && v[j].lock == v[i].lock))
				put_cpu(p, &v[j]);
	}
	return any;
}

static void put_in_cycle(void *ctx, const struct wait *w, size_t number, size_t len)
{
	struct locks_print *p = ctx;

	if (number == 0)
		buf_printf(p->out, "DEADLOCK: a cycle of %zu task%s\n", len, len > 1 ? "s" : "");
	buf_puts(p->out, "   ");
	put_task(p, w->task);
	buf_printf(p->out, " waits for %s ", lock_kind_str(w->kind));
	put_place(p, w->lock);
	buf_puts(p->out, ", held by the next one\n");
}

static vs_status put_all(struct locks_print *p, kva_t wanted, struct err *err)
{
	bool found = put_spins(p, wanted);

	for (size_t i = 0; i < p->w->n && !buf_stopped(p->out);) {
		if (wanted && p->w->v[i].lock != wanted) {
			i++;
			continue;
		}
		i = put_lock(p, i);
		found = true;
	}
	if (wanted)
		return found ? VS_OK
			     : fail(err, VS_NOTFOUND,
				    "no task was found that waits for a lock at %" PRIx64, wanted);
	if (!found)
		buf_puts(p->out, "no task was found that waits for a lock\n");
	if (p->w->unknown)
		buf_printf(p->out,
			   "(unknown for %zu tasks, whose stacks cannot be read or followed)\n",
			   p->w->unknown);
	return waits_cycles(p->w, put_in_cycle, p, err);
}

static vs_status cmd_locks(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct waits w = { 0 };
	struct locks_print p = { m, out, &w };
	struct err why;
	kva_t wanted = 0;
	vs_status st = kernel_need_types(m->k, err), list;

	if (st == VS_OK && a->argc)
		st = cmd_address(m, a->argv[0], &wanted, err);
	if (st)
		return st;
	list = cmd_has(a, "u") || wanted ? waits_find_all(m->k, &w, &why)
					 : waits_find(m->k, &w, &why);
	st = put_all(&p, wanted, err);
	waits_free(&w);
	if (list) {
		if (err)
			*err = why;
		return list;
	}
	return st;
}

static const struct cmd_opt options[] = {
	{ "u", .help = "also futexes, on which threads of user space sleep" },
	{ 0 },
};

const struct cmd verb_locks = {
	.name = "locks",
	.run = cmd_locks,
	.brief = "who waits for locks, who holds them, and deadlocks",
	.synopsis = "locks [-u] [ADDRESS | SYMBOL]",
	.help = "List the mutexes, rw_semaphores, semaphores, completions, rt_mutexes and "
		"percpu_rw_semaphores,\n"
		"and the bits of words and pages, for which tasks sleep, with owner and waiters in "
		"the order of the lock's list, and cycles of "
		"tasks "
		"that wait\n"
		"for one another. Brackets say how a wait was found: on the task's stack, in the "
		"lock's list,\n"
		"or in the task's own members. With an ADDRESS or SYMBOL, only that lock.\n"
		"CPUs that wait for a spinlock come first. The kernel does not record who holds "
		"one.\n",
	.example = "  locks\n"
		   "  mutex ffffffffc041b0c0 <l2q_b>\n"
		   "     HELD BY: PID: 163  TASK: ff47e89e43064180  COMMAND: \"l2q_ba\"\n"
		   "     WAITING: PID: 162  TASK: ff47e89e43050000  COMMAND: \"l2q_ab\"  last ran "
		   "5.303 s ago  [stack and the lock's list]\n",
	.options = options,
	.operands = OPERANDS(0, 1),
};
