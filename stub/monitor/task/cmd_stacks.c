// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_stacks.c - stacks: the backtraces of all tasks, equal ones once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/arena.h"
#include "stub/base/cleanup.h"
#include "stub/module/lines.h"
#include "stub/monitor/task/tasksel.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/stack_start.h"

#define MAX_PIDS   10 /* that are listed for one stack, without -a */
#define MAX_STATES 16

/* A trace is a row of words, one for each frame: its pc, which is a kernel address. */
#define EXACT	(1ULL << 63) /* this bit of a word is cleared: pc is no return address */
#define USER	0ULL	     /* user mode, anywhere */
#define BROKEN	1ULL	     /* the walk stopped here */
#define NO_WALK 2ULL	     /* there is no backtrace */

static const struct table_def group_table = {
	.name = "rows",
	.columns = { { "tasks", "", 0, COLUMN_NUMBER } },
};
static const struct table_def state_table = {
	.name = "states",
	.same_line = true,
	.columns = {
		{ "tasks", "", 0, COLUMN_NUMBER },
		{ "state", " ", 0, COLUMN_TEXT },
	},
};
static const struct table_def task_table = {
	.name = "members",
	.same_line = true,
	.columns = {
		{ "pid", " ", 0, COLUMN_NUMBER },
		{ "task", NULL, 0, COLUMN_ADDRESS },
		{ "command", " \"", 0, COLUMN_TEXT, "\"" },
	},
};
static const struct table_def frame_table = {
	.name = "frames",
	.columns = {
		{ "frame", "", 0, COLUMN_NUMBER, " " },
		{ "function", "", 0, COLUMN_TEXT },
		{ "address", " at ", 0, COLUMN_ADDRESS },
		{ "module", " [", 0, COLUMN_TEXT, "]" },
		{ "file", "\n    ", 0, COLUMN_TEXT },
		{ "line", ": ", 0, COLUMN_NUMBER },
	},
};

struct trace {
	const struct task *task;
	const uint64_t *words;
	size_t n;
};

struct stacks {
	struct monitor *m;
	struct buf *out;
	bool lines, all;
	struct arena memory;
	struct frame *frames;
	struct trace *v;
	size_t n;
};

static uint64_t word_of(const struct arch_ops *arch, const struct frame *f)
{
	uint64_t pc = f->regs.v[arch->pc];

	if (arch->regs_user_mode(&f->regs))
		return USER;
	return f->interrupted ? pc & ~EXACT : pc;
}

static bool take_trace(struct stacks *s, const struct task *t)
{
	struct kernel *k = s->m->k;
	size_t n;
	bool broken = stack_of_task(k, t, s->frames, STACK_MAX_FRAMES, &n, NULL) != VS_OK;
	bool none = !n;
	uint64_t *words;

	words = arena_alloc(&s->memory, (n + 1) * sizeof(*words));
	if (!words)
		return false;
	for (size_t i = 0; i < n; i++)
		words[i] = word_of(k->arch, &s->frames[i]);
	if (broken)
		words[n++] = none ? NO_WALK : BROKEN;
	s->v[s->n++] = (struct trace){ t, words, n };
	return true;
}

static int compare(const struct trace *a, const struct trace *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	return memcmp(a->words, b->words, a->n * sizeof(*a->words));
}

static int by_trace(const void *a, const void *b)
{
	const struct trace *x = a, *y = b;
	int order = compare(x, y);

	return order ? order : x->task->pid < y->task->pid ? -1 : x->task->pid > y->task->pid;
}

/* Equal traces, v[first] to v[first + count - 1]. */
struct group {
	size_t first, count;
	int32_t pid; /* the lowest */
};

static int by_count(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

struct state_count {
	const char *state;
	size_t n;
};

/* Counts one more task in a state; a task may have any of a dozen. */
static void count_state(struct state_count *counts, size_t max, const char *state)
{
	size_t i = 0;

	while (i < max && counts[i].state && strcmp(counts[i].state, state) != 0)
		i++;
	if (i == max)
		return;
	counts[i].state = state;
	counts[i].n++;
}

/* "27 tasks: 20 IN, 7 ID" */
static void put_states(struct stacks *s, const struct group *g, struct table *row)
{
	struct state_count counts[MAX_STATES] = { 0 };
	struct table t;

	for (size_t i = 0; i < g->count; i++)
		count_state(counts, MAX_STATES, task_state_str(s->v[g->first + i].task));
	table_uint(row, g->count);
	table_layout(row, " task%s", g->count > 1 ? "s" : "");
	table_nest(&t, &state_table, row);
	for (size_t i = 0; i < MAX_STATES && counts[i].n; i++) {
		table_layout(&t, i ? ", " : ": ");
		table_uint(&t, counts[i].n);
		table_text(&t, counts[i].state);
		table_end_row(&t);
	}
	table_end(&t);
	table_layout(row, "\n");
}

static void put_pids(struct stacks *s, const struct group *g, struct table *row)
{
	size_t shown = s->all || g->count <= MAX_PIDS ? g->count : MAX_PIDS;
	struct table t;

	table_layout(row, "PID:");
	table_nest(&t, &task_table, row);
	for (size_t i = 0; i < shown; i++) {
		const struct task *task = s->v[g->first + i].task;

		if (i)
			table_layout(&t, ",");
		table_int(&t, task->pid);
		table_uint(&t, task->va);
		table_text(&t, task->comm);
		table_end_row(&t);
	}
	table_end(&t);
	if (shown < g->count)
		table_layout(row, " and %zu more", g->count - shown);
	table_layout(row, "\n");
}

static void put_place(struct stacks *s, uint64_t word, struct table *t)
{
	bool exact = !(word & EXACT);
	kva_t pc = word | EXACT;
	AUTO(buf) text = { 0 };
	struct line_pos pos;
	struct addr_name n;

	if (cmd_lookup(s->m, exact ? pc : pc - 1, &n)) {
		n.off = pc - n.sym->va;
		cmd_put_name(&text, &n, false);
		table_text(t, buf_str(&text));
	} else {
		table_show(t, "(unknown)");
		table_unknown(t);
	}
	table_uint(t, pc);
	if (n.owner)
		table_text(t, n.owner);
	else
		table_skip(t);
	if (s->lines && lines_find(s->m->k, exact ? pc : pc - 1, &pos, NULL) == VS_OK) {
		table_text(t, pos.file);
		table_int(t, pos.line);
		return;
	}
	table_skip(t);
	table_skip(t);
}

static void put_frame(struct stacks *s, size_t number, uint64_t word, struct table *t)
{
	table_show(t, "%s%zu", number < 10 ? " #" : "#", number);
	table_uint(t, number);
	if (word != USER) {
		put_place(s, word, t);
	} else {
		table_text(t, "(user mode)");
		for (int i = 0; i < 4; i++)
			table_skip(t);
	}
	table_end_row(t);
}

static void put_group(struct stacks *s, const struct group *g, struct table *row)
{
	const struct trace *t = &s->v[g->first];
	struct table frames;
	uint64_t last = 0;

	put_states(s, g, row);
	put_pids(s, g, row);
	table_nest(&frames, &frame_table, row);
	for (size_t i = 0; i < t->n; i++) {
		last = t->words[i];
		if (last != NO_WALK && last != BROKEN)
			put_frame(s, i, last, &frames);
	}
	table_end(&frames);
	if (t->n && (last == NO_WALK || last == BROKEN))
		table_remark(row, "    ", last == NO_WALK ? "no backtrace" : "stopped");
	table_end_row(row);
}

static vs_status put_groups(struct stacks *s, struct err *err)
{
	AUTO_FREE struct group *groups = calloc(s->n ? s->n : 1, sizeof(*groups));
	struct table t;
	size_t n = 0;

	if (!groups)
		return fail(err, VS_NOMEM, "out of memory");
	if (s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_trace);
	for (size_t i = 0; i < s->n; i++) {
		if (i && compare(&s->v[i], &s->v[i - 1]) == 0)
			groups[n - 1].count++;
		else
			groups[n++] = (struct group){ i, 1, s->v[i].task->pid };
	}
	if (n)
		qsort(groups, n, sizeof(*groups), by_count);
	table_begin(&t, &group_table, s->m, s->out);
	for (size_t i = 0; i < n && !buf_stopped(s->out); i++) {
		if (i)
			table_layout(&t, "\n");
		put_group(s, &groups[i], &t);
	}
	table_end(&t);
	return VS_OK;
}

static vs_status cmd_stacks(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct tasksel sel = { 0 };
	struct stacks s = {
		.m = m, .out = out, .lines = cmd_has(a, "l"), .all = cmd_has(a, "a") || m->json
	};
	vs_status st = tasksel_load(m, &sel, a->argv, a->argc, err);

	if (s.lines)
		lines_tell_missing(m->k);
	s.frames = calloc(STACK_MAX_FRAMES + 1, sizeof(*s.frames));
	s.v = calloc(sel.tasks.n ? sel.tasks.n : 1, sizeof(*s.v));
	if (!s.frames || !s.v)
		st = fail(err, VS_NOMEM, "out of memory");
	for (size_t i = 0; s.v && s.frames && i < sel.tasks.n; i++)
		if (!take_trace(&s, &sel.tasks.v[i]))
			st = fail(err, VS_NOMEM, "out of memory");
	if (st == VS_OK || s.n)
		st = put_groups(&s, err) ? VS_NOMEM : st;
	st = tasksel_end(&sel, st, err);
	free(s.frames);
	free(s.v);
	arena_deinit(&s.memory);
	tasksel_deinit(&sel);
	return st;
}

static const struct cmd_opt options[] = {
	{ "a", .help = "list all PIDs" },
	{ "l", .help = "with file and line" },
	{ 0 },
};

const struct cmd verb_stacks = {
	.name = "stacks",
	.run = cmd_stacks,
	.brief = "backtraces of all tasks, equal ones once",
	.synopsis = "stacks [-al] [PID | TASK | COMMAND]...",
	.help = "Group tasks by their kernel backtrace, the largest group first. Without "
		"arguments, "
		"all tasks;\n"
		"`foreach UN stacks` groups those in uninterruptible sleep.\n",
	.example = "  foreach UN stacks\n"
		   "  2 tasks: 2 UN\n"
		   "  PID: 155 \"l2q_m1\", 156 \"l2q_m2\"\n"
		   "   #0 __schedule+733 at ffffffff92410e3d\n"
		   "   #1 schedule+90 at ffffffff9241154a\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
	.tasks = TASKS_MANY,
	.json = true,
};
