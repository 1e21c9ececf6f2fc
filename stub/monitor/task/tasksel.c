// SPDX-License-Identifier: GPL-3.0-or-later
/* tasksel.c - selects the tasks for a verb. */
#include "stub/monitor/task/tasksel.h"

#include <ctype.h>
#include <inttypes.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/percpu.h"

/* One word of the command line. */
struct word {
	enum { BY_VA, BY_PID, BY_NAME, BY_REGEX } how;
	uint64_t number;
	const char *name;
	regex_t regex;
	bool found;
};

/* glibc's regcomp() copies what "+" and "{" repeat, and multiplies the copies when they are nested:
 * a short line of them can use up all memory. */
static bool regex_is_tame(const char *text)
{
	unsigned plus = 0, brace = 0;

	for (const char *p = text; *p; p++) {
		plus += *p == '+';
		brace += *p == '{';
	}
	return strlen(text) <= 128 && plus <= (brace ? 2 : 8) && brace <= 1;
}

static vs_status word_parse(struct monitor *m, const char *text, struct word *w, struct err *err)
{
	char *end;
	uint64_t va = strtoull(text, &end, 16);

	*w = (struct word){ .name = text };
	if (isxdigit((unsigned char)*text) && !*end && m->k->arch->is_kernel_va(va)) {
		w->how = BY_VA;
		w->number = va;
		return VS_OK;
	}
	if (cmd_number(text, &w->number)) {
		w->how = BY_PID;
		return VS_OK;
	}
	if (text[0] == '\\' && isdigit((unsigned char)text[1])) {
		w->how = BY_NAME;
		w->name = text + 1;
		return VS_OK;
	}
	// A mistyped pipe would otherwise select every task.
	if (text[0] == '|' || (*text && text[strlen(text) - 1] == '|') || strstr(text, "||") ||
	    strstr(text, "(|") || strstr(text, "|)"))
		return fail(
			err, VS_INVAL,
			"%s: an empty alternative would match every name; for a pipe, see \"help "
			"foreach\"",
			text);
	w->how = strpbrk(text, "*[]^$()|?+\\{}") || strstr(text, ".*") ? BY_REGEX : BY_NAME;
	if (w->how != BY_REGEX)
		return VS_OK;
	if (!regex_is_tame(text) || regcomp(&w->regex, text, REG_EXTENDED | REG_NOSUB)) {
		w->how = BY_NAME; // nothing to free
		return fail(err, VS_INVAL, "%s: not a regular expression, or too complex", text);
	}
	return VS_OK;
}

static void word_deinit(struct word *w)
{
	if (w->how == BY_REGEX)
		regfree(&w->regex);
}

static bool word_fits(const struct word *w, const struct task *t)
{
	switch (w->how) {
	case BY_PID:
		return (uint64_t)(int64_t)t->pid == w->number;
	case BY_VA:
		return t->va == w->number;
	case BY_NAME:
		return strcmp(t->comm, w->name) == 0;
	case BY_REGEX:
		return strcmp(t->comm, w->name) == 0 ||
		       regexec(&w->regex, t->comm, 0, NULL, 0) == 0;
	}
	return false;
}

static int by_how(const void *a, const void *b)
{
	const struct word *x = a, *y = b;

	if (x->how != y->how)
		return x->how < y->how ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

/* w is sorted by_how: addresses, of which foreach passes many, come first. */
static bool named(struct word *w, int n, const struct task *t)
{
	struct word key = { .how = BY_VA, .number = t->va };
	struct word *exact = n ? bsearch(&key, w, (size_t)n, sizeof(*w), by_how) : NULL;
	bool found = n == 0;

	if (exact)
		found = exact->found = true;
	for (int i = n - 1; i >= 0 && w[i].how != BY_VA; i--) {
		if (word_fits(&w[i], t)) {
			w[i].found = true;
			found = true;
		}
	}
	return found;
}

bool tasksel_is_active(const struct tasksel *s, const struct task *t)
{
	if (task_knows(t, TASK_CPU))
		return t->cpu < s->current.n && s->current.v[t->cpu] == t->va;
	for (size_t i = 0; i < s->current.n; i++)
		if (s->current.v[i] == t->va)
			return true;
	return false;
}

static bool wanted(struct monitor *m, const struct tasksel *s, const struct task *t)
{
	uint64_t policy;
	bool state = s->nstates == 0;

	if ((s->user && task_is_kernel(t)) || (s->kernel && !task_is_kernel(t)) ||
	    (s->leaders && t->pid != t->tgid) || (s->active && !tasksel_is_active(s, t)))
		return false;
	for (int i = 0; i < s->nstates; i++)
		state |= strcmp(s->state[i], task_state_str(t)) == 0;
	if (!state || !s->policies)
		return state;
	return record_field_read(m->k, &task_record, t->va, TASK_POLICY, &policy, NULL) == VS_OK &&
	       policy < 32 && s->policies >> policy & 1;
}

static void load_current(struct monitor *m, struct tasksel *s)
{
	unsigned n = percpu_ncpus(m->k);

	for (unsigned cpu = 0; cpu < n; cpu++) {
		kva_t va = 0;

		if (task_current(m->k, cpu, &va, NULL))
			va = 0;
		if (!vec_push(&s->current, va))
			return;
	}
}

/* Sorts by PID; idle tasks share PID 0 and are sorted by CPU. */
static int by_pid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->cpu < y->cpu ? -1 : x->cpu > y->cpu;
}

static vs_status choose(struct monitor *m, struct tasksel *s, struct word *w, int n,
			struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	size_t count = 0;

	load_current(m, s);
	s->stop = tasks_list(m->k, &list, &count, &s->why);
	for (size_t i = 0; i < count; i++) {
		struct err lost;
		struct task t;
		vs_status st = task_load(m->k, list[i], &t, &lost);

		if (st && s->lost++ == 0 && !s->stop) {
			s->stop = st;
			s->why = lost;
		}
		if (st || !named(w, n, &t) || !wanted(m, s, &t))
			continue;
		if (!vec_push(&s->tasks, t))
			return fail(err, VS_NOMEM, "out of memory");
	}
	if (s->tasks.n)
		qsort(s->tasks.v, s->tasks.n, sizeof(s->tasks.v[0]), by_pid);
	for (int i = 0; i < n; i++)
		if (!w[i].found)
			return fail(err, VS_NOTFOUND, "%s: no such task", w[i].name);
	return VS_OK;
}

vs_status tasksel_load(struct monitor *m, struct tasksel *s, char *const *words, int n,
		       struct err *err)
{
	AUTO_FREE struct word *w = calloc((size_t)n + 1, sizeof(*w));
	vs_status st = VS_OK;
	int parsed = 0;

	if (!w)
		return fail(err, VS_NOMEM, "out of memory");
	while (st == VS_OK && parsed < n) {
		st = word_parse(m, words[parsed], &w[parsed], err);
		parsed += st == VS_OK;
	}
	if (st == VS_OK && n)
		qsort(w, (size_t)n, sizeof(*w), by_how);
	if (st == VS_OK)
		st = choose(m, s, w, n, err);
	for (int i = 0; i < parsed; i++)
		word_deinit(&w[i]);
	return st;
}

void tasksel_deinit(struct tasksel *s)
{
	vec_free(&s->tasks);
	vec_free(&s->current);
}

vs_status tasksel_end(const struct tasksel *s, vs_status st, struct err *err)
{
	if (st || !s->stop)
		return st;
	if (s->lost)
		return fail(err, s->stop, "%zu more cannot be read: %s", s->lost, s->why.msg);
	return fail(err, s->stop, "the list of tasks ends here: %s", s->why.msg);
}
