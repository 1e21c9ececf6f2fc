// SPDX-License-Identifier: GPL-3.0-or-later
/* stack: walks over synthetic steps, and how they end. */
#include "tests/unit/kernfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/unwind/stack.h"

#define PC 0xffffffff81000100ULL
#define SP 0xffffc90000010000ULL

/* The result of each step, by the number in rax. */
static vs_status (*next_frame)(uint64_t i, kva_t *pc, kva_t *sp);

static vs_status fake_step(const struct unwind_env *env, const struct frame *cur,
			   struct frame *next, struct err *err)
{
	uint64_t i = cur->regs.v[X86_RAX] + 1;
	kva_t pc, sp;
	vs_status st = next_frame(i, &pc, &sp);

	(void)env;
	if (st)
		return st == VS_END ? st : fail(err, st, "made up");
	*next = (struct frame){ 0 };
	regs_set(&next->regs, X86_RAX, i);
	regs_set(&next->regs, X86_RIP, pc);
	regs_set(&next->regs, X86_RSP, sp);
	return VS_OK;
}

static vs_status walk(vs_status (*fn)(uint64_t i, kva_t *pc, kva_t *sp), size_t max, size_t *n,
		      struct err *err)
{
	static struct frame frames[STACK_MAX_FRAMES + 1];
	struct arch_ops arch = arch_x86_64;
	struct fix_kernel fk;
	struct frame start = { 0 };
	vs_status st;

	arch.unwind_step = fake_step;
	next_frame = fn;
	fix_kernel_init(&fk, "");
	fk.k.arch = &arch;
	regs_set(&start.regs, X86_RIP, PC);
	regs_set(&start.regs, X86_RSP, SP);
	st = stack_unwind(&fk.k, 0, &start, frames, max, n, err);
	fix_kernel_deinit(&fk);
	return st;
}

static vs_status rises(uint64_t i, kva_t *pc, kva_t *sp)
{
	*pc = PC;
	*sp = SP + i * 16;
	return VS_OK;
}

static vs_status ends_after_5(uint64_t i, kva_t *pc, kva_t *sp)
{
	return i < 5 ? rises(i, pc, sp) : VS_END;
}

static vs_status breaks_after_3(uint64_t i, kva_t *pc, kva_t *sp)
{
	return i < 3 ? rises(i, pc, sp) : VS_EXCLUDED;
}

/* Saved registers point back down the stack. */
static vs_status leads_to_2_from_6(uint64_t i, kva_t *pc, kva_t *sp)
{
	return rises(i < 6 ? i : 2 + (i - 6) % 4, pc, sp);
}

static vs_status itself(uint64_t i, kva_t *pc, kva_t *sp)
{
	return rises(i * 0, pc, sp);
}

static void test_ends(void **state)
{
	struct err err;
	size_t n;

	(void)state;
	assert_int_equal(walk(ends_after_5, STACK_MAX_FRAMES, &n, &err), VS_OK);
	assert_int_equal(n, 5);
	assert_int_equal(walk(breaks_after_3, STACK_MAX_FRAMES, &n, &err), VS_EXCLUDED);
	assert_int_equal(n, 3);
}

static void test_cycle(void **state)
{
	struct err err;
	size_t n;

	(void)state;
	assert_int_equal(walk(leads_to_2_from_6, STACK_MAX_FRAMES, &n, &err), VS_CORRUPT);
	assert_int_equal(n, 6); // each frame once
	assert_non_null(strstr(err.msg, "back to frame 2"));
	assert_int_equal(walk(itself, STACK_MAX_FRAMES, &n, &err), VS_CORRUPT);
	assert_int_equal(n, 1);
}

static void test_bounded(void **state)
{
	struct err err;
	size_t n;

	(void)state;
	assert_int_equal(walk(rises, STACK_MAX_FRAMES, &n, &err), VS_CORRUPT);
	assert_int_equal(n, STACK_MAX_FRAMES);
	assert_int_equal(walk(rises, 7, &n, &err), VS_CORRUPT);
	assert_int_equal(n, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_cycle),
		cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
