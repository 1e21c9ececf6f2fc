// SPDX-License-Identifier: GPL-3.0-or-later
/* nodes: node_data[] with a gap, whose length comes from several places. */
#include "tests/unit/kernfix.h"

#include "stub/kernel/nodes.h"

#define TABLE  0xffffffff82000000ULL
#define COUNT  0xffffffff82001000ULL
#define NODE_0 0xffff888000000000ULL
#define NODE_2 0xffff888100000000ULL

static void setup(struct fix_kernel *fk, const char *vmcoreinfo, uint32_t nr_node_ids)
{
	fix_kernel_init(fk, vmcoreinfo);
	fix_kernel_symbol(fk, "node_data", TABLE);
	if (nr_node_ids) {
		fix_kernel_symbol(fk, "nr_node_ids", COUNT);
		fix_mem_add(&fk->mem, COUNT, 8);
		fix_mem_put(&fk->mem, COUNT, &nr_node_ids, 4);
	}
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, TABLE, 32);
	fix_mem_u64(&fk->mem, TABLE, NODE_0);
	fix_mem_u64(&fk->mem, TABLE + 16, NODE_2); // node 1 does not exist
}

static void expect_two(struct fix_kernel *fk)
{
	struct kernel_node nodes[KERNEL_NODES_MAX];
	struct err err;
	size_t n;

	if (kernel_nodes(&fk->k, nodes, &n, &err))
		fail_msg("%s\n", err.msg);
	assert_int_equal(n, 2);
	assert_int_equal(nodes[0].id, 0);
	assert_u64(nodes[0].va, NODE_0);
	assert_int_equal(nodes[1].id, 2);
	assert_u64(nodes[1].va, NODE_2);
	fix_kernel_deinit(fk);
}

static void test_length(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, "LENGTH(node_data)=4\n", 0);
	expect_two(&fk);
	setup(&fk, "", 3);
	expect_two(&fk);
}

static void test_no_numa(void **state)
{
	struct kernel_node nodes[KERNEL_NODES_MAX];
	struct fix_kernel fk;
	size_t n;

	(void)state;
	fix_kernel_init(&fk, "");
	fix_kernel_symbol(&fk, "contig_page_data", NODE_0);
	assert_true(symtab_seal(fk.k.syms));
	assert_int_equal(kernel_nodes(&fk.k, nodes, &n, NULL), VS_OK);
	assert_int_equal(n, 1);
	assert_u64(nodes[0].va, NODE_0);
	fix_kernel_deinit(&fk);
}

static void test_damaged(void **state)
{
	struct kernel_node nodes[KERNEL_NODES_MAX];
	struct fix_kernel fk;
	struct err err;
	size_t n;

	(void)state;
	setup(&fk, "", 0); // the symbol has no size either
	assert_int_equal(kernel_nodes(&fk.k, nodes, &n, &err), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
	setup(&fk, "LENGTH(node_data)=100000\n", 0);
	assert_int_equal(kernel_nodes(&fk.k, nodes, &n, &err), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
	setup(&fk, "", 3);
	fix_mem_u64(&fk.mem, TABLE + 8, 0x1234);
	assert_int_equal(kernel_nodes(&fk.k, nodes, &n, &err), VS_CORRUPT);
	assert_string_equal(err.msg, "node_data[1]: it is 0x1234");
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_no_numa),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
