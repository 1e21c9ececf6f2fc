// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_hang.c - hang: why the system made no progress. Here: tasks in uninterruptible sleep, and
 * what each waits for. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/task/hang.h"
#include "stub/task/busy.h"
#include "stub/task/taskinfo.h"
#include "stub/triage/wchan.h"

#define NSEC	  1000000000
#define MAX_LINES 10
#define MAX_CHAIN 16

/* --- what all parts use */

bool hang_more(struct hang *h, size_t printed)
{
	if (printed < h->max)
		return true;
	h->left++;
	return false;
}

void hang_end_list(struct hang *h)
{
	if (h->left)
		buf_printf(h->out, "  ... and %zu more (hang -a)\n", h->left);
	h->left = 0;
}

void hang_put_unknown(struct hang *h, const char *what, const struct err *why)
{
	buf_printf(h->out, "  (%s: %s)\n", what, why->msg);
}

const struct task *hang_task(const struct hang *h, kva_t va)
{
	size_t low = 0, high = h->waits.ntasks;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (h->waits.tasks[mid].va == va)
			return &h->waits.tasks[mid];
		if (h->waits.tasks[mid].va < va)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

void hang_task_cells(struct hang *h, kva_t va, const char *before, struct table *row)
{
	const struct task *t = hang_task(h, va);

	if (!t)
		table_layout(row, "%sTASK: %016" PRIx64 " (not in the list of tasks)", before, va);
	if (t)
		table_int(row, t->pid);
	else
		table_skip(row);
	table_uint(row, va);
	if (t)
		table_text(row, t->comm);
	else
		table_skip(row);
}

void hang_time_cell(uint64_t nsec, struct table *row)
{
	table_show(row, "%" PRIu64 ".%03" PRIu64, nsec / NSEC, nsec % NSEC / 1000000);
	table_uint(row, nsec);
}

void hang_known_time(bool known, uint64_t nsec, struct table *row)
{
	if (known)
		hang_time_cell(nsec, row);
	else
		table_skip(row);
}

void hang_function_cell(struct hang *h, kva_t va, struct table *row)
{
	AUTO(buf) text = { 0 };
	struct addr_name name;

	if (cmd_lookup(h->m, va, &name)) {
		if (name.off)
			cmd_put_name(&text, &name, false);
		else
			buf_puts(&text, name.sym->name);
		cmd_put_owner(&text, &name);
	} else {
		buf_printf(&text, "%016" PRIx64, va);
	}
	table_text(row, buf_str(&text));
}

bool hang_sleeps(struct hang *h, const struct task *t, uint64_t *ret)
{
	uint64_t last;

	if (!h->now || task_last_run(h->m->k, t->va, &last, NULL) || !last || last > h->now)
		return false;
	*ret = h->now - last;
	return true;
}

/* --- what a task waits for */

/* What a task waits for, or else where it is; for the owner of a lock, too. */
#define WAIT_COLUMNS                                                                               \
	{ "access", "waits ", 0, COLUMN_TEXT }, { "kind", "for ", 0, COLUMN_TEXT },                \
		{ "lock", " ", 16, COLUMN_ADDRESS0 }, { "symbol", " <", 0, COLUMN_TEXT, ">" },     \
		{ "bit", " bit ", 0, COLUMN_NUMBER }, { "bit_name", " (", 0, COLUMN_TEXT, ")" },   \
		{ "held_by", ", held by ", 0, COLUMN_TEXT }, { "place", "", 0, COLUMN_TEXT },      \
		{ "function", "sleeps in ", 0, COLUMN_TEXT },                                      \
	{                                                                                          \
		"cpu", "runs on CPU ", 0, COLUMN_NUMBER                                            \
	}
#define LOCK_CELLS  7 /* up to held_by */
#define PLACE_CELLS 3

static const struct table_def task_table = {
	.name = "tasks",
	.columns = {
		HANG_TASK_COLUMNS("  "),
		{ "blocked_ns", "  ", 0, COLUMN_NUMBER, " s  " },
		WAIT_COLUMNS,
	},
};
static const struct table_def chain_table = {
	.name = "chain",
	.columns = {
		{ "reads", "      held by ", 0, COLUMN_FLAG },
		HANG_TASK_COLUMNS(""),
		{ "deadlock", "", 0, COLUMN_FLAG },
		WAIT_COLUMNS,
	},
};

static void skip_cells(struct table *row, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		table_skip(row);
}

static void put_lock_name(struct hang *h, const struct wait *w, struct table *row)
{
	const char *bit = w->kind == LOCK_PAGE ? waits_page_bit(h->m->k, w->bit) : "";
	AUTO(buf) name = { 0 };

	table_text(row, lock_kind_str(w->kind));
	if (!w->lock) {
		table_show(row, "(unknown address)");
		table_unknown(row);
		skip_cells(row, 3);
		return;
	}
	table_uint(row, w->lock);
	if (cmd_put_pointer(h->m, w->lock, CMD_SLABS_NAME, &name))
		table_text(row, buf_str(&name));
	else
		table_skip(row);
	if (w->kind == LOCK_BIT || w->kind == LOCK_PAGE)
		table_int(row, w->bit);
	else
		table_skip(row);
	if (bit[0])
		table_text(row, bit);
	else
		table_skip(row);
}

/* For a task that waits for none of the known locks. */
static void put_place(struct hang *h, const struct task *t, struct table *row)
{
	AUTO(buf) text = { 0 };
	kva_t pc;

	if (t->on_cpu || strcmp(task_state_str(t), "RU") == 0) {
		table_show(row, t->on_cpu ? "" : "could run");
		table_text(row, t->on_cpu ? "running" : "runnable");
		table_skip(row);
		if (t->on_cpu)
			table_uint(row, t->cpu);
		else
			table_skip(row);
		return;
	}
	table_show(row, "%s", "");
	table_text(row, "sleeping");
	if (task_wchan(h->m->k, t, &pc, NULL) || !cmd_put_caller(h->m, pc, &text))
		table_unknown(row);
	else
		table_text(row, buf_str(&text));
	table_skip(row);
}

static const struct wait *wait_of(const struct hang *h, size_t task)
{
	size_t i = h->waits.of_task[task];

	return i == SIZE_MAX ? NULL : &h->waits.v[i];
}

/* The cells of WAIT_COLUMNS. */
static void put_wait(struct hang *h, size_t task, struct table *row)
{
	const struct wait *w = wait_of(h, task);

	if (!w) {
		skip_cells(row, LOCK_CELLS);
		put_place(h, &h->waits.tasks[task], row);
		return;
	}
	if (w->reads || w->writes) {
		table_show(row, w->writes ? "to write " : "to read ");
		table_text(row, w->writes ? "write" : "read");
	} else {
		table_show(row, "%s", "");
		table_unknown(row);
	}
	put_lock_name(h, w, row);
	if (w->readers && w->owner == SIZE_MAX)
		table_text(row, "readers");
	else if (w->owner == SIZE_MAX && w->owner_known)
		table_text(row, "nobody");
	else
		table_skip(row);
	skip_cells(row, PLACE_CELLS);
}

static bool is_in(const size_t *tasks, unsigned n, size_t task)
{
	while (n && tasks[n - 1] != task)
		n--;
	return n;
}

static bool is_deadlocked(const struct hang *h, size_t task)
{
	return h->deadlocked && h->deadlocked[task];
}

static void take_deadlock(void *ctx, const struct wait *w, size_t number, size_t len)
{
	struct hang *h = ctx;

	(void)number;
	(void)len;
	h->deadlocked[w->task] = true;
}

static void find_deadlocks(struct hang *h)
{
	h->deadlocked = calloc(h->waits.ntasks + 1, sizeof(*h->deadlocked));
	if (h->deadlocked)
		(void)waits_cycles(&h->waits, take_deadlock, h, NULL);
}

/* From the owner of a task's lock to what that owner waits for, and so on. The chain may end in a
 * circle of others. */
static void put_chain(struct hang *h, size_t task, struct table *parent)
{
	const struct wait *w = wait_of(h, task);
	size_t met[MAX_CHAIN + 1];
	struct table t;

	table_nest(&t, &chain_table, parent);
	for (unsigned i = 0; w && w->owner != SIZE_MAX; i++) {
		bool circle, sure;

		met[i] = task;
		circle = is_in(met, i + 1, w->owner);
		table_show(&t, w->readers ? "readers, the last one that took it: " : "");
		table_flag(&t, w->readers);
		hang_task_cells(h, h->waits.tasks[w->owner].va, "", &t);
		sure = circle && is_deadlocked(h, w->owner);
		table_show(&t, sure		? ": a deadlock"
			       : circle		? ": a deadlock, unless that reader has let go"
			       : i == MAX_CHAIN ? ", ..."
						: ", which ");
		table_flag(&t, sure);
		if (circle || i == MAX_CHAIN) {
			skip_cells(&t, LOCK_CELLS + PLACE_CELLS);
			table_end_row(&t);
			break;
		}
		task = w->owner;
		put_wait(h, task, &t);
		table_end_row(&t);
		w = wait_of(h, task);
	}
	table_end(&t);
}

/* --- tasks in uninterruptible sleep */

struct sleeper {
	size_t task;
	uint64_t nsec;
	bool known, deadlocked;
};

/* Those first that can never go on: nobody should miss them in a long list. */
static int by_time(const void *a, const void *b)
{
	const struct sleeper *x = a, *y = b;

	if (x->deadlocked != y->deadlocked)
		return x->deadlocked ? -1 : 1;
	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->nsec != y->nsec)
		return x->nsec > y->nsec ? -1 : 1;
	return x->task < y->task ? -1 : x->task > y->task;
}

static void put_sleeper(struct hang *h, const struct sleeper *s, struct table *t)
{
	hang_task_cells(h, h->waits.tasks[s->task].va, "  ", t);
	if (s->known) {
		hang_time_cell(s->nsec, t);
	} else {
		table_layout(t, "  ?  ");
		table_skip(t);
	}
	put_wait(h, s->task, t);
	table_layout(t, "\n");
	put_chain(h, s->task, t);
	table_end_row(t);
}

static bool is_blocked(const struct task *t)
{
	return task_knows(t, TASK_STATE) && strcmp(task_state_str(t), "UN") == 0 && !t->on_cpu;
}

static vs_status put_sleepers(struct hang *h, struct err *err)
{
	AUTO_FREE struct sleeper *v = calloc(h->waits.ntasks + 1, sizeof(*v));
	struct table t;
	size_t n = 0;

	if (!v)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < h->waits.ntasks; i++) {
		if (!is_blocked(&h->waits.tasks[i]))
			continue;
		v[n].task = i;
		v[n].known = hang_sleeps(h, &h->waits.tasks[i], &v[n].nsec);
		v[n].deadlocked = is_deadlocked(h, i);
		n++;
	}
	if (n)
		qsort(v, n, sizeof(*v), by_time);
	table_begin(&t, &task_table, h->m, h->out);
	table_layout(&t, "TASKS: %zu in uninterruptible sleep\n", n);
	for (size_t i = 0; i < n && !buf_stopped(h->out); i++)
		if (hang_more(h, i))
			put_sleeper(h, &v[i], &t);
	table_end(&t);
	hang_end_list(h);
	if (h->waits.unknown)
		buf_printf(h->out,
			   "  (unknown for %zu tasks, whose stacks cannot be read or followed)\n",
			   h->waits.unknown);
	return VS_OK;
}

static vs_status cmd_hang(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct hang h = { .m = m, .out = out, .max = SIZE_MAX };
	struct err why;
	vs_status st = kernel_need_types(m->k, err);

	if (st)
		return st;
	if (!cmd_has(a, "a") && !m->json) // a document has no space to save
		h.max = MAX_LINES;
	if (cpus_now(m->k, &h.now, NULL))
		h.now = 0;
	st = waits_find(m->k, &h.waits, &why);
	if (st)
		hang_put_unknown(&h, "tasks", &why);
	if (h.waits.of_task)
		find_deadlocks(&h);
	st = h.waits.tasks && h.waits.of_task ? put_sleepers(&h, err)
					      : fail(err, st ? st : VS_NOMEM, "no tasks");
	hang_put_cpus(&h);
	hang_put_workqueues(&h);
	hang_put_timers(&h);
	hang_put_rcu(&h);
	hang_put_io(&h);
	free(h.deadlocked);
	waits_free(&h.waits);
	return st;
}

static const struct cmd_opt options[] = {
	{ "a", .help = "list everything, not only the first ten of each kind" },
	{ 0 },
};

const struct cmd verb_hang = {
	.name = "hang",
	.run = cmd_hang,
	.brief = "why nothing went on: blocked tasks, busy CPUs, work, timers, RCU, I/O",
	.synopsis = "hang [-a]",
	.help = "Show what the system waited for when it stopped:\n"
		"  TASKS   in uninterruptible sleep, the time since each last ran, what it waits "
		"for, and\n"
		"          the chain of those that hold it; those of a deadlock first\n"
		"  CPUS    that ran a task: for how long, since when its clock stood still, and "
		"the "
		"soft\n"
		"          lockup detector's thread, if it did not run in time\n"
		"  WORK    pools of kernel workers with pending work, and what their workers do\n"
		"  TIMERS  that are late by a second or more\n"
		"  RCU     a grace period in progress, and the CPUs and tasks that delay it\n"
		"  I/O     requests that a disk's driver has not completed\n"
		"All times count up to the latest tick of any CPU.\n",
	.example = "  hang\n"
		   "  TASKS: 2 in uninterruptible sleep\n"
		   "    PID: 162  COMMAND: \"l2q_ab\"  11.488 s  waits for mutex ffffffffc041b080 "
		   "<l2q_b>\n"
		   "        held by PID: 163  COMMAND: \"l2q_ba\", which waits for mutex "
		   "ffffffffc041b0a0 <l2q_a>\n"
		   "        held by PID: 162  COMMAND: \"l2q_ab\": a deadlock\n",
	.options = options,
	.json = true,
};
