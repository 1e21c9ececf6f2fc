// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_foreach.c - foreach: one command for many tasks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/monitor/task/tasksel.h"

#define VA_CHARS 17

/* Finds a command by its name or crash's name. */
static const struct cmd *task_command(const char *word)
{
	const struct cmd *c = cmd_find(word);

	return c && c->tasks != TASKS_NONE ? c : NULL;
}

static bool is_state(const char *word)
{
	static const char *const states[] = { "RU", "IN", "UN", "ST", "TR", "ZO",
					      "DE", "ID", "PA", "WA", "NE" };

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strcmp(word, states[i]) == 0)
			return true;
	return false;
}

/* Moves filters from words into s; the words that name tasks remain, at the front. */
static vs_status parse_words(struct tasksel *s, char **words, int *n, struct err *err)
{
	int kept = 0;

	for (int i = 0; i < *n; i++) {
		if (strcmp(words[i], "user") == 0)
			s->user = true;
		else if (strcmp(words[i], "kernel") == 0)
			s->kernel = true;
		else if (strcmp(words[i], "gleader") == 0)
			s->leaders = true;
		else if (strcmp(words[i], "active") == 0)
			s->active = true;
		else if (!is_state(words[i]))
			words[kept++] = words[i];
		else if (s->nstates < TASKSEL_STATES)
			s->state[s->nstates++] = words[i];
		else
			return fail(err, VS_INVAL, "too many states");
	}
	*n = kept;
	return VS_OK;
}

static vs_status usage(struct err *err)
{
	char names[256] = "bt";
	const struct cmd *const *all;
	size_t n = cmd_all(&all), len = strlen(names);

	for (size_t i = 0; i < n && len < sizeof(names); i++)
		if (all[i]->tasks != TASKS_NONE)
			len += (size_t)snprintf(names + len, sizeof(names) - len, " | %s",
						all[i]->name);
	return fail(err, VS_INVAL,
		    "usage: foreach [user | kernel | gleader | active | STATE | PID | TASK | "
		    "NAME]... %s [OPTION]...",
		    names);
}

/* For one task, -g of kbt means the threads of its process, as in crash. Here it would print a
 * process once for each of its threads, and crash refuses it: what is grouped are equal backtraces,
 * by a verb of its own. Removes the letter from words, where it may be one of several. */
static bool take_group(char **words, int *n)
{
	bool taken = false;
	int kept = 0;

	for (int i = 0; i < *n; i++) {
		char *word = words[i], *g = NULL;

		if (word[0] == '-' &&
		    strspn(word + 1, "abcdefghijklmnopqrstuvwxyz") == strlen(word + 1))
			g = strchr(word, 'g');
		taken |= g != NULL;
		if (g)
			memmove(g, g + 1, strlen(g));
		if (!g || word[1])
			words[kept++] = word;
	}
	*n = kept;
	return taken;
}

/* Runs the command with its own arguments followed by the n tasks. */
static vs_status run_for(struct monitor *m, const struct cmd *c, const struct args *a,
			 const struct task *tasks, size_t n, struct buf *out, struct err *err)
{
	size_t own = (size_t)a->argc;
	AUTO_FREE char **argv = calloc(own + n + 1, sizeof(*argv));
	AUTO_FREE char *text = calloc(n, VA_CHARS);

	if (!argv || !text)
		return fail(err, VS_NOMEM, "out of memory");
	memcpy(argv, a->argv, own * sizeof(*argv));
	for (size_t i = 0; i < n; i++) {
		argv[own + i] = text + i * VA_CHARS;
		snprintf(argv[own + i], VA_CHARS, "%016" PRIx64, tasks[i].va);
	}
	return cmd_run(m, c, (int)(own + n), argv, out, err);
}

/* If the command fails for one task, prints why and continues with the others. */
static vs_status run_all(struct monitor *m, const struct cmd *c, const struct args *a,
			 const struct tasksel *s, struct buf *out, struct err *err)
{
	struct err why;
	vs_status st;

	if (c->tasks == TASKS_MANY)
		return run_for(m, c, a, s->tasks.v, s->tasks.n, out, err);
	for (size_t i = 0; i < s->tasks.n && !buf_stopped(out); i++) {
		if (i)
			buf_putc(out, '\n');
		st = run_for(m, c, a, &s->tasks.v[i], 1, out, &why);
		if (st == VS_INVAL || st == VS_NOMEM) { // it would fail for every task
			if (err)
				*err = why;
			return st;
		}
		if (st)
			buf_printf(out, "%016" PRIx64 ": %s\n", s->tasks.v[i].va, why.msg);
	}
	return VS_OK;
}

static vs_status cmd_foreach(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	const struct cmd *c = NULL;
	const struct monitor before = *m;
	struct tasksel s = { 0 };
	struct args rest;
	struct err why;
	vs_status st, run_st = VS_OK;
	int words = 0;

	while (words < a->argc && !(c = task_command(a->argv[words])))
		words++;
	if (!c)
		return usage(err);
	rest = (struct args){ .argc = a->argc - words - 1, .argv = a->argv + words + 1 };
	if (c->grouped && take_group(rest.argv, &rest.argc))
		c = cmd_find(c->grouped);
	st = parse_words(&s, a->argv, &words, err);
	if (st == VS_OK)
		st = tasksel_load(m, &s, a->argv, words, err);
	if (s.tasks.n && (st == VS_OK || st == VS_NOTFOUND)) {
		m->choose_task = NULL; // no thread for each of them
		run_st = run_all(m, c, &rest, &s, out, &why);
		*m = before;
	} else if (st == VS_OK)
		buf_puts(out, "no task is selected\n");
	if (run_st && st == VS_OK) {
		st = run_st;
		*err = why;
	}
	st = tasksel_end(&s, st, err);
	tasksel_deinit(&s);
	return st;
}

const struct cmd verb_foreach = {
	.name = "foreach",
	.run = cmd_foreach,
	.brief = "run a command for many tasks",
	.synopsis = "foreach [user | kernel | gleader | active | STATE | PID | TASK | NAME | "
		    "REGEX]...\n"
		    "          bt | kbt | ps | ... [OPTION]...",
	.help = "Run a command for each selected task. PID, TASK, NAME and REGEX select tasks "
		"(default: all);\n"
		"a state (RU IN UN ST TR ZO DE ID PA WA NE) and the words user, kernel, gleader "
		"(first thread\n"
		"of its process) and active narrow the selection. A '|' in REGEX must be quoted. "
		"To "
		"filter or\n"
		"keep the output, type `pipe foreach ... | COMMAND` in gdb, or use a shell with "
		"vmstub --exec.\n"
		"`foreach kbt -g` prints equal backtraces once, as `foreach stacks` does.\n",
	.example = "  foreach UN kbt -l\n",
	.operands = OPERANDS(0, OPERANDS_ANY),
	.json = true,
	.verbatim = true,
};
