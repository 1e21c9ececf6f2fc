/* cmd_foreach.c - foreach: one command for many tasks. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/log.h"
#include "stub/kernel/percpu.h"
#include "stub/monitor/cmd.h"

/* Commands that take a task as their last argument. */
static bool is_task_command(const char *word)
{
	return strcmp(word, "kbt") == 0 || strcmp(word, "bt") == 0;
}

static bool is_active(struct monitor *m, const struct task *t)
{
	kva_t current;

	return t->cpu < percpu_ncpus(m->k) && task_current(m->k, t->cpu, &current, NULL) == VS_OK &&
	       current == t->va;
}

/* One selecting word: user, kernel, active, a state (RU, IN, UN, ...), a PID, an address or a name.
 */
static bool selects(struct monitor *m, const char *word, const struct task *t)
{
	uint64_t number;
	char *end;

	if (strcmp(word, "user") == 0)
		return t->mm != 0;
	if (strcmp(word, "kernel") == 0)
		return t->mm == 0;
	if (strcmp(word, "active") == 0)
		return is_active(m, t);
	if (strcmp(word, task_state_str(t)) == 0 || strcmp(word, t->comm) == 0)
		return true;
	if (cmd_number(word, &number) && (uint64_t)t->pid == number)
		return true;
	return strtoull(word, &end, 16) == t->va && !*end;
}

static bool selected(struct monitor *m, char *const *words, int n, const struct task *t)
{
	for (int i = 0; i < n; i++)
		if (selects(m, words[i], t))
			return true;
	return n == 0;
}

static vs_status run_for(struct monitor *m, const struct args *command, const struct task *t,
			 struct buf *out, struct err *err)
{
	AUTO(buf) line = { 0 };

	buf_puts(&line, "kbt");
	for (int i = 1; i < command->argc; i++)
		buf_printf(&line, " %s", command->argv[i]);
	buf_printf(&line, " %" PRIx64, t->va);
	return monitor_run(m, buf_str(&line), out, err);
}

vs_status cmd_foreach(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	struct args command;
	size_t n = 0, shown = 0;
	struct err list_err;
	vs_status list_st, st;
	int words = 0;

	while (words < a->argc && !is_task_command(a->argv[words]))
		words++;
	if (words == a->argc)
		return fail(
			err, VS_INVAL,
			"usage: foreach [user | kernel | active | STATE | PID | TASK | NAME]... "
			"kbt [OPTION]...");
	command = (struct args){ a->argc - words, a->argv + words };
	list_st = tasks_list(m->k, &list, &n, &list_err);
	for (size_t i = 0; i < n; i++) {
		struct task t;

		if (task_load(m->k, list[i], &t, NULL) || !selected(m, a->argv, words, &t))
			continue;
		if (shown++)
			buf_putc(out, '\n');
		st = run_for(m, &command, &t, out, err);
		if (st)
			return st;
	}
	if (list_st)
		return fail(err, list_st, "the list ends here: %s", list_err.msg);
	return shown ? VS_OK : fail(err, VS_NOTFOUND, "no task is selected");
}
