// SPDX-License-Identifier: GPL-3.0-or-later
/* runqueue: run queues of kernels before 4.14, whose trees do not keep their leftmost node
 * (kernel/sched/sched.h), and before 3.14, which have no deadline class. */
#include "tests/unit/kernfix.h"

#include "stub/task/runqueue.h"

#ifdef HAVE_LIBBPF

#define VARS	0xffffffff82000000ULL
#define RQ	0xffff888000100000ULL
#define TASK(n) (0xffff888000200000ULL + (n)*0x1000ULL)

/* places in struct rq, and in a task */
#define CFS    0x10
#define RT     0x40
#define DL     0x800
#define SE     0x100
#define RT_SE  0x200
#define DL_SE  0x300
#define LISTS  16 /* in struct rt_rq, after the bitmap of struct rt_prio_array */
#define WITHIN 8  /* the node in each entity */

static void add_types(struct fix_kernel *fk, bool deadline)
{
	static const struct fix_field root[] = { { "rb_node", "u64", .off = 0 }, { 0 } };
	static const struct fix_field node[] = { { "__rb_parent_color", "u64", .off = 0 },
						 { "rb_right", "u64", .off = 8 },
						 { "rb_left", "u64", .off = 16 },
						 { 0 } };
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field array[] = { { "queue", "list_head", .off = LISTS, .n = 100 },
						  { 0 } };
	static const struct fix_field cfs[] = { { "tasks_timeline", "rb_root", .off = 0 },
						{ "curr", "u64", .off = 16 },
						{ 0 } };
	static const struct fix_field rt[] = { { "active", "rt_prio_array", .off = 0 }, { 0 } };
	static const struct fix_field dl[] = { { "rb_root", "rb_root", .off = 8 }, { 0 } };
	static const struct fix_field se[] = { { "run_node", "rb_node", .off = WITHIN }, { 0 } };
	static const struct fix_field rt_se[] = { { "run_list", "list_head", .off = WITHIN },
						  { 0 } };
	static const struct fix_field dl_se[] = { { "rb_node", "rb_node", .off = WITHIN }, { 0 } };
	static const struct fix_field rq[] = { { "curr", "u64", .off = 0 },
					       { "cfs", "cfs_rq", .off = CFS },
					       { "rt", "rt_rq", .off = RT },
					       { "dl", "dl_rq", .off = DL },
					       { 0 } };
	static const struct fix_field older_rq[] = { { "curr", "u64", .off = 0 },
						     { "cfs", "cfs_rq", .off = CFS },
						     { "rt", "rt_rq", .off = RT },
						     { 0 } };
	static const struct fix_field task[] = { { "prio", "u32", .off = 0 },
						 { "se", "sched_entity", .off = SE },
						 { "rt", "sched_rt_entity", .off = RT_SE },
						 { "dl", "sched_dl_entity", .off = DL_SE },
						 { 0 } };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "rb_root", 8, root);
	fix_btf_struct(b, "rb_node", 24, node);
	fix_btf_struct(b, "list_head", 16, list);
	fix_btf_struct(b, "rt_prio_array", LISTS + 1600, array);
	fix_btf_struct(b, "cfs_rq", 24, cfs);
	fix_btf_struct(b, "rt_rq", LISTS + 1600, rt);
	fix_btf_struct(b, "dl_rq", 16, dl);
	fix_btf_struct(b, "sched_entity", 32, se);
	fix_btf_struct(b, "sched_rt_entity", 32, rt_se);
	fix_btf_struct(b, "sched_dl_entity", 32, dl_se);
	fix_btf_struct(b, "rq", 0x900, deadline ? rq : older_rq);
	fix_btf_struct(b, "task_struct", 0x400, task);
	fix_kernel_types(fk, fix_btf_types(b));
}

/* Tasks 1 to 3 in a tree: 2 is its root. */
static void put_tree(struct fix_kernel *fk, kva_t root, unsigned entity)
{
	kva_t at = entity + WITHIN;

	fix_mem_u64(&fk->mem, root, TASK(2) + at);
	fix_mem_u64(&fk->mem, TASK(2) + at, 1);
	fix_mem_u64(&fk->mem, TASK(2) + at + 8, TASK(3) + at);
	fix_mem_u64(&fk->mem, TASK(2) + at + 16, TASK(1) + at);
	fix_mem_u64(&fk->mem, TASK(1) + at, (TASK(2) + at) | 1);
	fix_mem_u64(&fk->mem, TASK(3) + at, (TASK(2) + at) | 1);
}

static void setup(struct fix_kernel *fk, bool deadline)
{
	kva_t lists = RQ + RT + LISTS, rt = TASK(4) + RT_SE + WITHIN;

	fix_kernel_init(fk, "");
	add_types(fk, deadline);
	fix_kernel_symbol(fk, "nr_cpu_ids", VARS);
	fix_kernel_symbol(fk, "__per_cpu_offset", VARS + 8);
	fix_kernel_symbol(fk, "runqueues", 0);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, VARS, 16);
	fix_mem_u64(&fk->mem, VARS, 1);
	fix_mem_u64(&fk->mem, VARS + 8, RQ);
	fix_mem_add(&fk->mem, RQ, 0x1000);
	for (unsigned i = 0; i < 5; i++) {
		fix_mem_add(&fk->mem, TASK(i), 0x400);
		fix_mem_put(&fk->mem, TASK(i), &(uint32_t){ 100 + i }, 4);
	}
	fix_mem_u64(&fk->mem, RQ, TASK(0));
	put_tree(fk, RQ + CFS, SE);
	for (unsigned i = 0; i < 100; i++)
		fix_mem_u64(&fk->mem, lists + 16 * i, i == 7 ? rt : lists + 16 * i);
	fix_mem_u64(&fk->mem, rt, lists + 16 * 7);
	fix_mem_u64(&fk->mem, rt + 8, lists + 16 * 7);
	fix_mem_u64(&fk->mem, lists + 16 * 7 + 8, rt);
	if (deadline)
		put_tree(fk, RQ + DL + 8, DL_SE);
}

struct seen {
	unsigned n;
	struct run_entry e[8];
};

static bool see(void *ctx, const struct run_entry *e)
{
	struct seen *s = ctx;

	assert_in_range(s->n, 0, 7);
	s->e[s->n++] = *e;
	return true;
}

static void expect(struct fix_kernel *fk, enum run_class class, unsigned first, unsigned n,
		   int64_t prio)
{
	struct seen s = { .n = 0 };
	struct runqueue q;
	struct err err;

	if (runqueue_load(&fk->k, 0, &q, &err) || runqueue_each(&fk->k, &q, class, see, &s, &err))
		fail_msg("%s\n", err.msg);
	assert_u64(q.curr, TASK(0));
	assert_int_equal(s.n, n);
	for (unsigned i = 0; i < n; i++) {
		assert_u64(s.e[i].task, TASK(first + i));
		assert_int_equal(s.e[i].prio, prio < 0 ? prio : prio + i);
	}
}

static void test_before_4_14(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, true);
	expect(&fk, RUN_FAIR, 1, 3, 101);
	expect(&fk, RUN_RT, 4, 1, 7);
	expect(&fk, RUN_DEADLINE, 1, 3, -1);
	expect(&fk, RUN_EXT, 0, 0, 0);
	fix_kernel_deinit(&fk);
}

static void test_before_3_14(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, false);
	expect(&fk, RUN_FAIR, 1, 3, 101);
	expect(&fk, RUN_RT, 4, 1, 7);
	expect(&fk, RUN_DEADLINE, 0, 0, 0);
	fix_kernel_deinit(&fk);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_before_4_14),
		cmocka_unit_test(test_before_3_14),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("oldqueues", tests, sizeof(tests) / sizeof(tests[0]) - 1,
				       NULL, NULL);
}
