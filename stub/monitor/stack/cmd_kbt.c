// SPDX-License-Identifier: GPL-3.0-or-later
/* cmd_kbt.c - kbt: selects tasks and options. kbt_frames.c and kbt_raw.c print. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/task/cpus.h"
#include "stub/kernel/percpu.h"
#include "stub/module/lines.h"
#include "stub/monitor/cpulist.h"
#include "stub/monitor/stack/kbt.h"

struct kbt_request {
	struct kbt_opts o;
	bool all, panic_task, group, overflows, cpu_exceptions;
	const char *cpus;    /* -c: "0,2-3" */
	const char *ip, *sp; /* -I, -S */
};

static vs_status kbt_task(struct monitor *m, const struct kbt_opts *o, kva_t va, struct buf *out,
			  struct err *err)
{
	struct task t;
	vs_status st = task_load_running(m->k, va, &t, err);
	struct kbt_print p = { m, o, &t, out, 0 };
	bool lost = st == VS_OK && !task_knows(&t, TASK_PID);

	if (st || (lost && (o->raw || o->text_symbols || o->exceptions)))
		return err->code;
	cmd_task_line(&t, out);
	if (lost)
		buf_printf(out, "    (%s)\n", err->msg);
	if (o->raw)
		st = kbt_put_raw(&p, err);
	else if (o->text_symbols)
		st = kbt_put_text_symbols(&p, err);
	else if (o->exceptions)
		st = kbt_put_exceptions(&p, err);
	else
		st = kbt_put_frames(&p, err);
	if (st)
		buf_printf(out, "    (no backtrace: %s)\n", err->msg);
	return VS_OK;
}

static vs_status kbt_cpu(struct monitor *m, const struct kbt_request *r, unsigned cpu,
			 struct buf *out, struct err *err)
{
	struct kbt_print p = { m, &r->o, NULL, out, 0 };
	kva_t va;
	vs_status st;

	if (cpu >= percpu_ncpus(m->k))
		return fail(err, VS_INVAL, "no CPU %u; the dump has %u CPUs", cpu,
			    percpu_ncpus(m->k));
	if (r->cpu_exceptions) {
		kbt_put_cpu_exceptions(&p, cpu);
		return VS_OK;
	}
	st = task_current(m->k, cpu, &va, err);
	return st ? st : kbt_task(m, &r->o, va, out, err);
}

/* The CPUs of -c, or all for -a and -E. */
static vs_status kbt_cpus(struct monitor *m, const struct kbt_request *r, struct buf *out,
			  struct err *err)
{
	unsigned ncpus = percpu_ncpus(m->k), shown = 0;
	bool bad = false;

	for (unsigned cpu = 0; cpu < ncpus && !buf_stopped(out); cpu++) {
		vs_status st;

		if (r->cpus ? !cpulist_has(r->cpus, cpu, &bad) : !cpu_in_use(m->k, cpu))
			continue;
		if (bad)
			break;
		if (shown++)
			buf_putc(out, '\n');
		st = kbt_cpu(m, r, cpu, out, err);
		if (st)
			buf_printf(out, "CPU %u: %s\n", cpu, err->msg);
	}
	if (bad)
		return fail(err, VS_INVAL, "%s: not a list of CPUs", r->cpus);
	if (!shown)
		return fail(err, VS_INVAL, "no CPU %s; the dump has %u CPUs",
			    r->cpus ? r->cpus : "online", ncpus);
	return VS_OK;
}

/* A task and, with -g, all threads of its process. */
static vs_status kbt_one(struct monitor *m, const struct kbt_request *r, kva_t va, struct buf *out,
			 struct err *err)
{
	AUTO_FREE kva_t *list = NULL;
	struct task leader, t;
	size_t n = 0, shown = 0;
	vs_status st;

	if (!r->group)
		return kbt_task(m, &r->o, va, out, err);
	st = task_load(m->k, va, &leader, err);
	if (st)
		return st;
	tasks_list(m->k, &list, &n, NULL);
	for (size_t i = 0; i < n && !buf_stopped(out); i++) {
		if (task_load(m->k, list[i], &t, NULL) || t.tgid != leader.tgid)
			continue;
		if (shown++)
			buf_putc(out, '\n');
		kbt_task(m, &r->o, list[i], out, err);
	}
	return VS_OK;
}

static vs_status selected_task(struct monitor *m, const struct kbt_request *r, kva_t *ret,
			       struct err *err)
{
	unsigned cpu;
	vs_status st;

	if (!r->panic_task)
		return cmd_selected_task(m, ret, err);
	st = cpu_panicked(m->k, &cpu, err);
	return st ? st : task_current(m->k, cpu, ret, err);
}

static struct kbt_request take(const struct args *a)
{
	return (struct kbt_request){
		.o = {
			.inlined = cmd_has(a, "i"),
			.lines = cmd_has(a, "l"),
			.offsets = cmd_has(a, "s"),
			.how = cmd_has(a, "d"),
			.raw = cmd_has(a, "r"),
			.exceptions = cmd_has(a, "e"),
			.contents = cmd_last(a, "fF") == 'f' ? 1
				    : cmd_has(a, "F") > 1    ? 3
				    : cmd_has(a, "F")	     ? 2
							     : 0,
			.text_symbols = cmd_last(a, "tT"),
		},
		.cpu_exceptions = cmd_has(a, "E"),
		.group = cmd_has(a, "g"),
		.overflows = cmd_has(a, "v"),
		.all = cmd_has(a, "a"),
		.panic_task = cmd_has(a, "p"),
		.cpus = cmd_value(a, "c"),
		.ip = cmd_value(a, "I"),
		.sp = cmd_value(a, "S"),
	};
}

/* Where the user wants the trace of one task to start. */
static vs_status parse_start(struct monitor *m, struct kbt_request *r, const struct args *a,
			     struct err *err)
{
	struct kbt_opts *o = &r->o;
	vs_status st = VS_OK;

	o->have_ip = r->ip;
	o->have_sp = r->sp;
	if (r->ip)
		st = cmd_address(m, r->ip, &o->ip, err);
	if (st == VS_OK && r->sp)
		st = cmd_address(m, r->sp, &o->sp, err);
	if (st == VS_OK && r->ip && !r->sp)
		return fail(err, VS_INVAL, "-I needs -S, the stack pointer at that address");
	if (st == VS_OK && r->sp &&
	    (r->all || r->group || r->overflows || r->cpu_exceptions || a->argc > 1))
		return fail(err, VS_INVAL, "-S works for one task only");
	return st;
}

static vs_status cmd_kbt(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct kbt_request r = take(a);
	vs_status st = parse_start(m, &r, a, err);
	kva_t va;

	if (st)
		return st;
	if (r.o.lines)
		lines_tell_missing(m->k);
	if (r.overflows)
		return kbt_put_overflows(m, out, err);
	if (r.all || r.cpus || (r.cpu_exceptions && a->argc == 0))
		return kbt_cpus(m, &r, out, err);
	if (a->argc == 0) {
		st = selected_task(m, &r, &va, err);
		return st ? st : kbt_one(m, &r, va, out, err);
	}
	for (int i = 0; i < a->argc && st == VS_OK && !buf_stopped(out); i++) {
		if (i)
			buf_putc(out, '\n');
		st = cmd_find_task(m, a->argv[i], &va, err);
		if (st == VS_OK)
			st = kbt_one(m, &r, va, out, err);
	}
	return st;
}

static const struct cmd_opt options[] = {
	{ "a", .help = "the active task of every CPU", OPERANDS(0, 0) },
	{ "c", "CPUS", .help = "the active tasks of these CPUs: 0,2-3", OPERANDS(0, 0) },
	{ "p", .help = "the task that panicked", OPERANDS(0, 0) },
	{ "g", .help = "all threads of the task's process; with foreach: equal backtraces once" },
	{ "i", .help = "with inlined functions" },
	{ "l", .help = "with file and line" },
	{ "s", .help = "with offsets into functions" },
	{ "f", .help = "with the stack words of each frame" },
	{ "F",
	  .help = "like -f, with symbols and [slab caches]; -FF: also addresses of slab objects" },
	{ "d", .help = "say how each frame was found" },
	{ "S", "SP", .help = "start at the return address stored at SP" },
	{ "I", "IP", .help = "with -S: start at IP, where SP is the stack pointer" },
	{ "r", .help = "the whole stack, raw" },
	{ "t", .help = "every text address on the stack above the stack pointer" },
	{ "T", .help = "every text address on the whole stack" },
	{ "e", .help = "register frames found on the stack" },
	{ "E", .help = "register frames on each CPU's interrupt and exception stacks",
	  OPERANDS(0, 0) },
	{ "v", .help = "tasks whose stack overflowed", OPERANDS(0, 0) },
	{ 0 },
};

const struct cmd verb_kbt = {
	.name = "kbt",
	.run = cmd_kbt,
	.brief = "kernel backtrace in crash's layout",
	.synopsis = "kbt [-ilsdfg] [-F[F]] [PID | TASK | -c CPUS | -a | -p]...\n"
		    "  kbt -S SP [-I IP] [PID | TASK | -c CPU]\n"
		    "  kbt -r | -t | -T | -e [PID | TASK | -c CPUS | -a | -p]...\n"
		    "  kbt -E [-c CPUS]\n"
		    "  kbt -v",
	.help = "Without arguments, show the selected thread.\n",
	.example = "  kbt 1\n"
		   "  PID: 1        TASK: ff2583be411e20c0  CPU: 1    COMMAND: \"init\"\n"
		   "   #0 [ff54976340013d58] __schedule at ffffffff8c0b1c3d\n",
	.options = options,
	.operands = OPERANDS(0, OPERANDS_ANY),
	.tasks = TASKS_ONE,
	.grouped = "stacks",
};
