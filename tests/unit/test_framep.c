// SPDX-License-Identifier: GPL-3.0-or-later
/* framep: unwinding by frame pointers over synthetic code and stacks. gcc writes these instructions
 * with -fno-omit-frame-pointer; the expected steps follow from them, and for entry code from
 * ENCODE_FRAME_POINTER (arch/x86/include/asm/frame.h). */
#include "tests/unit/kernfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/unwind/framep.h"
#include "stub/unwind/rules.h"

#define TEXT	 0xffffffff81000000ULL
#define INNER	 (TEXT + 0x100)
#define OUTER	 (TEXT + 0x200)
#define LEAF	 (TEXT + 0x300) /* no frame */
#define LATE	 (TEXT + 0x400) /* sets up its frame later */
#define ENTRY	 (TEXT + 0x800)
#define TEXT_END (TEXT + 0x1000)
#define STACK	 0xffffc90000010000ULL
#define SP	 (STACK + 0x800)

/* Return addresses of calls in OUTER. */
#define RET_INNER (OUTER + 0x20)
#define RET_LEAF  (OUTER + 0x30)
#define RET_LATE  (OUTER + 0x40)
#define RET_REG	  (OUTER + 0x50)
#define RET_OUTER (ENTRY + 0x20)

struct scene {
	struct fix_kernel fk;
	struct frame cur, next;
	struct err err;
};

static const uint8_t endbr[] = { 0xf3, 0x0f, 0x1e, 0xfa };
static const uint8_t set_up[] = { 0x55, 0x31, 0xc0, 0x48, 0x89, 0xe5 }; /* with an xor in between */
static const uint8_t take_down[] = { 0x5d, 0xc3 };

static void put_call(struct scene *s, kva_t ret, kva_t target)
{
	uint8_t code[5] = { 0xe8 };
	uint32_t off = (uint32_t)(target - ret);

	memcpy(code + 1, &off, 4);
	fix_mem_put(&s->fk.mem, ret - 5, code, 5);
}

static void add_function(struct scene *s, const char *name, kva_t va)
{
	if (!symtab_add(s->fk.k.syms, name, va, 0, 'T'))
		abort();
}

/* INNER: endbr, push, xor, mov; ... pop; ret at 0x20. */
static void setup(struct scene *s)
{
	static const uint8_t call_reg[] = { 0xff, 0xd0 }, ret[] = { 0xc3 };
	struct fix_mem *mem = &s->fk.mem;

	*s = (struct scene){ 0 };
	fix_kernel_init(&s->fk, "");
	memset(fix_mem_add(mem, TEXT, TEXT_END - TEXT), 0x90, TEXT_END - TEXT);
	fix_mem_add(mem, STACK, 0x1000);
	add_function(s, "_stext", TEXT);
	for (kva_t va = INNER; va <= OUTER; va += OUTER - INNER) {
		fix_mem_put(mem, va, endbr, 4);
		fix_mem_put(mem, va + 4, set_up, 6);
	}
	fix_mem_put(mem, INNER + 0x20, take_down, 2);
	fix_mem_put(mem, LEAF + 0x20, ret, 1);
	fix_mem_put(mem, LATE + 0x60, set_up, 6);
	fix_mem_put(mem, RET_REG - 2, call_reg, 2);
	put_call(s, RET_INNER, INNER);
	put_call(s, RET_LEAF, LEAF);
	put_call(s, RET_LATE, LATE);
	put_call(s, RET_OUTER, OUTER);
	add_function(s, "inner", INNER);
	add_function(s, "outer", OUTER);
	add_function(s, "leaf", LEAF);
	add_function(s, "late", LATE);
	add_function(s, "__entry_text_start", ENTRY);
	add_function(s, "asm_exc", ENTRY);
	add_function(s, "__entry_text_end", TEXT_END - 0x10);
	add_function(s, "_etext", TEXT_END);
	symtab_seal(s->fk.k.syms);
	slot_fill(&s->fk.k, &s->fk.k.framep_slot, VS_OK, NULL);
	slot_fill(&s->fk.k, &s->fk.k.encoding_slot, VS_OK, NULL);
}

static void end(struct scene *s)
{
	fix_kernel_deinit(&s->fk);
}

static vs_status step(struct scene *s, kva_t pc, kva_t sp, kva_t bp, bool interrupted)
{
	struct unwind_env env;

	s->cur = (struct frame){ .interrupted = interrupted };
	regs_set(&s->cur.regs, X86_RIP, pc);
	regs_set(&s->cur.regs, X86_RSP, sp);
	regs_set(&s->cur.regs, X86_RBP, bp);
	stack_unwind_env(&s->fk.k, 0, &env);
	return x86_unwind_step(&env, &s->cur, &s->next, &s->err);
}

static void check(struct scene *s, kva_t pc, kva_t sp, kva_t bp)
{
	assert_u64(s->next.regs.v[X86_RIP], pc);
	assert_u64(s->next.regs.v[X86_RSP], sp);
	assert_true(regs_has(&s->next.regs, X86_RBP));
	assert_u64(s->next.regs.v[X86_RBP], bp);
}

/* saved rbp and return address at va */
static void put_frame(struct scene *s, kva_t va, kva_t bp, kva_t ret)
{
	fix_mem_u64(&s->fk.mem, va, bp);
	fix_mem_u64(&s->fk.mem, va + 8, ret);
}

static void test_chain(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP + 0x40, SP + 0x90, RET_INNER);
	assert_int_equal(step(&s, INNER + 0x18, SP, SP + 0x40, false), VS_OK);
	check(&s, RET_INNER, SP + 0x50, SP + 0x90);
	assert_int_equal(s.next.how, HOW_FP);
	end(&s);
}

/* rbp must point to a frame: further up the stack, with a return address right after a call. */
static void test_chain_is_checked(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP + 0x40, SP + 0x90, RET_INNER + 1);
	assert_int_equal(step(&s, INNER + 0x18, SP, SP + 0x40, false), VS_CORRUPT);
	put_frame(&s, SP - 0x40, SP + 0x90, RET_INNER);
	assert_int_equal(step(&s, INNER + 0x18, SP, SP - 0x40, false), VS_CORRUPT);
	put_frame(&s, SP + 0x40, SP + 0x90, RET_INNER);
	assert_int_equal(step(&s, INNER + 0x18, SP, SP + 0x44, false), VS_CORRUPT);
	assert_int_equal(step(&s, INNER + 0x18, SP, 0x40, false), VS_CORRUPT);
	end(&s);
}

/* Interrupted before, inside and after the instructions that set up a frame, and after its removal.
 */
static void test_border(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP + 0x40, SP + 0x90, RET_REG); // of the caller
	fix_mem_u64(&s.fk.mem, SP, RET_INNER);
	for (kva_t pc = INNER; pc <= INNER + 4; pc += 4) {
		assert_int_equal(step(&s, pc, SP, SP + 0x40, true), VS_OK);
		check(&s, RET_INNER, SP + 8, SP + 0x40);
	}
	assert_int_equal(step(&s, INNER + 0x21, SP, SP + 0x40, true), VS_OK);
	check(&s, RET_INNER, SP + 8, SP + 0x40);
	put_frame(&s, SP - 8, SP + 0x40, RET_INNER);
	for (kva_t pc = INNER + 5; pc <= INNER + 7; pc += 2) {
		assert_int_equal(step(&s, pc, SP - 8, SP + 0x40, true), VS_OK);
		check(&s, RET_INNER, SP + 8, SP + 0x40);
	}
	put_frame(&s, SP + 0x10, SP + 0x40, RET_INNER);
	assert_int_equal(step(&s, INNER + 10, SP, SP + 0x10, true), VS_OK);
	check(&s, RET_INNER, SP + 0x20, SP + 0x40);
	end(&s);
}

/* No frame: the return address is on top, or further up, but rbp is the caller's frame. */
static void test_without_frame(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_frame(&s, SP + 0x40, SP + 0x90, RET_OUTER); // of OUTER, which called it
	fix_mem_u64(&s.fk.mem, SP, RET_LEAF);
	assert_int_equal(step(&s, LEAF + 8, SP, SP + 0x40, true), VS_OK);
	check(&s, RET_LEAF, SP + 8, SP + 0x40);
	assert_int_equal(step(&s, LEAF + 0x20, SP, SP + 0x40, true), VS_OK);
	check(&s, RET_LEAF, SP + 8, SP + 0x40);
	// Something was pushed before the frame is set up.
	fix_mem_u64(&s.fk.mem, SP, 0x1234);
	fix_mem_u64(&s.fk.mem, SP + 8, RET_LATE);
	assert_int_equal(step(&s, LATE + 0x10, SP, SP + 0x40, true), VS_OK);
	assert_u64(s.next.regs.v[X86_RIP], RET_LATE);
	assert_u64(s.next.regs.v[X86_RSP], SP + 16);
	assert_int_equal(s.next.how, HOW_CALLER);
	// And after it.
	put_frame(&s, SP + 0x10, SP + 0x40, RET_LATE);
	fix_mem_u64(&s.fk.mem, SP + 8, 0);
	assert_int_equal(step(&s, LATE + 0x70, SP, SP + 0x10, true), VS_OK);
	check(&s, RET_LATE, SP + 0x20, SP + 0x40);
	end(&s);
}

static void put_regs(struct scene *s, kva_t va, kva_t pc, kva_t sp, kva_t bp)
{
	fix_mem_u64(&s->fk.mem, va + PT_RIP, pc);
	fix_mem_u64(&s->fk.mem, va + PT_CS, 0x10);
	fix_mem_u64(&s->fk.mem, va + PT_EFLAGS, 0x202);
	fix_mem_u64(&s->fk.mem, va + PT_RSP, sp);
	fix_mem_u64(&s->fk.mem, va + PT_SS, 0x18);
	fix_mem_u64(&s->fk.mem, va + PT_RBP, bp);
	fix_mem_u64(&s->fk.mem, va + PT_RBX, 0xbb);
}

static void test_entry(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_regs(&s, SP + 0x10, LEAF + 4, SP + 0x200, SP + 0x240);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x10, SP + 0x11, false), VS_OK);
	check(&s, LEAF + 4, SP + 0x200, SP + 0x240);
	assert_true(s.next.interrupted);
	assert_int_equal(s.next.how, HOW_FP_REGS);
	assert_u64(s.next.regs_va, SP + 0x10);
	assert_u64(s.next.regs.v[X86_RBX], 0xbb);
	// The interrupted instruction is the first that entry code calls.
	fix_mem_u64(&s.fk.mem, SP + 8, RET_OUTER);
	assert_int_equal(step(&s, OUTER, SP + 8, SP + 0x11, true), VS_OK);
	check(&s, RET_OUTER, SP + 0x10, SP + 0x11);
	end(&s);
}

/* A function pointer was NULL: a pc that is none, but the return address is on top of the stack. */
static void test_entry_of_void_call(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_regs(&s, SP + 0x10, 0, SP + 0x200, SP + 0x240);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x10, SP + 0x11, false), VS_UNSUPPORTED);
	fix_mem_u64(&s.fk.mem, SP + 0x200, RET_INNER);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x10, SP + 0x11, false), VS_OK);
	check(&s, 0, SP + 0x200, SP + 0x240);
	assert_true(s.next.interrupted);
	end(&s);
}

/* Words that cannot be saved registers; entry code that does not encode their place. */
static void test_entry_is_checked(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	put_regs(&s, SP + 0x10, LEAF + 4, SP + 0x200, SP + 0x240);
	fix_mem_u64(&s.fk.mem, SP + 0x10 + PT_CS, 0x1234);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x10, SP + 0x11, false), VS_UNSUPPORTED);
	put_regs(&s, SP + 0x10, LEAF + 4, SP + 0x200, SP + 0x240);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x18, SP + 0x11, false), VS_UNSUPPORTED);
	put_frame(&s, SP + 0x40, SP + 0x90, RET_INNER);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x10, SP + 0x40, false), VS_UNSUPPORTED);
	end(&s);
}

/* The synthetic text has more functions with frames than without, or fewer. */
static void test_kernel(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	slot_forget(&s.fk.k, &s.fk.k.framep_slot);
	assert_false(framep_kernel(&s.fk.k)); // 2 of 8
	slot_forget(&s.fk.k, &s.fk.k.framep_slot);
	for (kva_t va = LEAF; va < TEXT_END - 0x10; va += 0x100)
		fix_mem_put(&s.fk.mem, va, set_up, 6);
	fix_mem_put(&s.fk.mem, TEXT, set_up, 6);
	assert_true(framep_kernel(&s.fk.k));
	end(&s);
}

/* In a kernel without frame pointers, nothing is taken for one. */
static void test_other_kernel(void **state)
{
	struct scene s;
	struct unwind_rule r;

	(void)state;
	setup(&s);
	slot_fill(&s.fk.k, &s.fk.k.framep_slot, VS_NOTFOUND, "none");
	put_frame(&s, SP + 0x40, SP + 0x90, RET_INNER);
	assert_int_equal(framep_rule(&s.fk.k, 0, &s.cur, INNER + 0x18, &r, &s.err), VS_NOTFOUND);
	end(&s);
}

/* In such a kernel entry code calls with the registers that it saved at the stack pointer, and rbp
 * cleared, or, before 4.16, as it was; where it changes stacks it keeps a frame. Frame pointers of
 * C code are none. */
static void test_entry_of_other_kernel(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	slot_fill(&s.fk.k, &s.fk.k.framep_slot, VS_NOTFOUND, "none");
	put_regs(&s, SP + 0x10, LEAF + 4, SP + 0x200, SP + 0x240);
	for (int cleared = 0; cleared < 2; cleared++) {
		kva_t bp = cleared ? 0 : SP + 0x240;

		assert_int_equal(step(&s, RET_OUTER, SP + 0x10, bp, false), VS_OK);
		check(&s, LEAF + 4, SP + 0x200, SP + 0x240);
		assert_true(s.next.interrupted);
		assert_u64(s.next.regs_va, SP + 0x10);
	}
	// Where a CPU starts.
	add_function(&s, "secondary_startup_64", LATE + 0x80);
	symtab_seal(s.fk.k.syms);
	assert_int_equal(step(&s, LATE + 0x90, SP, 0, false), VS_END);
	// Of another value, at another place, or of what can be no registers.
	assert_int_equal(step(&s, RET_OUTER, SP + 0x10, SP + 0x300, false), VS_NOTFOUND);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x18, 0, false), VS_NOTFOUND);
	fix_mem_u64(&s.fk.mem, SP + 0x10 + PT_CS, 0x1234);
	assert_int_equal(step(&s, RET_OUTER, SP + 0x10, 0, false), VS_NOTFOUND);
	// A word that happens to look like a frame of C code.
	put_frame(&s, SP + 0x40, SP + 0x90, RET_INNER);
	assert_int_equal(step(&s, LEAF + 0x18, SP, SP + 0x40, false), VS_NOTFOUND);
	assert_int_equal(step(&s, RET_OUTER, SP, SP + 0x40, false), VS_NOTFOUND);
	// Entry code that keeps a frame.
	fix_mem_put(&s.fk.mem, ENTRY, set_up, 6);
	assert_int_equal(step(&s, RET_OUTER, SP, SP + 0x40, false), VS_OK);
	check(&s, RET_INNER, SP + 0x50, SP + 0x90);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chain),
		cmocka_unit_test(test_chain_is_checked),
		cmocka_unit_test(test_border),
		cmocka_unit_test(test_without_frame),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_entry_of_void_call),
		cmocka_unit_test(test_entry_is_checked),
		cmocka_unit_test(test_kernel),
		cmocka_unit_test(test_other_kernel),
		cmocka_unit_test(test_entry_of_other_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
