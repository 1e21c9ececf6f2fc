// SPDX-License-Identifier: GPL-3.0-or-later
/* ps_views.c - the other forms of ps: family, times, arguments, limits, last run. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/sys/boot.h"
#include "stub/kernel/percpu.h"
#include "stub/task/taskinfo.h"
#include "stub/monitor/cpulist.h"
#include "stub/monitor/task/ps.h"

#define MAX_ANCESTORS 1024
#define NSEC	      1000000000ULL

/* --- family */

void ps_put_parents(struct monitor *m, const struct task *t, struct buf *out)
{
	struct task line[2] = { *t };
	VEC(kva_t) up = { 0 };
	struct err why;
	vs_status st = VS_OK;
	int32_t pid;

	for (kva_t va = t->va, parent; vec_push(&up, va); va = parent) {
		st = task_parent(m->k, va, &parent, &pid, &why);
		if (st || parent == va)
			break;
		if (up.n >= MAX_ANCESTORS) {
			st = fail(&why, VS_CORRUPT, "more than %d ancestors", MAX_ANCESTORS);
			break;
		}
	}
	for (size_t i = up.n; i-- > 0;) {
		vs_status loaded;
		struct err bad;

		for (size_t j = i; j < up.n - 1; j++)
			buf_putc(out, ' ');
		loaded = task_load(m->k, up.v[i], &line[1], &bad);
		if (loaded == VS_OK)
			cmd_task_line(&line[1], out);
		else if (st == VS_OK) {
			st = loaded;
			why = bad;
		}
	}
	if (st)
		buf_printf(out, "(%s)\n", why.msg);
	vec_free(&up);
}

static int by_pid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

/* Indented lines for the tasks in list except skip, by PID; prints `none` if there are none. */
static void put_family(struct monitor *m, const kva_t *list, size_t n, kva_t skip, const char *none,
		       struct buf *out)
{
	AUTO_FREE struct task *tasks = calloc(n + 1, sizeof(*tasks));
	size_t found = 0;

	for (size_t i = 0; tasks && i < n; i++)
		if (list[i] != skip && task_load(m->k, list[i], &tasks[found], NULL) == VS_OK)
			found++;
	if (found)
		qsort(tasks, found, sizeof(*tasks), by_pid);
	for (size_t i = 0; i < found; i++) {
		buf_puts(out, "  ");
		cmd_task_line(&tasks[i], out);
	}
	if (!found)
		buf_printf(out, "  (no %s)\n", none);
}

void ps_put_children(struct monitor *m, const struct task *t, struct buf *out)
{
	AUTO_FREE kva_t *list = NULL;
	struct err why;
	size_t n = 0;
	vs_status st = task_children(m->k, t->va, &list, &n, &why);

	cmd_task_line(t, out);
	put_family(m, list, n, 0, "children", out);
	if (st)
		buf_printf(out, "  (%s)\n", why.msg);
}

void ps_put_threads(struct monitor *m, const struct task *t, struct buf *out)
{
	AUTO_FREE kva_t *list = NULL;
	struct task leader = *t;
	struct err why;
	uint64_t va;
	size_t n = 0;
	vs_status st = task_threads(m->k, t->va, &list, &n, &why);

	if (t->pid != t->tgid &&
	    record_field_read(m->k, &task_record, t->va, TASK_GROUP_LEADER, &va, NULL) == VS_OK)
		task_load(m->k, va, &leader, NULL);
	cmd_task_line(&leader, out);
	put_family(m, list, n, leader.va, "threads", out);
	if (st)
		buf_printf(out, "  (%s)\n", why.msg);
}

/* --- times, arguments, limits */

void ps_put_times(struct monitor *m, const struct task *t, struct buf *out)
{
	struct boot_times now = { 0 };
	struct task_times times;
	struct err why;
	uint64_t run;

	cmd_task_line(t, out);
	if (task_times_load(m->k, t->va, &times, &why)) {
		buf_printf(out, "  (%s)\n", why.msg);
		return;
	}
	buf_puts(out, "    RUN TIME: ");
	if (boot_times_load(m->k, &now, NULL) || now.uptime * NSEC < times.start) {
		buf_puts(out, "(unavailable)");
	} else {
		run = (now.uptime * NSEC + now.nsec - times.start) / NSEC;
		if (run >= 86400)
			buf_printf(out, "%" PRIu64 " days, ", run / 86400);
		buf_printf(out, "%02" PRIu64 ":%02" PRIu64 ":%02" PRIu64, run % 86400 / 3600,
			   run % 3600 / 60, run % 60);
	}
	buf_printf(out,
		   "\n  START TIME: %" PRIu64 "\n       UTIME: %" PRIu64 "\n       STIME: %" PRIu64
		   "\n",
		   times.start, times.utime, times.stime);
}

/* NUL-terminated strings, joined by sep, without control characters for the terminal. */
static void put_joined(const struct buf *text, const char *sep, struct buf *out)
{
	size_t len = text->len;

	while (len && !text->p[len - 1])
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text->p[i];

		if (!c)
			buf_puts(out, sep);
		else
			buf_putc(out, isprint(c) || c >= 0x80 ? (char)c : '?');
	}
	buf_putc(out, '\n');
}

void ps_put_strings(struct monitor *m, const struct task *t, struct buf *out)
{
	static const char *const labels[] = { "ARG: ", "ENV: " };

	cmd_task_line(t, out);
	if (task_is_kernel(t) || !t->mm) {
		buf_puts(out, "(no user memory)\n");
		return;
	}
	for (int env = 0; env < 2; env++) {
		AUTO(buf) text = { 0 };
		struct err why;
		vs_status st = task_strings(m->k, t->va, env, &text, &why);

		buf_puts(out, labels[env]);
		if (text.len || st == VS_OK)
			put_joined(&text, env ? "\n     " : " ", out);
		if (st)
			buf_printf(out, "%s(%s)\n", text.len ? "     " : "", why.msg);
	}
}

/* text centered in width columns, as in crash's tables. */
static void put_centered(struct buf *out, const char *text, size_t width)
{
	size_t len = strlen(text), left = len < width ? (width - len) / 2 : 0;

	buf_printf(out, "%*s%-*s", (int)left, "", (int)(width - left), text);
}

static void put_limit(struct buf *out, uint64_t v)
{
	char text[24] = "(unlimited)";

	if (v != UINT64_MAX)
		snprintf(text, sizeof(text), "%" PRIu64, v);
	put_centered(out, text, 13);
}

void ps_put_limits(struct monitor *m, const struct task *t, struct buf *out)
{
	struct task_limit limits[TASK_NLIMITS];
	struct err why;

	cmd_task_line(t, out);
	if (task_limits_load(m->k, t->va, limits, &why)) {
		buf_printf(out, "  (%s)\n", why.msg);
		return;
	}
	buf_puts(out, "      RLIMIT     CURRENT       MAXIMUM\n");
	for (unsigned i = 0; i < TASK_NLIMITS; i++) {
		buf_printf(out, "  %10s  ", task_limit_name(i));
		put_limit(out, limits[i].now);
		buf_putc(out, ' ');
		put_limit(out, limits[i].max);
		while (out->len && out->p[out->len - 1] == ' ')
			out->len--;
		buf_putc(out, '\n');
	}
}

void ps_put_summary(const struct tasksel *s, struct buf *out)
{
	struct {
		const char *state;
		size_t n;
	} count[16] = { 0 };
	size_t states = 0;

	for (size_t i = 0; i < s->tasks.n; i++) {
		const char *state = task_state_str(&s->tasks.v[i]);
		size_t j = 0;

		while (j < states && strcmp(count[j].state, state) != 0)
			j++;
		if (j == states && states < sizeof(count) / sizeof(count[0]))
			count[states++].state = state;
		if (j < states)
			count[j].n++;
	}
	for (size_t j = 0; j < states; j++)
		buf_printf(out, "  %s: %zu\n", count[j].state, count[j].n);
}

/* --- last run */

struct ran {
	const struct task *t;
	uint64_t at;
	bool known;
};

static int latest_first(const void *a, const void *b)
{
	const struct ran *x = a, *y = b;

	if (x->known != y->known)
		return x->known ? -1 : 1;
	if (x->at != y->at)
		return x->at > y->at ? -1 : 1;
	return x->t->pid < y->t->pid ? -1 : x->t->pid > y->t->pid;
}

/* "[12722843569] ", or "[0 00:00:00.011] " */
static void put_when(uint64_t ns, bool ago, int width, struct buf *out)
{
	uint64_t ms = ns / 1000000;

	if (ago)
		buf_printf(out,
			   "[%*" PRIu64 " %02" PRIu64 ":%02" PRIu64 ":%02" PRIu64 ".%03" PRIu64 "]",
			   width, ms / 86400000, ms / 3600000 % 24, ms / 60000 % 60, ms / 1000 % 60,
			   ms % 1000);
	else
		buf_printf(out, "[%*" PRIu64 "]", width, ns);
}

/* The tasks of one CPU, or of all with cpu -1. */
static vs_status put_ran(struct monitor *m, const struct ran *ran, size_t n, bool ago, long cpu,
			 struct buf *out, struct err *err)
{
	AUTO_FREE uint64_t *when = calloc(n + 1, sizeof(*when));
	uint64_t most = 0;
	char text[24];
	int width;

	if (!when)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < n && !buf_stopped(out); i++) {
		uint64_t clock = 0, unit = ago ? 86400 * NSEC : 1;

		if (ago) {
			vs_status st = ran[i].known
					       ? task_cpu_clock(m->k, ran[i].t->cpu, &clock, err)
					       : VS_OK;

			if (st)
				return fail_ctx(err, st, "clock of CPU %u", ran[i].t->cpu);
		}
		if (!ran[i].known)
			continue;
		when[i] = !ago ? ran[i].at : clock > ran[i].at ? clock - ran[i].at : 0;
		if ((cpu < 0 || ran[i].t->cpu == cpu) && when[i] / unit > most)
			most = when[i] / unit;
	}
	width = snprintf(text, sizeof(text), "%" PRIu64, most);
	for (size_t i = 0; i < n && !buf_stopped(out); i++) {
		if (cpu >= 0 && ran[i].t->cpu != cpu)
			continue;
		if (ran[i].known)
			put_when(when[i], ago, width, out);
		else
			buf_printf(out, "[%*s]", width + (ago ? 13 : 0), "?");
		buf_printf(out, " [%s]  ", task_state_str(ran[i].t));
		cmd_task_line(ran[i].t, out);
	}
	return VS_OK;
}

static vs_status put_by_cpu(struct monitor *m, const struct ran *ran, size_t n, bool ago,
			    const char *cpus, struct buf *out, struct err *err)
{
	unsigned ncpus = percpu_ncpus(m->k), shown = 0;
	vs_status st = VS_OK;
	bool bad = false;

	for (unsigned cpu = 0; st == VS_OK && cpu < ncpus; cpu++) {
		if (!cpulist_has(cpus, cpu, &bad) || bad)
			continue;
		buf_printf(out, "%sCPU: %u\n", shown++ ? "\n" : "", cpu);
		st = put_ran(m, ran, n, ago, (long)cpu, out, err);
	}
	if (bad)
		return fail(err, VS_INVAL, "%s: not a list of CPUs", cpus);
	if (!shown)
		return fail(err, VS_INVAL, "no CPU %s; the dump has %u CPUs", cpus, ncpus);
	return st;
}

vs_status ps_put_last_run(struct monitor *m, const struct tasksel *s, bool ago, const char *cpus,
			  struct buf *out, struct err *err)
{
	AUTO_FREE struct ran *ran = calloc(s->tasks.n + 1, sizeof(*ran));

	if (!ran)
		return fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; i < s->tasks.n && !buf_stopped(out); i++) {
		const struct task *t = &s->tasks.v[i];
		vs_status st = task_last_run(m->k, t->va, &ran[i].at, err);

		// VS_NOTFOUND: this kernel does not record it for any task.
		if (st == VS_NOTFOUND)
			return fail_ctx(err, st, "-%c", ago ? 'm' : 'l');
		ran[i].known = st == VS_OK && (!ago || task_knows(t, TASK_CPU));
		ran[i].t = t;
	}
	if (buf_stopped(out))
		return VS_OK;
	if (s->tasks.n)
		qsort(ran, s->tasks.n, sizeof(*ran), latest_first);
	return cpus ? put_by_cpu(m, ran, s->tasks.n, ago, cpus, out, err)
		    : put_ran(m, ran, s->tasks.n, ago, -1, out, err);
}
