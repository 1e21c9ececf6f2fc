// SPDX-License-Identifier: GPL-3.0-or-later
/* kbt_frames.c - prints the frames of one task, from stub/unwind/stack_start.c, in crash's layout.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/module/lines.h"
#include "stub/module/modules.h"
#include "stub/monitor/stack/kbt.h"
#include "stub/unwind/found.h"
#include "stub/unwind/stack_start.h"

#define MAX_INLINED 32
#define MAX_WALKS   8

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
	cmd_put_owner(p->out, &n);
	if (inlined)
		buf_puts(p->out, " (inlined)");
}

static void put_numbered(struct kbt_print *p, const struct frame *f, const char *inlined,
			 const struct line_pos *pos)
{
	// An interrupted function has no return address on the stack; show its stack pointer.
	kva_t slot = f->regs_va ? f->regs.v[p->m->k->arch->sp] : f->slot_va;

	buf_printf(p->out, "%s%d [%016" PRIx64 "] ", p->number < 10 ? " #" : "#", p->number, slot);
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
		// The last one is the function itself: use its symbol, which may be a clone.
		for (size_t i = 0; i < n; i++)
			put_numbered(p, f, i + 1 < n ? inl[i].func : NULL, &inl[i].at);
		return;
	}
	if (p->o->lines)
		lines_find(p->m->k, pc, &pos, NULL);
	put_numbered(p, f, NULL, &pos);
}

void kbt_put_exception(struct kbt_print *p, const struct frame *f)
{
	const struct arch_ops *arch = p->m->k->arch;
	struct line_pos pos;
	struct addr_name n;

	if (!arch->regs_user_mode(&f->regs)) {
		bool found = cmd_lookup(p->m, f->regs.v[arch->pc], &n);

		buf_puts(p->out, "    [exception RIP: ");
		if (found)
			cmd_put_name(p->out, &n, false);
		else
			buf_puts(p->out, "unknown or invalid address");
		buf_putc(p->out, ']');
		cmd_put_owner(p->out, &n);
		buf_putc(p->out, '\n');
		if (p->o->lines && lines_find(p->m->k, f->regs.v[arch->pc], &pos, NULL) == VS_OK)
			buf_printf(p->out, "    %s: %d\n", pos.file, pos.line);
	}
	if (p->o->how && f->regs_va)
		buf_printf(p->out, "    {%s at %" PRIx64 "}\n", frame_how_str(f->how), f->regs_va);
	else if (p->o->how)
		buf_printf(p->out, "    {%s}\n", frame_how_str(f->how));
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

/* The words of a frame: from its stack pointer up to its return address, or up to the registers
 * saved when the caller was interrupted, if both are on the same stack. */
static void put_contents(struct kbt_print *p, const struct frame *f, const struct frame *caller)
{
	kva_t low = f->regs.v[p->m->k->arch->sp], high;
	struct stack_id on;

	if (!p->o->contents || !caller)
		return;
	if (f->how == HOW_INACTIVE) // include what the task switch saved
		low = f->slot_va + 8;
	high = caller->regs_va ? caller->regs_va : caller->slot_va + 8;
	on = stack_identify(p->m->k, p->t->cpu, p->t->va, low);
	if (on.kind == STACK_NONE || high < low || high > on.high)
		return;
	kbt_put_words(p, low, high,
		      p->o->contents > 2   ? KBT_WORDS_SLABS_AT
		      : p->o->contents > 1 ? KBT_WORDS_SLABS
					   : KBT_WORDS_FRAME);
}

static void put_all(struct kbt_print *p, const struct frame *frames, size_t n, struct stack_id *on)
{
	const struct arch_ops *arch = p->m->k->arch;

	for (size_t i = 0; i < n; i++) {
		const struct frame *f = &frames[i];
		bool user = arch->regs_user_mode(&f->regs);

		put_stack_change(p, on, f);
		if (f->regs_va || user || (i == 0 && regs_has(&f->regs, arch->flags)))
			kbt_put_exception(p, f);
		if (!user && (i == 0 || !f->regs_va || p->o->inlined))
			put_frame(p, f);
		if (!user)
			put_contents(p, f, i + 1 < n ? &frames[i + 1] : NULL);
	}
}

/* Says where the trace starts if no registers were saved. */
static void put_start(struct kbt_print *p, const struct frame *start)
{
	if (start->how == HOW_EVIDENCE)
		buf_puts(p->out, "    (its CPU saved no registers; this is where it last entered "
				 "the kernel from user mode)\n");
	else if (start->how == HOW_FOUND)
		buf_printf(p->out,
			   "    (its CPU saved no registers; found on its stack: a call of %s(), "
			   "which never returns)\n",
			   start->evidence);
}

/* The start that -I and -S give; without -I the word at -S is the return address. */
static vs_status given_start(struct kbt_print *p, struct frame *ret, struct err *err)
{
	struct kernel *k = p->m->k;
	struct frame f = { .how = HOW_GIVEN, .slot_va = p->o->sp };
	kva_t pc = p->o->ip, sp = p->o->sp, target;
	struct unwind_env env;
	vs_status st;

	stack_unwind_env(k, p->t->va, &env);
	if (sp % 8 || !k->arch->is_kernel_va(sp))
		return fail(err, VS_INVAL, "%" PRIx64 " is not an aligned kernel address", sp);
	if (p->o->have_ip) {
		f.interrupted = !k->arch->call_before(k->mem, pc, &target);
	} else {
		st = mem_read_u64(k->mem, sp, &pc, err);
		if (st)
			return st;
		if (!env.is_text(env.ctx, pc))
			return fail(err, VS_NOTFOUND,
				    "%" PRIx64 " at %" PRIx64 " is not a return address; use -I to "
				    "say where the trace starts",
				    pc, sp);
		sp += 8;
	}
	regs_set(&f.regs, k->arch->pc, pc);
	regs_set(&f.regs, k->arch->sp, sp);
	*ret = f;
	return VS_OK;
}

/* Prints the frames from start on, and continues where a broken walk can resume. */
static void put_walks(struct kbt_print *p, struct frame start, struct frame *frames)
{
	struct kernel *k = p->m->k;
	struct stack_id on = stack_identify(k, p->t->cpu, p->t->va, start.regs.v[k->arch->sp]);

	for (int walk = 0; walk < MAX_WALKS; walk++) {
		struct err why;
		size_t n = 0;
		vs_status stop =
			stack_unwind(k, p->t->va, &start, frames, STACK_MAX_FRAMES, &n, &why);

		put_all(p, frames, n, &on);
		if (stop == VS_OK)
			return;
		if (walk + 1 == MAX_WALKS ||
		    found_resume(k, p->t->cpu, p->t->va, &frames[n - 1], &start)) {
			buf_printf(p->out, "    (stopped: %s)\n", why.msg);
			return;
		}
		buf_printf(p->out, "    (frames are missing here: %s)\n", why.msg);
	}
}

vs_status kbt_put_frames(struct kbt_print *p, struct err *err)
{
	AUTO_FREE struct frame *frames = calloc(STACK_MAX_FRAMES + 1, sizeof(*frames));
	struct frame start;
	vs_status st;

	if (!frames)
		return fail(err, VS_NOMEM, "out of memory");
	st = p->o->have_sp ? given_start(p, &start, err) : stack_start(p->m->k, p->t, &start, err);
	if (st)
		return st;
	put_start(p, &start);
	put_walks(p, start, frames);
	return VS_OK;
}
