// SPDX-License-Identifier: GPL-3.0-or-later
/* rethook: return addresses that tracers replaced, and all kernels' lists of the original ones. */
#include "tests/unit/kernfix.h"

#include "stub/unwind/rethook.h"

#ifdef HAVE_LIBBPF

#define DATA	0xffff888000100000ULL
#define TASK	DATA
#define ENTRY	(DATA + 0x1000)
#define TABLE	(DATA + 0x2000)
#define SLOT	0xffffc90000013f00ULL
#define TEXT	0xffffffff81000000ULL
#define RETHOOK (TEXT + 0x100)
#define GRAPH	(TEXT + 0x200)
#define KRET	(TEXT + 0x300)
#define TRUE_PC (TEXT + 0x1234)

static const struct fix_field node[] = { { "next", "u64", .off = 0 }, { 0 } };
static const struct fix_field hnode[] = { { "next", "u64", .off = 0 },
					  { "pprev", "u64", .off = 8 },
					  { 0 } };
static const struct fix_field first[] = { { "first", "u64", .off = 0 }, { 0 } };

/* words: task_struct.ret_stack as of 6.11. table: kretprobes in a table, as before 5.11. */
static void setup(struct fix_kernel *fk, bool words, bool table)
{
	const struct fix_field rethook[] = { { "llist", "llist_node", .off = 16 },
					     { "ret_addr", "u64", .off = 32 },
					     { "frame", "u64", .off = 40 },
					     { 0 } };
	const struct fix_field kretprobe[] = { { table ? "hlist" : "llist",
						 table ? "hlist_node" : "llist_node", .off = 0 },
					       { "ret_addr", "u64", .off = 24 },
					       { "fp", "u64", .off = 40 },
					       { 0 } };
	const struct fix_field graph[] = { { "ret", "u64", .off = 0 },
					   { "func", "u64", .off = 8 },
					   { "retp", "u64", .off = 16 },
					   { 0 } };
	struct btf *b = fix_btf_new();
	int pointer;

	fix_kernel_init(fk, "");
	fix_mem_add(&fk->mem, DATA, 0x4000);
	fix_btf_struct(b, "llist_node", 8, node);
	fix_btf_struct(b, "hlist_node", 16, hnode);
	fix_btf_struct(b, "llist_head", 8, first);
	fix_btf_struct(b, "rethook_node", 48, rethook);
	fix_btf_struct(b, "kretprobe_instance", 48, kretprobe);
	fix_btf_struct(b, "ftrace_ret_stack", 24, graph);
	pointer = btf__add_ptr(b, btf__find_by_name(b, words ? "u64" : "ftrace_ret_stack"));
	if (btf__add_struct(b, "task_struct", 64) < 0 ||
	    btf__add_field(b, "rethooks", btf__find_by_name(b, "llist_head"), 0, 0) ||
	    btf__add_field(b, "kretprobe_instances", btf__find_by_name(b, "llist_head"), 64, 0) ||
	    btf__add_field(b, "curr_ret_stack", btf__find_by_name(b, "u32"), 128, 0) ||
	    btf__add_field(b, "ret_stack", pointer, 192, 0) ||
	    btf__add_field(b, "stack", btf__find_by_name(b, "u64"), 256, 0))
		abort();
	fix_kernel_symbol(fk, "arch_rethook_trampoline", RETHOOK);
	fix_kernel_symbol(fk, "kretprobe_trampoline", KRET);
	fix_kernel_symbol(fk, "return_to_handler", GRAPH);
	fix_kernel_symbol(fk, "kretprobe_inst_table", TABLE);
	assert_true(symtab_seal(fk->k.syms));
	fix_kernel_types(fk, fix_btf_types(b));
}

/* Writes a list entry with its node at ENTRY + i * 64 + off. */
static kva_t put_entry(struct fix_kernel *fk, unsigned i, kva_t next, uint64_t ret, kva_t frame)
{
	kva_t at = ENTRY + i * 64;

	fix_mem_u64(&fk->mem, at + 16, next);
	fix_mem_u64(&fk->mem, at + 32, ret);
	fix_mem_u64(&fk->mem, at + 40, frame);
	return at + 16;
}

static void expect(struct fix_kernel *fk, kva_t task, uint64_t pc, vs_status st, uint64_t is)
{
	struct err err;

	assert_int_equal(rethook_return(&fk->k, task, SLOT, &pc, &err), st);
	assert_u64(pc, is);
}

static void test_rethook(void **state)
{
	struct fix_kernel fk;
	kva_t second;

	(void)state;
	setup(&fk, false, false);
	expect(&fk, TASK, TRUE_PC, VS_OK, TRUE_PC);
	expect(&fk, TASK, RETHOOK, VS_NOTFOUND, RETHOOK); // an empty list
	// An entry of another slot; and of two probes of this slot, the first.
	second = put_entry(&fk, 2, 0, TRUE_PC, SLOT);
	second = put_entry(&fk, 1, second, RETHOOK, SLOT);
	fix_mem_u64(&fk.mem, TASK, put_entry(&fk, 0, second, TEXT + 8, SLOT - 8));
	expect(&fk, TASK, RETHOOK, VS_OK, TRUE_PC);
	expect(&fk, 0, RETHOOK, VS_NOTFOUND, RETHOOK);
	put_entry(&fk, 0, ENTRY + 16, TEXT + 8, SLOT - 8); // points to itself
	expect(&fk, TASK, RETHOOK, VS_NOTFOUND, RETHOOK);
	put_entry(&fk, 0, 0xffffc90000000000ULL, TEXT + 8, SLOT - 8); // not in the dump
	expect(&fk, TASK, RETHOOK, VS_NOTFOUND, RETHOOK);
	fix_kernel_deinit(&fk);
}

static void put_kretprobe(struct fix_kernel *fk, kva_t at, uint64_t ret)
{
	fix_mem_u64(&fk->mem, at + 24, ret);
	fix_mem_u64(&fk->mem, at + 40, SLOT);
}

static void test_kretprobe(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, false, false);
	put_kretprobe(&fk, ENTRY, TRUE_PC);
	fix_mem_u64(&fk.mem, TASK + 8, ENTRY);
	expect(&fk, TASK, KRET, VS_OK, TRUE_PC);
	fix_kernel_deinit(&fk);

	setup(&fk, false, true);
	put_kretprobe(&fk, ENTRY, TRUE_PC);
	fix_mem_u64(&fk.mem, TABLE + 8 * 63, ENTRY);
	expect(&fk, TASK, KRET, VS_OK, TRUE_PC);
	fix_mem_u64(&fk.mem, TABLE + 8 * 63, 0);
	fix_mem_u64(&fk.mem, TABLE + 8 * 64, ENTRY); // after the table
	expect(&fk, TASK, KRET, VS_NOTFOUND, KRET);
	fix_kernel_deinit(&fk);
}

static void put_graph(struct fix_kernel *fk, kva_t at, uint64_t ret, kva_t retp)
{
	fix_mem_u64(&fk->mem, at, ret);
	fix_mem_u64(&fk->mem, at + 16, retp);
}

static void put_current(struct fix_kernel *fk, uint32_t n, kva_t stack)
{
	fix_mem_u64(&fk->mem, TASK + 16, n);
	fix_mem_u64(&fk->mem, TASK + 24, stack);
}

static void test_graph_structs(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, false, false);
	put_graph(&fk, ENTRY, TRUE_PC, SLOT);
	put_graph(&fk, ENTRY + 24, TEXT + 8, SLOT - 64);
	put_current(&fk, 1, ENTRY);
	expect(&fk, TASK, GRAPH, VS_OK, TRUE_PC);
	put_current(&fk, 0xffffffff, ENTRY); // empty
	expect(&fk, TASK, GRAPH, VS_NOTFOUND, GRAPH);
	put_current(&fk, 50, ENTRY); // more than fits
	expect(&fk, TASK, GRAPH, VS_NOTFOUND, GRAPH);
	fix_kernel_deinit(&fk);
}

static void test_graph_words(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, true, false);
	put_graph(&fk, ENTRY, TRUE_PC, SLOT);
	fix_mem_u64(&fk.mem, ENTRY + 24,
		    0x1000 | 1 << 10 | 3); // a bitmap, 3 words after its entry
	put_graph(&fk, ENTRY + 32, TEXT + 8, SLOT - 64);
	fix_mem_u64(&fk.mem, ENTRY + 56, SLOT); // data
	fix_mem_u64(&fk.mem, ENTRY + 64, 1 << 10 | 4);
	put_current(&fk, 9, ENTRY);
	expect(&fk, TASK, GRAPH, VS_OK, TRUE_PC);
	fix_mem_u64(&fk.mem, ENTRY + 64, 1 << 10); // points nowhere
	expect(&fk, TASK, GRAPH, VS_NOTFOUND, GRAPH);
	fix_mem_u64(&fk.mem, ENTRY + 64, 1 << 10 | 9); // before the first
	expect(&fk, TASK, GRAPH, VS_NOTFOUND, GRAPH);
	put_current(&fk, 1 << 20, ENTRY);
	expect(&fk, TASK, GRAPH, VS_NOTFOUND, GRAPH);
	fix_kernel_deinit(&fk);
}

/* One tracer found the other's address there; a cycle of two must end. */
static void test_both(void **state)
{
	struct fix_kernel fk;

	(void)state;
	setup(&fk, true, false);
	put_graph(&fk, ENTRY + 0x400, TRUE_PC, SLOT);
	fix_mem_u64(&fk.mem, ENTRY + 0x418, 3);
	put_current(&fk, 4, ENTRY + 0x400);
	fix_mem_u64(&fk.mem, TASK, put_entry(&fk, 0, 0, GRAPH, SLOT));
	expect(&fk, TASK, RETHOOK, VS_OK, TRUE_PC);
	put_graph(&fk, ENTRY + 0x400, RETHOOK, SLOT);
	expect(&fk, TASK, RETHOOK, VS_CORRUPT, RETHOOK);
	fix_kernel_deinit(&fk);
}

/* gdb's view of a stack: one slot is replaced, another is not. */
static void test_show(void **state)
{
	struct fix_kernel fk;
	uint64_t words[4] = { TRUE_PC + 8, RETHOOK, RETHOOK, SLOT - 8 + 24 };

	(void)state;
	setup(&fk, false, true);
	fix_mem_u64(&fk.mem, TASK, put_entry(&fk, 0, 0, TRUE_PC, SLOT));
	fix_mem_u64(&fk.mem, TASK + 32, SLOT - 0x100);
	fk.k.hook_task = TASK;
	rethook_show(&fk.k, SLOT - 8, words, sizeof(words));
	assert_u64(words[0], TRUE_PC + 8);
	assert_u64(words[1], TRUE_PC);
	assert_u64(words[2], RETHOOK); // no list has it: unchanged
	assert_u64(words[3], SLOT - 8 + 24);
	// Not at a multiple of 8.
	words[1] = RETHOOK;
	rethook_show(&fk.k, SLOT - 4, (char *)words + 4, 12);
	assert_u64(words[1], TRUE_PC);
	// The stack pointer, which a trampoline keeps in the slot of its return address.
	put_kretprobe(&fk, ENTRY + 0x200, TRUE_PC + 1);
	fix_mem_u64(&fk.mem, TABLE, ENTRY + 0x200);
	words[1] = SLOT + 8;
	rethook_show(&fk.k, SLOT, words + 1, 8);
	assert_u64(words[1], TRUE_PC + 1);
	fix_kernel_deinit(&fk);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_rethook),	      cmocka_unit_test(test_kretprobe),
		cmocka_unit_test(test_graph_structs), cmocka_unit_test(test_graph_words),
		cmocka_unit_test(test_both),	      cmocka_unit_test(test_show),
#endif
	};

	return cmocka_run_group_tests_name("rethook", tests, NULL, NULL);
}
