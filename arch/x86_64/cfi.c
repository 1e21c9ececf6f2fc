// SPDX-License-Identifier: GPL-3.0-or-later
/* cfi.c - converts unwind rules to DWARF call frame instructions, for FDEs in images.
 * Their CIE has code alignment 1, data alignment -8, return address column 16 (rip). */
#include "arch/x86_64/x86_64.h"

#include <dwarf.h>

/* DWARF register numbers of x86_64 (psABI table 3.36). */
enum { DW_RBP = 6, DW_RSP = 7, DW_RIP = 16, DW_EFLAGS = 49, DW_CS = 51, DW_SS = 52 };

static const uint8_t dwarf_number[] = {
	[X86_RAX] = 0,	[X86_RDX] = 1,	[X86_RCX] = 2,	    [X86_RBX] = 3,
	[X86_RSI] = 4,	[X86_RDI] = 5,	[X86_RBP] = DW_RBP, [X86_RSP] = DW_RSP,
	[X86_R8] = 8,	[X86_R9] = 9,	[X86_R10] = 10,	    [X86_R11] = 11,
	[X86_R12] = 12, [X86_R13] = 13, [X86_R14] = 14,	    [X86_R15] = 15,
};

int x86_from_dwarf(unsigned reg)
{
	for (int i = 0; i <= X86_R15; i++)
		if (dwarf_number[i] == reg)
			return i;
	return -1;
}

/* The slots of pt_regs, by DWARF number. */
static const struct {
	uint8_t dwarf, off;
} frame_slots[] = {
	{ 0, PT_RAX },	{ 1, PT_RDX },	    { 2, PT_RCX },  { 3, PT_RBX },  { 4, PT_RSI },
	{ 5, PT_RDI },	{ DW_RBP, PT_RBP }, { 8, PT_R8 },   { 9, PT_R9 },   { 10, PT_R10 },
	{ 11, PT_R11 }, { 12, PT_R12 },	    { 13, PT_R13 }, { 14, PT_R14 }, { 15, PT_R15 },
};
static const struct {
	uint8_t dwarf, off;
} hardware_slots[] = {
	{ DW_RIP, PT_RIP - PT_RIP }, { DW_CS, PT_CS - PT_RIP }, { DW_EFLAGS, PT_EFLAGS - PT_RIP },
	{ DW_RSP, PT_RSP - PT_RIP }, { DW_SS, PT_SS - PT_RIP },
};

static void put_uleb(struct buf *b, uint64_t v)
{
	do {
		uint8_t byte = v & 0x7f;

		v >>= 7;
		buf_putc(b, (char)(byte | (v ? 0x80 : 0)));
	} while (v);
}

static void put_sleb(struct buf *b, int64_t v)
{
	bool more = true;

	while (more) {
		uint8_t byte = v & 0x7f;

		v >>= 7;
		more = !((v == 0 && !(byte & 0x40)) || (v == -1 && byte & 0x40));
		buf_putc(b, (char)(byte | (more ? 0x80 : 0)));
	}
}

/* Writes that reg is saved at CFA + off, which must be a multiple of the data alignment. */
static void put_saved(struct buf *b, unsigned reg, int off)
{
	buf_putc(b, DW_CFA_offset_extended_sf);
	put_uleb(b, reg);
	put_sleb(b, off / -8);
}

/* Appends expr as the operand of the previous instruction, and empties it. */
static void put_block(struct buf *b, struct buf *expr)
{
	put_uleb(b, expr->len);
	buf_put(b, expr->p, expr->len);
	b->oom |= expr->oom;
	buf_deinit(expr);
}

/* Converts the CFA on the expression's stack to an alias address. */
static void put_alias(struct buf *expr)
{
	buf_putc(expr, DW_OP_constu);
	put_uleb(expr, X86_ALIAS_MASK);
	buf_putc(expr, DW_OP_and);
	buf_putc(expr, DW_OP_constu);
	put_uleb(expr, X86_ALIAS_BASE);
	buf_putc(expr, DW_OP_plus);
}

/* Pops a condition off the expression's stack, and runs code only if it is false. */
static void put_unless(struct buf *expr, const struct buf *code)
{
	buf_putc(expr, DW_OP_bra); // then the distance: 2 bytes, little endian
	buf_putc(expr, (char)code->len);
	buf_putc(expr, 0);
	buf_put(expr, code->p, code->len);
	expr->oom |= code->oom;
}

/* Does that only if the stack pointer is an alias: rbp was saved before the switch of stacks.
 * Kernel addresses compare as negative numbers; no stack is above aliases. */
static void put_alias_with_sp(struct buf *expr)
{
	struct buf alias = { 0 };

	put_alias(&alias);
	buf_putc(expr, (char)(DW_OP_breg0 + DW_RSP));
	put_sleb(expr, 0);
	buf_putc(expr, DW_OP_constu);
	put_uleb(expr, X86_ALIAS_BASE);
	buf_putc(expr, DW_OP_lt);
	put_unless(expr, &alias);
	buf_deinit(&alias);
}

/* Writes rbp - 1 if rbp is odd, else the register of the rule. */
static void put_encoded(struct buf *expr, const struct unwind_rule *rule)
{
	struct buf other = { 0 };

	buf_putc(&other, DW_OP_drop);
	buf_putc(&other, (char)(DW_OP_breg0 + dwarf_number[rule->cfa_reg]));
	put_sleb(&other, rule->cfa_off);
	buf_putc(expr, (char)(DW_OP_breg0 + DW_RBP));
	put_sleb(expr, -1);
	buf_putc(expr, (char)(DW_OP_breg0 + DW_RBP));
	put_sleb(expr, 0);
	buf_putc(expr, DW_OP_lit1);
	buf_putc(expr, DW_OP_and);
	put_unless(expr, &other);
	buf_deinit(&other);
}

/* Pushes the CFA on the expression's stack. */
static void put_cfa_expression(struct buf *expr, const struct unwind_rule *rule)
{
	bool add_later = rule->cfa_deref && rule->deref_first;

	if (rule->encoded) {
		put_encoded(expr, rule);
		return;
	}
	buf_putc(expr, (char)(DW_OP_breg0 + dwarf_number[rule->cfa_reg]));
	put_sleb(expr, add_later ? 0 : rule->cfa_off);
	if (rule->cfa_deref)
		buf_putc(expr, DW_OP_deref);
	if (add_later) {
		buf_putc(expr, DW_OP_consts);
		put_sleb(expr, rule->cfa_off);
		buf_putc(expr, DW_OP_plus);
	}
	if (rule->alias)
		put_alias(expr);
	else if (rule->alias_with_sp)
		put_alias_with_sp(expr);
}

static void put_cfa(struct buf *b, const struct unwind_rule *rule)
{
	struct buf expr = { 0 };

	if (!rule->cfa_deref && !rule->alias && !rule->alias_with_sp && !rule->encoded) {
		buf_putc(b, DW_CFA_def_cfa_sf);
		put_uleb(b, dwarf_number[rule->cfa_reg]);
		put_sleb(b, rule->cfa_off / -8);
		return;
	}
	put_cfa_expression(&expr, rule);
	buf_putc(b, DW_CFA_def_cfa_expression);
	put_block(b, &expr);
}

/* Writes that reg is unchanged, also if the row before in the FDE saved it. */
static void put_same(struct buf *b, unsigned reg)
{
	buf_putc(b, DW_CFA_same_value);
	put_uleb(b, reg);
}

static void put_call(struct buf *b, const struct unwind_rule *rule)
{
	put_saved(b, DW_RIP, -8);
	if (rule->bp == RULE_BP_AT_CFA) {
		put_saved(b, DW_RBP, rule->bp_off);
	} else if (rule->bp == RULE_BP_AT_BP) {
		struct buf expr = { 0 };

		buf_putc(&expr, (char)(DW_OP_breg0 + DW_RBP));
		put_sleb(&expr, rule->bp_off);
		buf_putc(b, DW_CFA_expression);
		put_uleb(b, DW_RBP);
		put_block(b, &expr);
	} else {
		put_same(b, DW_RBP);
	}
}

/* Writes the saved pc, less 1 if it is right after the trap. */
static void put_trapped_pc(struct buf *b, kva_t trap)
{
	struct buf expr = { 0 };
	kva_t behind = trap + 1;

	buf_putc(&expr, DW_OP_plus_uconst); // the CFA is on the stack
	put_uleb(&expr, PT_RIP);
	buf_putc(&expr, DW_OP_deref);
	buf_putc(&expr, DW_OP_dup);
	buf_putc(&expr, DW_OP_const8u);
	buf_put(&expr, &behind, sizeof(behind));
	buf_putc(&expr, DW_OP_eq);
	buf_putc(&expr, DW_OP_minus);
	buf_putc(b, DW_CFA_val_expression);
	put_uleb(b, DW_RIP);
	put_block(b, &expr);
}

/* Writes a rule for copied code: the pc in the copy determines the pc in the original. */
static void put_copy(struct buf *b, const struct unwind_rule *rule)
{
	struct buf expr = { 0 };

	buf_putc(&expr, DW_OP_const8u);
	buf_put(&expr, &rule->pc, sizeof(rule->pc));
	buf_putc(b, DW_CFA_val_expression);
	put_uleb(b, DW_RIP);
	put_block(b, &expr);
	for (size_t i = 0; rule->saved && i < sizeof(frame_slots) / sizeof(frame_slots[0]); i++)
		put_saved(b, frame_slots[i].dwarf, frame_slots[i].off - rule->saved);
	if (rule->saved)
		put_saved(b, DW_EFLAGS, PT_EFLAGS - rule->saved);
	for (unsigned r = X86_RAX; rule->clobbered && r <= X86_R15; r++) {
		if (X86_CALLEE_SAVED >> r & 1 || r == X86_RSP)
			continue;
		buf_putc(b, DW_CFA_undefined);
		put_uleb(b, dwarf_number[r]);
	}
}

bool x86_rule_cfi(const struct unwind_rule *rule, struct buf *insns, bool *sigframe)
{
	*sigframe = rule->kind == RULE_REGS || rule->kind == RULE_REGS_PARTIAL ||
		    rule->kind == RULE_COPY;
	if (rule->kind == RULE_END || rule->kind == RULE_UNDEFINED) {
		// gdb wants a CFA even in the outermost frame.
		buf_putc(insns, DW_CFA_def_cfa);
		put_uleb(insns, DW_RSP);
		put_uleb(insns, 0);
		buf_putc(insns, DW_CFA_undefined);
		put_uleb(insns, DW_RIP);
		put_same(insns, DW_RBP);
		return true;
	}
	if (rule->cfa_reg < 0 || rule->cfa_reg > X86_R15 || rule->cfa_off % 8 || rule->bp_off % 8 ||
	    rule->saved % 8)
		return false;
	put_cfa(insns, rule);
	if (rule->kind == RULE_CALL) {
		put_call(insns, rule);
		return true;
	}
	if (rule->kind == RULE_COPY) {
		put_copy(insns, rule);
		return true;
	}
	for (size_t i = 0; i < sizeof(hardware_slots) / sizeof(hardware_slots[0]); i++)
		put_saved(insns, hardware_slots[i].dwarf,
			  hardware_slots[i].off + (rule->kind == RULE_REGS ? PT_RIP : 0));
	if (rule->kind == RULE_REGS && rule->pc)
		put_trapped_pc(insns, rule->pc);
	for (size_t i = 0;
	     rule->kind == RULE_REGS && i < sizeof(frame_slots) / sizeof(frame_slots[0]); i++)
		if (!(rule->unsaved >> x86_from_dwarf(frame_slots[i].dwarf) & 1))
			put_saved(insns, frame_slots[i].dwarf, frame_slots[i].off);
	return true;
}
