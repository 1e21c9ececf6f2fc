// SPDX-License-Identifier: GPL-3.0-or-later
/* pids: the hash table of struct upid that kernels had before 4.15 (kernel/pid.c there), and the
 * tasks that are found by it. */
#include "tests/unit/kernfix.h"

#include "stub/task/pids.h"
#include "stub/task/tasks.h"

#ifdef HAVE_LIBBPF

#define NS	0xffffffff82000000ULL /* init_pid_ns */
#define INNER	0xffffffff82000100ULL /* a container's */
#define HASH	0xffffffff82000200ULL /* the pointer; the shift is behind it */
#define INIT	0xffffffff82001000ULL /* init_task */
#define TABLE	0xffff888000010000ULL
#define PID(n)	(0xffff888000020000ULL + (n)*0x1000ULL) /* each in its own page */
#define TASK(n) (0xffff888000100000ULL + (n)*0x1000ULL)

/* struct pid: count, level, tasks[3], numbers[]; struct upid: nr, ns, pid_chain */
#define NUMBERS	       0x20ULL
#define UPID_SIZE      0x20ULL
#define UPID_NS	       8ULL
#define CHAIN	       16ULL
#define LINK(n, level) (PID(n) + NUMBERS + (level)*UPID_SIZE + CHAIN)

#define TASKS 0x10ULL
#define PIDS  0x40ULL /* in task_struct */
#define SHIFT 2

static int setup(void **state)
{
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field head[] = { { "first", "u64", .off = 0 }, { 0 } };
	static const struct fix_field upid[] = { { "nr", "u32", .off = 0 },
						 { "ns", "u64", .off = UPID_NS },
						 { "pid_chain", "list_head", .off = CHAIN },
						 { 0 } };
	static const struct fix_field pid[] = { { "count", "u32", .off = 0 },
						{ "tasks", "hlist_head", .off = 8, .n = 3 },
						{ "numbers", "upid", .off = NUMBERS, .n = 1 },
						{ 0 } };
	static const struct fix_field link[] = { { "node", "list_head", .off = 0 },
						 { "pid", "u64", .off = 16 },
						 { 0 } };
	static const struct fix_field task[] = { { "pid", "u32", .off = 0 },
						 { "tasks", "list_head", .off = TASKS },
						 { "pids", "pid_link", .off = PIDS, .n = 3 },
						 { 0 } };
	struct fix_kernel *fk = malloc(sizeof(*fk));
	struct btf *b = fix_btf_new();
	uint32_t shift = SHIFT;

	if (!fk)
		return -1;
	fix_kernel_init(fk, "");
	fix_btf_struct(b, "list_head", 16, list);
	fix_btf_struct(b, "hlist_head", 8, head);
	fix_btf_struct(b, "upid", UPID_SIZE, upid);
	fix_btf_struct(b, "pid", 0x40, pid);
	fix_btf_struct(b, "pid_link", 24, link);
	fix_btf_struct(b, "task_struct", 0x100, task);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, "init_pid_ns", NS);
	fix_kernel_symbol(fk, "pid_hash", HASH);
	fix_kernel_symbol(fk, "pidhash_shift", HASH + 8);
	fix_kernel_symbol(fk, "init_task", INIT);
	if (!symtab_seal(fk->k.syms))
		abort();
	fix_mem_add(&fk->mem, HASH, 16);
	fix_mem_u64(&fk->mem, HASH, TABLE);
	fix_mem_put(&fk->mem, HASH + 8, &shift, 4);
	fix_mem_add(&fk->mem, TABLE, 8 << SHIFT);
	*state = fk;
	return 0;
}

static int teardown(void **state)
{
	fix_kernel_deinit(*state);
	free(*state);
	return 0;
}

/* A struct pid of this level; its struct upid are not yet in the table. */
static void add_pid(struct fix_kernel *fk, unsigned n, unsigned level)
{
	fix_mem_add(&fk->mem, PID(n), 0x1000);
	for (unsigned i = 0; i <= level; i++)
		fix_mem_u64(&fk->mem, PID(n) + NUMBERS + i * UPID_SIZE + UPID_NS, i ? INNER : NS);
}

static void put_in(struct fix_kernel *fk, unsigned bucket, kva_t first)
{
	fix_mem_u64(&fk->mem, TABLE + bucket * 8ULL, first);
}

struct seen {
	kva_t v[16];
	size_t n, wanted;
};

static bool note(void *ctx, kva_t pid)
{
	struct seen *s = ctx;

	assert_true(s->n < 16);
	s->v[s->n++] = pid;
	return s->n < s->wanted;
}

/* Bucket 1: 1, then the inner number of 2, then 3. Bucket 3: the number of 2 that counts here. */
static void fill(struct fix_kernel *fk)
{
	add_pid(fk, 1, 0);
	add_pid(fk, 2, 1);
	add_pid(fk, 3, 0);
	put_in(fk, 1, LINK(1, 0));
	fix_mem_u64(&fk->mem, LINK(1, 0), LINK(2, 1));
	fix_mem_u64(&fk->mem, LINK(2, 1), LINK(3, 0));
	put_in(fk, 3, LINK(2, 0));
}

static void test_every_pid_once(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .wanted = 16 };
	struct err err;

	fill(fk);
	assert_int_equal(pids_each(&fk->k, note, &s, &err), VS_OK);
	assert_int_equal(s.n, 3);
	assert_int_equal(s.v[0], PID(1));
	assert_int_equal(s.v[1], PID(3));
	assert_int_equal(s.v[2], PID(2));
	s = (struct seen){ .wanted = 2 };
	assert_int_equal(pids_each(&fk->k, note, &s, &err), VS_OK);
	assert_int_equal(s.n, 2);
}

static void test_lost(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .wanted = 16 };
	struct err err;

	fill(fk);
	fix_mem_u64(&fk->mem, LINK(2, 1), LINK(9, 0)); // its page is not in the dump
	assert_int_equal(pids_each(&fk->k, note, &s, &err), VS_LOST);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.v[0], PID(1));
	assert_int_equal(s.v[1], PID(2)); // of another bucket
}

static void test_circle(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .wanted = 16 };
	struct err err;

	fill(fk);
	fix_mem_u64(&fk->mem, LINK(3, 0), LINK(2, 1));
	assert_int_equal(pids_each(&fk->k, note, &s, &err), VS_LOST);
	assert_true(s.n >= 3 && s.n < 8);
}

static void test_absurd_size(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .wanted = 16 };
	uint32_t shift = 40;
	struct err err;

	fix_mem_put(&fk->mem, HASH + 8, &shift, 4);
	assert_int_equal(pids_each(&fk->k, note, &s, &err), VS_CORRUPT);
	assert_int_equal(s.n, 0);
}

/* The list of tasks is lost after 1 in both directions: 3 is found by its PID. */
static void test_tasks(void **state)
{
	struct fix_kernel *fk = *state;
	kva_t *list = NULL;
	struct err err;
	size_t n = 0, times = 0;

	fill(fk);
	fix_mem_add(&fk->mem, INIT, 0x100);
	fix_mem_u64(&fk->mem, INIT + TASKS, TASK(1) + TASKS);
	fix_mem_u64(&fk->mem, INIT + TASKS + 8, TASK(2) + TASKS);
	for (unsigned i = 1; i <= 3; i += 2) {
		fix_mem_add(&fk->mem, TASK(i), 0x100);
		fix_mem_u64(&fk->mem, TASK(i), i);
		fix_mem_u64(&fk->mem, PID(i) + 8, TASK(i) + PIDS);
	}
	fix_mem_u64(&fk->mem, TASK(1) + TASKS, TASK(2) + TASKS); // which is not in the dump
	(void)tasks_list(&fk->k, &list, &n, &err);		 // this kernel has no idle tasks
	for (size_t i = 0; i < n; i++)
		times += list[i] == TASK(3);
	assert_int_equal(times, 1);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_pid_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(test_circle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_absurd_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tasks, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

int main(void)
{
	return 0;
}

#endif
