/* cmd_kbt.c - kbt: kernel backtraces in crash's layout. Frames come from stub/kernel/stack.c; here
 * they are only printed. */
#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/kernel/cpus.h"
#include "stub/kernel/lines.h"
#include "stub/kernel/modules.h"
#include "stub/kernel/percpu.h"
#include "stub/kernel/stack.h"
#include "stub/monitor/cmd.h"

#define MAX_INLINED 32

struct kbt_opts {
	bool inlined, lines, offsets, how;
};

struct kbt_print {
	struct monitor *m;
	const struct kbt_opts *o;
	const struct task *t;
	struct buf *out;
	int number;
};

static kva_t lookup_pc(const struct kernel *k, const struct frame *f)
{
	kva_t pc = f->regs.v[k->arch->pc];

	return f->interrupted ? pc : pc - 1;
}

static void put_function(struct kbt_print *p, const struct frame *f, const char *inlined)
{
	kva_t pc = f->regs.v[p->m->k->arch->pc];
	struct addr_name n;
	bool found = cmd_lookup(p->m, lookup_pc(p->m->k, f), &n);

	if (found)
		n.off = pc - n.sym->va;
	if (inlined)
		buf_puts(p->out, inlined);
	else if (found && p->o->offsets)
		cmd_put_name(p->out, &n, false);
	else
		buf_puts(p->out, found ? n.sym->name : "(unknown)");
	buf_printf(p->out, " at %" PRIx64, pc);
	if (n.mod)
		buf_printf(p->out, " [%s]", n.mod->name);
	if (inlined)
		buf_puts(p->out, " (inlined)");
}

static void put_numbered(struct kbt_print *p, const struct frame *f, const char *inlined,
			 const struct line_pos *pos)
{
	buf_printf(p->out, "%s%d [%016" PRIx64 "] ", p->number < 10 ? " #" : "#", p->number,
		   f->slot_va);
	p->number++;
	put_function(p, f, inlined);
	if (p->o->how)
		buf_printf(p->out, "  {%s}", frame_how_str(f->how));
	buf_putc(p->out, '\n');
	if (p->o->lines && pos->file)
		buf_printf(p->out, "    %s: %d\n", pos->file, pos->line);
}

static void put_frame(struct kbt_print *p, const struct frame *f)
{
	struct inlined inl[MAX_INLINED];
	struct line_pos pos = { 0 };
	kva_t pc = lookup_pc(p->m->k, f);
	size_t n = 0;

	if (p->o->inlined && lines_inlined(p->m->k, pc, inl, MAX_INLINED, &n, NULL) == VS_OK) {
		// The last one is the function itself: it gets its symbol's name, which may be a
		// clone.
		for (size_t i = 0; i < n; i++)
			put_numbered(p, f, i + 1 < n ? inl[i].func : NULL, &inl[i].at);
		return;
	}
	if (p->o->lines)
		lines_find(p->m->k, pc, &pos, NULL);
	put_numbered(p, f, NULL, &pos);
}

/* crash's block for a saved register frame. */
static void put_exception(struct kbt_print *p, const struct frame *f)
{
	const struct arch_ops *arch = p->m->k->arch;
	struct line_pos pos;
	struct addr_name n;

	if (!arch->regs_user_mode(&f->regs)) {
		buf_puts(p->out, "    [exception RIP: ");
		if (cmd_lookup(p->m, f->regs.v[arch->pc], &n))
			cmd_put_name(p->out, &n, false);
		else
			buf_puts(p->out, "unknown or invalid address");
		buf_puts(p->out, "]\n");
		if (p->o->lines && lines_find(p->m->k, f->regs.v[arch->pc], &pos, NULL) == VS_OK)
			buf_printf(p->out, "    %s: %d\n", pos.file, pos.line);
	}
	if (p->o->how)
		buf_printf(p->out, "    {%s at %" PRIx64 "}\n", frame_how_str(f->how), f->regs_va);
	arch->regs_print(&f->regs, f->regs_partial, p->out);
}

static void put_stack_change(struct kbt_print *p, struct stack_id *on, const struct frame *f)
{
	kva_t sp = f->regs.v[p->m->k->arch->sp];
	struct stack_id now;

	if (p->m->k->arch->regs_user_mode(&f->regs))
		return;
	now = stack_identify(p->m->k, p->t->cpu, p->t->va, sp);
	if (now.kind == STACK_NONE || (now.kind == on->kind && now.low == on->low))
		return;
	if (on->kind == STACK_IRQ)
		buf_puts(p->out, "--- <IRQ stack> ---\n");
	else if (on->kind == STACK_EXCEPTION)
		buf_printf(p->out, "--- <%s exception stack> ---\n", on->name);
	else if (on->kind == STACK_ENTRY)
		buf_puts(p->out, "--- <entry trampoline stack> ---\n");
	*on = now;
}

static vs_status put_backtrace(struct kbt_print *p, struct err *err)
{
	struct kernel *k = p->m->k;
	struct frame *frames = calloc(STACK_MAX_FRAMES + 1, sizeof(*frames));
	struct stack_id on;
	struct frame start;
	size_t n = 0;
	vs_status st =
		frames ? stack_start(k, p->t, &start, err) : fail(err, VS_NOMEM, "out of memory");

	if (st) {
		free(frames);
		return st;
	}
	st = stack_unwind(k, &start, frames, STACK_MAX_FRAMES, &n, err);
	on = stack_identify(k, p->t->cpu, p->t->va, start.regs.v[k->arch->sp]);
	for (size_t i = 0; i < n; i++) {
		const struct frame *f = &frames[i];
		bool user = k->arch->regs_user_mode(&f->regs);

		put_stack_change(p, &on, f);
		if (f->regs_va || user || (i == 0 && f->interrupted))
			put_exception(p, f);
		if (!user && (i == 0 || !f->regs_va || p->o->inlined))
			put_frame(p, f);
	}
	if (st)
		buf_printf(p->out, "    (stopped: %s)\n", err->msg);
	free(frames);
	return VS_OK;
}

static vs_status kbt_task(struct monitor *m, const struct kbt_opts *o, kva_t va, struct buf *out,
			  struct err *err)
{
	struct task t;
	vs_status st = task_load(m->k, va, &t, err);
	struct kbt_print p = { m, o, &t, out, 0 };

	if (st)
		return st;
	cmd_task_line(&t, out);
	st = put_backtrace(&p, err);
	if (st)
		buf_printf(out, "    (no backtrace: %s)\n", err->msg);
	return VS_OK;
}

static vs_status kbt_cpu(struct monitor *m, const struct kbt_opts *o, unsigned cpu, struct buf *out,
			 struct err *err)
{
	kva_t va;
	vs_status st;

	if (cpu >= percpu_ncpus(m->k))
		return fail(err, VS_INVAL, "no CPU %u; the dump has %u", cpu, percpu_ncpus(m->k));
	st = task_current(m->k, cpu, &va, err);
	return st ? st : kbt_task(m, o, va, out, err);
}

/* A task address is hexadecimal and in the kernel's half; everything else is a PID. */
static vs_status find_task(struct monitor *m, const char *text, kva_t *ret, struct err *err)
{
	char *end;
	uint64_t v = strtoull(text, &end, 16);

	if (!*end && m->k->arch->is_kernel_va(v)) {
		*ret = v;
		return VS_OK;
	}
	if (!cmd_number(text, &v))
		return fail(err, VS_INVAL, "%s: neither a PID nor a task address", text);
	return task_by_pid(m->k, (int32_t)v, ret, err);
}

static vs_status kbt_active(struct monitor *m, const struct kbt_opts *o, struct buf *out,
			    struct err *err)
{
	unsigned ncpus = percpu_ncpus(m->k);

	for (unsigned cpu = 0, shown = 0; cpu < ncpus; cpu++) {
		vs_status st;

		if (!percpu_is_online(m->k, cpu))
			continue;
		if (shown++)
			buf_putc(out, '\n');
		st = kbt_cpu(m, o, cpu, out, err);
		if (st)
			buf_printf(out, "CPU %u: %s\n", cpu, err->msg);
	}
	return VS_OK;
}

vs_status cmd_kbt(struct monitor *m, struct args *a, struct buf *out, struct err *err)
{
	struct opt_state s = { 0 };
	struct kbt_opts o = { 0 };
	uint64_t cpu = m->cpu;
	bool all = false;
	vs_status st = VS_OK;
	int c;

	while ((c = cmd_option(a, &s, "ilsdac:", err)) > 0) {
		o.inlined |= c == 'i';
		o.lines |= c == 'l';
		o.offsets |= c == 's';
		o.how |= c == 'd';
		all |= c == 'a';
		if (c == 'c' && (!cmd_number(s.arg, &cpu) || cpu >= MAX_CPUS))
			return fail(err, VS_INVAL, "%s: bad CPU number", s.arg);
	}
	if (c < 0)
		return VS_INVAL;
	cmd_operands(a, &s);
	if (all)
		return kbt_active(m, &o, out, err);
	if (a->argc == 0)
		return kbt_cpu(m, &o, (unsigned)cpu, out, err);
	for (int i = 0; i < a->argc && st == VS_OK; i++) {
		kva_t va;

		if (i)
			buf_putc(out, '\n');
		st = find_task(m, a->argv[i], &va, err);
		if (st == VS_OK)
			st = kbt_task(m, &o, va, out, err);
	}
	return st;
}
