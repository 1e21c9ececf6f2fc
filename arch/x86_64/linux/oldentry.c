// SPDX-License-Identifier: GPL-3.0-or-later
/* oldentry.c - finds where entry code before 4.9 saved registers when it called C code. rbp still
 * has the value of the interrupted code (since 946c191161ce, 4.9, it encodes the place), so the
 * word saved for it must be equal. Places: SAVE_ARGS_IRQ, SAVE_ARGS, PTREGSCALL in
 * arch/x86/kernel/entry_64.S up to 4.1; "interrupt", "idtentry" and entry_SYSCALL_64 in
 * arch/x86/entry/entry_64.S since 4.2. */
#include "arch/x86_64/linux/linux.h"

#include <string.h>

#define PUSH_RSI 0x56
#define PUSH_RDI 0x57

/* Registers that the fast path of system calls does not save. */
#define FAST_PATH_UNSAVED X86_CALLEE_SAVED
#define IRQ_UNSAVED	  (X86_CALLEE_SAVED & ~(1ULL << X86_RBP))

enum { IRQ_RSI, IRQ_RDI, ALL_AT_SP = 5 };

/* The registers are at the stack pointer + off; on the IRQ stack, whose topmost word points to the
 * previous stack, at that word + off. */
static const struct place {
	int16_t off;
	bool deref;
	bool system_call; /* at the bottom of the stack, without a frame pointer */
	uint64_t unsaved;
} places[] = {
	[IRQ_RSI] = { -PT_RBP, true, false, IRQ_UNSAVED }, // up to 4.1
	[IRQ_RDI] = { 0, true, false, IRQ_UNSAVED },	   // 4.2 to 4.8
	{ -PT_R11, false, true, FAST_PATH_UNSAVED },	   // up to 4.1: rsp is where it saved r11
	{ 0, false, true, FAST_PATH_UNSAVED },		   // 4.2 to 4.8
	{ 8, false, true, 0 },				   // clone() and similar calls, up to 4.1
	[ALL_AT_SP] = { 0, false, false, 0 },		   // exceptions, NMIs, slow system calls
};

/* Finds "lea 1(%rsp), %rbp", or with another odd number. */
bool x86_encodes_regs(const uint8_t *code, size_t len)
{
	static const uint8_t lea_rbp_rsp[] = { 0x48, 0x8d, 0x6c, 0x24 };

	for (size_t i = 0; i + sizeof(lea_rbp_rsp) < len; i++)
		if (memcmp(code + i, lea_rbp_rsp, sizeof(lea_rbp_rsp)) == 0 &&
		    code[i + sizeof(lea_rbp_rsp)] & 1)
			return true;
	return false;
}

static struct unwind_rule rule_of(const struct place *p, kva_t start, kva_t end)
{
	return (struct unwind_rule){ .start = start,
				     .end = end,
				     .kind = RULE_REGS,
				     .cfa_reg = X86_RSP,
				     .cfa_off = p->off,
				     .cfa_deref = p->deref,
				     .deref_first = p->deref,
				     .unsaved = p->unsaved,
				     .signal = true,
				     .how = HOW_FP_REGS };
}

/* Finds "mov %r15, (%rsp)", the same with an offset of one byte, or "push %r15". */
bool x86_saves_all_regs(const uint8_t *code, size_t len)
{
	static const uint8_t mov[] = { 0x4c, 0x89, 0x3c, 0x24 },
			     mov8[] = { 0x4c, 0x89, 0x7c, 0x24 };
	static const uint8_t push[] = { 0x41, 0x57 };

	for (size_t i = 0; i + sizeof(mov) <= len; i++)
		if (memcmp(code + i, mov, sizeof(mov)) == 0 ||
		    memcmp(code + i, mov8, sizeof(mov8)) == 0 ||
		    memcmp(code + i, push, sizeof(push)) == 0)
			return true;
	return false;
}

/* Adapts the place of a system call to what its fast path saved. */
static bool fast_entry(const struct place *p, const struct fast_call *fast, struct regs *saved,
		       struct unwind_rule *ret)
{
	if (fast->saves_all && p->off)
		return false; // the last of them must be at the stack pointer
	if (fast->saves_all)
		ret->unsaved = 0;
	if (fast->sp_apart) {
		ret->sp_apart = true;
		ret->user_sp = fast->user_sp;
		x86_regs_of_fast_call(saved, fast->user_sp);
		if (!fast->user_sp)
			saved->v[X86_RSP] = 0; // for the check below
	}
	return true;
}

bool x86_old_entry(const struct mem *mem, const struct frame *cur, kva_t bottom, unsigned i,
		   const struct fast_call *fast, struct unwind_rule *ret, kva_t *lowest)
{
	const struct place *p = &places[i];
	kva_t base = cur->regs.v[X86_RSP];
	struct unwind_rule r;
	struct regs saved;

	if (p->deref && mem_read_u64(mem, base, &base, NULL))
		return false;
	base += (uint64_t)(int64_t)p->off;
	if (base % 8 || (p->system_call && base != bottom) ||
	    x86_regs_from_frame(mem, base, false, &saved, NULL))
		return false;
	r = rule_of(p, cur->regs.v[X86_RIP], cur->regs.v[X86_RIP] + 1);
	if (p->system_call && fast->here && !fast_entry(p, fast, &saved, &r))
		return false;
	if (!x86_regs_credible(mem, &saved))
		return false;
	if (!p->system_call &&
	    (!regs_has(&cur->regs, X86_RBP) || saved.v[X86_RBP] != cur->regs.v[X86_RBP]))
		return false;
	if (p->system_call && !x86_regs_user_mode(&saved))
		return false;
	*ret = r;
	*lowest = base + (p->off < 0 ? (uint64_t)-p->off : 0);
	return true;
}

unsigned x86_old_entries(void)
{
	return sizeof(places) / sizeof(places[0]);
}

/* Only interrupts have "push %rsi" or "push %rdi" before the call. */
struct unwind_rule x86_old_entry_call(const struct mem *mem, kva_t call, bool *sure)
{
	uint8_t before = 0;
	unsigned i = ALL_AT_SP;

	if (mem_read(mem, call - 1, &before, 1, NULL) == VS_OK) {
		if (before == PUSH_RSI)
			i = IRQ_RSI;
		else if (before == PUSH_RDI)
			i = IRQ_RDI;
	}
	*sure = i != ALL_AT_SP;
	return rule_of(&places[i], call, call + 1);
}

bool x86_old_irq_saved(const struct mem *mem, kva_t word, kva_t *pc_at, kva_t *sp_at)
{
	kva_t base = word + (uint64_t)(int64_t)places[IRQ_RSI].off;
	struct regs saved;

	*pc_at = base + PT_RIP;
	*sp_at = base + PT_RSP;
	return base % 8 == 0 && x86_regs_from_frame(mem, base, false, &saved, NULL) == VS_OK &&
	       x86_regs_plausible(&saved);
}
