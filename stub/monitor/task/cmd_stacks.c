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
	struct frame start;
	size_t n = 0;
	bool none = stack_start(k, t, &start, NULL) != VS_OK, broken = false;
	uint64_t *words;

	if (!none)
		broken = stack_unwind(k, t->va, &start, s->frames, STACK_MAX_FRAMES, &n, NULL) !=
			 VS_OK;
	words = arena_alloc(&s->memory, (n + 1) * sizeof(*words));
	if (!words)
		return false;
	for (size_t i = 0; i < n; i++)
		words[i] = word_of(k->arch, &s->frames[i]);
	if (none || broken)
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
static void put_states(struct stacks *s, const struct group *g)
{
	struct state_count counts[MAX_STATES] = { 0 };

	for (size_t i = 0; i < g->count; i++)
		count_state(counts, MAX_STATES, task_state_str(s->v[g->first + i].task));
	buf_printf(s->out, "%zu task%s", g->count, g->count > 1 ? "s" : "");
	for (size_t i = 0; i < MAX_STATES && counts[i].n; i++)
		buf_printf(s->out, "%s%zu %s", i ? ", " : ": ", counts[i].n, counts[i].state);
	buf_putc(s->out, '\n');
}

static void put_pids(struct stacks *s, const struct group *g)
{
	size_t shown = s->all || g->count <= MAX_PIDS ? g->count : MAX_PIDS;

	buf_puts(s->out, "PID:");
	for (size_t i = 0; i < shown; i++) {
		const struct task *t = s->v[g->first + i].task;

		buf_printf(s->out, " %d \"%s\"%s", t->pid, t->comm, i + 1 < shown ? "," : "");
	}
	if (shown < g->count)
		buf_printf(s->out, " and %zu more", g->count - shown);
	buf_putc(s->out, '\n');
}

static void put_frame(struct stacks *s, size_t number, uint64_t word)
{
	bool exact = !(word & EXACT);
	kva_t pc = word | EXACT;
	struct line_pos pos;
	struct addr_name n;

	buf_printf(s->out, "%s%zu ", number < 10 ? " #" : "#", number);
	if (word == USER) {
		buf_puts(s->out, "(user mode)\n");
		return;
	}
	if (cmd_lookup(s->m, exact ? pc : pc - 1, &n)) {
		n.off = pc - n.sym->va;
		cmd_put_name(s->out, &n, false);
	} else {
		buf_puts(s->out, "(unknown)");
	}
	buf_printf(s->out, " at %" PRIx64, pc);
	cmd_put_owner(s->out, &n);
	buf_putc(s->out, '\n');
	if (s->lines && lines_find(s->m->k, exact ? pc : pc - 1, &pos, NULL) == VS_OK)
		buf_printf(s->out, "    %s: %d\n", pos.file, pos.line);
}

static void put_group(struct stacks *s, const struct group *g)
{
	const struct trace *t = &s->v[g->first];

	put_states(s, g);
	put_pids(s, g);
	for (size_t i = 0; i < t->n; i++) {
		if (t->words[i] == NO_WALK)
			buf_puts(s->out, "    (no backtrace)\n");
		else if (t->words[i] == BROKEN)
			buf_puts(s->out, "    (stopped)\n");
		else
			put_frame(s, i, t->words[i]);
	}
}

static vs_status put_groups(struct stacks *s, struct err *err)
{
	AUTO_FREE struct group *groups = calloc(s->n ? s->n : 1, sizeof(*groups));
	size_t n = 0;

	if (!groups)
		return fail(err, VS_NOMEM, "out of memory");
	qsort(s->v, s->n, sizeof(*s->v), by_trace);
	for (size_t i = 0; i < s->n; i++) {
		if (i && compare(&s->v[i], &s->v[i - 1]) == 0)
			groups[n - 1].count++;
		else
			groups[n++] = (struct group){ i, 1, s->v[i].task->pid };
	}
	qsort(groups, n, sizeof(*groups), by_count);
	for (size_t i = 0; i < n && !buf_stopped(s->out); i++) {
		if (i)
			buf_putc(s->out, '\n');
		put_group(s, &groups[i]);
	}
	return VS_OK;
}

static vs_status cmd_stacks(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct tasksel sel = { 0 };
	struct stacks s = { .m = m, .out = out, .lines = cmd_has(a, "l"), .all = cmd_has(a, "a") };
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
};
