// SPDX-License-Identifier: GPL-3.0-or-later
/* stack.c - where stacks are and who is on them. */
#include "stub/unwind/stack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/task/cpus.h"
#include "stub/task/task_record.h"
#include "stub/unwind/found.h"
#include "stub/unwind/framep.h"
#include "stub/kernel/kernel.h"
#include "stub/kernel/percpu.h"

#define IRQ_STACK_SIZE 16384
#define MAX_FUNCTION   (64u << 10)
#define PAGE_SIZE      4096ULL

/* One gate of the IDT (Intel SDM, vol. 3, figure 6-8), and the byte with its stack's number. */
#define GATE_SIZE	    16
#define GATE_IST	    4
#define MAX_EXCEPTION_STACK (64u << 10)

/* --- stacks */

/* Top of a CPU's interrupt stack, one past its highest word. 951c2a51ae75 (5.12) keeps the pointer
 * 8 bytes lower; 7443b296e699 (6.2) to c6a0918072ea (6.15) had it in struct pcpu_hot. */
static vs_status irq_stack_top(struct kernel *k, unsigned cpu, kva_t *ret)
{
	static const char *const names[] = { "hardirq_stack_ptr", "irq_stack_ptr" };
	struct member m;
	kva_t va, top;

	for (size_t i = 0; i < 2; i++) {
		if (percpu_symbol(k, names[i], cpu, &va, NULL) == VS_OK &&
		    mem_read_u64(k->mem, va, &top, NULL) == VS_OK && top)
			goto found;
	}
	if (percpu_symbol(k, "pcpu_hot", cpu, &va, NULL) ||
	    kernel_member(k, "pcpu_hot", &m, NULL, "hardirq_stack_ptr", NULL) ||
	    mem_read_u64(k->mem, va + m.off, &top, NULL) || !top)
		return VS_NOTFOUND;
found:
	*ret = (top + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
	return VS_OK;
}

/* Exception stacks of struct cea_exception_stacks (019b17b3ffe4, 5.1), in crash's words, and the
 * exception that changes to it. */
static const struct {
	const char *member, *name;
	unsigned vector;
} exception_stacks[] = {
	{ "DF_stack", "DOUBLEFAULT", 8 }, { "NMI_stack", "NMI", 2 }, { "DB_stack", "DEBUG", 1 },
	{ "MCE_stack", "MCE", 18 },	  { "VC_stack", "VC", 0 },   { "VC2_stack", "VC2", 0 },
};
#define NEXCEPTION_STACKS (sizeof(exception_stacks) / sizeof(exception_stacks[0]))

/* Before 5.1 the upper ends of all are in orig_ist.ist[], at the number that the exception's gate
 * in the IDT has: they were numbered anew several times. They lie one after the other. */
static bool old_exception_stack(struct kernel *k, unsigned cpu, size_t i, struct stack_id *ret)
{
	kva_t ist, idt, high, below = 0;
	uint8_t number;

	if (!exception_stacks[i].vector || percpu_symbol(k, "orig_ist", cpu, &ist, NULL) ||
	    kernel_symbol(k, "idt_table", &idt, NULL) ||
	    mem_read(k->mem, idt + exception_stacks[i].vector * GATE_SIZE + GATE_IST, &number, 1,
		     NULL))
		return false;
	number &= 7;
	if (!number || mem_read_u64(k->mem, ist + (number - 1) * 8, &high, NULL) ||
	    high % PAGE_SIZE || !k->arch->is_kernel_va(high))
		return false;
	if (number > 1)
		(void)mem_read_u64(k->mem, ist + (number - 2) * 8, &below, NULL);
	if (below >= high || high - below > MAX_EXCEPTION_STACK || below % PAGE_SIZE)
		below = high - PAGE_SIZE; // the first
	*ret = (struct stack_id){ STACK_EXCEPTION, exception_stacks[i].name, below, high };
	return true;
}

static bool exception_stack(struct kernel *k, unsigned cpu, size_t i, struct stack_id *ret)
{
	struct member m;
	kva_t va, base;

	if (kernel_symbol(k, "orig_ist", &va, NULL) == VS_OK)
		return old_exception_stack(k, cpu, i, ret);

	if (percpu_symbol(k, "cea_exception_stacks", cpu, &va, NULL) ||
	    mem_read_u64(k->mem, va, &base, NULL) || !base ||
	    kernel_member(k, "cea_exception_stacks", &m, NULL, exception_stacks[i].member, NULL) ||
	    !m.size)
		return false;
	*ret = (struct stack_id){ STACK_EXCEPTION, exception_stacks[i].name, base + m.off,
				  base + m.off + m.size };
	return true;
}

static bool in_exception_stack(struct kernel *k, unsigned cpu, kva_t sp, struct stack_id *ret)
{
	for (size_t i = 0; i < NEXCEPTION_STACKS; i++)
		if (exception_stack(k, cpu, i, ret) && sp >= ret->low && sp <= ret->high)
			return true;
	return false;
}

static bool irq_stack(struct kernel *k, unsigned cpu, struct stack_id *ret)
{
	kva_t top;

	if (irq_stack_top(k, cpu, &top))
		return false;
	*ret = (struct stack_id){ STACK_IRQ, "IRQ", top - IRQ_STACK_SIZE, top };
	return true;
}

size_t stack_list(struct kernel *k, unsigned cpu, struct stack_id *ret, size_t max)
{
	size_t n = 0;

	if (n < max && irq_stack(k, cpu, &ret[n]))
		n++;
	for (size_t i = 0; i < NEXCEPTION_STACKS && n < max; i++)
		if (exception_stack(k, cpu, i, &ret[n]))
			n++;
	return n;
}

/* The trampoline stack at kernel entry (struct cpu_entry_area, ece614dcfd96, 4.15). */
static bool in_entry_stack(struct kernel *k, unsigned cpu, kva_t sp, struct stack_id *ret)
{
	struct member tss_sp0;
	uint64_t sp0;
	kva_t tss;

	if (percpu_symbol(k, "cpu_tss_rw", cpu, &tss, NULL) ||
	    kernel_member(k, "tss_struct", &tss_sp0, NULL, "x86_tss.sp0", NULL) ||
	    mem_read_u64(k->mem, tss + tss_sp0.off, &sp0, NULL) || sp0 < PAGE_SIZE)
		return false;
	if (sp > sp0 || sp < (sp0 - 1) / PAGE_SIZE * PAGE_SIZE)
		return false;
	*ret = (struct stack_id){ STACK_ENTRY, "entry trampoline",
				  (sp0 - 1) / PAGE_SIZE * PAGE_SIZE, sp0 };
	return true;
}

struct stack_id stack_identify(struct kernel *k, unsigned cpu, kva_t task, kva_t sp)
{
	struct stack_id id = { STACK_NONE, "unknown", 0, 0 };
	uint64_t size = task_stack_size(k);
	uint64_t stack;

	if (task && kernel_read_member(k, task, "task_struct", "stack", &stack, NULL) == VS_OK &&
	    sp >= stack && sp <= stack + size)
		return (struct stack_id){ STACK_TASK, "task", stack, stack + size };
	if (irq_stack(k, cpu, &id) && sp >= id.low && sp <= id.high)
		return id;
	if (in_exception_stack(k, cpu, sp, &id) || in_entry_stack(k, cpu, sp, &id))
		return id;
	return (struct stack_id){ STACK_NONE, "unknown", 0, 0 };
}

/* --- addresses that stand for words of another stack */

/* gdb's frames of C code that switched stacks by inline assembly count on from the new stack's top:
 * the guard page above it shows what is above the saved stack pointer. */
static bool guard_page(struct kernel *k, unsigned cpu, kva_t va, kva_t *ret)
{
	uint64_t saved;
	kva_t top;

	if (irq_stack_top(k, cpu, &top) || va < top || va - top >= PAGE_SIZE)
		return false;
	// call_on_irqstack() stores the interrupted stack pointer in the topmost word.
	if (mem_read_u64(k->mem, top - 8, &saved, NULL) || saved % 8 ||
	    !k->arch->is_kernel_va(saved) || saved - top < PAGE_SIZE)
		return false;
	*ret = saved + (va - (top - 8));
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
	off = (va - k->arch->alias_base - stack) & k->arch->alias_mask;
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
		bp = k->arch->alias_base + (bp & k->arch->alias_mask);
		memcpy((char *)data + at, &bp, 8);
	}
}

static bool stack_overlay(void *ctx, kva_t va, void *dst, size_t len, struct mem_got *got)
{
	struct kernel *k = ctx;
	bool alias = va - k->arch->alias_base <= k->arch->alias_mask;
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

static vs_status inactive_layout(struct kernel *k, struct inactive_layout *ret, struct err *err)
{
	const struct {
		const char *path;
		size_t *to;
	} members[] = {
		{ "r15", &ret->r15 },		{ "r14", &ret->r14 }, { "r13", &ret->r13 },
		{ "r12", &ret->r12 },		{ "bx", &ret->bx },   { "bp", &ret->bp },
		{ "ret_addr", &ret->ret_addr },
	};
	uint64_t size = 0;
	vs_status st = kernel_need_types(k, err);

	if (st == VS_OK)
		st = types_size(k->types, "inactive_task_frame", &size, err);
	for (size_t i = 0; st == VS_OK && i < sizeof(members) / sizeof(members[0]); i++) {
		struct member m = { 0 };

		st = types_member(k->types, "inactive_task_frame", members[i].path, &m, err);
		*members[i].to = m.off;
	}
	ret->size = size;
	return st;
}

/* --- before 4.9: switch_to() stood in the scheduler itself */

/* Behind the only call of __switch_to() in a function. */
static bool find_call(struct kernel *k, const char *function, kva_t switch_to, kva_t *ret)
{
	AUTO_FREE uint8_t *code = NULL;
	struct mem_array copy;
	kva_t start, end, target;

	*ret = 0;
	if (kernel_symbol(k, function, &start, NULL) || !found_function(k, start, &start, &end) ||
	    end - start > MAX_FUNCTION || !(code = malloc(end - start)) ||
	    mem_read(k->mem, start, code, end - start, NULL))
		return false;
	mem_array_init(&copy, start, code, end - start);
	for (kva_t at = start + 5; at < end; at++) {
		if (k->arch->call_before(&copy.mem, at, &target) == 0 || target != switch_to)
			continue;
		if (*ret)
			return false;
		*ret = at;
	}
	return *ret;
}

static vs_status load_switch(struct kernel *k, void *owner, struct err *err)
{
	kva_t switch_to;
	vs_status st = kernel_symbol(k, "__switch_to", &switch_to, err);

	(void)owner;
	if (st)
		return st;
	if (find_call(k, "__schedule", switch_to, &k->switch_pc) ||
	    find_call(k, "schedule", switch_to, &k->switch_pc))
		return VS_OK;
	return fail(err, VS_NOTFOUND, "the scheduler's call of __switch_to() is not found");
}

static const struct slot_ops switch_slot_ops = { load_switch, NULL };

/* A task that never ran goes to ret_from_fork() at the bottom of its stack. */
static vs_status regs_before_4_9(struct kernel *k, const struct task *t, uint64_t sp,
				 struct regs *ret, struct err *err)
{
	struct regs r = { .known = 0 };
	kva_t pc;
	vs_status st;

	if (sp != stack_regs_va(k, t->stack)) {
		st = slot_need(k, &k->switch_slot, &switch_slot_ops, k, err);
		return st ? st : k->arch->regs_from_switch(k->mem, sp, k->switch_pc, ret, err);
	}
	st = kernel_symbol(k, "ret_from_fork", &pc, err);
	if (st)
		return st;
	regs_set(&r, k->arch->pc, pc);
	regs_set(&r, k->arch->sp, sp);
	*ret = r;
	return VS_OK;
}

static vs_status sleeping_regs(struct kernel *k, const struct task *t, uint64_t sp,
			       struct regs *ret, struct err *err)
{
	struct inactive_layout layout;
	struct member m;
	vs_status st = inactive_layout(k, &layout, err);

	if (st == VS_OK)
		return k->arch->regs_from_inactive(k->mem, sp, &layout, ret, err);
	// Both came with 4.9, so types that do not know one are not just incomplete.
	if (st == VS_NOTFOUND && t->stack &&
	    kernel_member(k, "thread_info", &m, NULL, "cpu", NULL) == VS_OK &&
	    record_member(k, &task_record, TASK_THREAD_INFO, &m, NULL))
		return regs_before_4_9(k, t, sp, ret, err);
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
	uint64_t size, padding = 0;

	// 65c9cc9e2c14 (6.9): TOP_OF_KERNEL_STACK_PADDING is 16 with CONFIG_X86_FRED.
	if (types_size(k->types, "fred_frame", &size, NULL) == VS_OK)
		padding = 16;
	return stack + task_stack_size(k) - padding - k->arch->regs_frame_size;
}

/* 21d375b6b34f (4.16) removed it. The stack does not show whether a system call took it. */
static bool has_fast_path(struct kernel *k)
{
	kva_t va;

	return kernel_symbol(k, "system_call_fastpath", &va, NULL) == VS_OK ||
	       kernel_symbol(k, "entry_SYSCALL_64_fastpath", &va, NULL) == VS_OK;
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
	if (has_fast_path(k))
		f.regs.known &= ~k->arch->fast_call_unsaved;
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
