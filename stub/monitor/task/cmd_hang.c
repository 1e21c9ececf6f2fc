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

void hang_put_task(struct hang *h, kva_t va)
{
	const struct task *t = hang_task(h, va);

	if (t)
		buf_printf(h->out, "PID: %d  COMMAND: \"%s\"", t->pid, t->comm);
	else
		buf_printf(h->out, "TASK: %016" PRIx64 " (not in the list of tasks)", va);
}

void hang_put_time(struct hang *h, uint64_t nsec)
{
	buf_printf(h->out, "%" PRIu64 ".%03" PRIu64 " s", nsec / NSEC, nsec % NSEC / 1000000);
}

void hang_put_function(struct hang *h, kva_t va)
{
	struct addr_name name;

	if (cmd_lookup(h->m, va, &name)) {
		if (name.off)
			cmd_put_name(h->out, &name, false);
		else
			buf_puts(h->out, name.sym->name);
		cmd_put_owner(h->out, &name);
	} else {
		buf_printf(h->out, "%016" PRIx64, va);
	}
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

static void put_lock_name(struct hang *h, const struct wait *w)
{
	const char *bit = w->kind == LOCK_PAGE ? waits_page_bit(h->m->k, w->bit) : "";
	AUTO(buf) name = { 0 };

	buf_printf(h->out, "%s ", lock_kind_str(w->kind));
	if (!w->lock) {
		buf_puts(h->out, "(unknown address)");
		return;
	}
	buf_printf(h->out, "%016" PRIx64, w->lock);
	if (cmd_put_pointer(h->m, w->lock, CMD_SLABS_NAME, &name))
		buf_printf(h->out, " <%s>", buf_str(&name));
	if (w->kind == LOCK_BIT || w->kind == LOCK_PAGE)
		buf_printf(h->out, " bit %d", w->bit);
	if (bit[0])
		buf_printf(h->out, " (%s)", bit);
}

/* "in FUNCTION", for a task that waits for none of the known locks. */
static void put_place(struct hang *h, const struct task *t)
{
	struct addr_name name;
	kva_t pc;

	if (t->on_cpu) {
		buf_printf(h->out, "runs on CPU %u", t->cpu);
		return;
	}
	if (strcmp(task_state_str(t), "RU") == 0) {
		buf_puts(h->out, "could run");
		return;
	}
	buf_puts(h->out, "sleeps in ");
	if (task_wchan(h->m->k, t, &pc, NULL) || !cmd_lookup(h->m, pc - 1, &name)) {
		buf_puts(h->out, "?");
		return;
	}
	name.off = pc - name.sym->va;
	cmd_put_name(h->out, &name, false);
	cmd_put_owner(h->out, &name);
}

static const struct wait *wait_of(const struct hang *h, size_t task)
{
	size_t i = h->waits.of_task[task];

	return i == SIZE_MAX ? NULL : &h->waits.v[i];
}

static void put_wait(struct hang *h, const struct wait *w)
{
	buf_printf(h->out, "waits %sfor ",
		   (w->kind != LOCK_RWSEM && w->kind != LOCK_PERCPU_RWSEM) || !w->waiter ? ""
		   : w->writes ? "to write "
			       : "to read ");
	put_lock_name(h, w);
	if (w->readers && w->owner == SIZE_MAX)
		buf_puts(h->out, ", held by readers");
	else if (w->owner == SIZE_MAX && w->owner_known)
		buf_puts(h->out, ", held by nobody");
	buf_putc(h->out, '\n');
}

/* From the owner of a task's lock to what that owner waits for, and so on. */
static void put_chain(struct hang *h, size_t task)
{
	const struct wait *w = wait_of(h, task);
	size_t first = task;

	for (unsigned i = 0; w && w->owner != SIZE_MAX; i++) {
		const struct task *t = &h->waits.tasks[w->owner];

		buf_puts(h->out, w->readers ? "      held by readers, the last one that took it: "
					    : "      held by ");
		hang_put_task(h, t->va);
		if (w->owner == first || i == MAX_CHAIN) {
			buf_puts(h->out, w->owner == first ? ": a deadlock\n" : ", ...\n");
			return;
		}
		buf_puts(h->out, ", which ");
		task = w->owner;
		w = wait_of(h, task);
		if (w) {
			put_wait(h, w);
		} else {
			put_place(h, t);
			buf_putc(h->out, '\n');
		}
	}
}

/* --- tasks in uninterruptible sleep */

struct sleeper {
	size_t task;
	uint64_t nsec;
	bool known;
};

static int by_time(const void *a, const void *b)
{
	const struct sleeper *x = a, *y = b;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->nsec != y->nsec)
		return x->nsec > y->nsec ? -1 : 1;
	return x->task < y->task ? -1 : x->task > y->task;
}

static void put_sleeper(struct hang *h, const struct sleeper *s)
{
	const struct task *t = &h->waits.tasks[s->task];
	const struct wait *w = wait_of(h, s->task);

	buf_puts(h->out, "  ");
	hang_put_task(h, t->va);
	buf_puts(h->out, "  ");
	if (s->known)
		hang_put_time(h, s->nsec);
	else
		buf_puts(h->out, "?");
	buf_puts(h->out, "  ");
	if (w) {
		put_wait(h, w);
		put_chain(h, s->task);
	} else {
		put_place(h, t);
		buf_putc(h->out, '\n');
	}
}

static bool is_blocked(const struct task *t)
{
	return task_knows(t, TASK_STATE) && strcmp(task_state_str(t), "UN") == 0 && !t->on_cpu;
}

static vs_status put_sleepers(struct hang *h, struct err *err)
{
	AUTO_FREE struct sleeper *v = calloc(h->waits.ntasks + 1, sizeof(*v));
	size_t n = 0;

	if (!v)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < h->waits.ntasks; i++) {
		if (!is_blocked(&h->waits.tasks[i]))
			continue;
		v[n].task = i;
		v[n].known = hang_sleeps(h, &h->waits.tasks[i], &v[n].nsec);
		n++;
	}
	if (n)
		qsort(v, n, sizeof(*v), by_time);
	buf_printf(h->out, "TASKS: %zu in uninterruptible sleep\n", n);
	for (size_t i = 0; i < n && !buf_stopped(h->out); i++)
		if (hang_more(h, i))
			put_sleeper(h, &v[i]);
	hang_end_list(h);
	if (h->waits.unknown)
		buf_printf(h->out,
			   "  (unknown for %zu tasks, whose stacks cannot be read or followed)\n",
			   h->waits.unknown);
	return VS_OK;
}

static vs_status cmd_hang(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct hang h = { .m = m, .out = out, .max = cmd_has(a, "a") ? SIZE_MAX : MAX_LINES };
	struct err why;
	vs_status st = kernel_need_types(m->k, err);

	if (st)
		return st;
	if (cpus_now(m->k, &h.now, NULL))
		h.now = 0;
	st = waits_find(m->k, &h.waits, &why);
	if (st)
		hang_put_unknown(&h, "tasks", &why);
	st = h.waits.tasks && h.waits.of_task ? put_sleepers(&h, err)
					      : fail(err, st ? st : VS_NOMEM, "no tasks");
	hang_put_cpus(&h);
	hang_put_workqueues(&h);
	hang_put_timers(&h);
	hang_put_rcu(&h);
	hang_put_io(&h);
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
		"          the chain of those that hold it\n"
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
};
