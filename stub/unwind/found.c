// SPDX-License-Identifier: GPL-3.0-or-later
/* found.c - searches stacks for the innermost call that is certainly still active.
 * In: the stacks of a CPU. Out: a start for the unwinder. Not here: saved registers
 * (stub/task/cpus.c), unwinding (stack.c). */
#include "stub/unwind/found.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "stub/task/tasks.h"
#include "stub/base/cleanup.h"
#include "stub/kernel/kernel.h"
#include "stub/module/modules.h"
#include "stub/unwind/stack.h"

#define MAX_STACKS     16
#define MAX_STACK_SIZE (1u << 20)
#define MAX_FRAME      4096
#define MAX_FUNCTION   (64u << 10)
#define MAX_TAIL_CALLS 3 /* a static call's jump, the function, its cold part */
#define FINAL_COUNT    16

/* __crash_kexec() returns if no crash kernel is loaded, but its call to machine_kexec() does not.
 */
static const struct final_function final_functions[] = {
	{ "panic", true },
	{ "vpanic", true }, // 3f28bd8a0e3d (6.17)
	{ "panic_smp_self_stop", false },
	{ "nmi_panic_self_stop", false },
	{ "machine_kexec", false },
	{ NULL, false },
};

struct range {
	kva_t start, end;
	bool inside;
	const char *name;
};

struct search {
	struct kernel *k;
	kva_t task;
	struct range final[FINAL_COUNT];
	size_t nfinal;
	struct frame *frames;
	/* The best start so far, and the frames of its walk. */
	bool found;
	struct frame best;
};

bool found_function(struct kernel *k, kva_t pc, kva_t *start, kva_t *end)
{
	const struct symtab *t = k->syms;
	const struct symbol *s = kernel_is_core_text(k, pc) ? symtab_lookup(t, pc) : NULL;
	struct modules *mods;

	for (size_t i = 0; !s && kernel_need_modules(k, &mods, NULL) == VS_OK && i < mods->n; i++)
		if (module_has_text(&mods->v[i], pc) &&
		    module_need_syms(k, &mods->v[i], NULL) == VS_OK) {
			t = mods->v[i].syms;
			s = symtab_lookup(t, pc);
		}
	if (!s)
		return false;
	*start = s->va;
	*end = symtab_end(t, s);
	return *end > pc;
}

static void find_final_functions(struct search *s, const struct final_function *f)
{
	for (; f->name && s->nfinal < FINAL_COUNT; f++) {
		struct range *r = &s->final[s->nfinal];

		if (kernel_symbol(s->k, f->name, &r->start, NULL) ||
		    !found_function(s->k, r->start, &r->start, &r->end))
			continue;
		r->inside = f->inside;
		r->name = f->name;
		s->nfinal++;
	}
}

/* If the call that returns to pc never returns, the function because of which; else NULL. */
static const struct range *final_call(struct search *s, kva_t pc)
{
	kva_t target;

	if (!s->k->arch->is_kernel_va(pc) || !kernel_is_core_text(s->k, pc - 1) ||
	    !s->k->arch->call_before(s->k->mem, pc, &target))
		return NULL;
	for (size_t i = 0; i < s->nfinal; i++) {
		const struct range *r = &s->final[i];

		if (target == r->start || (r->inside && pc > r->start && pc - 1 < r->end))
			return r;
	}
	return NULL;
}

/* Could the function at `from` jump into [start, end)? A tail call is a jump, and cold parts of a
 * function are separate. any: also accept a jump through a register, which may lead anywhere. */
static bool jumps_to(struct kernel *k, kva_t from, kva_t start, kva_t end, int depth, bool any)
{
	AUTO_FREE uint8_t *code = NULL;
	kva_t low, high;

	if (!found_function(k, from, &low, &high) || high - low > MAX_FUNCTION)
		return false;
	code = malloc(high - low);
	if (!code || mem_read(k->mem, low, code, high - low, NULL))
		return false;
	for (size_t at = 0; at < high - low; at++) {
		kva_t to;

		if (!k->arch->jump_at(code + at, high - low - at, low + at, &to))
			continue;
		if (to >= start && to < end)
			return true;
		if (any && (!to || code_is_thunk(k, to)))
			return true;
		if (depth > 1 && (to < low || to >= high) && kernel_is_core_text(k, to) &&
		    jumps_to(k, to, start, end, depth - 1, any))
			return true;
	}
	return false;
}

/* Could the call that returns to caller have led to the frame inner? */
static bool call_leads_to(struct kernel *k, const struct frame *inner, const struct frame *caller)
{
	kva_t pc = inner->regs.v[k->arch->pc] - (inner->interrupted ? 0 : 1);

	if (caller->how != HOW_ORC && caller->how != HOW_DWARF && caller->how != HOW_FP)
		return true; // the frame was found by other means, or was interrupted and not
			     // called
	return found_call_leads_to(k, pc, caller->regs.v[k->arch->pc], true);
}

bool found_call_leads_to(struct kernel *k, kva_t pc, kva_t ret, bool any)
{
	kva_t target, start, end;

	if (!kernel_is_text(k, ret))
		return true; // boot code, which was freed
	if (!k->arch->call_before(k->mem, ret, &target))
		return false;
	if (!target || !found_function(k, pc, &start, &end))
		return true;
	return (target >= start && target < end) || !kernel_is_core_text(k, target) ||
	       code_is_thunk(k, target) || jumps_to(k, target, start, end, MAX_TAIL_CALLS, any);
}

bool found_confirmed(struct kernel *k, vs_status done, const struct frame *frames, size_t n)
{
	if (done)
		return false;
	for (size_t i = 1; i < n; i++) {
		bool to_void = i + 1 < n && frames[i + 1].how == HOW_CALL_VOID;

		if (frames[i].regs_va && !frames[i].regs_partial && !to_void &&
		    !k->arch->regs_plausible(&frames[i].regs))
			return false;
		// The last frame, code that starts a kernel thread, is reached by a jump.
		if (i + 1 < n && !call_leads_to(k, &frames[i - 1], &frames[i]))
			return false;
	}
	return true;
}

static bool on_walk(const struct frame *frames, size_t n, kva_t slot)
{
	for (size_t i = 0; i < n; i++)
		if (frames[i].slot_va == slot)
			return true;
	return false;
}

/* For a pc in a function whose frame depends on the frame pointer (panic() is variadic): the frame
 * pointer is just below the return address of the call to that function, the first one further up.
 */
static void find_frame_pointer(struct search *s, const struct range *r, struct frame *f)
{
	const struct arch_ops *arch = s->k->arch;
	kva_t low = f->regs.v[arch->sp], target;
	struct unwind_rule rule;
	struct unwind_env env;
	uint64_t word;

	stack_unwind_env(s->k, s->task, &env);
	if (env.rule(&env, NULL, f->regs.v[arch->pc] - 1, &rule, NULL) || rule.kind != RULE_CALL ||
	    rule.cfa_reg != (int16_t)arch->bp || rule.cfa_deref)
		return;
	for (kva_t at = low; at < low + MAX_FRAME; at += 8) {
		if (mem_read_u64(s->k->mem, at, &word, NULL))
			return;
		if (!kernel_is_text(s->k, word) || !arch->call_before(s->k->mem, word, &target) ||
		    target != r->start)
			continue;
		regs_set(&f->regs, arch->bp, at + 8 - (uint64_t)(int64_t)rule.cfa_off);
		return;
	}
}

/* Tries a start. If two stacks have such a call, the inner one is that whose walk reaches the
 * other.
 */
static bool try_start(struct search *s, kva_t slot, kva_t pc, const struct range *r)
{
	struct frame f = { .how = HOW_FOUND, .slot_va = slot, .evidence = r->name };
	size_t n = 0;
	vs_status st;

	regs_set(&f.regs, s->k->arch->pc, pc);
	regs_set(&f.regs, s->k->arch->sp, slot + 8);
	find_frame_pointer(s, r, &f);
	st = stack_unwind(s->k, s->task, &f, s->frames, STACK_MAX_FRAMES, &n, NULL);
	if (!found_confirmed(s->k, st, s->frames, n))
		return false;
	if (!s->found || on_walk(s->frames, n, s->best.slot_va))
		s->best = f;
	s->found = true;
	return true;
}

/* Tries the calls on one stack, from the innermost outwards. */
static void search_stack(struct search *s, kva_t low, kva_t high)
{
	if (high - low > MAX_STACK_SIZE)
		return;
	for (kva_t at = low; at < high; at += 8) {
		const struct range *r;
		uint64_t pc;

		if (mem_read_u64(s->k->mem, at, &pc, NULL))
			continue;
		r = final_call(s, pc);
		if (r && try_start(s, at, pc, r))
			return;
	}
}

vs_status found_start(struct kernel *k, unsigned cpu, kva_t task, struct frame *ret,
		      struct err *err)
{
	AUTO_FREE struct frame *frames = calloc(STACK_MAX_FRAMES + 1, sizeof(*frames));
	struct search s = { .k = k, .task = task, .frames = frames };
	struct stack_id stacks[MAX_STACKS];
	size_t n = stack_list(k, cpu, stacks, MAX_STACKS);
	uint64_t stack;

	if (!frames)
		return fail(err, VS_NOMEM, "out of memory");
	if (kernel_can_unwind(k, err))
		return VS_NOTFOUND;
	find_final_functions(&s, final_functions);
	find_final_functions(&s, k->arch->os->final_functions);
	if (task_stack(k, task, &stack, NULL) == VS_OK && stack % 8 == 0)
		search_stack(&s, stack, stack + task_stack_size(k));
	for (size_t i = 0; i < n; i++)
		search_stack(&s, stacks[i].low, stacks[i].high);
	if (!s.found)
		return fail(err, VS_NOTFOUND,
			    "the stacks of CPU %u have no call that is certain to be still active",
			    cpu);
	*ret = s.best;
	return VS_OK;
}

/* Is pc the return address of a call by entry code that saved all registers at va? */
static bool entry_calls(struct unwind_env *env, const struct arch_ops *arch, kva_t va, kva_t pc)
{
	struct unwind_rule rule;
	kva_t target;

	return arch->is_kernel_va(pc) && env->rule(env, NULL, pc - 1, &rule, NULL) == VS_OK &&
	       rule.kind == RULE_REGS && rule.cfa_reg == (int16_t)arch->sp && !rule.cfa_deref &&
	       rule.cfa_off == 0 && va % 8 == 0 && arch->call_before(env->mem, pc, &target);
}

/* Finds the innermost call by entry code in [low, high) whose walk reaches the end of the stack. */
static bool find_entry(struct search *s, kva_t low, kva_t high, struct frame *ret)
{
	const struct arch_ops *arch = s->k->arch;
	struct unwind_env env;

	stack_unwind_env(s->k, s->task, &env);
	for (kva_t va = low + 8; va + arch->regs_frame_size <= high; va += 8) {
		struct frame f = { .how = HOW_RESUMED, .slot_va = va - 8 };
		struct regs saved;
		uint64_t pc;
		size_t n = 0;

		if (mem_read_u64(s->k->mem, va - 8, &pc, NULL) ||
		    !entry_calls(&env, arch, va, pc) ||
		    arch->regs_from_frame(s->k->mem, va, false, &saved, NULL) ||
		    !arch->regs_credible(s->k->mem, &saved))
			continue;
		regs_set(&f.regs, arch->pc, pc);
		regs_set(&f.regs, arch->sp, va);
		if (!found_confirmed(
			    s->k,
			    stack_unwind(s->k, s->task, &f, s->frames, STACK_MAX_FRAMES, &n, NULL),
			    s->frames, n))
			continue;
		*ret = f;
		return true;
	}
	return false;
}

vs_status found_resume(struct kernel *k, unsigned cpu, kva_t task, const struct frame *broken,
		       struct frame *ret)
{
	AUTO_FREE struct frame *frames = calloc(STACK_MAX_FRAMES + 1, sizeof(*frames));
	struct search s = { .k = k, .task = task, .frames = frames };
	kva_t sp = broken->regs.v[k->arch->sp];
	struct stack_id on;
	uint64_t older;

	if (!frames || !regs_has(&broken->regs, k->arch->sp) || sp % 8)
		return VS_NOTFOUND;
	on = stack_identify(k, cpu, task, sp);
	if (on.kind == STACK_NONE || on.high - on.low > MAX_STACK_SIZE)
		return VS_NOTFOUND;
	if (find_entry(&s, sp, on.high, ret))
		return VS_OK;
	if (on.kind != STACK_IRQ ||
	    mem_read_u64(k->mem, on.high - k->arch->os->irq_link, &older, NULL))
		return VS_NOTFOUND;
	on = stack_identify(k, cpu, task, older);
	if (on.kind != STACK_TASK || older % 8 || on.high - on.low > MAX_STACK_SIZE)
		return VS_NOTFOUND;
	return find_entry(&s, older, on.high, ret) ? VS_OK : VS_NOTFOUND;
}
