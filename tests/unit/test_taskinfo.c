// SPDX-License-Identifier: GPL-3.0-or-later
/* taskinfo: a task's memory, as kernels count it (include/linux/mm_types.h, and RHEL 7's, whose
 * array could not grow when a counter was added). */
#include "tests/unit/kernfix.h"

#include "stub/task/taskinfo.h"
#include "stub/task/tasks.h"

#ifdef HAVE_LIBBPF

#define TASK 0xffff880001000000ULL
#define MM   0xffff880002000000ULL

struct scene {
	struct fix_kernel fk;
	struct task task;
	struct task_memory mem;
	struct err err;
};

/* shmem: the number of the counter that 4.5 added; 0: there is none. */
static void setup(struct scene *s, int shmem, const struct fix_field *mm)
{
	static const struct fix_field atomic[] = { { "counter", "u64", .off = 0 }, { 0 } };
	static const struct fix_field three[] = { { "count", "atomic", .off = 0, .n = 3 }, { 0 } };
	static const struct fix_field four[] = { { "count", "atomic", .off = 0, .n = 4 }, { 0 } };
	struct btf *b = fix_btf_new();

	*s = (struct scene){ .task = { .va = TASK, .mm = MM, .pid = 1, .known = UINT64_MAX } };
	fix_kernel_init(&s->fk, "");
	fix_btf_struct(b, "atomic", 8, atomic);
	fix_btf_struct(b, "three", 24, three);
	fix_btf_struct(b, "four", 32, four);
	fix_btf_struct(b, "mm_struct", 128, mm);
	assert_true(btf__add_enum(b, "counters", 4) > 0);
	assert_int_equal(btf__add_enum_value(b, "MM_FILEPAGES", 0), 0);
	assert_int_equal(btf__add_enum_value(b, "MM_ANONPAGES", 1), 0);
	assert_int_equal(btf__add_enum_value(b, "MM_SWAPENTS", 2), 0);
	if (shmem)
		assert_int_equal(btf__add_enum_value(b, "MM_SHMEMPAGES", shmem), 0);
	fix_kernel_types(&s->fk, fix_btf_types(b));
	assert_true(symtab_seal(s->fk.k.syms));
	fix_mem_add(&s->fk.mem, MM, 128);
	fix_mem_u64(&s->fk.mem, MM, 1000);
	for (uint64_t i = 0; i < 5; i++) // 1, 10, 100 (swap), 1000, ...
		fix_mem_u64(&s->fk.mem, MM + 8 + i * 8,
			    i == 0   ? 1
			    : i == 1 ? 10
			    : i == 2 ? 100
				     : 1000);
}

static const struct fix_field mm_of_3[] = { { "total_vm", "u64", .off = 0 },
					    { "rss_stat", "three", .off = 8 },
					    { 0 } };

static void test_4_5(void **state)
{
	static const struct fix_field mm[] = { { "total_vm", "u64", .off = 0 },
					       { "rss_stat", "four", .off = 8 },
					       { 0 } };
	struct scene s;

	(void)state;
	setup(&s, 3, mm);
	assert_int_equal(task_memory_load(&s.fk.k, &s.task, &s.mem, &s.err), VS_OK);
	assert_u64(s.mem.rss, 1011);
	assert_u64(s.mem.total_vm, 1000);
	fix_kernel_deinit(&s.fk);
}

/* Shared memory counts as file pages. */
static void test_before_4_5(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, 0, mm_of_3);
	assert_int_equal(task_memory_load(&s.fk.k, &s.task, &s.mem, &s.err), VS_OK);
	assert_u64(s.mem.rss, 11);
	fix_kernel_deinit(&s.fk);
}

static void test_apart(void **state)
{
	static const struct fix_field mm[] = { { "total_vm", "u64", .off = 0 },
					       { "rss_stat", "three", .off = 8 },
					       { "mm_shmempages", "atomic", .off = 64 },
					       { 0 } };
	struct scene s;

	(void)state;
	setup(&s, 3, mm);
	fix_mem_u64(&s.fk.mem, MM + 64, 7);
	assert_int_equal(task_memory_load(&s.fk.k, &s.task, &s.mem, &s.err), VS_OK);
	assert_u64(s.mem.rss, 18);
	fix_kernel_deinit(&s.fk);
}

/* Memory after the array is not a counter. */
static void test_outside(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, 3, mm_of_3);
	assert_int_equal(task_memory_load(&s.fk.k, &s.task, &s.mem, &s.err), VS_CORRUPT);
	fix_kernel_deinit(&s.fk);
	setup(&s, 4, mm_of_3);
	assert_int_equal(task_memory_load(&s.fk.k, &s.task, &s.mem, &s.err), VS_CORRUPT);
	fix_kernel_deinit(&s.fk);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_4_5),
		cmocka_unit_test(test_before_4_5),
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_outside),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("taskinfo", tests, sizeof(tests) / sizeof(tests[0]) - 1,
				       NULL, NULL);
}
