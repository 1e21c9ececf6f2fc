// SPDX-License-Identifier: GPL-3.0-or-later
/* taskstack: where a task's stack is when nothing describes task_struct. The places are made up;
 * the magic number is that of include/uapi/linux/magic.h. */
#include "tests/unit/kernfix.h"

#include "stub/task/tasks.h"

#define TASK(n)	 (0xffff888000100000ULL + (n)*0x2000ULL)
#define STACK(n) (0xffffc90000010000ULL + (n)*0x8000ULL)
#define VARS	 0xffffffff82000000ULL
#define AREA(n)	 (VARS + 0x100 + (n)*8) /* of each CPU; it has only current_task */
#define MAGIC	 0x57ac6e9dULL
#define POINTER	 0x18
#define CPUS	 2

static void setup(struct fix_kernel *fk)
{
	fix_kernel_init(fk, "");
	fix_kernel_symbol(fk, "nr_cpu_ids", VARS);
	fix_kernel_symbol(fk, "__per_cpu_offset", VARS + 8);
	fix_kernel_symbol(fk, "current_task", 0);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, VARS, 0x200);
	fix_mem_u64(&fk->mem, VARS, CPUS);
	for (unsigned cpu = 0; cpu < CPUS; cpu++) {
		fix_mem_u64(&fk->mem, VARS + 8 + cpu * 8, AREA(cpu));
		fix_mem_u64(&fk->mem, AREA(cpu), TASK(cpu));
		fix_mem_add(&fk->mem, TASK(cpu), 0x1000);
		fix_mem_add(&fk->mem, STACK(cpu), 0x4000);
		fix_mem_u64(&fk->mem, TASK(cpu) + POINTER, STACK(cpu));
	}
	// A task that does not run.
	fix_mem_add(&fk->mem, TASK(2), 0x1000);
	fix_mem_u64(&fk->mem, TASK(2) + POINTER, STACK(2));
}

/* One CPU's stack overflowed into its low end; the other's shows where the pointer is. */
static void test_magic(void **state)
{
	struct fix_kernel fk;
	kva_t stack;

	(void)state;
	setup(&fk);
	fix_mem_u64(&fk.mem, STACK(0), MAGIC + 1);
	fix_mem_u64(&fk.mem, STACK(1), MAGIC);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(task_stack(&fk.k, TASK(i), &stack, NULL), VS_OK);
		assert_u64(stack, STACK(i));
	}
	assert_u64(task_stack_size(&fk.k), 16384);
	fix_kernel_deinit(&fk);
}

/* Before 4.9, struct thread_info is there, and points to the task. */
static void test_thread_info(void **state)
{
	struct fix_kernel fk;
	kva_t stack;

	(void)state;
	setup(&fk);
	for (unsigned cpu = 0; cpu < CPUS; cpu++)
		fix_mem_u64(&fk.mem, STACK(cpu), TASK(cpu));
	assert_int_equal(task_stack(&fk.k, TASK(1), &stack, NULL), VS_OK);
	assert_u64(stack, STACK(1));
	fix_kernel_deinit(&fk);
}

/* Without evidence, or with evidence for two places, it is unknown. */
static void test_unknown(void **state)
{
	struct fix_kernel fk;
	struct err err;
	kva_t stack;

	(void)state;
	setup(&fk);
	fix_mem_u64(&fk.mem, STACK(0), TASK(1)); // of another task
	assert_int_equal(task_stack(&fk.k, TASK(0), &stack, &err), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
	setup(&fk);
	fix_mem_u64(&fk.mem, STACK(0), MAGIC);
	fix_mem_u64(&fk.mem, TASK(1) + POINTER + 8, STACK(0));
	assert_int_equal(task_stack(&fk.k, TASK(0), &stack, &err), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_magic),
		cmocka_unit_test(test_thread_info),
		cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
