// SPDX-License-Identifier: GPL-3.0-or-later
/* stack_start.c - finds where a task's backtrace starts: saved registers, or a substitute. */
#include "stub/unwind/stack_start.h"

#include <inttypes.h>

#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"
#include "stub/task/cpus.h"
#include "stub/task/task_record.h"
#include "stub/unwind/found.h"
#include "stub/unwind/rules.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/usersp.h"

static vs_status sleeping_regs(struct kernel *k, const struct task *t, uint64_t sp,
			       struct regs *ret, struct err *err)
{
	vs_status st = k->arch->os->regs_from_inactive(k, sp, ret, err);

	// Both were added in 4.9, so if both are missing, the types are not just incomplete.
	if (st == VS_NOTFOUND && t->stack && task_info_on_stack(k))
		return k->arch->os->regs_from_switch(k, sp, stack_regs_va(k, t->stack), ret, err);
	return st;
}

static vs_status start_sleeping(struct kernel *k, const struct task *t, struct frame *ret,
				struct err *err)
{
	struct frame f = { .how = HOW_INACTIVE };
	const struct symbol *s;
	uint64_t sp, users;
	vs_status st = record_field_read(k, &task_record, t->va, TASK_THREAD_SP, &sp, err);

	// Since 68f24b08ee89 (4.9) a dead task's stack is freed before the task, and soon reused.
	if (record_field_read(k, &task_record, t->va, TASK_STACK_REFS, &users, NULL) == VS_OK &&
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
			    t->exit_state ? "freed when it died" : "overwritten", sp,
			    f.regs.v[k->arch->pc]);
	f.slot_va = sp;
	// __switch_to_asm returns here: just after its call, or for a task that never ran, to the
	// start of ret_from_fork.
	s = symtab_lookup(k->syms, f.regs.v[k->arch->pc]);
	f.interrupted = s && s->va == f.regs.v[k->arch->pc];
	*ret = f;
	return VS_OK;
}

bool stack_user_regs(struct kernel *k, const struct task *t, struct frame *ret)
{
	struct frame f = { .how = HOW_EVIDENCE, .interrupted = true };
	uint64_t sp;

	if (!t->mm)
		return false;
	f.regs_va = stack_regs_va(k, t->stack);
	f.slot_va = f.regs_va;
	if (k->arch->regs_from_frame(k->mem, f.regs_va, false, &f.regs, NULL) ||
	    !k->arch->regs_user_mode(&f.regs) || !k->arch->regs_plausible(&f.regs))
		return false;
	f.regs.known &= ~k->arch->os->user_regs_unsaved(k);
	// If this was a system call, these values are from an earlier entry, unless sp agrees.
	if (user_sp_is_apart(k) && (user_sp(k, t->va, &sp) || sp != f.regs.v[k->arch->sp]))
		f.regs.known &= ~(1ULL << k->arch->sp | 1ULL << k->arch->flags);
	*ret = f;
	return true;
}

/* For a running task whose CPU saved nothing: the registers with which it last entered the kernel.
 * Its kernel frames may be below, but nothing shows which of them are still active. */
static vs_status start_at_entry(struct kernel *k, const struct task *t, struct frame *ret,
				struct err *err)
{
	if (stack_user_regs(k, t, ret))
		return VS_OK;
	return err ? err->code : VS_NOTFOUND;
}

/* Are these the registers of the CPU that ran t? No two CPUs use the same stack, so the stack
 * pointer decides. */
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

/* If the page where the kernel saved this CPU's registers is lost, uses the notes in the file,
 * which are copies without a CPU number. */
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

/* The start for a task that a CPU was running. */
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

vs_status stack_of_task(struct kernel *k, const struct task *t, struct frame *ret, size_t max,
			size_t *n, struct err *err)
{
	struct frame start;
	vs_status st = stack_start(k, t, &start, err);

	*n = 0;
	return st ? st : stack_unwind(k, t->va, &start, ret, max, n, err);
}

void stack_gdb_start(struct kernel *k, struct frame *f)
{
	kva_t target;

	if (f->how != HOW_FOUND || f->interrupted)
		return;
	f->regs.v[k->arch->pc] -= k->arch->call_before(k->mem, f->regs.v[k->arch->pc], &target);
	f->interrupted = true;
}
