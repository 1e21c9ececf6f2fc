// SPDX-License-Identifier: GPL-3.0-or-later
/* stack.c - where stacks are and who is on them. */
#include "stub/unwind/stack.h"

#include <inttypes.h>
#include <string.h>

#include "stub/task/cpus.h"
#include "stub/task/task_record.h"
#include "stub/unwind/found.h"
#include "stub/unwind/framep.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"

#define PAGE_SIZE 4096ULL

/* --- stacks */

static bool irq_stack(struct kernel *k, unsigned cpu, struct stack_id *ret)
{
	return k->arch->os->stack(k, cpu, 0, ret) && ret->kind == STACK_IRQ;
}

size_t stack_list(struct kernel *k, unsigned cpu, struct stack_id *ret, size_t max)
{
	size_t n = 0;

	for (unsigned i = 0; i < k->arch->os->nstacks && n < max; i++)
		if (k->arch->os->stack(k, cpu, i, &ret[n]) && ret[n].kind != STACK_ENTRY)
			n++;
	return n;
}

struct stack_id stack_identify(struct kernel *k, unsigned cpu, kva_t task, kva_t sp)
{
	struct stack_id id;
	uint64_t size = task_stack_size(k);
	uint64_t stack;

	if (task && kernel_read_member(k, task, "task_struct", "stack", &stack, NULL) == VS_OK &&
	    sp >= stack && sp <= stack + size)
		return (struct stack_id){ STACK_TASK, "task", stack, stack + size };
	for (unsigned i = 0; i < k->arch->os->nstacks; i++)
		if (k->arch->os->stack(k, cpu, i, &id) && sp >= id.low && sp <= id.high)
			return id;
	return (struct stack_id){ STACK_NONE, "unknown", 0, 0 };
}

/* --- addresses that stand for words of another stack */

/* gdb's frames of C code that switched stacks by inline assembly count on from the new stack's top:
 * the guard page above it shows what is above the saved stack pointer. */
static bool guard_page(struct kernel *k, unsigned cpu, kva_t va, kva_t *ret)
{
	struct stack_id irq;
	uint64_t saved;
	kva_t link;

	if (!irq_stack(k, cpu, &irq) || va < irq.high || va - irq.high >= PAGE_SIZE)
		return false;
	link = irq.high - k->arch->os->irq_link;
	if (mem_read_u64(k->mem, link, &saved, NULL) || saved % 8 ||
	    !k->arch->is_kernel_va(saved) || saved - irq.high < PAGE_SIZE)
		return false;
	*ret = saved + (va - link);
	return true;
}

/* An alias keeps the low bits of an address on the stack of the task that a CPU was running. */
static bool alias_word(struct kernel *k, unsigned cpu, kva_t va, kva_t *ret)
{
	uint64_t stack, off;
	kva_t task;

	if (task_current(k, cpu, &task, NULL) ||
	    kernel_read_member(k, task, "task_struct", "stack", &stack, NULL))
		return false;
	off = (va - k->arch->os->alias_base - stack) & k->arch->os->alias_mask;
	*ret = stack + off;
	return off < task_stack_size(k);
}

/* Where frames hang on the frame pointer, the whole chain of a stack must be such addresses: a word
 * that leads further up this stack, with a return address behind it. */
static void alias_frames(struct kernel *k, kva_t real, void *data, size_t len)
{
	for (size_t at = (8 - real % 8) % 8; at + 8 <= len; at += 8) {
		uint64_t bp, pc;
		kva_t target;

		memcpy(&bp, (char *)data + at, 8);
		if (bp <= real + at || bp - (real + at) > task_stack_size(k) || bp % 8 ||
		    mem_read_u64(k->mem, real + at + 8, &pc, NULL) || !kernel_is_text(k, pc) ||
		    !k->arch->call_before(k->mem, pc, &target))
			continue;
		bp = k->arch->os->alias_base + (bp & k->arch->os->alias_mask);
		memcpy((char *)data + at, &bp, 8);
	}
}

static bool stack_overlay(void *ctx, kva_t va, void *dst, size_t len, struct mem_got *got)
{
	struct kernel *k = ctx;
	bool alias = va - k->arch->os->alias_base <= k->arch->os->alias_mask;
	unsigned n = percpu_ncpus(k);
	kva_t real;

	for (unsigned cpu = 0; cpu < n; cpu++) {
		if (!(alias ? alias_word : guard_page)(k, cpu, va, &real))
			continue;
		*got = k->mem->read(k->mem, real, dst, len, NULL);
		if (alias && framep_kernel(k))
			alias_frames(k, real, dst, got->len);
		return got->len > 0;
	}
	return false;
}

void stack_install_overlay(struct kernel *k)
{
	kmem_set_overlay(k->kmem, stack_overlay, k);
}

/* --- start and walk */

static vs_status sleeping_regs(struct kernel *k, const struct task *t, uint64_t sp,
			       struct regs *ret, struct err *err)
{
	struct member m;
	vs_status st = k->arch->os->regs_from_inactive(k, sp, ret, err);

	// Both came with 4.9, so types that do not know one are not just incomplete.
	if (st == VS_NOTFOUND && t->stack &&
	    kernel_member(k, "thread_info", &m, NULL, "cpu", NULL) == VS_OK &&
	    record_member(k, &task_record, TASK_THREAD_INFO, &m, NULL))
		return k->arch->os->regs_from_switch(k, sp, stack_regs_va(k, t->stack), ret, err);
	return st;
}

static vs_status start_sleeping(struct kernel *k, const struct task *t, struct frame *ret,
				struct err *err)
{
	struct frame f = { .how = HOW_INACTIVE };
	const struct symbol *s;
	uint64_t sp, users;
	vs_status st = kernel_read_member(k, t->va, "task_struct", "thread.sp", &sp, err);

	// 68f24b08ee89 (4.9): a dead task's stack is freed, and soon another's, before the task is.
	if (kernel_read_member(k, t->va, "task_struct", "stack_refcount.refs.counter", &users,
			       NULL) == VS_OK &&
	    users == 0)
		return fail(err, VS_NOTFOUND, "the task is dead; the kernel freed its stack");

	if (st == VS_OK)
		st = sleeping_regs(k, t, sp, &f.regs, err);
	if (st)
		return fail_ctx(err, st, "saved context of PID %d", t->pid);
	if (!kernel_is_text(k, f.regs.v[k->arch->pc]))
		return fail(err, VS_NOTFOUND,
			    "its stack was %s: the saved context at %#" PRIx64
			    " returns to %#" PRIx64,
			    t->exit_state ? "given back when it died" : "overwritten", sp,
			    f.regs.v[k->arch->pc]);
	f.slot_va = sp;
	// __switch_to_asm returns here: behind the call of it, or, for a task that never ran, to
	// the very start of ret_from_fork.
	s = symtab_lookup(k->syms, f.regs.v[k->arch->pc]);
	f.interrupted = s && s->va == f.regs.v[k->arch->pc];
	*ret = f;
	return VS_OK;
}

kva_t stack_regs_va(struct kernel *k, kva_t stack)
{
	return stack + task_stack_size(k) - k->arch->os->stack_padding(k) -
	       k->arch->regs_frame_size;
}

bool stack_user_regs(struct kernel *k, const struct task *t, struct frame *ret)
{
	struct frame f = { .how = HOW_EVIDENCE, .interrupted = true };

	if (!t->mm)
		return false;
	f.regs_va = stack_regs_va(k, t->stack);
	f.slot_va = f.regs_va;
	if (k->arch->regs_from_frame(k->mem, f.regs_va, false, &f.regs, NULL) ||
	    !k->arch->regs_user_mode(&f.regs) || !k->arch->regs_plausible(&f.regs))
		return false;
	f.regs.known &= ~k->arch->os->user_regs_unsaved(k);
	*ret = f;
	return true;
}

/* A running task whose CPU saved nothing: the registers with which it last entered the kernel.
 * Older kernel frames of it may lie below, but nothing shows which of them are still active. */
static vs_status start_at_entry(struct kernel *k, const struct task *t, struct frame *ret,
				struct err *err)
{
	if (stack_user_regs(k, t, ret))
		return VS_OK;
	return err ? err->code : VS_NOTFOUND;
}

/* Are these registers of the CPU that ran t? No two CPUs use one stack, so the stack pointer
 * decides. */
static bool belongs_to(struct kernel *k, const struct task *t, const struct frame *f)
{
	kva_t sp = f->regs.v[k->arch->sp], pc = f->regs.v[k->arch->pc];
	struct frame user;

	if (!regs_has(&f->regs, k->arch->sp))
		return false;
	if (!k->arch->regs_user_mode(&f->regs))
		return k->arch->is_kernel_va(sp) &&
		       stack_identify(k, t->cpu, t->va, sp).kind != STACK_NONE;
	return stack_user_regs(k, t, &user) && user.regs.v[k->arch->sp] == sp &&
	       user.regs.v[k->arch->pc] == pc;
}

/* The page where the kernel saved this CPU's registers is lost, but the dump's notes are copies,
 * without a number. */
static vs_status start_at_note(struct kernel *k, const struct task *t, struct frame *ret)
{
	struct frame f;
	size_t found = 0;

	for (size_t nth = 0; cpu_note(k, nth, &f) == VS_OK; nth++) {
		if (!belongs_to(k, t, &f))
			continue;
		*ret = f;
		found++;
	}
	return found == 1 ? VS_OK : VS_NOTFOUND;
}

/* Of a task that a CPU was running. */
static vs_status start_running(struct kernel *k, const struct task *t, struct frame *ret,
			       struct err *err)
{
	vs_status st = cpu_frame(k, t->cpu, ret, err);

	if (st == VS_OK)
		return VS_OK;
	if (st != VS_NOTFOUND && start_at_note(k, t, ret) == VS_OK)
		return VS_OK;
	if (!dump_info(k->dump)->live && found_start(k, t->cpu, t->va, ret, NULL) == VS_OK)
		return VS_OK;
	return start_at_entry(k, t, ret, err);
}

vs_status stack_start(struct kernel *k, const struct task *t, struct frame *ret, struct err *err)
{
	kva_t current;

	if (t->cpu >= percpu_ncpus(k) || task_current(k, t->cpu, &current, NULL) ||
	    current != t->va)
		return start_sleeping(k, t, ret, err);
	return start_running(k, t, ret, err);
}

void stack_gdb_start(struct kernel *k, struct frame *f)
{
	kva_t target;

	if (f->how != HOW_FOUND || f->interrupted)
		return;
	f->regs.v[k->arch->pc] -= k->arch->call_before(k->mem, f->regs.v[k->arch->pc], &target);
	f->interrupted = true;
}

/* No function is twice at one place of a stack. Few frames, so all are compared. */
static bool was_before(const struct kernel *k, const struct frame *f, size_t n, size_t *ret)
{
	for (*ret = 0; *ret < n; ++*ret)
		if (f[*ret].regs.v[k->arch->pc] == f[n].regs.v[k->arch->pc] &&
		    f[*ret].regs.v[k->arch->sp] == f[n].regs.v[k->arch->sp])
			return true;
	return false;
}

vs_status stack_unwind(struct kernel *k, kva_t task, const struct frame *start, struct frame *ret,
		       size_t max, size_t *n, struct err *err)
{
	struct unwind_env env;
	vs_status st = VS_OK;
	size_t first;

	stack_unwind_env(k, task, &env);
	ret[0] = *start;
	*n = 1;
	while (st == VS_OK) {
		if (*n == max)
			return fail(err, VS_CORRUPT, "more than %zu frames", max);
		st = k->arch->unwind_step(&env, &ret[*n - 1], &ret[*n], err);
		if (st == VS_OK && was_before(k, ret, *n, &first))
			return fail(err, VS_CORRUPT, "the stack leads back to frame %zu", first);
		if (st == VS_OK)
			++*n;
	}
	return st == VS_END ? VS_OK : st;
}
