// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_ps.c - ps: the table of tasks, and the dispatch to its other forms (ps_views.c). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/task/taskinfo.h"
#include "stub/monitor/table.h"
#include "stub/monitor/task/ps.h"

struct ps_request {
	struct tasksel sel;
	bool kstack;
	char form; /* p c t l m a g r S; 0: the table */
	const char *cpus;
	const char *sort; /* a column; NULL: by PID */
};

/* The memory of a process, which its threads share: they need not follow each other. */
struct shared_memory {
	kva_t mm;
	bool tried, known;
	struct task_memory pages;
};

struct ps_print {
	struct monitor *m;
	struct table t;
	const struct tasksel *sel;
	bool kstack;
	uint64_t ram;			  /* pages; 0: unknown */
	VEC(struct shared_memory) memory; /* by address */
	struct err why;			  /* the first thing that could not be found */
};

/* Column of the task's address, or of its stack pointer with -s. */
#define ADDRESS_COLUMN 4

static const struct table_def task_table = {
	.name = "rows",
	.heading = "      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM\n",
	.columns = {
		{ "active", "", 1, COLUMN_FLAG, ">" },
		{ "pid", "", 8, COLUMN_NUMBER },
		{ "ppid", " ", 7, COLUMN_NUMBER },
		{ "cpu", " ", 3, COLUMN_NUMBER },
		[ADDRESS_COLUMN] = { "task", "  ", 16, COLUMN_ADDRESS0 },
		{ "state", "  ", -2, COLUMN_TEXT },
		{ "mem_percent", "  ", 4, COLUMN_REAL },
		{ "vsz_kb", " ", 8, COLUMN_NUMBER },
		{ "rss_kb", " ", 8, COLUMN_NUMBER },
		{ "comm", "  ", 0, COLUMN_TEXT },
	},
};

static void remember(struct ps_print *p, const struct err *why)
{
	if (!p->why.msg[0])
		p->why = *why;
}

static void put_address(struct ps_print *p, const struct task *t)
{
	uint64_t sp;
	struct err why;

	if (!p->kstack) {
		table_uint(&p->t, t->va);
	} else if (!tasksel_is_active(p->sel, t) &&
		   record_field_read(p->m->k, &task_record, t->va, TASK_THREAD_SP, &sp, &why) ==
			   VS_OK) {
		table_uint(&p->t, sp);
	} else { // running: its saved stack pointer is old
		table_show(&p->t, "       --       ");
		table_unknown(&p->t);
	}
}

static int by_mm(const void *a, const void *b)
{
	kva_t x = ((const struct shared_memory *)a)->mm, y = ((const struct shared_memory *)b)->mm;

	return x < y ? -1 : x > y;
}

static bool list_memory(struct ps_print *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->sel->tasks.n; i++)
		if (!vec_push(&p->memory, (struct shared_memory){ .mm = p->sel->tasks.v[i].mm }))
			return false;
	if (p->memory.n)
		qsort(p->memory.v, p->memory.n, sizeof(*p->memory.v), by_mm);
	for (size_t i = 0; i < p->memory.n; i++)
		if (!n || p->memory.v[n - 1].mm != p->memory.v[i].mm)
			p->memory.v[n++] = p->memory.v[i];
	p->memory.n = n;
	return true;
}

/* NULL: unknown. */
static const struct task_memory *memory_of(struct ps_print *p, const struct task *t,
					   struct shared_memory *own)
{
	struct shared_memory key = { .mm = t->mm }, *m = own;
	struct err why;

	*own = key;
	if (t->mm)
		m = bsearch(&key, p->memory.v, p->memory.n, sizeof(key), by_mm);
	if (!m->tried) {
		m->tried = true;
		m->known = task_memory_load(p->m->k, t, &m->pages, &why) == VS_OK;
		if (!m->known)
			remember(p, &why);
	}
	return m->known ? &m->pages : NULL;
}

static void put_memory(struct ps_print *p, const struct task *t)
{
	struct shared_memory own;
	const struct task_memory *mem = memory_of(p, t, &own);

	if (!mem) {
		for (int i = 0; i < 3; i++)
			table_unknown(&p->t);
		return;
	}
	if (p->ram || !mem->rss)
		table_real(&p->t, p->ram ? 100.0 * (double)mem->rss / (double)p->ram : 0);
	else
		table_unknown(&p->t);
	table_uint(&p->t, mem->total_vm * 4);
	table_uint(&p->t, mem->rss * 4);
}

static void put_row(struct ps_print *p, const struct task *t)
{
	bool parent_known = true;
	int32_t ppid = 0;
	struct err why;
	kva_t parent;

	// The parent of an idle task is just whichever task brought the CPU up: show 0.
	if (t->pid != 0 && task_parent(p->m->k, t->va, &parent, &ppid, &why)) {
		remember(p, &why);
		parent_known = false;
	}
	table_flag(&p->t, tasksel_is_active(p->sel, t));
	table_int(&p->t, t->pid);
	if (parent_known)
		table_int(&p->t, ppid);
	else
		table_unknown(&p->t);
	table_known(&p->t, task_knows(t, TASK_CPU), t->cpu);
	put_address(p, t);
	table_text(&p->t, task_state_str(t));
	put_memory(p, t);
	if (task_is_kernel(t))
		table_show(&p->t, "[%s]", t->comm);
	table_text(&p->t, t->comm);
	table_end_row(&p->t);
}

static vs_status put_table(struct monitor *m, const struct ps_request *r, struct buf *out,
			   struct err *err)
{
	const struct tasksel *s = &r->sel;
	struct ps_print p = { .m = m, .sel = s, .kstack = r->kstack };
	struct table_def def = task_table;
	vs_status st = VS_OK;
	struct err why;

	if (r->kstack) {
		def.heading = "      PID    PPID  CPU      KSTACKP      ST  %MEM      VSZ      "
			      "RSS  COMM\n";
		def.columns[ADDRESS_COLUMN].key = "kstackp";
	}
	if (memory_total_pages(m->k, &p.ram, &why)) {
		p.ram = 0;
		remember(&p, &why);
	}
	if (!list_memory(&p)) {
		vec_free(&p.memory);
		return fail(err, VS_NOMEM, "out of memory");
	}
	table_begin(&p.t, &def, m, out);
	if (r->sort)
		st = table_sort(&p.t, strcmp(r->sort, "size") == 0 ? "rss" : r->sort, err);
	for (size_t i = 0; st == VS_OK && i < s->tasks.n && !buf_stopped(out); i++)
		put_row(&p, &s->tasks.v[i]);
	table_end(&p.t);
	vec_free(&p.memory);
	if (p.why.msg[0])
		buf_printf(out, "(some columns are unknown: %s)\n", p.why.msg);
	return st;
}

static vs_status parse_policies(const char *list, uint32_t *mask, struct err *err)
{
	AUTO_FREE char *copy = strdup(list);
	char *save = NULL;

	if (!copy)
		return fail(err, VS_NOMEM, "out of memory");
	for (char *w = strtok_r(copy, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		unsigned policy;

		if (task_policy_parse(w, &policy))
			return fail(err, VS_INVAL, "%s: invalid scheduling policy", w);
		*mask |= 1u << policy;
	}
	return *mask ? VS_OK : fail(err, VS_INVAL, "-y needs a policy");
}

static vs_status parse(struct args *a, struct ps_request *r, struct err *err)
{
	vs_status st = cmd_one_of(a, "pctlmagrS", &r->form, err);

	r->sel.kernel = cmd_has(a, "k");
	r->sel.user = cmd_has(a, "u");
	r->sel.leaders = cmd_has(a, "G");
	r->sel.active = cmd_has(a, "A");
	r->kstack = cmd_has(a, "s");
	r->cpus = cmd_value(a, "C");
	r->sort = cmd_value(a, "-sort");
	for (size_t i = 0; st == VS_OK && i < a->given.n; i++)
		if (a->given.v[i].opt->name[0] == 'y')
			st = parse_policies(a->given.v[i].arg, &r->sel.policies, err);
	if (st)
		return st;
	if (r->cpus && r->form != 'l' && r->form != 'm')
		return fail(err, VS_INVAL, "-C needs -l or -m");
	if (r->sort && r->form)
		return fail(err, VS_INVAL, "--sort with -%c: not the table of tasks", r->form);
	return VS_OK;
}

/* The forms that print a block for each task. */
static void put_blocks(struct monitor *m, const struct ps_request *r, struct buf *out)
{
	static const struct {
		char form;
		void (*put)(struct monitor *m, const struct task *t, struct buf *out);
	} forms[] = {
		{ 'p', ps_put_parents }, { 'c', ps_put_children }, { 'g', ps_put_threads },
		{ 't', ps_put_times },	 { 'a', ps_put_strings },  { 'r', ps_put_limits },
	};

	for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++) {
		if (forms[f].form != r->form)
			continue;
		for (size_t i = 0; i < r->sel.tasks.n && !buf_stopped(out); i++) {
			if (i)
				buf_putc(out, '\n');
			forms[f].put(m, &r->sel.tasks.v[i], out);
		}
	}
}

static vs_status put(struct monitor *m, const struct ps_request *r, struct buf *out,
		     struct err *err)
{
	if (r->form == 'S')
		ps_put_summary(&r->sel, out);
	else if (r->form == 'l' || r->form == 'm')
		return ps_put_last_run(m, &r->sel, r->form == 'm', r->cpus, out, err);
	else if (r->form)
		put_blocks(m, r, out);
	else
		return put_table(m, r, out, err);
	return VS_OK;
}

static vs_status cmd_ps(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct ps_request r = { 0 };
	vs_status st = parse(a, &r, err), put_st;

	if (st == VS_OK) {
		// -g shows processes: each is listed with its first thread.
		r.sel.leaders |= r.form == 'g' && a->argc == 0;
		st = tasksel_load(m, &r.sel, a->argv, a->argc, err);
		// A name that matches no task does not hide the other matches.
		put_st = st && st != VS_NOTFOUND ? st : put(m, &r, out, st ? NULL : err);
		st = tasksel_end(&r.sel, st ? st : put_st, err);
	}
	tasksel_deinit(&r.sel);
	return st;
}

static const struct cmd_opt options[] = {
	{ "k", .help = "kernel threads" },
	{ "u", .help = "user tasks" },
	{ "G", .help = "first threads of processes" },
	{ "A", .help = "running tasks" },
	{ "y", "POLICY,...",
	  .help = "scheduling policies: NORMAL, FIFO, RR, BATCH, IDLE, DEADLINE, EXT, or numbers" },
	{ "s", .help = "the stack pointer of sleeping tasks instead of the task's address" },
	{ "p", .help = "each task's ancestors", .plain = true },
	{ "c", .help = "each task's children", .plain = true },
	{ "g", .help = "threads by process", .plain = true },
	{ "t", .help = "start time and CPU time, in nanoseconds", .plain = true },
	{ "a", .help = "arguments and environment, from user memory", .plain = true },
	{ "r", .help = "resource limits", .plain = true },
	{ "S", .help = "number of tasks in each state", .plain = true },
	{ "l", .help = "time of the last run, latest first", .plain = true },
	{ "m", .help = "time since the last run (days hours:minutes:seconds)", .plain = true },
	{ "-sort", "COLUMN",
	  .help = "the largest first, by rss (also: size), vsz, mem, pid, ppid or cpu" },
	{ "C", "CPUS", .help = "with -l or -m: separately for these CPUs: 0,2-3, or a for all" },
	{ 0 },
};

const struct cmd verb_ps = {
	.name = "ps",
	.run = cmd_ps,
	.brief = "tasks",
	.synopsis = "ps [-k | -u | -G | -A] [-y POLICY,...] [-s] [--sort COLUMN] [PID | TASK | "
		    "NAME | REGEX]...\n"
		    "  ps -p | -c | -g | -t | -a | -r | -S | -l [-C CPUS] | -m [-C CPUS] "
		    "[PID | TASK | NAME]...",
	.help = "'>' marks running tasks. VSZ and RSS are in kB. \\123 means a task named 123.\n"
		"oom -a lists each process once, with what it has in swap.\n",
	.example = "  ps 1\n"
		   "      PID    PPID  CPU       TASK        ST  %MEM      VSZ      RSS  COMM\n"
		   "        1       0   0  ffff95d6811d2d00  IN   0.3     2260     1692  init\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
	.tasks = TASKS_MANY,
	.json = true,
};
