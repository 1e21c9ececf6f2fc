// SPDX-License-Identifier: GPL-3.0-or-later
/* walk: intact lists and trees, cycles, and nodes that are not where they claim to be. */
#include "tests/unit/kernfix.h"

#include "stub/base/cleanup.h"
#include "stub/kernel/walk.h"

#define BASE 0xffff888000100000ULL

struct seen {
	kva_t node[64];
	uint64_t first[64], last[64];
	size_t n, stop_after;
};

static bool see(void *ctx, kva_t node)
{
	struct seen *s = ctx;

	s->node[s->n++] = node;
	return s->n != s->stop_after && s->n < 64;
}

static bool see_entry(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	struct seen *s = ctx;

	s->first[s->n] = first;
	s->last[s->n] = last;
	return see(ctx, entry);
}

static int setup(void **state)
{
	struct fix_kernel *fk = malloc(sizeof(*fk));

	if (!fk)
		return -1;
	fix_kernel_init(fk, "");
	fix_mem_add(&fk->mem, BASE, 0x4000);
	*state = fk;
	return 0;
}

static int teardown(void **state)
{
	fix_kernel_deinit(*state);
	free(*state);
	return 0;
}

/* Makes a ring with entry i at BASE + 16 * i; the head is entry 0. */
static void link_ring(struct fix_kernel *fk, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		fix_mem_u64(&fk->mem, BASE + 16 * i, BASE + 16 * ((i + 1) % n));
		fix_mem_u64(&fk->mem, BASE + 16 * i + 8, BASE + 16 * ((i + n - 1) % n));
	}
}

static void test_ring(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	link_ring(fk, 5);
	assert_int_equal(walk_list(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 4);
	assert_int_equal(s.node[0], BASE + 16);
	assert_int_equal(s.node[3], BASE + 64);
	s.n = 0;
	assert_int_equal(walk_list_back(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.node[0], BASE + 64);
	s = (struct seen){ .stop_after = 2 };
	assert_int_equal(walk_list(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 2);
}

static void test_empty_ring(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	link_ring(fk, 1);
	assert_int_equal(walk_list(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 0);
}

/* Does not come back to its head: entry 6 points to entry 3. */
static void test_cycle(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	link_ring(fk, 7);
	fix_mem_u64(&fk->mem, BASE + 16 * 6, BASE + 16 * 3);
	assert_int_equal(walk_list(&fk->k, BASE, see, &s, &err), VS_CORRUPT);
	assert_true(s.n >= 6 && s.n < 20);
	assert_non_null(strstr(err.msg, "it comes back to"));
}

static void test_cut_ring(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	link_ring(fk, 4);
	fix_mem_u64(&fk->mem, BASE + 32, 0);
	assert_int_equal(walk_list(&fk->k, BASE, see, &s, &err), VS_CORRUPT);
	assert_int_equal(s.n, 2);
	fix_mem_u64(&fk->mem, BASE + 32, 0xffff999900000000ULL);
	s.n = 0;
	assert_int_not_equal(walk_list(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 2);
	assert_non_null(strstr(err.msg, "after 2 entries"));
}

static void test_chain_ends(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	// ends: NULL, an hlist_nulls value, a given end
	link_ring(fk, 4);
	fix_mem_u64(&fk->mem, BASE + 48, 0);
	assert_int_equal(walk_hlist(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 3);
	fix_mem_u64(&fk->mem, BASE + 32, 0x55);
	s.n = 0;
	assert_int_equal(walk_hlist(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 2);
	s.n = 0;
	assert_int_equal(walk_chain(&fk->k, BASE + 16, 0, BASE + 32, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 1);
}

/* rb_node: parent and color, right, left. */
static void rb(struct fix_kernel *fk, unsigned i, unsigned parent, unsigned left, unsigned right)
{
	kva_t at = BASE + 0x100 + 32 * i;

	fix_mem_u64(&fk->mem, at, (parent ? BASE + 0x100 + 32 * parent : 0) | 1);
	fix_mem_u64(&fk->mem, at + 8, right ? BASE + 0x100 + 32 * right : 0);
	fix_mem_u64(&fk->mem, at + 16, left ? BASE + 0x100 + 32 * left : 0);
}

/* 4 ( 2 ( 1 3 ) 5 ) */
static void plant(struct fix_kernel *fk)
{
	fix_mem_u64(&fk->mem, BASE, BASE + 0x100 + 32 * 4);
	rb(fk, 4, 0, 2, 5);
	rb(fk, 2, 4, 1, 3);
	rb(fk, 1, 2, 0, 0);
	rb(fk, 3, 2, 0, 0);
	rb(fk, 5, 4, 0, 0);
}

static void test_rbtree(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	plant(fk);
	assert_int_equal(walk_rbtree(&fk->k, BASE, see, &s, &err), VS_OK);
	assert_int_equal(s.n, 5);
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(s.node[i], BASE + 0x100 + 32 * (i + 1));
}

static void test_rbtree_cycle(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	plant(fk);
	rb(fk, 3, 2, 0, 4); // back up to the root
	assert_int_equal(walk_rbtree(&fk->k, BASE, see, &s, &err), VS_CORRUPT);
	assert_non_null(strstr(err.msg, "is not a child of"));
	assert_int_equal(s.n, 3);
	plant(fk);
	rb(fk, 2, 4, 1, 1); // both children are the same
	s.n = 0;
	assert_int_equal(walk_rbtree(&fk->k, BASE, see, &s, &err), VS_CORRUPT);
	assert_int_equal(s.n, 0);
}

#ifdef HAVE_LIBBPF
#define NODE(i) (BASE + 0x1000 + (i)*0x400ULL)

static void xa_types(struct fix_kernel *fk, bool radix)
{
	static const struct fix_field xa[] = { { "xa_head", "u64", .off = 8 }, { 0 } };
	static const struct fix_field root[] = { { "rnode", "u64", .off = 8 }, { 0 } };
	static const struct fix_field node[] = { { "shift", "u8", .off = 0 },
						 { "offset", "u8", .off = 1 },
						 { "parent", "u64", .off = 8 },
						 { "slots", "u64", .off = 40, .n = 64 },
						 { 0 } };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, radix ? "radix_tree_root" : "xarray", 16, radix ? root : xa);
	fix_btf_struct(b, radix ? "radix_tree_node" : "xa_node", 576, node);
	fix_kernel_types(fk, fix_btf_types(b));
}

static void xa_node(struct fix_kernel *fk, unsigned i, unsigned shift, unsigned offset,
		    kva_t parent)
{
	fix_mem_u64(&fk->mem, NODE(i), shift | offset << 8);
	fix_mem_u64(&fk->mem, NODE(i) + 8, parent);
}

static void xa_slot(struct fix_kernel *fk, unsigned i, unsigned slot, uint64_t entry)
{
	fix_mem_u64(&fk->mem, NODE(i) + 40 + 8 * slot, entry);
}

static void test_xarray(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	xa_types(fk, false);
	fix_mem_u64(&fk->mem, BASE + 8, NODE(0) | 2);
	xa_node(fk, 0, 6, 0, 0);
	xa_slot(fk, 0, 0, NODE(1) | 2);
	xa_slot(fk, 0, 5, NODE(2) | 2);
	xa_node(fk, 1, 0, 0, NODE(0));
	xa_slot(fk, 1, 3, 0xffff888000aaaa00);
	xa_slot(fk, 1, 4, 0x406); // an internal mark, not an entry
	xa_node(fk, 2, 0, 5, NODE(0));
	xa_slot(fk, 2, 8, 0xffff888000bbbb00);
	xa_slot(fk, 2, 9, 8 << 2 | 2); // the same entry continues here
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_OK);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.first[0], 3);
	assert_int_equal(s.first[1], 5 * 64 + 8);
	assert_int_equal(s.last[1], 5 * 64 + 9);
	// a slot that points to the node of another slot
	xa_slot(fk, 0, 6, NODE(1) | 2);
	s.n = 0;
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_CORRUPT);
	assert_non_null(strstr(err.msg, "is not in slot 6"));
	// and one to itself
	xa_slot(fk, 0, 6, NODE(0) | 2);
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_CORRUPT);
}

/* From 4.7 to 4.19 nodes ended in binary 01 and values in 10. */
static void test_radix_tree(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	xa_types(fk, true);
	fix_mem_u64(&fk->mem, BASE + 8, NODE(0) | 1);
	xa_node(fk, 0, 6, 0, 0);
	xa_slot(fk, 0, 0, NODE(1) | 1);
	xa_slot(fk, 0, 5, NODE(2) | 1);
	xa_node(fk, 1, 0, 0, NODE(0));
	xa_slot(fk, 1, 3, 0xffff888000aaaa00);
	xa_node(fk, 2, 0, 5, NODE(0));
	xa_slot(fk, 2, 8, 0x1232);
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_OK);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.first[0], 3);
	assert_int_equal(s.first[1], 5 * 64 + 8);
	fix_mem_u64(&fk->mem, BASE + 8, 0xffff888000aaaa00); // one entry has no node
	s.n = 0;
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_OK);
	assert_int_equal(s.n, 1);
}

static void old_types(struct fix_kernel *fk, bool path)
{
	static const struct fix_field root[] = { { "height", "u32", .off = 0 },
						 { "rnode", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field with_path[] = { { "path", "u32", .off = 0 },
						      { "parent", "u64", .off = 8 },
						      { "slots", "u64", .off = 40, .n = 64 },
						      { 0 } };
	static const struct fix_field with_height[] = { { "height", "u32", .off = 0 },
							{ "slots", "u64", .off = 40, .n = 64 },
							{ 0 } };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "radix_tree_root", 16, root);
	fix_btf_struct(b, "radix_tree_node", 576, path ? with_path : with_height);
	fix_kernel_types(fk, fix_btf_types(b));
}

/* Before 4.7: nodes have a height, perhaps with their slot in the parent, and only the root's
 * pointer to one has bit 0 set. Before 3.4 they have no parent either. */
static void check_old_radix_tree(struct fix_kernel *fk, bool path)
{
	struct seen s = { .n = 0 };
	struct err err;

	old_types(fk, path);
	fix_mem_u64(&fk->mem, BASE + 8, NODE(0) | 1);
	fix_mem_u64(&fk->mem, NODE(0), 2);
	xa_slot(fk, 0, 0, NODE(1));
	xa_slot(fk, 0, 5, NODE(2));
	fix_mem_u64(&fk->mem, NODE(1), 1);
	fix_mem_u64(&fk->mem, NODE(1) + 8, path ? NODE(0) : 0);
	xa_slot(fk, 1, 3, 0xffff888000aaaa00);
	fix_mem_u64(&fk->mem, NODE(2), 1 | (path ? 5 << 12 : 0));
	fix_mem_u64(&fk->mem, NODE(2) + 8, path ? NODE(0) : 0);
	xa_slot(fk, 2, 8, 0x1232); // a value
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_OK);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.first[0], 3);
	assert_int_equal(s.first[1], 5 * 64 + 8);
	// a node on itself: heights must fall
	xa_slot(fk, 0, 6, NODE(0));
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_CORRUPT);
	xa_slot(fk, 0, 6, 0);
	// a node of no height, or of one that no tree has
	for (unsigned bad = 0; bad < 100; bad += 99) {
		fix_mem_u64(&fk->mem, NODE(0), bad);
		assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_CORRUPT);
		assert_non_null(strstr(err.msg, "height "));
	}
}

static void test_radix_tree_with_path(void **state)
{
	check_old_radix_tree(*state, true);
}

static void test_radix_tree_with_height(void **state)
{
	check_old_radix_tree(*state, false);
}

/* A node that is missing in the dump, between two that exist. */
static void test_xarray_with_lost_node(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	xa_types(fk, false);
	fix_mem_u64(&fk->mem, BASE + 8, NODE(0) | 2);
	xa_node(fk, 0, 6, 0, 0);
	xa_slot(fk, 0, 0, NODE(1) | 2);
	xa_slot(fk, 0, 1, 0xffff888000700002);
	xa_slot(fk, 0, 2, NODE(2) | 2);
	xa_node(fk, 1, 0, 0, NODE(0));
	xa_slot(fk, 1, 3, 0xffff888000aaaa00);
	xa_node(fk, 2, 0, 2, NODE(0));
	xa_slot(fk, 2, 1, 0xffff888000bbbb00);
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_EXCLUDED);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.first[1], 129);
	assert_non_null(
		strstr(err.msg, "below a lost node are missing: xa_node 0xffff888000700000"));
}

static void test_xarray_of_one(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	xa_types(fk, false);
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_OK);
	assert_int_equal(s.n, 0);
	fix_mem_u64(&fk->mem, BASE + 8, 0xffff888000aaaa00);
	assert_int_equal(walk_xarray(&fk->k, BASE, see_entry, &s, &err), VS_OK);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.first[0], 0);
}
/* --- maple trees, of 6.1 to 7.3 */

#define MNODE(i)   (BASE + 0x1000 + (i)*0x100)
#define LEAF(i)	   (MNODE(i) | 1 << 3)
#define MT_PIVOTS  8
#define MT_SLOTS   128
#define MT_APIVOTS 8
#define MT_ASLOTS  80

static void mt_types(struct fix_kernel *fk)
{
	static const struct fix_field tree[] = { { "ma_root", "u64", .off = 8 }, { 0 } };
	static const struct fix_field r64[] = { { "pivot", "u64", .off = MT_PIVOTS, .n = 15 },
						{ "slot", "u64", .off = MT_SLOTS, .n = 16 },
						{ 0 } };
	static const struct fix_field a64[] = { { "pivot", "u64", .off = MT_APIVOTS, .n = 9 },
						{ "slot", "u64", .off = MT_ASLOTS, .n = 10 },
						{ 0 } };
	static const struct fix_field dense[] = { { "slot", "u64", .off = 8, .n = 31 }, { 0 } };
	static const char *const kinds[] = { "maple_dense", "maple_leaf_64", "maple_range_64",
					     "maple_arange_64" };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "maple_tree", 16, tree);
	fix_btf_struct(b, "maple_range_64", 256, r64);
	fix_btf_struct(b, "maple_arange_64", 256, a64);
	fix_btf_struct(b, "maple_node", 256, dense);
	if (btf__add_enum(b, "maple_type", 4) < 0)
		abort();
	for (int i = 0; i < 4; i++)
		if (btf__add_enum_value(b, kinds[i], i))
			abort();
	fix_kernel_types(fk, fix_btf_types(b));
}

/* Makes leaf i in a slot of node 0: entry n for [low, middle], the next one up to high. */
static void mt_leaf(struct fix_kernel *fk, unsigned i, unsigned slot, uint64_t middle)
{
	fix_mem_u64(&fk->mem, MNODE(i), MNODE(0) | slot << 3);
	fix_mem_u64(&fk->mem, MNODE(i) + MT_PIVOTS, middle);
	fix_mem_u64(&fk->mem, MNODE(i) + MT_SLOTS, BASE + i * 16);
	fix_mem_u64(&fk->mem, MNODE(i) + MT_SLOTS + 8, BASE + i * 16 + 8);
}

/* Makes a root with leaves for 0 to 99, 100 to 199, 200 to the end; the middle one is missing. */
static void mt_tree(struct fix_kernel *fk, uint64_t second)
{
	mt_types(fk);
	fix_mem_u64(&fk->mem, BASE + 8, MNODE(0) | 3 << 3 | 2);
	fix_mem_u64(&fk->mem, MNODE(0), BASE | 1);
	fix_mem_u64(&fk->mem, MNODE(0) + MT_APIVOTS, 99);
	fix_mem_u64(&fk->mem, MNODE(0) + MT_APIVOTS + 8, 199);
	fix_mem_u64(&fk->mem, MNODE(0) + MT_ASLOTS, LEAF(1));
	fix_mem_u64(&fk->mem, MNODE(0) + MT_ASLOTS + 8, second);
	fix_mem_u64(&fk->mem, MNODE(0) + MT_ASLOTS + 16, LEAF(2));
	mt_leaf(fk, 1, 0, 49);
	mt_leaf(fk, 2, 2, 249);
}

static void check_outer_leaves(const struct seen *s)
{
	static const uint64_t firsts[] = { 0, 50, 200, 250 };
	static const uint64_t lasts[] = { 49, 99, 249, UINT64_MAX };

	assert_int_equal(s->n, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(s->first[i], firsts[i]);
		assert_int_equal(s->last[i], lasts[i]);
		assert_int_equal(s->node[i], BASE + (i / 2 + 1) * 16 + i % 2 * 8);
	}
}

static void test_maple_with_lost_node(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	mt_tree(fk, 0xffff888000700000 | 1 << 3);
	assert_int_equal(walk_maple(&fk->k, BASE, see_entry, &s, &err), VS_EXCLUDED);
	check_outer_leaves(&s);
	assert_non_null(strstr(err.msg, "below a lost node are missing: maple_node 0xffff8880007"));
}

/* A node whose memory was reused by another node: its entries do not count. And one without a type.
 */
static void test_maple_with_wrong_node(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	mt_tree(fk, LEAF(1));
	assert_int_equal(walk_maple(&fk->k, BASE, see_entry, &s, &err), VS_CORRUPT);
	check_outer_leaves(&s);
	s.n = 0;
	fix_mem_u64(&fk->mem, MNODE(0) + MT_ASLOTS + 8, MNODE(3) | 9 << 3);
	fix_mem_u64(&fk->mem, MNODE(0) + MT_ASLOTS + 16, 0xffff888000700000 | 1 << 3);
	assert_int_equal(walk_maple(&fk->k, BASE, see_entry, &s, &err), VS_CORRUPT);
	assert_int_equal(s.n, 2);
	assert_non_null(strstr(err.msg, "below 2 lost nodes are missing; the first: maple_node"));
}

static void test_maple_without_root(void **state)
{
	struct fix_kernel *fk = *state;
	struct seen s = { .n = 0 };
	struct err err;

	mt_types(fk);
	fix_mem_u64(&fk->mem, BASE + 8, 0xffff888000700000 | 3 << 3 | 2);
	assert_int_equal(walk_maple(&fk->k, BASE, see_entry, &s, &err), VS_EXCLUDED);
	assert_int_equal(s.n, 0);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cycle, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_ring, setup, teardown),
		cmocka_unit_test_setup_teardown(test_chain_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rbtree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rbtree_cycle, setup, teardown),
#ifdef HAVE_LIBBPF
		cmocka_unit_test_setup_teardown(test_xarray, setup, teardown),
		cmocka_unit_test_setup_teardown(test_xarray_of_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_radix_tree, setup, teardown),
		cmocka_unit_test_setup_teardown(test_radix_tree_with_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_radix_tree_with_height, setup, teardown),
		cmocka_unit_test_setup_teardown(test_xarray_with_lost_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_maple_with_lost_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_maple_with_wrong_node, setup, teardown),
		cmocka_unit_test_setup_teardown(test_maple_without_root, setup, teardown),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
