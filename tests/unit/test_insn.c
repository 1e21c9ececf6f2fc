// SPDX-License-Identifier: GPL-3.0-or-later
/* insn: what instructions do. Bytes are GNU as's; the table says what Intel's manual does. */
#include "tests/unit/memfix.h"

#include "arch/x86_64/x86_64.h"

#define AT	0xffffffff81000000ULL
#define R(name) (1ULL << X86_##name)
#define ALL	((1ULL << X86_RIP) - 1)
#define CALLED	(R(RAX) | R(RCX) | R(RDX) | R(RSI) | R(RDI) | R(R8) | R(R9) | R(R10) | R(R11))
#define NO_MEM                                                                                     \
	{                                                                                          \
		.base = -1, .index = -1, .segment = -1                                             \
	}
#define MEM(base, index, scale, segment, disp)                                                     \
	{                                                                                          \
		true, base, index, segment, scale, disp                                            \
	}
#define LATER ((int64_t)(AT + 7 + 0x1000))

static const struct row {
	const char *bytes;
	struct insn is;
} rows[] = {
	// mov 0x10(%rdx),%esi
	{ "8b7210",
	  { INSN_MOVE, 3, R(RSI), X86_RSI, -1, MEM(X86_RDX, -1, 1, -1, 16), .size = 4,
	    .loads = true } },
	// add %rcx,0x8(%rdx)
	{ "48014a08",
	  { INSN_OTHER, 4, 0, -1, -1, MEM(X86_RDX, -1, 1, -1, 8), .size = 8, .loads = true,
	    .stores = true } },
	// movl $0x0,-0x10(%rax)
	{ "c740f000000000",
	  { INSN_OTHER, 7, 0, -1, -1, MEM(X86_RAX, -1, 1, -1, -16), .size = 4, .stores = true } },
	// movzwl 0x20(%rax),%ecx
	{ "0fb74820",
	  { INSN_OTHER, 4, R(RCX), -1, -1, MEM(X86_RAX, -1, 1, -1, 32), .size = 2,
	    .loads = true } },
	// movslq (%rax),%rdx
	{ "486310",
	  { INSN_OTHER, 3, R(RDX), -1, -1, MEM(X86_RAX, -1, 1, -1, 0), .size = 4, .loads = true } },
	// mov %gs:0x28,%rax
	{ "65488b042528000000",
	  { INSN_MOVE, 9, R(RAX), X86_RAX, -1, MEM(-1, -1, 1, X86_GS_BASE, 0x28), .size = 8,
	    .loads = true } },
	// mov 0x1000(%rip),%rax
	{ "488b0500100000",
	  { INSN_MOVE, 7, R(RAX), X86_RAX, -1, MEM(-1, -1, 1, -1, LATER), .size = 8,
	    .loads = true } },
	// mov %rdi,%rbx
	{ "4889fb", { INSN_MOVE, 3, R(RBX), X86_RBX, X86_RDI, NO_MEM, .size = 8 } },
	// xor %eax,%eax
	{ "31c0", { INSN_MOVE, 2, R(RAX), X86_RAX, -1, NO_MEM, .size = 4, .has_value = true } },
	// movabs $0xdead000000000100,%rax, as in list_del()
	{ "48b8000100000000adde",
	  { INSN_MOVE, 10, R(RAX), X86_RAX, -1, NO_MEM, .size = 8, .has_value = true,
	    .value = 0xdead000000000100 } },
	// lea -0x8(%rbx,%rcx,8),%r12
	{ "4c8d64cbf8",
	  { INSN_ADDRESS, 5, R(R12), X86_R12, -1, MEM(X86_RBX, X86_RCX, 8, -1, -8), .size = 0 } },
	// cmpb $0x0,(%rax)
	{ "803800",
	  { INSN_OTHER, 3, 0, -1, -1, MEM(X86_RAX, -1, 1, -1, 0), .size = 1, .loads = true } },
	// test %al,0x3(%rbp)
	{ "844503",
	  { INSN_OTHER, 3, 0, -1, -1, MEM(X86_RBP, -1, 1, -1, 3), .size = 1, .loads = true } },
	// rep stos %rax,%es:(%rdi)
	{ "f348ab",
	  { INSN_OTHER, 3, R(RAX) | R(RCX) | R(RSI) | R(RDI), -1, -1, MEM(X86_RDI, -1, 1, -1, 0),
	    .size = 8, .stores = true } },
	// movsq %ds:(%rsi),%es:(%rdi)
	{ "48a5",
	  { INSN_OTHER, 2, R(RAX) | R(RCX) | R(RSI) | R(RDI), -1, -1, MEM(X86_RDI, -1, 1, -1, 0),
	    .two_mems = true, .size = 8, .loads = true, .stores = true } },
	// lock xadd %eax,(%rdi)
	{ "f00fc107",
	  { INSN_OTHER, 4, R(RAX), -1, -1, MEM(X86_RDI, -1, 1, -1, 0), .size = 4, .loads = true,
	    .stores = true } },
	// lock cmpxchg %rcx,(%rdi)
	{ "f0480fb10f",
	  { INSN_OTHER, 5, R(RAX), -1, -1, MEM(X86_RDI, -1, 1, -1, 0), .size = 8, .loads = true,
	    .stores = true } },
	// shll %cl,(%rax)
	{ "d320",
	  { INSN_OTHER, 2, 0, -1, -1, MEM(X86_RAX, -1, 1, -1, 0), .size = 4, .loads = true,
	    .stores = true } },
	// mov %r8w,0x20(%r15)
	{ "6645894720",
	  { INSN_OTHER, 5, 0, -1, -1, MEM(X86_R15, -1, 1, -1, 32), .size = 2, .stores = true } },
	// setne 0x4(%rax), push 0x8(%rax), pop %rbx
	{ "0f954004",
	  { INSN_OTHER, 4, 0, -1, -1, MEM(X86_RAX, -1, 1, -1, 4), .stores = true, .size = 1 } },
	{ "ff7008",
	  { INSN_OTHER, 3, R(RSP), -1, -1, MEM(X86_RAX, -1, 1, -1, 8), .size = 8, .loads = true,
	    .pushes = 8 } },
	// push %rbp, pushf, push $0x5
	{ "55", { INSN_OTHER, 1, R(RSP), -1, -1, NO_MEM, .pushes = 8 } },
	{ "9c", { INSN_OTHER, 1, R(RSP), -1, -1, NO_MEM, .pushes = 8 } },
	{ "6a05", { INSN_OTHER, 2, R(RSP), -1, -1, NO_MEM, .pushes = 8 } },
	{ "5b", { INSN_POP, 1, R(RBX) | R(RSP), -1, -1, NO_MEM, .size = 0 } },
	// imul $0x7,0x8(%rax),%rcx; incl 0x38(%rdi)
	{ "486b480807",
	  { INSN_OTHER, 5, R(RCX), -1, -1, MEM(X86_RAX, -1, 1, -1, 8), .size = 8, .loads = true } },
	{ "ff4738",
	  { INSN_OTHER, 3, 0, -1, -1, MEM(X86_RDI, -1, 1, -1, 0x38), .size = 4, .loads = true,
	    .stores = true } },
	// call *0x18(%rax); call *%rax; jmp *%rax; call, jne, jmp; ret
	{ "ff5018",
	  { INSN_CALL, 3, CALLED, -1, -1, MEM(X86_RAX, -1, 1, -1, 24), .size = 8, .loads = true,
	    .pushes = 8 } },
	{ "ffd0", { INSN_CALL, 2, CALLED, -1, X86_RAX, NO_MEM, .pushes = 8 } },
	{ "ffe0", { INSN_JUMP, 2, 0, -1, X86_RAX, NO_MEM, .size = 0 } },
	{ "e800010000",
	  { INSN_CALL, 5, CALLED, -1, -1, NO_MEM, .pushes = 8, .target = AT + 0x105 } },
	{ "751e", { INSN_BRANCH, 2, 0, -1, -1, NO_MEM, .target = AT + 0x20 } },
	{ "e9fb010000", { INSN_JUMP, 5, 0, -1, -1, NO_MEM, .target = AT + 0x200 } },
	{ "c3", { INSN_RETURN, 1, 0, -1, -1, NO_MEM, .size = 0 } },
	// divq 0x8(%rcx); idiv %ecx
	{ "48f77108",
	  { INSN_DIVIDE, 4, R(RAX) | R(RDX), -1, -1, MEM(X86_RCX, -1, 1, -1, 8), .size = 8,
	    .loads = true } },
	{ "f7f9", { INSN_DIVIDE, 2, R(RAX) | R(RDX), -1, X86_RCX, NO_MEM, .size = 4 } },
	// ud2, int3, cpuid (unknown), leave (unknown), cltq
	{ "0f0b", { INSN_TRAP, 2, 0, -1, -1, NO_MEM, .size = 0 } },
	{ "cc", { INSN_TRAP, 1, 0, -1, -1, NO_MEM, .size = 0 } },
	{ "0fa2", { INSN_OTHER, 2, ALL, -1, -1, NO_MEM, .size = 0 } },
	{ "c9", { INSN_OTHER, 1, ALL, -1, -1, NO_MEM, .size = 0 } },
	{ "4898", { INSN_OTHER, 2, R(RAX), -1, -1, NO_MEM, .size = 0 } },
	// nopl (%rax,%rax,1), prefetcht0 (%rax): name memory, but access none
	{ "0f1f0400", { INSN_OTHER, 4, 0, -1, -1, MEM(X86_RAX, X86_RAX, 1, -1, 0), .size = 0 } },
	{ "0f1808", { INSN_OTHER, 3, 0, -1, -1, MEM(X86_RAX, -1, 1, -1, 0), .size = 0 } },
	// xchg %ax,%ax; xchg %rax,(%rdi)
	{ "6690", { INSN_OTHER, 2, 0, -1, -1, NO_MEM, .size = 0 } },
	{ "488707",
	  { INSN_OTHER, 3, R(RAX), -1, -1, MEM(X86_RDI, -1, 1, -1, 0), .size = 8, .loads = true,
	    .stores = true } },
	// movups %xmm0,(%rax): a register that struct regs lacks has no size
	{ "0f1100", { INSN_OTHER, 3, 0, -1, -1, MEM(X86_RAX, -1, 1, -1, 0), .stores = true } },
	// mov %cr3,%rax
	{ "0f20d8", { INSN_MOVE, 3, R(RAX), X86_RAX, -1, NO_MEM, .size = 8 } },
};

static void check(const struct row *r)
{
	uint8_t code[ARCH_INSN_MAX];
	const struct insn *is = &r->is;
	struct insn got;
	size_t n = strlen(r->bytes) / 2;

	for (size_t i = 0; i < n; i++) {
		char digits[3] = { r->bytes[2 * i], r->bytes[2 * i + 1], 0 };

		code[i] = (uint8_t)strtoul(digits, NULL, 16);
	}
	if (!x86_insn(code, n, AT, &got))
		fail_msg("%s: not decoded", r->bytes);
	if (got.kind != is->kind || got.len != is->len || got.writes != is->writes ||
	    got.dst != is->dst || got.src != is->src || got.size != is->size ||
	    got.loads != is->loads || got.stores != is->stores || got.pushes != is->pushes ||
	    got.has_value != is->has_value || got.value != is->value || got.target != is->target ||
	    got.two_mems != is->two_mems)
		fail_msg("%s: kind %d length %u writes %llx dst %d src %d size %u %s%s value %llx "
			 "target %llx",
			 r->bytes, (int)got.kind, got.len, (unsigned long long)got.writes, got.dst,
			 got.src, got.size, got.loads ? "loads " : "", got.stores ? "stores" : "",
			 (unsigned long long)got.value, (unsigned long long)got.target);
	if (got.mem.any != is->mem.any || got.mem.base != is->mem.base ||
	    got.mem.index != is->mem.index || got.mem.segment != is->mem.segment ||
	    got.mem.disp != is->mem.disp || (is->mem.any && got.mem.scale != is->mem.scale))
		fail_msg("%s: memory %d, %d + %d * %u + %lld, segment %d", r->bytes, got.mem.any,
			 got.mem.base, got.mem.index, got.mem.scale, (long long)got.mem.disp,
			 got.mem.segment);
}

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		check(&rows[i]);
}

static void test_invalid(void **state)
{
	const uint8_t bad[] = { 0x06, 0x06 }, cut[] = { 0x48, 0x8b };
	struct insn got;

	(void)state;
	assert_false(x86_insn(bad, sizeof(bad), AT, &got));
	assert_false(x86_insn(cut, sizeof(cut), AT, &got));
	assert_false(x86_insn(cut, 0, AT, &got));
	assert_int_equal(got.writes, ALL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_invalid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
