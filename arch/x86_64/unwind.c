// SPDX-License-Identifier: GPL-3.0-or-later
/* unwind.c - one step from a frame to its caller.
 * Input: registers, the rule for pc, stack memory. Output: those of the caller's registers that are
 * certain. Does the same as the kernel's unwind_next_frame() (arch/x86/kernel/unwind_orc.c). orc.c
 * has the rules; stub/unwind finds where a stack starts and names the frames. */
#include "arch/x86_64/x86_64.h"

#include <inttypes.h>

#define CALLER_WITHIN 1024 /* bytes of a frame to search */
#define KERNEL_CS     0x10
#define KERNEL_SS     0x18

static kva_t rule_pc(const struct frame *f)
{
	kva_t pc = f->regs.v[X86_RIP];

	// A return address may be the first byte after a function that ends in a call.
	return f->interrupted ? pc : pc - 1;
}

static vs_status find_cfa(const struct unwind_env *env, const struct unwind_rule *rule,
			  const struct regs *r, kva_t *ret, struct err *err)
{
	uint64_t base, word;
	vs_status st;

	if (rule->cfa_reg < 0 || !regs_has(r, (unsigned)rule->cfa_reg))
		return fail(err, VS_NOTFOUND, "pc %#" PRIx64 " needs %s, whose value is unknown",
			    r->v[X86_RIP],
			    rule->cfa_reg < 0 ? "a register" : x86_reg_names[rule->cfa_reg]);
	base = r->v[rule->cfa_reg];
	if (!rule->cfa_deref) {
		*ret = base + (uint64_t)(int64_t)rule->cfa_off;
		return VS_OK;
	}
	if (!rule->deref_first)
		base += (uint64_t)(int64_t)rule->cfa_off;
	st = mem_read_u64(env->mem, base, &word, err);
	if (st)
		return fail_ctx(err, st, "stack word with the caller's stack pointer");
	*ret = rule->deref_first ? word + (uint64_t)(int64_t)rule->cfa_off : word;
	return VS_OK;
}

/* Sets the caller's rbp if the rule or the present value gives it. If unreadable, it is unknown. */
static void restore_bp(const struct unwind_env *env, const struct unwind_rule *rule,
		       const struct regs *cur, kva_t cfa, struct regs *next)
{
	uint64_t at, bp;

	switch (rule->bp) {
	case RULE_BP_SAME:
		if (regs_has(cur, X86_RBP))
			regs_set(next, X86_RBP, cur->v[X86_RBP]);
		return;
	case RULE_BP_AT_CFA:
		at = cfa + (uint64_t)(int64_t)rule->bp_off;
		break;
	case RULE_BP_AT_BP:
	default:
		if (!regs_has(cur, X86_RBP))
			return;
		at = cur->v[X86_RBP] + (uint64_t)(int64_t)rule->bp_off;
		break;
	}
	if (mem_read_u64(env->mem, at, &bp, NULL) == VS_OK)
		regs_set(next, X86_RBP, bp);
}

static vs_status step_call(const struct unwind_env *env, const struct unwind_rule *rule,
			   const struct frame *cur, kva_t cfa, struct frame *next, struct err *err)
{
	struct frame f = { .how = rule->how ? rule->how : HOW_ORC, .slot_va = cfa - 8 };
	uint64_t pc, read;
	vs_status st = mem_read_u64(env->mem, cfa - 8, &pc, err);

	if (rule->pc)
		pc = rule->pc;
	else if (st)
		return fail_ctx(err, st, "return address");
	read = pc;
	if (env->return_address) {
		st = env->return_address(env->ctx, env->task, cfa - 8, &pc, err);
		if (st)
			return st;
	}
	if (pc != read)
		f.how = HOW_HOOK;
	regs_set(&f.regs, X86_RIP, pc);
	regs_set(&f.regs, X86_RSP, cfa);
	restore_bp(env, rule, &cur->regs, cfa, &f.regs);
	*next = f;
	return VS_OK;
}

static vs_status step_regs(const struct unwind_env *env, const struct unwind_rule *rule,
			   const struct frame *cur, kva_t cfa, struct frame *next, struct err *err)
{
	bool partial = rule->kind == RULE_REGS_PARTIAL;
	struct frame f = { .how = rule->how ? rule->how : HOW_REGS,
			   .interrupted = rule->signal,
			   .regs_va = cfa,
			   .regs_partial = partial,
			   .slot_va = cfa + (partial ? 0 : PT_RIP) };
	vs_status st;

	// Until the entry code saves them, the other registers keep the interrupted values.
	if (partial)
		f.regs = cur->regs;
	st = x86_regs_from_frame(env->mem, cfa, partial, &f.regs, err);
	if (st)
		return st;
	for (unsigned r = 0; rule->unsaved >> r; r++) {
		if (!(rule->unsaved >> r & 1))
			continue;
		f.regs.known &= ~(1ULL << r);
		if (regs_has(&cur->regs, r))
			regs_set(&f.regs, r, cur->regs.v[r]);
	}
	if (rule->sp_apart)
		x86_regs_of_fast_call(&f.regs, rule->user_sp);
	// The trap has one byte; it may replace the push of a frame's register.
	if (rule->signal && env->trapped &&
	    env->trapped(env->ctx, env->task, cur->regs.v[X86_RIP], f.regs.v[X86_RIP] - 1))
		f.regs.v[X86_RIP]--;
	*next = f;
	return VS_OK;
}

/* Steps from copied code to the original. The saved registers lack pc and segments until the copy
 * calls the handler, so these do not come from there. */
static vs_status step_copy(const struct unwind_env *env, const struct unwind_rule *rule,
			   const struct frame *cur, kva_t cfa, struct frame *next, struct err *err)
{
	struct frame f = { .regs = cur->regs,
			   .how = HOW_COPY,
			   .interrupted = true,
			   .slot_va = cfa,
			   .regs_va = rule->saved ? cfa - rule->saved : 0 };
	vs_status st = VS_OK;

	if (!env->is_text(env->ctx, rule->pc))
		return fail(err, VS_CORRUPT, "a kprobe's copy of %#" PRIx64 ", which is not code",
			    rule->pc);
	if (rule->saved)
		st = x86_regs_from_frame(env->mem, cfa - rule->saved, false, &f.regs, err);
	if (st)
		return st;
	if (rule->clobbered)
		f.regs.known &= X86_CALLEE_SAVED;
	regs_set(&f.regs, X86_CS, KERNEL_CS);
	regs_set(&f.regs, X86_SS, KERNEL_SS);
	regs_set(&f.regs, X86_RIP, rule->pc);
	regs_set(&f.regs, X86_RSP, cfa);
	*next = f;
	return VS_OK;
}

/* No rule covers pc. Either the kernel called a bad function pointer (NULL, or freed code): then
 * the return address is on top of the stack. Or this is code that the kernel does not list, a
 * classic BPF filter, or that of modules whose list is unreadable, which has a frame pointer: that
 * is right if it leads to a call. */
static vs_status step_without_rule(const struct unwind_env *env, const struct frame *cur,
				   struct frame *next, struct err *err)
{
	static const struct unwind_rule by_fp = { .kind = RULE_CALL,
						  .cfa_reg = X86_RBP,
						  .cfa_off = 16,
						  .bp = RULE_BP_AT_CFA,
						  .bp_off = -16,
						  .how = HOW_FP };
	static const struct unwind_rule by_sp = { .kind = RULE_CALL,
						  .cfa_reg = X86_RSP,
						  .cfa_off = 8 };
	const struct regs *r = &cur->regs;
	struct frame f;
	kva_t target;

	if (cur->interrupted && regs_has(r, X86_RSP) && !env->is_text(env->ctx, r->v[X86_RIP]) &&
	    step_call(env, &by_sp, cur, r->v[X86_RSP] + 8, &f, err) == VS_OK &&
	    env->is_text(env->ctx, f.regs.v[X86_RIP])) {
		f.how = HOW_CALL_VOID;
		*next = f;
		return VS_OK;
	}
	// In a function of the kernel or a module rbp may be anything.
	if (!(env->function && env->function(env->ctx, rule_pc(cur))) && regs_has(r, X86_RBP) &&
	    r->v[X86_RBP] >= r->v[X86_RSP] && r->v[X86_RBP] - r->v[X86_RSP] < 0x4000 &&
	    step_call(env, &by_fp, cur, r->v[X86_RBP] + 16, &f, err) == VS_OK &&
	    env->is_text(env->ctx, f.regs.v[X86_RIP]) &&
	    x86_call_before(env->mem, f.regs.v[X86_RIP], &target)) {
		*next = f;
		return VS_OK;
	}
	return fail(err, VS_NOTFOUND, "no unwind information for pc %#" PRIx64, r->v[X86_RIP]);
}

/* No table describes the function. The first word of the stack that follows a call of this function
 * is its return address. ORC excludes __crash_kexec(), where kdump saves the registers after
 * panic().
 */
static vs_status step_to_caller(const struct unwind_env *env, const struct frame *cur,
				struct frame *next, struct err *err)
{
	const struct regs *r = &cur->regs;
	kva_t start = env->function ? env->function(env->ctx, rule_pc(cur)) : 0;
	uint64_t word;

	for (kva_t at = r->v[X86_RSP]; start && at < r->v[X86_RSP] + CALLER_WITHIN; at += 8) {
		struct frame f = { .how = HOW_CALLER, .slot_va = at };

		if (mem_read_u64(env->mem, at, &word, NULL))
			break;
		if (!env->is_text(env->ctx, word) || !x86_calls(env->mem, word, start))
			continue;
		regs_set(&f.regs, X86_RIP, word);
		regs_set(&f.regs, X86_RSP, at + 8);
		if (regs_has(r, X86_RBP) && !x86_pushes_rbp(env->mem, start))
			regs_set(&f.regs, X86_RBP, r->v[X86_RBP]);
		*next = f;
		return VS_OK;
	}
	return fail(err, VS_NOTFOUND, "no unwind rule for pc %#" PRIx64, r->v[X86_RIP]);
}

vs_status x86_unwind_step(const struct unwind_env *env, const struct frame *cur, struct frame *next,
			  struct err *err)
{
	struct unwind_rule rule;
	struct frame f;
	kva_t cfa = 0;
	vs_status st;

	if (x86_regs_user_mode(&cur->regs))
		return VS_END;
	if (!regs_has(&cur->regs, X86_RIP) || !regs_has(&cur->regs, X86_RSP))
		return fail(err, VS_NOTFOUND, "no program counter or stack pointer");
	st = env->rule(env, cur, rule_pc(cur), &rule, err);
	if (st == VS_NOTFOUND)
		return step_without_rule(env, cur, next, err);
	if (st)
		return st;
	if (rule.kind == RULE_UNDEFINED)
		return step_to_caller(env, cur, next, err);
	if (rule.kind == RULE_END)
		return VS_END;
	st = find_cfa(env, &rule, &cur->regs, &cfa, err);
	if (st)
		return st;
	st = rule.kind == RULE_CALL   ? step_call(env, &rule, cur, cfa, &f, err)
	     : rule.kind == RULE_COPY ? step_copy(env, &rule, cur, cfa, &f, err)
				      : step_regs(env, &rule, cur, cfa, &f, err);
	if (st)
		return st;
	if (f.regs.v[X86_RIP] == cur->regs.v[X86_RIP] && f.regs.v[X86_RSP] == cur->regs.v[X86_RSP])
		return fail(err, VS_CORRUPT, "pc %#" PRIx64 ": neither pc nor sp changed",
			    cur->regs.v[X86_RIP]);
	if (rule.kind == RULE_CALL && f.regs.v[X86_RIP] == 0 && env->ends &&
	    env->ends(env->ctx, env->task, f.slot_va))
		return VS_END;
	// A return address that is not in code means that the stack has been overwritten.
	if (rule.kind == RULE_CALL && !env->is_text(env->ctx, f.regs.v[X86_RIP]))
		return fail(err, VS_CORRUPT,
			    "return address %#" PRIx64 " at %#" PRIx64 " is in no known code",
			    f.regs.v[X86_RIP], f.slot_va);
	// Kernel threads have all-zero registers at the bottom of their stacks (copy_thread()).
	if (f.regs_va && f.regs.v[X86_RIP] == 0 && f.regs.v[X86_RSP] == 0)
		return VS_END;
	*next = f;
	return VS_OK;
}
