// SPDX-License-Identifier: GPL-3.0-or-later
/* framep.c - unwinds by frame pointers, and checks every step.
 * This follows the same chain as the kernel's own arch/x86/kernel/unwind_frame.c, but does not skip
 * the caller of a function that was interrupted outside its frame. */
#include "stub/unwind/framep.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/task/tasks.h"
#include "stub/unwind/dwarfcfi.h"
#include "stub/unwind/found.h"
#include "stub/unwind/rethook.h"
#include "stub/unwind/rules.h"
#include "stub/unwind/stack.h"
#include "stub/unwind/usersp.h"

#define MAX_ENTRY_TEXT (1u << 20)
#define SAMPLES	       512
#define MAX_UP	       (64u << 10) /* maximum size of a frame: larger than a stack */
#define BOTTOM_GAP     32 /* maximum padding by which the compiler aligned the first frame */

/* --- does this kernel have frame pointers? */

static bool is_function(const struct symbol *s)
{
	return strchr("tT", s->type) && strncmp(s->name, "__pfx_", 6) != 0 &&
	       strncmp(s->name, "__cfi_", 6) != 0;
}

/* Samples functions all over the text: nearly all or nearly none of them set up a frame. Code that
 * is not in the dump does not count. */
static vs_status sample(struct kernel *k, void *owner, struct err *err)
{
	size_t n, step, framed = 0, read = 0;
	vs_status st = kernel_need_syms(k, err);

	(void)owner;
	if (st)
		return st;
	if (!k->arch->os->entry_frames)
		return fail(err, VS_NOTFOUND, "not on %s", k->arch->name);
	n = symtab_count(k->syms);
	step = n / SAMPLES + 1;
	for (size_t i = 0; i < n; i += step) {
		const struct symbol *s = symtab_at(k->syms, i);
		uint8_t byte;

		if (!is_function(s) || !kernel_is_core_text(k, s->va) ||
		    mem_read(k->mem, s->va, &byte, 1, NULL))
			continue;
		read++;
		framed += k->arch->keeps_frame(k->mem, s->va);
	}
	if (framed > read / 2)
		return VS_OK;
	return fail(err, VS_NOTFOUND, "%zu of %zu functions set up a frame", framed, read);
}

static const struct slot_ops framep_slot_ops = { sample, NULL };

bool framep_kernel(struct kernel *k)
{
	return slot_need(k, &k->framep_slot, &framep_slot_ops, k, NULL) == VS_OK;
}

/* --- does its entry code encode in rbp where it saved registers? */

static vs_status look_for_encoding(struct kernel *k, void *owner, struct err *err)
{
	AUTO_FREE uint8_t *code = NULL;
	kva_t start, end;
	vs_status st = kernel_symbol(k, "__entry_text_start", &start, err);

	(void)owner;
	if (st == VS_OK)
		st = kernel_symbol(k, "__entry_text_end", &end, err);
	if (st == VS_OK && (end <= start || end - start > MAX_ENTRY_TEXT))
		st = fail(err, VS_CORRUPT, "entry text from %#" PRIx64 " to %#" PRIx64, start, end);
	if (st)
		return st;
	code = malloc(end - start);
	if (!code)
		return fail(err, VS_NOMEM, "entry text");
	st = mem_read(k->mem, start, code, end - start, err);
	if (st == VS_OK && !k->arch->os->entry_frames->encodes_regs(code, end - start))
		st = fail(err, VS_NOMATCH, "entry code does not encode saved registers in rbp");
	return st;
}

static const struct slot_ops encoding_slot_ops = { look_for_encoding, NULL };

bool framep_encodes(struct kernel *k)
{
	return slot_need(k, &k->encoding_slot, &encoding_slot_ops, k, NULL) != VS_NOMATCH;
}

/* --- places on stacks */

/* The stack of this task, or of the CPU that runs it, which contains va. */
static bool on_stack(struct kernel *k, kva_t task, kva_t va, struct stack_id *ret)
{
	struct err why;
	struct task t;

	if (!task || va % 8)
		return false;
	*ret = stack_identify(k, TASK_NO_CPU, task, va);
	if (ret->kind != STACK_NONE)
		return true;
	if (task_load_running(k, task, &t, &why) || t.cpu == TASK_NO_CPU)
		return false;
	*ret = stack_identify(k, t.cpu, task, va);
	return ret->kind != STACK_NONE;
}

/* Is [va, va + size) further up than sp: on its stack, or on another one that is known? */
static bool leads_up(struct kernel *k, kva_t task, kva_t sp, kva_t va, size_t size)
{
	struct stack_id from, to;

	if (va % 8 || !k->arch->is_kernel_va(va))
		return false;
	if (!task) // the user gave the stack pointer
		return va >= sp && va - sp < MAX_UP;
	if (!on_stack(k, task, va, &to) || va + size > to.high)
		return false;
	return !on_stack(k, task, sp, &from) || from.low != to.low || va >= sp;
}

/* The bottom of the task's stack, where the registers of user mode are saved. */
static kva_t bottom(struct kernel *k, kva_t task)
{
	uint64_t stack;

	if (!task || task_stack(k, task, &stack, NULL))
		return 0;
	return stack_regs_va(k, stack);
}

bool framep_ends(struct kernel *k, kva_t task, kva_t slot)
{
	kva_t low = bottom(k, task);

	return low && slot + 8 + BOTTOM_GAP >= low && slot < low + k->arch->regs_frame_size;
}

/* Is there a return address at slot, in code after a call? The first function on a stack is an
 * exception, because it was reached by a jump. */
static bool is_return(struct kernel *k, kva_t task, kva_t slot, kva_t *pc)
{
	kva_t target, low = bottom(k, task);

	if (mem_read_u64(k->mem, slot, pc, NULL) || rethook_return(k, task, slot, pc, NULL))
		return false;
	if (*pc == 0 && framep_ends(k, task, slot)) // pushed by the code that starts a CPU
		return true;
	if (k->arch->is_kernel_va(*pc) && low && slot + 8 + BOTTOM_GAP >= low && slot < low)
		return kernel_is_core_text(k, *pc) || code_is_boot(k, *pc);
	if (code_is_boot(k, *pc)) // it was freed and cannot be checked
		return true;
	return code_is_any(k, *pc) && k->arch->call_before(k->mem, *pc, &target);
}

static bool in_entry_text(struct kernel *k, kva_t pc)
{
	kva_t start, end;

	return kernel_symbol(k, "__entry_text_start", &start, NULL) == VS_OK &&
	       kernel_symbol(k, "__entry_text_end", &end, NULL) == VS_OK && pc >= start && pc < end;
}

/* --- the rules */

/* The rule in entry code: the frame pointer points to the saved registers, or those of a system
 * call are at the bottom of the stack. */
static vs_status saved_regs(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
			    struct unwind_rule *ret)
{
	const struct arch_ops *arch = k->arch;
	kva_t regs_va, sp = cur->regs.v[arch->sp];

	if (regs_has(&cur->regs, arch->bp) &&
	    arch->os->entry_frames->encoded_regs(cur->regs.v[arch->bp], &regs_va)) {
		struct regs saved;

		if (!leads_up(k, task, sp, regs_va, arch->regs_frame_size) ||
		    arch->regs_from_frame(k->mem, regs_va, false, &saved, NULL) ||
		    (regs_va != bottom(k, task) && !arch->regs_credible(k->mem, &saved)))
			return VS_NOTFOUND;
		*ret = arch->os->entry_frames->encoded_rule(pc);
		return VS_OK;
	}
	if (!cur->interrupted && task && sp == bottom(k, task)) {
		*ret = arch->no_frame(pc);
		ret->kind = RULE_REGS;
		ret->cfa_off = 0;
		ret->signal = true;
		ret->how = HOW_FP_REGS;
		return VS_OK;
	}
	return VS_NOTFOUND;
}

/* The same before 4.9: of the places that the stack pointer leads to, the first with plausible
 * registers. */
static vs_status old_saved_regs(struct kernel *k, kva_t task, const struct frame *cur,
				struct unwind_rule *ret)
{
	const struct arch_ops *arch = k->arch;
	kva_t lowest, low = bottom(k, task);
	struct fast_call fast = { 0 };

	fast.here = user_fast_call(k, cur->regs.v[arch->pc] - 1, &fast.saves_all);
	fast.sp_apart = fast.here && user_sp_is_apart(k);
	if (fast.sp_apart)
		(void)user_sp(k, task, &fast.user_sp);
	for (unsigned i = 0; !cur->interrupted && i < arch->os->entry_frames->old_entries(); i++)
		if (arch->os->entry_frames->old_entry(k->mem, cur, low, i, &fast, ret, &lowest) &&
		    leads_up(k, task, cur->regs.v[arch->sp], lowest, 8))
			return VS_OK;
	return VS_NOTFOUND;
}

/* The registers at the bottom of a kernel thread's stack do not belong to a user program. */
static bool is_kernel_thread_end(struct kernel *k, kva_t task, const struct frame *cur)
{
	kva_t low = bottom(k, task);
	struct regs saved;

	return !cur->interrupted && low && cur->regs.v[k->arch->sp] == low &&
	       k->arch->regs_from_frame(k->mem, low, false, &saved, NULL) == VS_OK &&
	       !k->arch->regs_user_mode(&saved);
}

/* The code that starts a CPU clears rbp and calls the first function. */
static bool is_first(struct kernel *k, kva_t task, const struct frame *cur)
{
	kva_t low = bottom(k, task), sp = cur->regs.v[k->arch->sp];

	return regs_has(&cur->regs, k->arch->bp) && cur->regs.v[k->arch->bp] == 0 && low &&
	       sp + BOTTOM_GAP >= low && sp <= low + k->arch->regs_frame_size;
}

/* The rule for a frame that is set up, if rbp points to one. */
static vs_status framed(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
			kva_t *caller, struct unwind_rule *ret)
{
	kva_t bp = cur->regs.v[k->arch->bp];

	if (!regs_has(&cur->regs, k->arch->bp) ||
	    !leads_up(k, task, cur->regs.v[k->arch->sp], bp, 16) ||
	    !is_return(k, task, bp + 8, caller))
		return VS_NOTFOUND;
	*ret = k->arch->framed(pc, pc + 1);
	return VS_OK;
}

/* C code that called another function has set up its frame (objtool ensures that since 4.6). */
static vs_status calling_rule(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
			      struct unwind_rule *ret, struct err *err)
{
	kva_t start = code_function(k, pc), caller;
	bool keeps = start && k->arch->keeps_frame(k->mem, start);

	bool old = !framep_encodes(k);

	if (old ? !keeps && old_saved_regs(k, task, cur, ret) == VS_OK
		: saved_regs(k, task, cur, pc, ret) == VS_OK)
		return VS_OK;
	if (is_first(k, task, cur) || (old && !keeps && is_kernel_thread_end(k, task, cur))) {
		*ret = (struct unwind_rule){ .start = pc, .end = pc + 1, .kind = RULE_END };
		return VS_OK;
	}
	if (!keeps && (in_entry_text(k, pc) || dwarf_is_entry(k, pc)))
		return fail(err, VS_UNSUPPORTED,
			    "no saved registers found for entry code at %#" PRIx64, pc);
	if (framed(k, task, cur, pc, &caller, ret) == VS_OK)
		return VS_OK;
	return fail(err, VS_CORRUPT, "frame pointer %#" PRIx64 " does not point to a frame",
		    cur->regs.v[k->arch->bp]);
}

/* An interrupted function may not have set up its frame yet, or may have removed it already. The
 * code up to pc or its caller shows which. RULE_UNDEFINED: the return address must be searched on
 * the stack. */
static vs_status interrupted_rule(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
				  struct unwind_rule *ret)
{
	const struct arch_ops *arch = k->arch;
	struct unwind_rule r = arch->frame_rule(k->mem, code_function(k, pc), pc);
	kva_t sp = cur->regs.v[arch->sp], caller;

	if (r.kind == RULE_CALL && r.cfa_reg == (int16_t)arch->sp &&
	    is_return(k, task, sp + (uint64_t)(int64_t)r.cfa_off - 8, &caller)) {
		*ret = r;
		return VS_OK;
	}
	if (saved_regs(k, task, cur, pc, ret) == VS_OK)
		return VS_OK;
	if (r.kind == RULE_UNDEFINED && is_return(k, task, sp, &caller) &&
	    found_call_leads_to(k, pc, caller, false)) {
		*ret = arch->no_frame(pc);
		return VS_OK;
	}
	if (framed(k, task, cur, pc, &caller, ret) == VS_OK &&
	    found_call_leads_to(k, pc, caller, false))
		return VS_OK;
	*ret = (struct unwind_rule){ .start = pc, .end = pc + 1, .kind = RULE_UNDEFINED };
	return VS_OK;
}

/* Code that nothing describes, where a trace ends: where a CPU starts, or a kernel thread. */
static bool is_last(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc)
{
	const struct symbol *s = symtab_lookup(k->syms, pc);

	return is_kernel_thread_end(k, task, cur) ||
	       (!cur->interrupted && s && k->arch->os->starts_cpu(s->name));
}

/* Kernels that keep no frame pointers: what DWARF leaves out is entry code. It calls with the stack
 * pointer at the registers that it saved, and rbp cleared; or it keeps a frame, where it changes to
 * the IRQ stack. */
static vs_status bare_entry(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
			    struct unwind_rule *ret)
{
	const struct arch_ops *arch = k->arch;
	kva_t start = code_function(k, pc), caller, sp = cur->regs.v[arch->sp];
	struct regs saved;

	if (is_last(k, task, cur, pc)) {
		*ret = (struct unwind_rule){ .start = pc, .end = pc + 1, .kind = RULE_END };
		return VS_OK;
	}
	if (cur->interrupted || !in_entry_text(k, pc) || !arch->os->entry_frames)
		return VS_NOTFOUND;
	if (start && arch->keeps_frame(k->mem, start))
		return framed(k, task, cur, pc, &caller, ret);
	if (!regs_has(&cur->regs, arch->bp) || !leads_up(k, task, sp, sp, arch->regs_frame_size) ||
	    arch->regs_from_frame(k->mem, sp, false, &saved, NULL))
		return VS_NOTFOUND;
	if (!arch->regs_credible(k->mem, &saved) ||
	    (cur->regs.v[arch->bp] && cur->regs.v[arch->bp] != saved.v[arch->bp]))
		return VS_NOTFOUND;
	*ret = arch->no_frame(pc);
	ret->kind = RULE_REGS;
	ret->cfa_off = 0;
	ret->signal = true;
	ret->how = HOW_FP_REGS;
	return VS_OK;
}

vs_status framep_rule(struct kernel *k, kva_t task, const struct frame *cur, kva_t pc,
		      struct unwind_rule *ret, struct err *err)
{
	if (!framep_kernel(k))
		return cur && regs_has(&cur->regs, k->arch->sp) ? bare_entry(k, task, cur, pc, ret)
								: VS_NOTFOUND;
	if (!cur) {
		*ret = k->arch->frame_rule(k->mem, code_function(k, pc), pc);
		return VS_OK;
	}
	if (!regs_has(&cur->regs, k->arch->sp))
		return VS_NOTFOUND;
	return cur->interrupted ? interrupted_rule(k, task, cur, pc, ret)
				: calling_rule(k, task, cur, pc, ret, err);
}
