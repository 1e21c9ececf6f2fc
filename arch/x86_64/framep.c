// SPDX-License-Identifier: GPL-3.0-or-later
/* framep.c - finds in a function's code where it has a frame pointer, for kernels with
 * CONFIG_FRAME_POINTER: from "mov rbp, rsp" until the return, rbp points to the caller's rbp and
 * the return address after it. stub/unwind/framep.c decides whether to trust it. */
#include "arch/x86_64/x86_64.h"

#include <string.h>

#define PROLOGUE_MAX                                                                               \
	48 /* the compiler sets up the frame within these bytes, or later on some paths */
#define PUSH_RBP 0x55
#define POP_RBP	 0x5d
#define LEAVE	 0xc9
#define RET	 0xc3
#define RET_POP	 0xc2
#define JMP	 0xe9

static const uint8_t mov_rbp_rsp[] = { 0x48, 0x89, 0xe5 };

/* The instructions that set up the frame, as offsets from the function's start. */
struct prologue {
	size_t push; /* start of the push */
	size_t set;  /* end of the mov */
};

/* The compiler may put other instructions before the push and between the two. Fails if the push's
 * byte occurs more than once. */
static bool find_prologue(const struct mem *mem, kva_t start, struct prologue *ret)
{
	uint8_t code[PROLOGUE_MAX];
	size_t n = mem->read(mem, start, code, sizeof(code), NULL).len, pushes = 0;

	for (size_t i = 0; i + sizeof(mov_rbp_rsp) <= n; i++) {
		if (memcmp(code + i, mov_rbp_rsp, sizeof(mov_rbp_rsp)) == 0) {
			ret->set = i + sizeof(mov_rbp_rsp);
			return pushes == 1;
		}
		if (code[i] != PUSH_RBP)
			continue;
		ret->push = i;
		pushes++;
	}
	return false;
}

bool x86_keeps_frame(const struct mem *mem, kva_t start)
{
	struct prologue p;

	return find_prologue(mem, start, &p);
}

/* Is the frame gone at pc: at a return, or at a jump (a tail call) after the frame's removal? */
static bool at_return(const struct mem *mem, kva_t pc)
{
	uint8_t b[2];

	if (mem_read(mem, pc - 1, b, sizeof(b), NULL))
		return false;
	return b[1] == RET || b[1] == RET_POP ||
	       (b[1] == JMP && (b[0] == POP_RBP || b[0] == LEAVE));
}

static struct unwind_rule by_sp(kva_t start, kva_t end, int16_t off)
{
	struct unwind_rule r = { .start = start,
				 .end = end,
				 .kind = RULE_CALL,
				 .cfa_reg = X86_RSP,
				 .cfa_off = off,
				 .how = HOW_FP };

	if (off > 8) {
		r.bp = RULE_BP_AT_CFA;
		r.bp_off = -16;
	}
	return r;
}

struct unwind_rule x86_framed(kva_t start, kva_t end)
{
	return (struct unwind_rule){ .start = start,
				     .end = end,
				     .kind = RULE_CALL,
				     .cfa_reg = X86_RBP,
				     .cfa_off = 16,
				     .bp = RULE_BP_AT_CFA,
				     .bp_off = -16,
				     .how = HOW_FP };
}

struct unwind_rule x86_frame_rule(const struct mem *mem, kva_t start, kva_t pc)
{
	struct prologue p;

	if (at_return(mem, pc))
		return by_sp(pc, pc + 1, 8);
	if (!start || pc < start || !find_prologue(mem, start, &p))
		return (struct unwind_rule){ .start = pc, .end = pc + 1, .kind = RULE_UNDEFINED };
	if (pc - start <= p.push)
		return by_sp(start, start + p.push + 1, 8);
	if (pc - start < p.set)
		return by_sp(start + p.push + 1, start + p.set, 16);
	return x86_framed(pc, pc + 1);
}

struct unwind_rule x86_no_frame(kva_t pc)
{
	return by_sp(pc, pc + 1, 8);
}

/* ENCODE_FRAME_POINTER (arch/x86/include/asm/frame.h, 946c191161ce, 4.9). */
bool x86_encoded_regs(uint64_t bp, kva_t *ret)
{
	*ret = bp - 1;
	return bp % 8 == 1 && bp >> 63;
}

struct unwind_rule x86_encoded_rule(kva_t pc)
{
	return (struct unwind_rule){ .start = pc,
				     .end = pc + 1,
				     .kind = RULE_REGS,
				     .cfa_reg = X86_RBP,
				     .cfa_off = -1,
				     .signal = true,
				     .how = HOW_FP_REGS };
}
