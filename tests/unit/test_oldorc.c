// SPDX-License-Identifier: GPL-3.0-or-later
/* oldorc: ORC tables of 4.14 to 4.17, whose rows do not say where a stack ends
 * (arch/x86/include/asm/orc_types.h there). */
#include "tests/unit/kernfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/unwind/rules.h"

#ifdef HAVE_LIBBPF

#define TEXT	 0xffffffff81000000ULL
#define FORK	 (TEXT + 0x100) /* ret_from_fork: no rule */
#define OTHER	 (TEXT + 0x200)
#define TEXT_END (TEXT + 0x1000)
#define TASK	 0xffff880001000000ULL
#define STACK	 0xffff880002000000ULL
#define REGS	 (STACK + 16384 - PT_SIZE) /* at the bottom of the stack */
#define IPS	 0xffffffff82000000ULL
#define ROWS	 (IPS + 0x100)

static const kva_t starts[] = { TEXT, FORK, OTHER };

static void setup(struct fix_kernel *fk, bool marks_ends)
{
	static const struct fix_field task[] = { { "stack", "u64", .off = 0 }, { 0 } };
	static const struct fix_field old[] = { { "sp_offset", "u16", .off = 0 },
						{ "bp_offset", "u16", .off = 2 },
						{ 0 } };
	static const struct fix_field newer[] = { { "sp_offset", "u16", .off = 0 },
						  { "bp_offset", "u16", .off = 2 },
						  { "end", "u16", .off = 4, .bit = 10, .bits = 1 },
						  { 0 } };
	static const uint8_t by_sp[6] = { 8, 0, 0, 0, 5, 0 }, undefined[6] = { 0 };
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "");
	fix_btf_struct(b, "task_struct", 8, task);
	fix_btf_struct(b, "orc_entry", 6, marks_ends ? newer : old);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, "_stext", TEXT);
	fix_kernel_symbol(fk, "ret_from_fork", FORK);
	fix_kernel_symbol(fk, "other", OTHER);
	fix_kernel_symbol(fk, "_etext", TEXT_END);
	if (!symtab_seal(fk->k.syms))
		abort();
	memset(fix_mem_add(&fk->mem, TEXT, 0x1000), 0x90, 0x1000);
	fix_mem_add(&fk->mem, TASK, 8);
	fix_mem_u64(&fk->mem, TASK, STACK);
	fix_mem_add(&fk->mem, STACK, 16384);
	fix_mem_add(&fk->mem, IPS, 0x200);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t rel = (uint32_t)(starts[i] - (IPS + i * 4));

		fix_mem_put(&fk->mem, IPS + i * 4, &rel, 4);
		fix_mem_put(&fk->mem, ROWS + i * 6, starts[i] == FORK ? undefined : by_sp, 6);
	}
	fk->k.orc = (struct unwind_table){ fk->k.mem, fk->k.mem, IPS, ROWS, 3, 0 };
	slot_fill(&fk->k, &fk->k.unwind_slot, VS_OK, NULL);
}

/* One step from the return address pc with this stack pointer. */
static vs_status step(struct fix_kernel *fk, kva_t pc, kva_t sp)
{
	struct frame cur = { 0 }, next;
	struct unwind_env env;
	struct err err;

	stack_unwind_env(&fk->k, TASK, &env);
	regs_set(&cur.regs, X86_RIP, pc);
	regs_set(&cur.regs, X86_RSP, sp);
	return fk->k.arch->unwind_step(&env, &cur, &next, &err);
}

static void test_bottom(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, false);
	assert_int_equal(step(&fk, FORK + 0x20, REGS), VS_END);
	// Further up there may be frames that the row does not tell about.
	assert_int_equal(step(&fk, FORK + 0x20, REGS - 0x400), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
}

/* A described function is no end, wherever its frame is. */
static void test_described(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, false);
	fix_mem_u64(&fk.mem, REGS - 16, FORK + 0x20);
	assert_int_equal(step(&fk, OTHER + 0x20, REGS - 16), VS_OK);
	fix_kernel_deinit(&fk);
}

static void test_table_that_marks_ends(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, true);
	assert_int_equal(step(&fk, FORK + 0x20, REGS), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bottom),
		cmocka_unit_test(test_described),
		cmocka_unit_test(test_table_that_marks_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 0;
}

#endif
