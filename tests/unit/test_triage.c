// SPDX-License-Identifier: GPL-3.0-or-later
/* triage: where registers got their values in machine code from GNU as. */
#include "tests/unit/kernfix.h"

#include "stub/triage/flow.h"
#include "arch/x86_64/x86_64.h"

#define AT 0xffffffff81000000ULL

static const uint8_t code[] = {
	0xf3, 0x0f, 0x1e, 0xfa,	      //  0 endbr64
	0x53,			      //  4 push %rbx
	0x48, 0x89, 0xfb,	      //  5 mov %rdi,%rbx
	0x85, 0xf6,		      //  8 test %esi,%esi
	0x74, 0x05,		      //  a je 11
	0xb9, 0x07, 0x00, 0x00, 0x00, //  c mov $0x7,%ecx
	0x48, 0x8b, 0x43, 0x10,	      // 11 mov 0x10(%rbx),%rax
	0x48, 0x89, 0xc2,	      // 15 mov %rax,%rdx
	0x8b, 0x72, 0x08,	      // 18 mov 0x8(%rdx),%esi
	0xe8, 0x0f, 0x00, 0x00, 0x00, // 1b call 2f
	0x4c, 0x8b, 0x00,	      // 20 mov (%rax),%r8
	0x4c, 0x8d, 0x4b, 0x20,	      // 23 lea 0x20(%rbx),%r9
	0x4d, 0x8b, 0x11,	      // 27 mov (%r9),%r10
	0x4c, 0x8b, 0x19,	      // 2a mov (%rcx),%r11
	0x5b,			      // 2d pop %rbx
	0xc3,			      // 2e ret
	0x48, 0x8b, 0x3f,	      // 2f mov (%rdi),%rdi
	0x48, 0x8b, 0x07,	      // 32 mov (%rdi),%rax
	0xff, 0xe0,		      // 35 jmp *%rax
};
#define G 0x2f /* the second function */

struct fixture {
	struct fix_kernel fk;
	struct flow *f, *g;
};

static int setup(void **state)
{
	struct fixture *x = calloc(1, sizeof(*x));
	struct err err;

	fix_kernel_init(&x->fk, "");
	fix_kernel_symbol(&x->fk, "f", AT);
	assert_true(symtab_seal(x->fk.k.syms));
	fix_mem_add(&x->fk.mem, AT, sizeof(code));
	fix_mem_put(&x->fk.mem, AT, code, sizeof(code));
	if (flow_open(&x->fk.k, AT, AT + G, &x->f, &err) ||
	    flow_open(&x->fk.k, AT + G, AT + sizeof(code), &x->g, &err))
		fail_msg("%s\n", err.msg);
	*state = x;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *x = *state;

	flow_close(x->f);
	flow_close(x->g);
	fix_kernel_deinit(&x->fk);
	free(x);
	return 0;
}

static void expect(const struct flow *f, int reg, unsigned off, enum flow_kind kind, int from,
		   unsigned at)
{
	struct flow_source s = flow_source(f, reg, AT + off);

	if (s.kind != kind || s.reg != from || s.at != (at ? AT + at : 0))
		fail_msg("register %d at %x: kind %d register %d at %llx\n", reg, off, (int)s.kind,
			 s.reg, (unsigned long long)s.at);
}

static void test_sources(void **state)
{
	struct fixture *x = *state;

	// through a move, in straight code
	expect(x->f, X86_RDX, 0x18, FLOW_LOAD, X86_RAX, 0x11);
	// the argument, past a branch: rbx is written once, before it
	expect(x->f, X86_RBX, 0x11, FLOW_ENTRY, X86_RDI, 0);
	expect(x->f, X86_RDI, 0x5, FLOW_ENTRY, X86_RDI, 0);
	// before its only write, nothing is known but the caller's value
	expect(x->f, X86_RBX, 0x4, FLOW_ENTRY, X86_RBX, 0);
	expect(x->f, X86_RAX, 0x20, FLOW_RESULT, X86_RAX, 0x1b);
	expect(x->f, X86_R9, 0x27, FLOW_ADDRESS, X86_R9, 0x23);
	// the call may have changed it
	expect(x->f, X86_RDX, 0x20, FLOW_UNKNOWN, X86_RDX, 0x1b);
	// the branch skips the write
	expect(x->f, X86_RCX, 0x11, FLOW_UNKNOWN, X86_RCX, 0);
	// not an instruction
	expect(x->f, X86_RAX, 0x12, FLOW_UNKNOWN, X86_RAX, 0);
}

/* A jump to an address in a register may go anywhere, so no path is certain. */
static void test_anywhere(void **state)
{
	struct fixture *x = *state;

	expect(x->g, X86_RDI, 0x32, FLOW_UNKNOWN, X86_RDI, 0);
}

static void test_unchanged(void **state)
{
	struct fixture *x = *state;

	assert_true(flow_unchanged(x->f, X86_RBX, AT + 0x11, AT + 0x18));
	assert_true(flow_unchanged(x->f, X86_RBX, AT + 0x11, AT + 0x2a)); // past the call
	assert_true(flow_unchanged(x->f, X86_RAX, AT + 0x15, AT + 0x18));
	assert_false(flow_unchanged(x->f, X86_RAX, AT + 0x11, AT + 0x18)); // it loads rax
	assert_false(flow_unchanged(x->f, X86_RAX, AT + 0x15, AT + 0x20));
	assert_false(flow_unchanged(x->f, X86_RCX, AT + 0x8, AT + 0x11));
	assert_false(flow_unchanged(x->f, X86_RBX, AT + 0x18, AT + 0x11));
	assert_false(flow_unchanged(x->f, X86_RSP, AT, AT + 0x5));	   // push
	assert_false(flow_unchanged(x->f, X86_RSP, AT + 0x2a, AT + 0x2e)); // pop
	assert_true(flow_unchanged(x->f, X86_RSP, AT + 0x11, AT + 0x2a));
	assert_false(flow_unchanged(x->g, X86_RDX, AT + 0x2f, AT + 0x35));
}

static void test_refused(void **state)
{
	struct fixture *x = *state;
	struct flow *f;
	struct err err;

	assert_int_equal(flow_open(&x->fk.k, AT, AT, &f, &err), VS_CORRUPT);
	assert_int_equal(flow_open(&x->fk.k, AT, AT + (1ULL << 40), &f, &err), VS_CORRUPT);
	assert_int_equal(flow_open(&x->fk.k, AT + 0x100, AT + 0x110, &f, &err), VS_EXCLUDED);
	assert_null(flow_insn(x->f, AT + 1));
	assert_int_equal(flow_insn(x->f, AT + 0x1b)->kind, INSN_CALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sources, setup, teardown),
		cmocka_unit_test_setup_teardown(test_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unchanged, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
