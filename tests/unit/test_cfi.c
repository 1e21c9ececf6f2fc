// SPDX-License-Identifier: GPL-3.0-or-later
/* cfi: rules through a real image and back through libdw, which finds the FDE, merges it with the
 * ABI's defaults and hands out expressions; a small evaluator says what they mean on a given stack.
 * The expectation of each test is the rule's definition in arch.h. */
#include "tests/unit/memfix.h"

#include <dwarf.h>
#include <elfutils/libdw.h>

#include "arch/x86_64/x86_64.h"
#include "stub/base/cleanup.h"
#include "stub/elf/ehframe.h"
#include "stub/elf/entryimage.h"

#define PC    0xffffffff81e00010ULL
#define SP    0xffffc90000010000ULL
#define BP    (SP + 0x100)
#define R10   (SP + 0x200)
#define OTHER 0xffff888004000000ULL

/* DWARF numbers of the psABI, figure 3.36, by register number of the architecture. */
static const int dwarf_no[] = {
	[X86_RAX] = 0,	[X86_RDX] = 1,	[X86_RCX] = 2,	   [X86_RBX] = 3,  [X86_RSI] = 4,
	[X86_RDI] = 5,	[X86_RBP] = 6,	[X86_RSP] = 7,	   [X86_R8] = 8,   [X86_R9] = 9,
	[X86_R10] = 10, [X86_R11] = 11, [X86_R12] = 12,	   [X86_R13] = 13, [X86_R14] = 14,
	[X86_R15] = 15, [X86_RIP] = 16, [X86_EFLAGS] = 49, [X86_CS] = 51,  [X86_SS] = 52,
};

struct scene {
	struct fix_mem mem;
	uint64_t dwarf_regs[17];
	struct buf image;
	Elf *elf;
	Dwarf_CFI *cfi;
	Dwarf_Frame *frame;
	bool signal;
	int ra;
	uint64_t cfa;
};

static uint64_t load(struct scene *s, uint64_t at)
{
	uint64_t v = 0;

	if (mem_read_u64(&s->mem.mem, at, &v, NULL))
		fail_msg("expression reads %#llx\n", (unsigned long long)at);
	return v;
}

static uint64_t breg(struct scene *s, unsigned no, int64_t off)
{
	assert_true(no < 17);
	return s->dwarf_regs[no] + (uint64_t)off;
}

/* Value of an expression; *is_value: what is found is the value, not its address. */
static uint64_t evaluate(struct scene *s, const Dwarf_Op *ops, size_t n, bool *is_value)
{
	uint64_t stack[8];
	size_t top = 0;

	*is_value = false;
	for (size_t i = 0; i < n; i++) {
		unsigned op = ops[i].atom;

		assert_true(top < 7);
		if (op >= DW_OP_breg0 && op <= DW_OP_breg31)
			stack[top++] = breg(s, op - DW_OP_breg0, (int64_t)ops[i].number);
		else if (op == DW_OP_bregx)
			stack[top++] = breg(s, (unsigned)ops[i].number, (int64_t)ops[i].number2);
		else if (op == DW_OP_call_frame_cfa)
			stack[top++] = s->cfa;
		else if (op == DW_OP_consts || op == DW_OP_constu || op == DW_OP_const8u)
			stack[top++] = ops[i].number;
		else if (op >= DW_OP_lit0 && op <= DW_OP_lit31)
			stack[top++] = op - DW_OP_lit0;
		else if (op == DW_OP_drop && top >= 1)
			top--;
		else if (op == DW_OP_deref && top >= 1)
			stack[top - 1] = load(s, stack[top - 1]);
		else if (op == DW_OP_plus_uconst && top >= 1)
			stack[top - 1] += ops[i].number;
		else if (op == DW_OP_dup && top >= 1)
			stack[top] = stack[top - 1], top++;
		else if (op == DW_OP_eq && top >= 2)
			stack[top - 2] = stack[top - 2] == stack[top - 1], top--;
		else if (op == DW_OP_minus && top >= 2)
			stack[top - 2] -= stack[top - 1], top--;
		else if (op == DW_OP_plus && top >= 2)
			stack[top - 2] += stack[top - 1], top--;
		else if (op == DW_OP_and && top >= 2)
			stack[top - 2] &= stack[top - 1], top--;
		else if (op == DW_OP_lt && top >= 2) // signed, as DWARF 5, 2.5.1.5 has it
			stack[top - 2] = (int64_t)stack[top - 2] < (int64_t)stack[top - 1], top--;
		else if (op == DW_OP_bra && top >= 1) {
			uint64_t to = ops[i].offset + 3 + ops[i].number;

			if (!stack[--top])
				continue;
			while (i + 1 < n && ops[i + 1].offset < to)
				i++;
			assert_true(i + 1 == n || ops[i + 1].offset == to);
		} else if (op == DW_OP_stack_value)
			*is_value = true;
		else
			fail_msg("operation %#x\n", op);
	}
	assert_true(top > 0); // libdw pushes the CFA below DW_CFA_expression's own values
	return stack[top - 1];
}

/* Build the image for the rules of the code before pc and at pc, and look pc up in it. False: no
 * CFI for pc. */
static bool open_rows(struct scene *s, struct unwind_rule before, struct unwind_rule rule)
{
	struct unwind_rule rules[2];
	AUTO(buf) frames = { 0 };
	Dwarf_Op *ops;
	Dwarf_Addr start, end;
	struct err err;
	size_t n;

	*s = (struct scene){ .dwarf_regs = { [6] = BP, [7] = SP, [10] = R10, [16] = PC } };
	fix_mem_init(&s->mem);
	fix_mem_add(&s->mem, SP, 0x1000);
	fix_mem_add(&s->mem, OTHER, 0x1000);
	rule.start = PC - 8;
	rule.end = PC + 8;
	before.start = PC - 24;
	before.end = PC - 8;
	rules[0] = before;
	rules[1] = rule;
	if (ehframe_build(&arch_x86_64, rules, 2, &frames, &err) ||
	    entryimage_build(
		    &(struct entryimage){
			    .arch = &arch_x86_64, .frames = &frames, .lo = PC - 16, .hi = PC + 16 },
		    &s->image, &err))
		fail_msg("%s\n", err.msg);
	elf_version(EV_CURRENT);
	s->elf = elf_memory(s->image.p, s->image.len);
	assert_non_null(s->elf);
	s->cfi = dwarf_getcfi_elf(s->elf);
	assert_non_null(s->cfi);
	if (dwarf_cfi_addrframe(s->cfi, PC, &s->frame))
		return false;
	s->ra = dwarf_frame_info(s->frame, &start, &end, &s->signal);
	assert_u64(start, PC - 8);
	assert_u64(end, PC + 8);
	assert_int_equal(dwarf_frame_cfa(s->frame, &ops, &n), 0);
	return n > 0;
}

static bool open_scene(struct scene *s, struct unwind_rule rule)
{
	return open_rows(s, (struct unwind_rule){ .kind = RULE_CALL, .cfa_reg = -1 }, rule);
}

/* After the stack is set up. */
static uint64_t find_cfa(struct scene *s)
{
	Dwarf_Op *ops;
	bool is_value;
	size_t n;

	assert_int_equal(dwarf_frame_cfa(s->frame, &ops, &n), 0);
	s->cfa = evaluate(s, ops, n, &is_value);
	return s->cfa;
}

static void close_scene(struct scene *s)
{
	free(s->frame);
	dwarf_cfi_end(s->cfi);
	elf_end(s->elf);
	buf_deinit(&s->image);
	fix_mem_deinit(&s->mem);
}

enum where { SAME, UNDEFINED, AT, IS };

static enum where find_reg(struct scene *s, int dwarf, uint64_t *ret)
{
	Dwarf_Op mem[3], *ops;
	bool is_value;
	size_t n;

	assert_int_equal(dwarf_frame_register(s->frame, dwarf, mem, &ops, &n), 0);
	if (n == 0)
		return ops ? UNDEFINED : SAME;
	*ret = evaluate(s, ops, n, &is_value);
	return is_value ? IS : AT;
}

static void expect_at(struct scene *s, unsigned reg, uint64_t want)
{
	uint64_t at = 0;
	enum where w = find_reg(s, dwarf_no[reg], &at);

	if (w != AT || at != want)
		fail_msg("%s: kind %d at %#llx, not %#llx\n", x86_reg_names[reg], w,
			 (unsigned long long)at, (unsigned long long)want);
}

static void test_call(void **state)
{
	static const int16_t offsets[] = { 8, 16, 0, 0x7ff8, -16, -0x8000 };
	struct scene s;
	uint64_t v = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		assert_true(open_scene(&s, (struct unwind_rule){ .kind = RULE_CALL,
								 .cfa_reg = X86_RSP,
								 .cfa_off = offsets[i] }));
		assert_u64(find_cfa(&s), SP + (uint64_t)(int64_t)offsets[i]);
		assert_false(s.signal);
		assert_int_equal(s.ra, 16);
		expect_at(&s, X86_RIP, s.cfa - 8);
		assert_int_equal(find_reg(&s, 6, &v), SAME); // rbp
		assert_int_equal(find_reg(&s, 7, &v), IS);   // rsp is the CFA
		assert_u64(v, s.cfa);
		close_scene(&s);
	}
}

static void test_bp(void **state)
{
	struct unwind_rule r = { .kind = RULE_CALL,
				 .cfa_reg = X86_RBP,
				 .cfa_off = 16,
				 .bp = RULE_BP_AT_CFA,
				 .bp_off = -16 };
	struct scene s;

	(void)state;
	assert_true(open_scene(&s, r));
	assert_u64(find_cfa(&s), BP + 16);
	expect_at(&s, X86_RBP, BP);
	close_scene(&s);
	r.bp = RULE_BP_AT_BP;
	r.bp_off = -200;
	assert_true(open_scene(&s, r));
	find_cfa(&s);
	expect_at(&s, X86_RBP, BP - 200);
	expect_at(&s, X86_RIP, BP + 8);
	close_scene(&s);
	r.cfa_reg = X86_R10;
	r.cfa_off = 0;
	r.bp = RULE_BP_SAME;
	assert_true(open_scene(&s, r));
	assert_u64(find_cfa(&s), R10);
	close_scene(&s);
}

/* Entry code's frame pointer: odd where it tells of saved registers, else they are at rsp. */
static void test_encoded(void **state)
{
	struct scene s;

	(void)state;
	for (int odd = 0; odd < 2; odd++) {
		assert_true(open_scene(&s, (struct unwind_rule){ .kind = RULE_REGS,
								 .cfa_reg = X86_RSP,
								 .encoded = true,
								 .signal = true }));
		s.dwarf_regs[6] = BP + (uint64_t)odd;
		assert_u64(find_cfa(&s), odd ? BP : SP);
		assert_true(s.signal);
		expect_at(&s, X86_RIP, s.cfa + PT_RIP);
		expect_at(&s, X86_RBP, s.cfa + PT_RBP);
		close_scene(&s);
	}
}

/* *(rsp) + off and *(rbp + off). */
static void test_indirect(void **state)
{
	struct unwind_rule r = { .kind = RULE_CALL,
				 .cfa_reg = X86_RSP,
				 .cfa_off = 8,
				 .cfa_deref = true,
				 .deref_first = true };
	struct scene s;

	(void)state;
	assert_true(open_scene(&s, r));
	fix_mem_u64(&s.mem, SP, OTHER + 0x40);
	assert_u64(find_cfa(&s), OTHER + 0x48);
	expect_at(&s, X86_RIP, OTHER + 0x40);
	close_scene(&s);
	r.cfa_off = -264;
	assert_true(open_scene(&s, r));
	fix_mem_u64(&s.mem, SP, OTHER + 0x400);
	assert_u64(find_cfa(&s), OTHER + 0x400 - 264);
	close_scene(&s);
	r.cfa_reg = X86_RBP;
	r.cfa_off = -72;
	r.deref_first = false;
	assert_true(open_scene(&s, r));
	fix_mem_u64(&s.mem, BP - 72, OTHER + 0x80);
	assert_u64(find_cfa(&s), OTHER + 0x80);
	close_scene(&s);
}

/* After a switch of stacks the frame pointer is still a true address: as an alias it stays above.
 */
static void test_alias(void **state)
{
	struct unwind_rule rule = {
		.kind = RULE_CALL, .cfa_reg = X86_RBP, .cfa_off = 16, .alias_with_sp = true
	};
	const uint64_t alias = 0xffffff8000000000ULL | ((BP + 16) & 0xfffffffffULL);
	struct scene s;

	(void)state;
	assert_true(open_scene(&s, rule));
	assert_u64(find_cfa(&s), BP + 16);
	s.dwarf_regs[7] = 0xffffff8000000000ULL | (SP & 0xfffffffffULL);
	assert_u64(find_cfa(&s), alias);
	close_scene(&s);
	rule.alias_with_sp = false;
	rule.alias = true;
	assert_true(open_scene(&s, rule));
	assert_u64(find_cfa(&s), alias);
	close_scene(&s);
}

/* Every register of struct pt_regs at its place. */
static void test_regs(void **state)
{
	static const uint8_t order[] = { X86_R15, X86_R14, X86_R13, X86_R12, X86_RBP,
					 X86_RBX, X86_R11, X86_R10, X86_R9,  X86_R8,
					 X86_RAX, X86_RCX, X86_RDX, X86_RSI, X86_RDI };
	struct scene s;

	(void)state;
	assert_true(open_scene(
		&s, (struct unwind_rule){
			    .kind = RULE_REGS, .cfa_reg = X86_RSP, .cfa_off = 8, .signal = true }));
	assert_u64(find_cfa(&s), SP + 8);
	assert_true(s.signal);
	for (size_t i = 0; i < sizeof(order); i++)
		expect_at(&s, order[i], SP + 8 + i * 8);
	expect_at(&s, X86_RIP, SP + 8 + 128);
	expect_at(&s, X86_CS, SP + 8 + 136);
	expect_at(&s, X86_EFLAGS, SP + 8 + 144);
	expect_at(&s, X86_RSP, SP + 8 + 152);
	expect_at(&s, X86_SS, SP + 8 + 160);
	close_scene(&s);
}

static void test_regs_partial(void **state)
{
	struct scene s;
	uint64_t v;

	(void)state;
	assert_true(open_scene(&s, (struct unwind_rule){ .kind = RULE_REGS_PARTIAL,
							 .cfa_reg = X86_RSP,
							 .signal = true }));
	assert_u64(find_cfa(&s), SP);
	assert_true(s.signal);
	expect_at(&s, X86_RIP, SP);
	expect_at(&s, X86_CS, SP + 8);
	expect_at(&s, X86_EFLAGS, SP + 16);
	expect_at(&s, X86_RSP, SP + 24);
	expect_at(&s, X86_SS, SP + 32);
	// the others are not mentioned: gdb keeps them, libdw lets the ABI decide
	for (int no = 0; no < 16; no++)
		if (no != 7)
			assert_true(find_reg(&s, no, &v) == SAME ||
				    find_reg(&s, no, &v) == UNDEFINED);
	assert_int_equal(find_reg(&s, 6, &v), SAME); // rbp
	close_scene(&s);
}

static void expect_is(struct scene *s, unsigned reg, uint64_t want)
{
	uint64_t v = 0;

	assert_int_equal(find_reg(s, dwarf_no[reg], &v), IS);
	assert_u64(v, want);
}

/* The caller is at a known pc, its stack pointer the CFA. */
static void test_copy(void **state)
{
	struct unwind_rule rule = {
		.kind = RULE_COPY, .cfa_reg = X86_RSP, .cfa_off = 16, .pc = OTHER
	};
	struct scene s;
	uint64_t v;

	(void)state;
	assert_true(open_scene(&s, rule));
	assert_u64(find_cfa(&s), SP + 16);
	assert_true(s.signal);
	expect_is(&s, X86_RIP, OTHER);
	assert_int_equal(find_reg(&s, dwarf_no[X86_RBP], &v), SAME);
	close_scene(&s);

	rule.clobbered = true;
	assert_true(open_scene(&s, rule));
	assert_int_equal(find_reg(&s, dwarf_no[X86_RAX], &v), UNDEFINED);
	assert_int_equal(find_reg(&s, dwarf_no[X86_R11], &v), UNDEFINED);
	assert_int_equal(find_reg(&s, dwarf_no[X86_RBP], &v), SAME);
	close_scene(&s);

	rule = (struct unwind_rule){
		.kind = RULE_COPY, .cfa_reg = X86_RSP, .cfa_off = 160, .saved = 160, .pc = OTHER
	};
	assert_true(open_scene(&s, rule));
	assert_u64(find_cfa(&s), SP + 160);
	expect_is(&s, X86_RIP, OTHER);
	expect_at(&s, X86_R15, SP);
	expect_at(&s, X86_RDI, SP + 112);
	expect_at(&s, X86_EFLAGS, SP + 144);
	close_scene(&s);
}

/* A saved pc behind this trap is that of the trap, any other is as it is. */
static void test_trap(void **state)
{
	const struct unwind_rule rule = { .kind = RULE_REGS, .cfa_reg = X86_RSP, .pc = OTHER + 7 };
	struct scene s;

	(void)state;
	assert_true(open_scene(&s, rule));
	find_cfa(&s);
	fix_mem_u64(&s.mem, SP + 128, OTHER + 8);
	expect_is(&s, X86_RIP, OTHER + 7);
	fix_mem_u64(&s.mem, SP + 128, OTHER + 7);
	expect_is(&s, X86_RIP, OTHER + 7);
	fix_mem_u64(&s.mem, SP + 128, OTHER + 9);
	expect_is(&s, X86_RIP, OTHER + 9);
	expect_at(&s, X86_RSP, SP + 152);
	close_scene(&s);
}

static void test_end(void **state)
{
	static const enum rule_kind kinds[] = { RULE_END, RULE_UNDEFINED };
	struct scene s;
	uint64_t v;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_true(open_scene(&s, (struct unwind_rule){ .kind = kinds[i] }));
		assert_u64(find_cfa(&s), SP);
		assert_false(s.signal);
		assert_int_equal(find_reg(&s, 16, &v), UNDEFINED);
		close_scene(&s);
	}
}

/* Nothing of one rule is left in the next, whether they share an FDE or not. */
static void test_rows(void **state)
{
	const struct unwind_rule rows[] = {
		{ .kind = RULE_CALL, .cfa_reg = X86_RSP, .cfa_off = 8 },
		{ .kind = RULE_CALL,
		  .cfa_reg = X86_RBP,
		  .cfa_off = 16,
		  .bp = RULE_BP_AT_CFA,
		  .bp_off = -16 },
		{ .kind = RULE_CALL,
		  .cfa_reg = X86_R10,
		  .bp = RULE_BP_AT_BP,
		  .bp_off = -40,
		  .alias = true },
		{ .kind = RULE_END },
		{ .kind = RULE_REGS, .cfa_reg = X86_RSP },
		{ .kind = RULE_REGS_PARTIAL, .cfa_reg = X86_RSP },
	};
	enum { N = sizeof(rows) / sizeof(rows[0]) };

	(void)state;
	for (size_t i = 0; i < N * N; i++) {
		struct scene one, two;

		if (i % N == i / N) // they become one row
			continue;
		assert_int_equal(open_scene(&one, rows[i % N]),
				 open_rows(&two, rows[i / N], rows[i % N]));
		assert_u64(find_cfa(&two), find_cfa(&one));
		assert_int_equal(two.signal, one.signal);
		for (int reg = 0; reg < 17; reg++) {
			uint64_t x = 0, y = 0;

			assert_int_equal(find_reg(&two, reg, &x), find_reg(&one, reg, &y));
			assert_u64(x, y);
		}
		close_scene(&one);
		close_scene(&two);
	}
}

/* Rules CFI of this data alignment cannot say leave a gap. */
static void test_refused(void **state)
{
	const struct unwind_rule rules[] = {
		{ .kind = RULE_CALL, .cfa_reg = X86_RSP, .cfa_off = 12 },
		{ .kind = RULE_CALL, .cfa_reg = -1 },
		{ .kind = RULE_CALL, .cfa_reg = X86_RIP },
		{ .kind = RULE_CALL, .cfa_reg = X86_RSP, .bp = RULE_BP_AT_CFA, .bp_off = -9 },
	};
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		assert_false(open_scene(&s, rules[i]));
		close_scene(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),	     cmocka_unit_test(test_bp),
		cmocka_unit_test(test_encoded),	     cmocka_unit_test(test_indirect),
		cmocka_unit_test(test_alias),	     cmocka_unit_test(test_regs),
		cmocka_unit_test(test_regs_partial), cmocka_unit_test(test_copy),
		cmocka_unit_test(test_trap),	     cmocka_unit_test(test_end),
		cmocka_unit_test(test_rows),	     cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
