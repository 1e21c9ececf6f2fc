// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_locks.c - locks: which tasks wait for locks, who holds them, and cycles. */
#include <inttypes.h>
#include <stdlib.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/cmd.h"
#include "stub/subsys/fs/fs.h"
#include "stub/task/taskinfo.h"
#include "stub/triage/polled.h"
#include "stub/triage/spins.h"
#include "stub/triage/waits.h"

#define NSEC 1000000000

/* --- the tables */

#define TASK_COLUMNS(before)                                                                       \
	{ "pid", before "PID: ", 0, COLUMN_NUMBER }, { "task", "  TASK: ", 16, COLUMN_ADDRESS0 },  \
	{                                                                                          \
		"command", "  COMMAND: \"", 0, COLUMN_TEXT, "\""                                   \
	}
#define LOCK_COLUMNS                                                                               \
	{ "lock", " ", 16, COLUMN_ADDRESS0 },                                                      \
	{                                                                                          \
		"symbol", " <", 0, COLUMN_TEXT, ">"                                                \
	}

static const struct table_def spin_table = {
	.name = "spinlocks",
	.columns = {
		{ NULL, "spinlock", 0, COLUMN_TEXT },
		LOCK_COLUMNS,
		{ "locked", "  locked: ", 0, COLUMN_FLAG },
		{ "pending", "  pending: ", 0, COLUMN_FLAG },
		{ "queue_cpu", "  last in the queue: CPU ", 0, COLUMN_NUMBER },
	},
};
static const struct table_def cpu_table = {
	.name = "cpus",
	.columns = {
		{ "cpu", "   SPINNING: CPU ", 0, COLUMN_NUMBER },
		TASK_COLUMNS("  "),
		{ "function", "  in ", 0, COLUMN_TEXT, "  [stack and registers]" },
	},
};
static const struct table_def lock_table = {
	.name = "locks",
	.columns = {
		{ "kind", "", 0, COLUMN_TEXT },
		LOCK_COLUMNS,
		{ "bit", " bit ", 0, COLUMN_NUMBER },
		{ "bit_name", " (", 0, COLUMN_TEXT, ")" },
		{ "process", " of process ", 0, COLUMN_NUMBER },
		{ "held_by", "\n   HELD BY: ", 0, COLUMN_TEXT },
		{ "owner_pid", "PID: ", 0, COLUMN_NUMBER },
		{ "owner_task", "  TASK: ", 16, COLUMN_ADDRESS0 },
		{ "owner_command", "  COMMAND: \"", 0, COLUMN_TEXT, "\"" },
	},
};
static const struct table_def file_table = {
	.name = "files",
	.columns = {
		{ "fd", "   WATCHES: FD: ", 0, COLUMN_NUMBER },
		{ "file", "  FILE: ", 16, COLUMN_ADDRESS0 },
		{ "path", "  ", 0, COLUMN_TEXT },
	},
};
static const struct table_def waiter_table = {
	.name = "waiters",
	.columns = {
		{ "access", "   WAITING", 0, COLUMN_TEXT, ": " },
		TASK_COLUMNS(""),
		{ "last_ran_ns", "  last ran ", 0, COLUMN_NUMBER, " s ago" },
		{ "found_by", "  [", 0, COLUMN_TEXT, "]" },
	},
};
static const struct table_def cycle_table = {
	.name = "cycles",
	.columns = { { "length", "DEADLOCK: a cycle of ", 0, COLUMN_NUMBER } },
};
static const struct table_def member_table = {
	.name = "tasks",
	.columns = {
		TASK_COLUMNS("   "),
		{ "kind", " waits for ", 0, COLUMN_TEXT },
		LOCK_COLUMNS,
		{ NULL, ", held by the next one", 0, COLUMN_TEXT },
	},
};

struct locks_print {
	struct monitor *m;
	struct buf *out;
	const struct waits *w;
	struct table cycle, members;
};

/* --- cells */

static void put_task(struct table *t, const struct task *task)
{
	if (task_knows(task, TASK_PID))
		table_int(t, task->pid);
	else
		table_unknown(t);
	table_uint(t, task->va);
	table_text(t, task->comm[0] ? task->comm : NULL);
}

/* The address of a lock, and what it is called. */
static void put_place(struct locks_print *p, struct table *t, kva_t lock)
{
	AUTO(buf) name = { 0 };

	if (!lock) {
		table_show(t, "(unknown address)");
		table_unknown(t);
		table_skip(t);
		return;
	}
	table_uint(t, lock);
	if (p->m->k->arch->is_kernel_va(lock) && cmd_put_pointer(p->m, lock, CMD_SLABS_NAME, &name))
		table_text(t, buf_str(&name));
	else
		table_skip(t);
}

/* --- waiters */

/* How long ago the task last started to run: it cannot have waited for longer. */
static void put_age(struct locks_print *p, struct table *t, const struct task *task)
{
	uint64_t last, now;

	if (!task_knows(task, TASK_CPU) || task_last_run(p->m->k, task->va, &last, NULL) || !last ||
	    task_cpu_clock(p->m->k, task->cpu, &now, NULL) || now < last) {
		table_skip(t);
		return;
	}
	now -= last;
	table_show(t, "%" PRIu64 ".%03" PRIu64, now / NSEC, now % NSEC / 1000000);
	table_uint(t, now);
}

static const char *basis_text(const struct wait *w)
{
	if (w->basis == WAIT_BY_TASK)
		return w->on_stack ? "task and stack" : "task";
	if (w->basis == WAIT_BY_OWNER)
		return "stack and the lock's owner";
	if (w->lock && (w->kind == LOCK_BIT || w->kind == LOCK_PAGE || w->kind == LOCK_FUTEX))
		return "stack and the kernel's table of waiters";
	if (w->kind == LOCK_POLL)
		return "stack and the file's list";
	return w->lock ? "stack and the lock's list" : "stack";
}

static void put_waiter(struct locks_print *p, struct table *t, const struct wait *w)
{
	const struct task *task = &p->w->tasks[w->task];

	if (w->reads || w->writes) {
		table_show(t, w->writes ? " TO WRITE" : " TO READ");
		table_text(t, w->writes ? "write" : "read");
	} else {
		table_show(t, "%s", "");
		table_unknown(t);
	}
	put_task(t, task);
	put_age(p, t, task);
	table_text(t, basis_text(w));
	table_end_row(t);
}

/* --- files of epoll, select and poll */

static bool waits_for_files(const struct wait *w)
{
	return w->kind == LOCK_EPOLL || w->kind == LOCK_POLL;
}

static void put_file(struct locks_print *p, struct table *t, const struct polled *f)
{
	struct fs_file file = { .file = f->file };
	AUTO(buf) name = { 0 };
	struct err why;
	vs_status st = fs_file_load(p->m->k, f->file, &file, &why);

	table_known(t, f->fd >= 0, (uint64_t)f->fd);
	table_uint(t, f->file);
	if (st == VS_OK)
		st = fs_put_name(p->m->k, &file, &name, &why);
	if (name.len)
		table_text(t, buf_str(&name));
	else
		table_unknown(t);
	if (st)
		table_remark(t, " ", "%s", why.msg);
	table_end_row(t);
}

static void put_files(struct locks_print *p, struct table *row, const struct wait *w)
{
	AUTO_FREE struct polled *v = NULL;
	struct table t;
	struct err why;
	size_t n = 0;
	vs_status st;

	if (!waits_for_files(w))
		return;
	st = polled_files(p->m->k, w, &p->w->tasks[w->task], &v, &n, &why);
	table_nest(&t, &file_table, row);
	for (size_t i = 0; i < n && !buf_stopped(p->out); i++)
		put_file(p, &t, &v[i]);
	table_end(&t);
	if (st)
		buf_printf(p->out, "   (files: %s)\n", why.msg);
}

/* --- locks */

/* Who holds a lock, in words: what "HELD BY:" shows before the owner, or instead of one that is
 * unknown. */
static const char *held_text(const struct wait *first)
{
	if (first->readers)
		return first->owner != SIZE_MAX ? "readers; the last one that took it: "
						: "readers";
	if (first->owner != SIZE_MAX)
		return "";
	if (first->owner_known)
		return "nobody";
	if (first->kind == LOCK_FUTEX)
		return "(only its program knows)";
	return lock_kind_has_owner(first->kind) ? "?" : "(it has no owner)";
}

static void put_owner(struct locks_print *p, struct table *t, const struct wait *first)
{
	if (waits_for_files(first)) {
		for (int i = 0; i < 4; i++)
			table_skip(t);
		return;
	}
	table_show(t, "%s", held_text(first));
	if (first->readers)
		table_text(t, "readers");
	else if (first->owner != SIZE_MAX)
		table_text(t, "task");
	else if (first->owner_known)
		table_text(t, "nobody");
	else
		table_unknown(t);
	if (first->owner != SIZE_MAX) {
		put_task(t, &p->w->tasks[first->owner]);
		return;
	}
	for (int i = 0; i < 3; i++)
		table_skip(t);
}

/* Which bit, and of whom the address is. */
static void put_key(struct locks_print *p, struct table *t, const struct wait *w)
{
	const char *name = w->kind == LOCK_PAGE ? waits_page_bit(p->m->k, w->bit) : "";

	if (w->lock && (w->kind == LOCK_BIT || w->kind == LOCK_PAGE))
		table_int(t, w->bit);
	else
		table_skip(t);
	if (w->lock && name[0])
		table_text(t, name);
	else
		table_skip(t);
	if (w->lock && w->kind == LOCK_FUTEX)
		table_int(t, p->w->tasks[w->task].tgid);
	else
		table_skip(t);
}

/* The waits for one lock, from i on; returns the next one after them. */
static size_t put_lock(struct locks_print *p, struct table *t, size_t i)
{
	const struct wait *first = &p->w->v[i];
	size_t end = waits_end(p->w, i);
	struct table waiters;

	table_text(t, lock_kind_str(first->kind));
	put_place(p, t, first->lock);
	put_key(p, t, first);
	put_owner(p, t, first);
	table_layout(t, "\n");
	put_files(p, t, first);
	table_nest(&waiters, &waiter_table, t);
	while (i < end)
		put_waiter(p, &waiters, &p->w->v[i++]);
	table_end(&waiters);
	table_end_row(t);
	return i;
}

/* --- spinlocks */

static void put_cpu(struct locks_print *p, struct table *t, const struct spin *s)
{
	AUTO(buf) name = { 0 };

	if (!cmd_put_pointer(p->m, s->caller, CMD_SLABS_NAME, &name))
		buf_printf(&name, "%" PRIx64, s->caller);
	table_uint(t, s->cpu);
	put_task(t, &s->task);
	table_text(t, buf_str(&name));
	table_end_row(t);
}

static void put_flag(struct table *t, bool known, bool v)
{
	if (!known) {
		table_skip(t);
		return;
	}
	table_show(t, v ? "yes" : "no");
	table_flag(t, v);
}

static void put_spinlock(struct locks_print *p, struct table *t, const struct spin *v, size_t i,
			 size_t n)
{
	struct spin_word w = { .known = false };
	struct table cpus;

	if (v[i].lock)
		w = spin_word(p->m->k, v[i].lock);
	table_text(t, "");
	put_place(p, t, v[i].lock);
	table_layout(t, "\n   HELD BY: (it has no owner)");
	put_flag(t, w.known, w.locked);
	put_flag(t, w.known, w.pending);
	if (w.queue)
		table_uint(t, w.tail);
	else
		table_skip(t);
	table_layout(t, "\n");
	table_nest(&cpus, &cpu_table, t);
	for (size_t j = i; j < n; j++)
		if (j == i || (v[i].lock && v[j].lock == v[i].lock))
			put_cpu(p, &cpus, &v[j]);
	table_end(&cpus);
	table_end_row(t);
}

/* CPUs that wait for spinlocks, by lock. */
static bool put_spins(struct locks_print *p, kva_t wanted)
{
	unsigned ncpus = percpu_ncpus(p->m->k);
	AUTO_FREE struct spin *v = calloc(ncpus ? ncpus : 1, sizeof(*v));
	struct table t;
	size_t n = 0;
	bool any = false;

	for (unsigned cpu = 0; v && cpu < ncpus && !buf_stopped(p->out); cpu++)
		n += spin_of_cpu(p->m->k, cpu, &v[n]) && (!wanted || v[n].lock == wanted);
	table_begin(&t, &spin_table, p->m, p->out);
	for (size_t i = 0; i < n; i++) {
		bool shown = false;

		for (size_t j = 0; j < i && v[i].lock; j++)
			shown |= v[j].lock == v[i].lock;
		if (shown)
			continue;
		any = true;
		put_spinlock(p, &t, v, i, n);
	}
	table_end(&t);
	return any;
}

/* --- all */

static void put_in_cycle(void *ctx, const struct wait *w, size_t number, size_t len)
{
	struct locks_print *p = ctx;
	struct table *t = &p->members;

	if (number == 0) {
		table_uint(&p->cycle, len);
		table_layout(&p->cycle, " task%s\n", len > 1 ? "s" : "");
		table_nest(t, &member_table, &p->cycle);
	}
	put_task(t, &p->w->tasks[w->task]);
	table_text(t, lock_kind_str(w->kind));
	put_place(p, t, w->lock);
	table_text(t, "");
	table_end_row(t);
	if (number + 1 < len)
		return;
	table_end(t);
	table_end_row(&p->cycle);
}

static bool put_locks(struct locks_print *p, kva_t wanted)
{
	struct table t;
	bool found = false;

	table_begin(&t, &lock_table, p->m, p->out);
	for (size_t i = 0; i < p->w->n && !buf_stopped(p->out);) {
		if (wanted && p->w->v[i].lock != wanted) {
			i++;
			continue;
		}
		i = put_lock(p, &t, i);
		found = true;
	}
	table_end(&t);
	return found;
}

static vs_status put_all(struct locks_print *p, kva_t wanted, struct err *err)
{
	bool found = put_spins(p, wanted);
	vs_status st;

	found |= put_locks(p, wanted);
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
	table_begin(&p->cycle, &cycle_table, p->m, p->out);
	st = waits_cycles(p->w, put_in_cycle, p, err);
	table_end(&p->cycle);
	return st;
}

static vs_status cmd_locks(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct waits w = { 0 };
	struct locks_print p = { .m = m, .out = out, .w = &w };
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
	{ "u", .help = "also futexes, and files waited for by epoll, select and poll" },
	{ 0 },
};

const struct cmd verb_locks = {
	.name = "locks",
	.run = cmd_locks,
	.brief = "who waits for locks, who holds them, and deadlocks",
	.synopsis = "locks [-u] [ADDRESS | SYMBOL]",
	.help = "List the mutexes, rw_semaphores, semaphores, completions, rt_mutexes and "
		"percpu_rw_semaphores,\n"
		"on PREEMPT_RT also the spinlocks and rwlocks, and the bits of words and pages, "
		"for "
		"which tasks\n"
		"sleep, with owner and waiters in the order of the lock's list, and cycles of "
		"tasks "
		"that wait\n"
		"for one another. Brackets say how a wait was found: on the task's stack, in the "
		"lock's list, by\n"
		"the lock's owner, or in the task's own members. With an ADDRESS or SYMBOL, only "
		"that lock.\n"
		"CPUs that wait for a spinlock come first. The kernel does not record who holds "
		"one.\n"
		"With -u, the files that a task waits for in epoll_wait(), select() or poll() are "
		"listed.\n",
	.example = "  locks\n"
		   "  mutex ffffffffc041b0c0 <l2q_b>\n"
		   "     HELD BY: PID: 163  TASK: ff47e89e43064180  COMMAND: \"l2q_ba\"\n"
		   "     WAITING: PID: 162  TASK: ff47e89e43050000  COMMAND: \"l2q_ab\"  last ran "
		   "5.303 s ago  [stack and the lock's list]\n",
	.options = options,
	.operands = OPERANDS(0, 1),
	.json = true,
};
