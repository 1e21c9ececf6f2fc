// SPDX-License-Identifier: GPL-3.0-or-later
/* fault.c - finds the fault on a task's stack. */
#include "stub/triage/fault.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/kernel.h"
#include "stub/unwind/addrname.h"
#include "stub/unwind/stack_start.h"

static const struct {
	const char *text;
	enum fault_kind kind;
} reports[] = {
	{ "stack guard page was hit", FAULT_STACK },
	{ "kernel stack overflow", FAULT_STACK },
	{ "double fault", FAULT_STACK },
	{ "BUG: kernel NULL pointer dereference", FAULT_PAGE },
	{ "BUG: unable to handle", FAULT_PAGE },
	{ "BUG: kernel paging request", FAULT_PAGE },
	{ "general protection fault", FAULT_PROTECTION },
	{ "kernel BUG at ", FAULT_INVALID_OPCODE },
	{ "invalid opcode", FAULT_INVALID_OPCODE },
	{ "divide error", FAULT_DIVIDE },
	{ "int3", FAULT_BREAKPOINT },
	{ "stack segment", FAULT_OTHER },
};

static enum fault_kind kind_of_report(const struct report *r)
{
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++)
		if (strstr(r->fault, reports[i].text))
			return reports[i].kind;
	return FAULT_NONE;
}

static const struct symbol *symbol_at(struct kernel *k, kva_t va)
{
	struct addr_name n;

	return addr_lookup(k, va, &n) ? n.sym : NULL;
}

/* Does the log's "func+0x52/0x70 [mod]" or "0xffffffffc0000000" mean this address? */
static bool rip_is(struct kernel *k, const char *rip, kva_t pc)
{
	const char *plus = strchr(rip, '+');
	const struct symbol *s;

	if (!plus) // until 4.19, %p printed NULL as "(null)"
		return strncmp(rip, "(null)", 6) == 0
			       ? pc == 0
			       : strncmp(rip, "0x", 2) == 0 && strtoull(rip, NULL, 16) == pc;
	s = symbol_at(k, pc);
	return s && strlen(s->name) == (size_t)(plus - rip) &&
	       strncmp(s->name, rip, (size_t)(plus - rip)) == 0 &&
	       pc - s->va == strtoull(plus + 1, NULL, 16);
}

/* Without the log: the kind of exception that this entry code handles. */
static enum fault_kind kind_of_entry(struct kernel *k, const struct frame *inner)
{
	const struct symbol *s = symbol_at(k, inner->regs.v[k->arch->pc] - 1);

	return s ? k->arch->os->exception(s->name) : FAULT_NONE;
}

static void find_fault(struct kernel *k, struct fault *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct frame *at = &f->frames[i];

		if (!at->interrupted || k->arch->regs_user_mode(&at->regs))
			continue;
		f->at = i;
		if (f->report.rip[0] && rip_is(k, f->report.rip, at->regs.v[k->arch->pc])) {
			f->kind = kind_of_report(&f->report);
		} else if (i > 0 && !f->report.fault[0]) {
			f->kind = kind_of_entry(k, &f->frames[i - 1]);
		}
		if (f->kind != FAULT_NONE)
			return;
	}
}

static void find_panic(struct kernel *k, struct fault *f)
{
	for (size_t i = 0; i + 1 < f->n; i++) {
		kva_t pc = f->frames[i].regs.v[k->arch->pc];
		const struct symbol *s = symbol_at(k, f->frames[i].interrupted ? pc : pc - 1);

		if (!s || (strcmp(s->name, "panic") != 0 && strcmp(s->name, "vpanic") != 0))
			continue;
		f->panicked = true; // the outer of both, if there are two
		f->panic = i;
	}
}

/* Does the report name this task? */
static bool is_about(const struct report *r, const struct task *t)
{
	return r->has_pid && r->pid == t->pid && (t->pid != 0 || r->cpu == t->cpu);
}

/* If several CPUs reported soft lockups, the panic is that of the CPU that panicked. */
static void choose_lockup(struct kernel *k, struct fault *f)
{
	unsigned long cpu;

	if (f->report.kind == REPORT_SOFT_LOCKUP && task_knows(&f->task, TASK_CPU) &&
	    report_lockup_cpu(f->report.fault, &cpu) && cpu != f->task.cpu)
		(void)report_find_lockup(k, f->task.cpu, &f->report, NULL);
}

vs_status fault_find(struct kernel *k, kva_t task, bool panicked, struct fault *ret,
		     struct err *err)
{
	struct fault f = { .kind = FAULT_NONE };
	struct frame start;
	struct err why;
	vs_status st = task_load_running(k, task, &f.task, &why);

	if (st && err)
		*err = why;

	(void)report_find(k, &f.report, NULL);
	if (!panicked && !(task_knows(&f.task, TASK_PID) && is_about(&f.report, &f.task)))
		f.report = (struct report){ 0 };
	if (panicked)
		choose_lockup(k, &f);
	if (st == VS_OK)
		st = stack_start(k, &f.task, &start, err);
	if (st)
		return st;
	f.frames = calloc(STACK_MAX_FRAMES + 1, sizeof(*f.frames));
	if (!f.frames)
		return fail(err, VS_NOMEM, "out of memory");
	f.broken = stack_unwind(k, task, &start, f.frames, STACK_MAX_FRAMES, &f.n, &f.why) != VS_OK;
	find_fault(k, &f);
	find_panic(k, &f);
	*ret = f;
	return VS_OK;
}
