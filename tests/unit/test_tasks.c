// SPDX-License-Identifier: GPL-3.0-or-later
/* tasks: lists that lead through missing pages, or form cycles. */
#include "tests/unit/kernfix.h"

#include <stdio.h>

#include "stub/kernel/percpu.h"
#include "stub/task/tasks.h"

#ifdef HAVE_LIBBPF

#define TASK(n)	    (0xffff888000100000ULL + (n)*0x1000ULL) /* each in its own page */
#define CPU_IDS	    0xffffffff82000000ULL
#define TASKS	    0x10ULL
#define CHILDREN    0x20ULL
#define SIBLING	    0x30ULL
#define THREAD_NODE 0x40ULL
#define SIGNAL	    0x50ULL
#define STATE	    0x1000ULL /* in the next page, which exists for few tasks */
#define THREADS	    0x800ULL  /* its signal_struct, which is only the list head */

static int setup(void **state)
{
	static const struct fix_field task[] = {
		{ "pid", "u32", .off = 0 },
		{ "tasks", "u64", .off = TASKS, .n = 2 },
		{ "children", "u64", .off = CHILDREN, .n = 2 },
		{ "sibling", "u64", .off = SIBLING, .n = 2 },
		{ "thread_node", "u64", .off = THREAD_NODE, .n = 2 },
		{ "signal", "u64", .off = SIGNAL },
		{ "flags", "u32", .off = 0x60 },
		{ "exit_state", "u32", .off = 0x64 },
		{ "comm", "u8", .off = 0x68, .n = 16 },
		{ "__state", "u32", .off = STATE },
		{ "cpu", "u32", .off = STATE + 4 },
		{ 0 },
	};
	static const struct fix_field signal[] = { { "thread_head", "u64", .off = 0, .n = 2 },
						   { 0 } };
	struct fix_kernel *fk = malloc(sizeof(*fk));
	struct btf *b = fix_btf_new();

	if (!fk)
		return -1;
	fix_kernel_init(fk, "");
	fix_btf_struct(b, "task_struct", 0x1100, task);
	fix_btf_struct(b, "signal_struct", 16, signal);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, "init_task", TASK(0));
	fix_kernel_symbol(fk, "nr_cpu_ids", CPU_IDS);
	if (!symtab_seal(fk->k.syms))
		abort();
	fix_mem_add(&fk->mem, CPU_IDS, 8);
	fix_mem_u64(&fk->mem, CPU_IDS, 4);
	*state = fk;
	return 0;
}

static int teardown(void **state)
{
	fix_kernel_deinit(*state);
	free(*state);
	return 0;
}

static bool is_there(const struct fix_kernel *fk, kva_t va)
{
	uint64_t word;

	return mem_read_u64(fk->k.mem, va, &word, NULL) == VS_OK;
}

/* Links a ring of head and n nodes, except those in missing pages. */
static void link_ring(struct fix_kernel *fk, kva_t head, const kva_t *nodes, size_t n)
{
	for (size_t i = 0; i <= n; i++) {
		kva_t at = i ? nodes[i - 1] : head;

		if (!is_there(fk, at))
			continue;
		fix_mem_u64(&fk->mem, at, i < n ? nodes[i] : head);
		fix_mem_u64(&fk->mem, at + 8, i == 0 ? nodes[n - 1] : i == 1 ? head : nodes[i - 2]);
	}
}

/* Adds a task that is alone in its process and has no children. */
static void add_task(struct fix_kernel *fk, unsigned n)
{
	kva_t task = TASK(n), thread = task + THREAD_NODE;

	fix_mem_add(&fk->mem, task, 0x1000);
	fix_mem_u64(&fk->mem, task, n);
	fix_mem_u64(&fk->mem, task + SIGNAL, task + THREADS);
	link_ring(fk, task + THREADS, &thread, 1);
	fix_mem_u64(&fk->mem, task + CHILDREN, task + CHILDREN);
	fix_mem_u64(&fk->mem, task + CHILDREN + 8, task + CHILDREN);
}

static bool holds(const kva_t *list, size_t n, kva_t task)
{
	size_t times = 0;

	for (size_t i = 0; i < n; i++)
		times += list[i] == task;
	assert_true(times <= 1);
	return times;
}

/* 2 and 5 are lost, so the list does not lead to 3 and 4 either way. 3 is a child of 1, 4 one of 3.
 */
static void test_descendants(void **state)
{
	struct fix_kernel *fk = *state;
	kva_t on_list[5], three = TASK(3) + SIBLING, four = TASK(4) + SIBLING, *list = NULL;
	struct err err;
	size_t n = 0;

	for (unsigned i = 0; i < 6; i++) {
		if (i != 2 && i != 5)
			add_task(fk, i);
		if (i)
			on_list[i - 1] = TASK(i) + TASKS;
	}
	link_ring(fk, TASK(0) + TASKS, on_list, 5);
	link_ring(fk, TASK(1) + CHILDREN, &three, 1);
	link_ring(fk, TASK(3) + CHILDREN, &four, 1);
	assert_int_not_equal(tasks_list(&fk->k, &list, &n, &err), VS_OK); // more may be missing
	for (unsigned i = 1; i < 6; i++)
		assert_true(holds(list, n, TASK(i)));
	assert_int_equal(n, 5);
	free(list);
}

/* The second child points to itself. */
static void test_circle(void **state)
{
	struct fix_kernel *fk = *state;
	kva_t children[3], *list = NULL;
	struct err err;
	size_t n = 0;

	for (unsigned i = 0; i < 4; i++) {
		add_task(fk, i);
		if (i)
			children[i - 1] = TASK(i) + SIBLING;
	}
	link_ring(fk, TASK(0) + CHILDREN, children, 3);
	assert_int_equal(task_children(&fk->k, TASK(0), &list, &n, &err), VS_OK);
	assert_int_equal(n, 3);
	free(list);
	fix_mem_u64(&fk->mem, children[1], children[1]);
	fix_mem_u64(&fk->mem, children[1] + 8, children[1]);
	assert_int_equal(task_children(&fk->k, TASK(0), &list, &n, &err), VS_CORRUPT);
	assert_non_null(strstr(err.msg, "it comes back to"));
	assert_true(n >= 2 && n < 10);
	free(list);
}

/* The page with its state is lost: do not show it as running, or on CPU 0. */
static void test_lost_state(void **state)
{
	struct fix_kernel *fk = *state;
	struct task t;
	struct err err;

	add_task(fk, 1);
	fix_mem_put(&fk->mem, TASK(1) + 0x68, "worker", 7);
	assert_int_equal(task_load(&fk->k, TASK(1), &t, &err), VS_OK);
	assert_int_equal(t.pid, 1);
	assert_string_equal(t.comm, "worker");
	assert_string_equal(task_state_str(&t), "?");
	assert_string_equal(task_state_long(&t), "(unknown)");
	assert_true(task_knows(&t, TASK_EXIT_STATE));
	assert_false(task_knows(&t, TASK_CPU));
	assert_true(t.cpu == TASK_NO_CPU);
	fix_mem_add(&fk->mem, TASK(2), 0x1000); // now they exist, and are 0
	assert_int_equal(task_load(&fk->k, TASK(1), &t, &err), VS_OK);
	assert_string_equal(task_state_str(&t), "RU");
	assert_true(t.cpu == 0);
}

/* A page of zeros is not an idle task; a task with PID 0 and the kernel thread flag is. */
static void test_zero_page(void **state)
{
	struct fix_kernel *fk = *state;
	static const uint32_t flags = 0x00200000;
	struct task t;
	struct err err;

	fix_mem_add(&fk->mem, TASK(1), 0x2000);
	assert_int_equal(task_load(&fk->k, TASK(1), &t, &err), VS_CORRUPT);
	assert_non_null(strstr(err.msg, "is not the idle task"));
	fix_mem_put(&fk->mem, TASK(1) + 0x60, &flags, 4);
	assert_int_equal(task_load(&fk->k, TASK(1), &t, &err), VS_OK);
}

/* Before 4.9, a task's CPU is in thread_info at the low end of its stack. */
static void cpu_on_stack(struct fix_kernel *fk)
{
	static const struct fix_field task[] = { { "pid", "u32", .off = 0 },
						 { "stack", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field info[] = { { "task", "u64", .off = 0 },
						 { "cpu", "u32", .off = 12 },
						 { 0 } };
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "");
	fix_btf_struct(b, "task_struct", 16, task);
	fix_btf_struct(b, "thread_info", 16, info);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, "cpu_online_bits", TASK(3));
	fix_kernel_symbol(fk, "nr_cpu_ids", CPU_IDS);
	fix_kernel_symbol(fk, "__per_cpu_offset", CPU_IDS + 8);
	fix_kernel_symbol(fk, "current_task", 0);
	if (!symtab_seal(fk->k.syms))
		abort();
	fix_mem_add(&fk->mem, CPU_IDS, 0x100);
	fix_mem_u64(&fk->mem, CPU_IDS, 4);
	for (unsigned i = 0; i < 4; i++) // current_task of each
		fix_mem_u64(&fk->mem, CPU_IDS + 8 + i * 8, CPU_IDS + 0x80 + i * 8);
	fix_mem_add(&fk->mem, TASK(1), 16);
	fix_mem_u64(&fk->mem, TASK(1), 7);
	fix_mem_u64(&fk->mem, TASK(1) + 8, TASK(2));
}

/* If the page is missing, the CPU is unknown, not 0. */
static void test_cpu_on_stack(void **state)
{
	static const uint32_t cpu = 3, online = 8;
	struct fix_kernel fk;
	struct task t;
	struct err err;

	(void)state;
	cpu_on_stack(&fk);
	assert_int_equal(task_load(&fk.k, TASK(1), &t, &err), VS_OK);
	assert_false(task_knows(&t, TASK_CPU));
	assert_true(t.cpu == TASK_NO_CPU);
	fix_mem_add(&fk.mem, TASK(2), 16);
	fix_mem_u64(&fk.mem, TASK(2), TASK(1));
	fix_mem_put(&fk.mem, TASK(2) + 12, &cpu, 4);
	assert_int_equal(task_load(&fk.k, TASK(1), &t, &err), VS_OK);
	assert_true(task_knows(&t, TASK_CPU));
	assert_int_equal(t.cpu, 3);
	// The mask of online CPUs has another name, too.
	fix_mem_add(&fk.mem, TASK(3), 8);
	fix_mem_put(&fk.mem, TASK(3), &online, 4);
	assert_true(percpu_is_online(&fk.k, 3));
	assert_false(percpu_is_online(&fk.k, 2));
	fix_kernel_deinit(&fk);
}

/* The stack overflowed and overwrote thread_info, with a number that no CPU has, then with one that
 * another CPU has. The CPU that runs the task knows it. */
static void test_overwritten_cpu(void **state)
{
	static const uint32_t absurd = 0x801d0030, other = 3;
	struct fix_kernel fk;
	struct task t;
	struct err err;

	(void)state;
	cpu_on_stack(&fk);
	fix_mem_add(&fk.mem, TASK(2), 16);
	fix_mem_u64(&fk.mem, TASK(2), TASK(1));
	fix_mem_put(&fk.mem, TASK(2) + 12, &absurd, 4);
	assert_int_equal(task_load(&fk.k, TASK(1), &t, &err), VS_OK);
	assert_false(task_knows(&t, TASK_CPU));
	assert_true(t.cpu == TASK_NO_CPU);
	fix_mem_u64(&fk.mem, TASK(2), 0x6666906666666666ULL);
	fix_mem_put(&fk.mem, TASK(2) + 12, &other, 4);
	assert_int_equal(task_load(&fk.k, TASK(1), &t, &err), VS_OK);
	assert_false(task_knows(&t, TASK_CPU));
	fix_mem_u64(&fk.mem, CPU_IDS + 0x80 + 2 * 8, TASK(1));
	assert_int_equal(task_load(&fk.k, TASK(1), &t, &err), VS_OK);
	assert_true(task_knows(&t, TASK_CPU));
	assert_int_equal(t.cpu, 2);
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_descendants, setup, teardown),
		cmocka_unit_test_setup_teardown(test_circle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_state, setup, teardown),
		cmocka_unit_test_setup_teardown(test_zero_page, setup, teardown),
		cmocka_unit_test(test_cpu_on_stack),
		cmocka_unit_test(test_overwritten_cpu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 0;
}

#endif
