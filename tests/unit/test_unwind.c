// SPDX-License-Identifier: GPL-3.0-or-later
/* unwind: single steps over hand-made stacks, one rule at a time. The expected results are those of
 * the kernel's unwind_next_frame() for the same ORC row. */
#include "tests/unit/memfix.h"

#include "arch/x86_64/x86_64.h"

#define TEXT	 0xffffffff81000000ULL
#define TEXT_END 0xffffffff81100000ULL
#define PC	 (TEXT + 0x100)
#define CALLER	 (TEXT + 0x2000)
#define STACK	 0xffffc90000010000ULL
#define SP	 (STACK + 0x800)
#define OTHER	 0xffff888004000000ULL /* another stack */
#define FRAME	 (SP + 0x40)

struct scene {
	struct fix_mem mem;
	struct unwind_env env;
	struct unwind_rule rule;
	vs_status rule_st;
	kva_t asked; /* pc of the last rule lookup */
	struct frame cur, next;
	struct err err;
};

static vs_status give_rule(const struct unwind_env *env, const struct frame *cur, kva_t pc,
			   struct unwind_rule *ret, struct err *err)
{
	struct scene *s = env->ctx;

	assert_ptr_equal(cur, &s->cur);
	s->asked = pc;
	if (s->rule_st)
		return fail(err, s->rule_st, "no rule");
	*ret = s->rule;
	return VS_OK;
}

static bool in_text(void *ctx, kva_t pc)
{
	(void)ctx;
	return pc >= TEXT && pc < TEXT_END;
}

/* Sets up a frame at PC with known rsp, rbp and rbx. */
static void setup(struct scene *s, enum rule_kind kind)
{
	*s = (struct scene){ .rule = { .start = TEXT,
				       .end = TEXT_END,
				       .kind = kind,
				       .cfa_reg = X86_RSP,
				       .cfa_off = 0x40,
				       .bp = RULE_BP_SAME } };
	fix_mem_init(&s->mem);
	fix_mem_add(&s->mem, STACK, 0x1000);
	fix_mem_add(&s->mem, OTHER, 0x1000);
	fix_mem_add(&s->mem, CALLER - 16, 16)[11] = 0xe8; // a call
	s->env = (struct unwind_env){
		&s->mem.mem, give_rule, in_text, s, NULL, NULL, NULL, 0, NULL
	};
	regs_set(&s->cur.regs, X86_RIP, PC);
	regs_set(&s->cur.regs, X86_RSP, SP);
	regs_set(&s->cur.regs, X86_RBP, SP + 0x20);
	regs_set(&s->cur.regs, X86_RBX, 0xbb);
	memset(&s->next, 0x5a, sizeof(s->next));
}

static vs_status step(struct scene *s)
{
	return x86_unwind_step(&s->env, &s->cur, &s->next, &s->err);
}

static void check(const struct scene *s, kva_t pc, kva_t sp, kva_t slot)
{
	assert_true(regs_has(&s->next.regs, X86_RIP) && regs_has(&s->next.regs, X86_RSP));
	assert_u64(s->next.regs.v[X86_RIP], pc);
	assert_u64(s->next.regs.v[X86_RSP], sp);
	assert_u64(s->next.slot_va, slot);
}

static void end(struct scene *s)
{
	fix_mem_deinit(&s->mem);
}

static void test_call(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	fix_mem_u64(&s.mem, SP + 0x38, CALLER);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, SP + 0x40, SP + 0x38);
	assert_u64(s.asked, PC - 1); // a return address is looked up in the call before it
	assert_int_equal(s.next.how, HOW_ORC);
	assert_false(s.next.interrupted);
	assert_u64(s.next.regs_va, 0);
	assert_u64(s.next.regs.v[X86_RBP], SP + 0x20);
	assert_false(regs_has(&s.next.regs, X86_RBX)); // ORC does not track it
	s.cur.interrupted = true;
	assert_int_equal(step(&s), VS_OK);
	assert_u64(s.asked, PC);
	s.rule.cfa_reg = X86_RBP;
	s.rule.cfa_off = -8;
	fix_mem_u64(&s.mem, SP + 0x20 - 16, CALLER + 1);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER + 1, SP + 0x18, SP + 0x10);
	end(&s);
}

static vs_status give_address(void *ctx, kva_t task, kva_t slot, uint64_t *pc, struct err *err)
{
	struct scene *s = ctx;

	if (*pc != TEXT + 0x500)
		return VS_OK;
	if (task != 7)
		return fail(err, VS_NOTFOUND, "replaced");
	s->asked = slot;
	*pc = CALLER;
	return VS_OK;
}

/* A return address that a tracer replaced. */
static void test_replaced(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.env.return_address = give_address;
	s.env.task = 7;
	fix_mem_u64(&s.mem, SP + 0x38, TEXT + 0x500);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, SP + 0x40, SP + 0x38);
	assert_u64(s.asked, SP + 0x38);
	assert_int_equal(s.next.how, HOW_HOOK);
	s.env.task = 0;
	assert_int_equal(step(&s), VS_NOTFOUND);
	assert_string_equal(s.err.msg, "replaced");
	// The trampoline itself, which uses the slot of its return address.
	s.env.task = 7;
	s.rule.pc = TEXT + 0x500;
	fix_mem_u64(&s.mem, SP + 0x38, 12);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, SP + 0x40, SP + 0x38);
	// Unchanged.
	s.rule.pc = 0;
	fix_mem_u64(&s.mem, SP + 0x38, CALLER + 8);
	assert_int_equal(step(&s), VS_OK);
	assert_int_equal(s.next.how, HOW_ORC);
	end(&s);
}

/* Code that a kprobe copied: the original is the caller. */
static void test_copy(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_COPY);
	s.rule.pc = CALLER;
	s.rule.cfa_off = 8;
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, SP + 8, SP + 8);
	assert_true(s.next.interrupted);
	assert_u64(s.next.regs_va, 0);
	assert_u64(s.next.regs.v[X86_RBX], 0xbb); // unchanged
	s.rule.clobbered = true;
	regs_set(&s.cur.regs, X86_RAX, 1);
	assert_int_equal(step(&s), VS_OK);
	assert_false(regs_has(&s.next.regs, X86_RAX));
	assert_true(regs_has(&s.next.regs, X86_RBX));
	// All are saved except pc, segments and stack pointer.
	s.rule = (struct unwind_rule){ .kind = RULE_COPY,
				       .cfa_reg = X86_RSP,
				       .cfa_off = PT_SIZE,
				       .saved = PT_SIZE,
				       .pc = CALLER };
	fix_mem_u64(&s.mem, SP + PT_RBX, 0x33);
	fix_mem_u64(&s.mem, SP + PT_RIP, 0x1234);
	fix_mem_u64(&s.mem, SP + PT_CS, 0xffff);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, SP + PT_SIZE, SP + PT_SIZE);
	assert_u64(s.next.regs.v[X86_RBX], 0x33);
	assert_u64(s.next.regs_va, SP);
	assert_false(x86_regs_user_mode(&s.next.regs));
	s.rule.pc = TEXT_END;
	assert_int_equal(step(&s), VS_CORRUPT);
	end(&s);
}

static bool is_trap(void *ctx, kva_t task, kva_t entry, kva_t trap)
{
	(void)ctx;
	return task == 7 && entry == PC && trap == CALLER;
}

/* A kprobe's int3: the replaced instruction has not run yet. */
static void test_trap(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_REGS);
	s.rule.signal = true;
	s.env.trapped = is_trap;
	s.env.task = 7;
	fix_mem_u64(&s.mem, FRAME + PT_RIP, CALLER + 1);
	fix_mem_u64(&s.mem, FRAME + PT_CS, 0x10);
	fix_mem_u64(&s.mem, FRAME + PT_RSP, SP + 0x100);
	assert_int_equal(step(&s), VS_OK);
	assert_u64(s.next.regs.v[X86_RIP], CALLER);
	s.env.task = 8;
	assert_int_equal(step(&s), VS_OK);
	assert_u64(s.next.regs.v[X86_RIP], CALLER + 1);
	end(&s);
}

static void test_bp_rules(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	fix_mem_u64(&s.mem, SP + 0x38, CALLER);
	fix_mem_u64(&s.mem, SP + 0x30, 0x1111); // CFA - 16
	fix_mem_u64(&s.mem, SP + 0x18, 0x2222); // rbp - 8
	s.rule.bp = RULE_BP_AT_CFA;
	s.rule.bp_off = -16;
	assert_int_equal(step(&s), VS_OK);
	assert_u64(s.next.regs.v[X86_RBP], 0x1111);
	s.rule.bp = RULE_BP_AT_BP;
	s.rule.bp_off = -8;
	assert_int_equal(step(&s), VS_OK);
	assert_u64(s.next.regs.v[X86_RBP], 0x2222);
	// unreadable or unknown: the step continues without it
	s.rule.bp = RULE_BP_AT_CFA;
	s.rule.bp_off = 0x7000;
	assert_int_equal(step(&s), VS_OK);
	assert_false(regs_has(&s.next.regs, X86_RBP));
	s.cur.regs.known &= ~(1ULL << X86_RBP);
	s.rule.bp = RULE_BP_AT_BP;
	assert_int_equal(step(&s), VS_OK);
	assert_false(regs_has(&s.next.regs, X86_RBP));
	s.rule.bp = RULE_BP_SAME;
	assert_int_equal(step(&s), VS_OK);
	assert_false(regs_has(&s.next.regs, X86_RBP));
	end(&s);
}

/* CFA = *(rsp) + off: C code that switched to the IRQ stack by inline assembly (5.12). */
static void test_sp_indirect(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.rule.cfa_deref = s.rule.deref_first = true;
	s.rule.cfa_off = 8;
	fix_mem_u64(&s.mem, SP, OTHER + 0x100);
	fix_mem_u64(&s.mem, OTHER + 0x100, CALLER);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, OTHER + 0x108, OTHER + 0x100);
	end(&s);
}

/* CFA = *(rbp + off): functions that realign their stack. */
static void test_bp_indirect(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.rule.cfa_reg = X86_RBP;
	s.rule.cfa_deref = true;
	s.rule.cfa_off = -8;
	fix_mem_u64(&s.mem, SP + 0x18, SP + 0x80);
	fix_mem_u64(&s.mem, SP + 0x78, CALLER);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, SP + 0x80, SP + 0x78);
	end(&s);
}

static void put_pt_regs(struct scene *s, kva_t at, uint64_t rip, uint64_t cs, uint64_t rsp)
{
	for (unsigned i = 0; i < 21; i++)
		fix_mem_u64(&s->mem, at + i * 8, 0x9000 + i * 8);
	fix_mem_u64(&s->mem, at + 128, rip);
	fix_mem_u64(&s->mem, at + 136, cs);
	fix_mem_u64(&s->mem, at + 144, 0x246);
	fix_mem_u64(&s->mem, at + 152, rsp);
}

static void test_regs(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_REGS);
	s.rule.signal = true;
	put_pt_regs(&s, FRAME, CALLER, 0x10, OTHER + 0x40);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, OTHER + 0x40, FRAME + 128);
	assert_true(s.next.interrupted);
	assert_int_equal(s.next.how, HOW_REGS);
	assert_u64(s.next.regs_va, FRAME);
	assert_false(s.next.regs_partial);
	assert_u64(s.next.regs.v[X86_R15], 0x9000);
	assert_u64(s.next.regs.v[X86_RBP], 0x9000 + 32);
	assert_u64(s.next.regs.v[X86_RDI], 0x9000 + 112);
	assert_u64(s.next.regs.v[X86_ORIG_RAX], 0x9000 + 120);
	// without the signal bit (since 6.3), the frame was not interrupted at pc
	s.rule.signal = false;
	assert_int_equal(step(&s), VS_OK);
	assert_false(s.next.interrupted);
	end(&s);
}

static void test_regs_partial(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_REGS_PARTIAL);
	s.rule.signal = true;
	fix_mem_u64(&s.mem, FRAME, CALLER);
	fix_mem_u64(&s.mem, FRAME + 8, 0x10);
	fix_mem_u64(&s.mem, FRAME + 24, OTHER + 0x40);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, OTHER + 0x40, FRAME);
	assert_true(s.next.regs_partial);
	assert_true(s.next.interrupted);
	assert_u64(s.next.regs_va, FRAME);
	// the handler's first instructions have not changed the others yet
	assert_u64(s.next.regs.v[X86_RBX], 0xbb);
	assert_u64(s.next.regs.v[X86_RBP], SP + 0x20);
	end(&s);
}

static void test_end(void **state)
{
	struct scene s;
	struct frame before;

	(void)state;
	setup(&s, RULE_END);
	before = s.next;
	assert_int_equal(step(&s), VS_END);
	assert_memory_equal(&s.next, &before, sizeof(before));
	end(&s);
	setup(&s, RULE_UNDEFINED);
	assert_int_equal(step(&s), VS_NOTFOUND);
	assert_non_null(strstr(s.err.msg, "0xffffffff81000100"));
	end(&s);
	// kernel threads: an empty pt_regs at the top of the stack
	setup(&s, RULE_REGS);
	assert_int_equal(step(&s), VS_END);
	end(&s);
}

static void test_user_mode(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_REGS);
	s.rule.signal = true;
	put_pt_regs(&s, FRAME, 0x401000, 0x33, 0x7ffe1000);
	assert_int_equal(step(&s), VS_OK); // the user's registers are a frame
	assert_u64(s.next.regs.v[X86_RIP], 0x401000);
	s.cur = s.next;
	s.asked = 0;
	assert_int_equal(step(&s), VS_END); // and it is the last one
	assert_u64(s.asked, 0);
	end(&s);
}

/* A call through a bad pointer: pc is not in any code, the return address on top of the stack. */
static void test_void(void **state)
{
	static const kva_t voids[] = { 0, 0x1234, 0xffffffffc0999000ULL, 0xdead000000000100ULL };
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(voids) / sizeof(voids[0]); i++) {
		setup(&s, RULE_CALL);
		s.rule_st = VS_NOTFOUND;
		s.cur.interrupted = true;
		regs_set(&s.cur.regs, X86_RIP, voids[i]);
		fix_mem_u64(&s.mem, SP, CALLER);
		assert_int_equal(step(&s), VS_OK);
		check(&s, CALLER, SP + 8, SP);
		assert_int_equal(s.next.how, HOW_CALL_VOID);
		assert_false(s.next.interrupted);
		assert_u64(s.next.regs.v[X86_RBP], SP + 0x20); // the callee ran no instruction
		// no code there either: it was a jump, not a call
		fix_mem_u64(&s.mem, SP, OTHER);
		s.cur.regs.known &= ~(1ULL << X86_RBP);
		assert_int_equal(step(&s), VS_NOTFOUND);
		end(&s);
	}
}

/* Code without a table has frame pointers: rbp points to the saved rbp, and the return address is
 * above it. */
static void test_frame_pointer(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.rule_st = VS_NOTFOUND;
	regs_set(&s.cur.regs, X86_RIP, 0xffffffffc0999000ULL);
	fix_mem_u64(&s.mem, SP + 0x20, 0xb0b);
	fix_mem_u64(&s.mem, SP + 0x28, CALLER);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER, SP + 0x30, SP + 0x28);
	assert_u64(s.next.regs.v[X86_RBP], 0xb0b);
	// rbp below the stack pointer, or far away, is not a frame pointer
	regs_set(&s.cur.regs, X86_RBP, SP - 0x20);
	fix_mem_u64(&s.mem, SP - 0x18, CALLER);
	assert_int_equal(step(&s), VS_NOTFOUND);
	regs_set(&s.cur.regs, X86_RBP, OTHER);
	assert_int_equal(step(&s), VS_NOTFOUND);
	// there is no call before the address: it is not a return address
	regs_set(&s.cur.regs, X86_RBP, SP + 0x20);
	fix_mem_u64(&s.mem, SP + 0x28, CALLER - 2);
	assert_int_equal(step(&s), VS_NOTFOUND);
	end(&s);
}

/* Code that certainly has a frame pointer: like any rule, but with another HOW. */
static void test_frame_pointer_rule(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.rule.cfa_reg = X86_RBP;
	s.rule.cfa_off = 16;
	s.rule.bp = RULE_BP_AT_CFA;
	s.rule.bp_off = -16;
	s.rule.how = HOW_FP;
	fix_mem_u64(&s.mem, SP + 0x20, 0xb0b);
	fix_mem_u64(&s.mem, SP + 0x28, CALLER + 7);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER + 7, SP + 0x30, SP + 0x28);
	assert_u64(s.next.regs.v[X86_RBP], 0xb0b);
	assert_int_equal(s.next.how, HOW_FP);
	end(&s);
}

static kva_t function_at(void *ctx, kva_t pc)
{
	(void)ctx;
	return pc >= TEXT + 0x80 && pc < TEXT + 0x200 ? TEXT + 0x80 : 0;
}

/* No rule for the function: the return address of a call to it, on the stack, shows its caller. */
static void test_call_on_stack(void **state)
{
	static const int32_t rel = (int32_t)(TEXT + 0x80 - (CALLER + 1));
	struct scene s;
	uint8_t *code;

	(void)state;
	setup(&s, RULE_UNDEFINED);
	s.env.function = function_at;
	fix_mem_add(&s.mem, TEXT + 0x80, 64);
	code = fix_mem_add(&s.mem, CALLER, 8); // ends where the call below will end
	(void)code;
	fix_mem_u64(&s.mem, SP + 0x18, CALLER); // code, but after a call to another function
	fix_mem_u64(&s.mem, SP + 0x40, CALLER + 1);
	assert_int_equal(step(&s), VS_NOTFOUND);
	for (size_t i = 0; i < s.mem.n; i++)
		if (s.mem.piece[i].base == CALLER - 16) {
			s.mem.piece[i].data[12] = 0xe8;
			memcpy(s.mem.piece[i].data + 13, &rel, 3);
		}
	code[0] = (uint8_t)(rel >> 24);
	assert_int_equal(step(&s), VS_OK);
	check(&s, CALLER + 1, SP + 0x48, SP + 0x40);
	assert_int_equal(s.next.how, HOW_CALLER);
	assert_u64(s.next.regs.v[X86_RBP], SP + 0x20);
	assert_false(s.next.interrupted);
	s.env.function = NULL;
	assert_int_equal(step(&s), VS_NOTFOUND);
	end(&s);
}

static void test_no_progress(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.rule.cfa_off = 0;
	fix_mem_u64(&s.mem, SP - 8, PC);
	assert_int_equal(step(&s), VS_CORRUPT);
	// the same function again with another stack pointer is recursion
	s.rule.cfa_off = 16;
	fix_mem_u64(&s.mem, SP + 8, PC);
	assert_int_equal(step(&s), VS_OK);
	end(&s);
	setup(&s, RULE_REGS);
	put_pt_regs(&s, FRAME, PC, 0x10, SP);
	assert_int_equal(step(&s), VS_CORRUPT);
	end(&s);
}

static void test_unreadable(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.rule.cfa_off = 0x7000;
	assert_int_equal(step(&s), VS_EXCLUDED);
	assert_non_null(strstr(s.err.msg, "return address"));
	s.rule.kind = RULE_REGS;
	assert_int_equal(step(&s), VS_EXCLUDED);
	s.rule.kind = RULE_REGS_PARTIAL;
	assert_int_equal(step(&s), VS_EXCLUDED);
	s.rule.kind = RULE_CALL;
	s.rule.cfa_deref = true;
	assert_int_equal(step(&s), VS_EXCLUDED);
	// only the first words of a register frame are left
	s.rule = (struct unwind_rule){ .kind = RULE_REGS, .cfa_reg = X86_RSP, .cfa_off = 0x7f0 };
	assert_int_equal(step(&s), VS_EXCLUDED);
	end(&s);
}

static void test_unknown_registers(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, RULE_CALL);
	s.rule.cfa_reg = X86_R10;
	assert_int_equal(step(&s), VS_NOTFOUND);
	assert_non_null(strstr(s.err.msg, "r10"));
	s.rule.cfa_reg = -1;
	assert_int_equal(step(&s), VS_NOTFOUND);
	s.rule.cfa_reg = X86_RSP;
	s.cur.regs.known = 1ULL << X86_RIP;
	assert_int_equal(step(&s), VS_NOTFOUND);
	s.cur.regs.known = 1ULL << X86_RSP;
	assert_int_equal(step(&s), VS_NOTFOUND);
	end(&s);
	// an unreadable table does not mean "no code here": do not guess
	setup(&s, RULE_CALL);
	s.rule_st = VS_EXCLUDED;
	s.cur.interrupted = true;
	regs_set(&s.cur.regs, X86_RIP, 0);
	fix_mem_u64(&s.mem, SP, CALLER);
	assert_int_equal(step(&s), VS_EXCLUDED);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),	      cmocka_unit_test(test_bp_rules),
		cmocka_unit_test(test_replaced),      cmocka_unit_test(test_copy),
		cmocka_unit_test(test_trap),	      cmocka_unit_test(test_sp_indirect),
		cmocka_unit_test(test_bp_indirect),   cmocka_unit_test(test_regs),
		cmocka_unit_test(test_regs_partial),  cmocka_unit_test(test_end),
		cmocka_unit_test(test_user_mode),     cmocka_unit_test(test_void),
		cmocka_unit_test(test_frame_pointer), cmocka_unit_test(test_frame_pointer_rule),
		cmocka_unit_test(test_call_on_stack), cmocka_unit_test(test_no_progress),
		cmocka_unit_test(test_unreadable),    cmocka_unit_test(test_unknown_registers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
