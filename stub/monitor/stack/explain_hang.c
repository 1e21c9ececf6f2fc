// SPDX-License-Identifier: GPL-3.0-or-later
/* explain_hang.c - panics of the kernel's watchdogs: which CPUs and tasks got no further, what they
 * ran or wait for, and what the others ran; and machine checks. The log's texts are those of
 * kernel/watchdog.c, kernel/rcu/tree_stall.h, kernel/hung_task.c and mce/core.c. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/stack/explain.h"
#include "stub/task/busy.h"
#include "stub/task/cpus.h"
#include "stub/triage/hungtask.h"
#include "stub/triage/spins.h"
#include "stub/triage/stall.h"
#include "stub/triage/waits.h"
#include "stub/unwind/stack_start.h"

#define NSEC UINT64_C(1000000000)

static void put_until(struct explain *x)
{
	const struct report *r = &x->f->report;

	if (r->has_time)
		buf_printf(x->out, ", when the kernel was up for %" PRIu64 " s",
			   r->ts_nsec / 1000000000);
	buf_puts(x->out, "\n       [the log]\n");
}

/* --- what a task runs */

static void put_task_place(struct explain *x, kva_t va)
{
	struct kernel *k = x->m->k;
	AUTO_FREE struct frame *v = calloc(STACK_MAX_FRAMES, sizeof(*v));
	struct task t;
	size_t n = 0, at;
	kva_t pc;

	if (task_load(k, va, &t, NULL)) {
		buf_puts(x->out, "a task that cannot be read\n");
		return;
	}
	buf_printf(x->out, "PID %d (\"%s\")", t.pid, t.comm);
	if (v)
		(void)stack_of_task(k, &t, v, STACK_MAX_FRAMES, &n, NULL);
	if (!n) {
		buf_puts(x->out, "; its stack is unknown\n");
		return;
	}
	at = stall_place(k, &t, v, n);
	if (at < n) {
		pc = v[at].regs.v[k->arch->pc];
		buf_puts(x->out, " at ");
		if (k->arch->regs_user_mode(&v[at].regs))
			buf_printf(x->out, "%" PRIx64 " in user mode", pc);
		else
			explain_put_place(x, v[at].interrupted ? pc : pc - 1, pc);
	}
	buf_putc(x->out, '\n');
}

static void put_cpu(struct explain *x, unsigned cpu)
{
	kva_t task;

	explain_label(x, "CPU");
	buf_printf(x->out, "%u runs ", cpu);
	if (task_current(x->m->k, cpu, &task, NULL))
		buf_puts(x->out, "a task that is unknown\n");
	else
		put_task_place(x, task);
}

static bool is_idle(struct explain *x, unsigned cpu)
{
	struct task t;
	kva_t va;

	return task_current(x->m->k, cpu, &va, NULL) == VS_OK &&
	       task_load(x->m->k, va, &t, NULL) == VS_OK && t.pid == 0;
}

/* --- soft and hard lockups */

static void put_spinlock(struct explain *x, const struct spin *s)
{
	explain_label(x, "WAITS");
	buf_puts(x->out, "for a spinlock");
	if (s->lock) {
		buf_printf(x->out, " at %" PRIx64, s->lock);
		cmd_put_symbol(x->m, s->lock, x->out);
	}
	buf_puts(x->out, ", in ");
	explain_put_place(x, s->interrupted ? s->caller : s->caller - 1, s->caller);
	buf_puts(x->out, "\n       [its stack and registers]\n");
}

/* The stuck CPU waits for a spinlock: by the argument of the interrupted function. */
static void look_for_spinlock(struct explain *x, unsigned long cpu)
{
	const struct fault *f = x->f;
	struct spin s;

	if (cpu == f->task.cpu) {
		if (f->panic + 1 < f->n &&
		    spin_of_stack(x->m->k, f->frames + f->panic + 1, f->n - f->panic - 1, &s))
			put_spinlock(x, &s);
	} else if (cpu < percpu_ncpus(x->m->k) && spin_of_cpu(x->m->k, (unsigned)cpu, &s)) {
		put_spinlock(x, &s);
	}
}

static void put_other_cpus(struct explain *x)
{
	for (unsigned i = 0; i < percpu_ncpus(x->m->k) && !buf_stopped(x->out); i++)
		if (i != x->f->task.cpu && cpu_in_use(x->m->k, i) && !is_idle(x, i))
			put_cpu(x, i);
}

/* Another CPU than the stuck one may have reported it: that of the timer that looks after it. */
void explain_lockup(struct explain *x)
{
	const char *stuck = strstr(x->f->report.fault, "stuck for ");
	unsigned long cpu;

	if (report_lockup_cpu(x->f->report.fault, &cpu)) {
		explain_label(x, "STUCK");
		buf_printf(x->out, "CPU %lu", cpu);
		if (stuck)
			buf_printf(x->out, ", for %lu s", strtoul(stuck + 10, NULL, 10));
		put_until(x);
		look_for_spinlock(x, cpu);
	}
	put_other_cpus(x);
}

/* Someone pressed the button, most likely because a CPU was stuck: with interrupts off, its
 * scheduler clock stood still. */
void explain_nmi(struct explain *x)
{
	uint64_t now;

	for (unsigned i = 0; cpus_now(x->m->k, &now, NULL) == VS_OK && i < percpu_ncpus(x->m->k);
	     i++) {
		struct cpu_busy b;

		if (!cpu_was_online(x->m->k, i) || cpu_busy_load(x->m->k, i, now, &b, NULL) ||
		    b.idle || !b.knows_lag || b.lag < NSEC)
			continue;
		explain_label(x, "STUCK");
		buf_printf(x->out, "CPU %u, whose clock stood still for %" PRIu64 " s", i,
			   b.lag / NSEC);
		buf_puts(x->out, "\n       [its run queue]\n");
		look_for_spinlock(x, i);
	}
	put_other_cpus(x);
}

/* --- RCU */

static void put_stalled(struct explain *x, const struct stalled *s)
{
	char pid[16];
	kva_t task;

	if (s->is_task) {
		snprintf(pid, sizeof(pid), "%d", s->pid);
		if (cmd_find_task(x->m, pid, &task, NULL))
			return;
		explain_label(x, "STUCK");
		buf_puts(x->out, "in a section that reads: ");
		put_task_place(x, task);
		return;
	}
	explain_label(x, "STUCK");
	buf_printf(x->out, "CPU %u%s", s->cpu, s->cpu == x->f->task.cpu ? ", this one" : "");
	put_until(x);
	if (s->cpu != x->f->task.cpu && s->cpu < percpu_ncpus(x->m->k))
		put_cpu(x, s->cpu);
}

void explain_stall(struct explain *x)
{
	struct stalled v[STALLED_MAX];
	size_t n = stall_parse(x->f->report.more, v);

	for (size_t i = 0; i < n && !buf_stopped(x->out); i++)
		put_stalled(x, &v[i]);
}

/* --- hung tasks */

static void put_wait(struct explain *x, const struct waits *w, size_t i)
{
	const struct wait *v = &w->v[i];

	explain_label(x, "WAITS");
	buf_printf(x->out, "for a %s", lock_kind_str(v->kind));
	if (v->lock) {
		buf_printf(x->out, " at %" PRIx64, v->lock);
		cmd_put_symbol(x->m, v->lock, x->out);
	}
	if (v->owner_known && v->owner != SIZE_MAX && !v->readers)
		buf_printf(x->out, ", which PID %d (\"%s\") holds", w->tasks[v->owner].pid,
			   w->tasks[v->owner].comm);
	buf_printf(x->out, "\n       [%s; locks tells more]\n",
		   v->basis == WAIT_BY_STACK ? "its stack, and the lock"
					     : "its task, and the lock");
}

void explain_hung(struct explain *x)
{
	struct hung_task hung;
	struct waits w = { 0 };
	char pid[16];
	kva_t task;

	if (!hung_task_parse(x->f->report.fault, &hung))
		return;
	snprintf(pid, sizeof(pid), "%d", hung.pid);
	explain_label(x, "STUCK");
	buf_printf(x->out, "PID %s, for more than %lu s", pid, hung.seconds);
	put_until(x);
	if (cmd_find_task(x->m, pid, &task, NULL))
		return;
	(void)waits_find(x->m->k, &w, NULL);
	for (size_t i = 0; i < w.n; i++)
		if (w.tasks[w.v[i].task].va == task && w.v[i].kind != LOCK_NONE)
			put_wait(x, &w, i);
	waits_free(&w);
}

/* --- machine checks */

static void put_bank(struct explain *x, const char *line)
{
	unsigned cpu, bank;
	unsigned long long status;
	const char *at = strstr(line, " Bank ");

	if (!at || sscanf(line, "mce: [Hardware Error]: CPU %u: Machine Check", &cpu) != 1 ||
	    sscanf(at, " Bank %u: %llx", &bank, &status) != 2)
		return;
	explain_label(x, "BANK");
	buf_printf(x->out, "%u of CPU %u: ", bank, cpu);
	x->m->k->arch->machine_check(status, x->out);
	buf_puts(x->out, "\n       [status in the log]\n");
}

void explain_machine_check(struct explain *x)
{
	put_bank(x, x->f->report.fault);
	for (const char *p = x->f->report.more; *p; p = strchr(p, '\n') + 1) {
		char line[256];

		snprintf(line, sizeof(line), "%.*s", (int)strcspn(p, "\n"), p);
		put_bank(x, line);
		if (!strchr(p, '\n'))
			return;
	}
}
