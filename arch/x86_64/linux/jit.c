// SPDX-License-Identifier: GPL-3.0-or-later
/* jit.c - unwinds code from the kernel's BPF compiler (arch/x86/net/bpf_jit_comp.c): in programs
 * and trampolines, rbp is a frame pointer between "push rbp; mov rbp, rsp" and "leave; ret". */
#include "arch/x86_64/linux/linux.h"

#include <string.h>

#define PROLOGUE_MAX 64	  /* the code sets up the frame within these bytes */
#define CHUNK	     4096 /* bytes to search for the next return */
#define LEAVE	     0xc9
#define RET	     0xc3
#define JMP	     0xe9

static const uint8_t set_up[] = { 0x55, 0x48, 0x89, 0xe5 };

/* Returns the offset of the push, -1 if not found. */
static int find_push(const struct mem *mem, kva_t start, kva_t end)
{
	uint8_t code[PROLOGUE_MAX];
	size_t n = end - start < sizeof(code) ? end - start : sizeof(code);

	n = mem->read(mem, start, code, n, NULL).len;
	for (size_t i = 0; i + sizeof(set_up) <= n; i++)
		if (memcmp(code + i, set_up, sizeof(set_up)) == 0)
			return (int)i;
	return -1;
}

/* Is this a return, or a jump to the kernel's return thunk: a jump out of the program? */
static bool is_return(const uint8_t *code, size_t n, kva_t at, kva_t start, kva_t end)
{
	kva_t target;

	if (n >= 1 && code[0] == RET)
		return true;
	if (n < 5 || code[0] != JMP)
		return false;
	target = at + 5 + (uint64_t)(int64_t)(int32_t)load_u32(code + 1);
	return target < start || target >= end;
}

/* Returns the first return after a "leave" in [from, end), else where the searched chunk ends. */
static kva_t next_return(const struct mem *mem, kva_t start, kva_t end, kva_t from, bool *found)
{
	uint8_t code[CHUNK + 6];
	kva_t at = from - 1;
	size_t n = end - at < sizeof(code) ? end - at : sizeof(code);
	size_t got = mem->read(mem, at, code, n, NULL).len;

	*found = false;
	for (size_t i = 1; i < got && i <= CHUNK; i++) {
		if (code[i - 1] != LEAVE || !is_return(code + i, got - i, at + i, start, end))
			continue;
		*found = true;
		return at + i;
	}
	return end - from < CHUNK ? end : from + CHUNK;
}

vs_status x86_jit_rule(const struct mem *mem, kva_t start, kva_t end, kva_t pc,
		       struct unwind_rule *ret, struct err *err)
{
	struct unwind_rule r = { .kind = RULE_CALL, .cfa_reg = X86_RSP, .cfa_off = 8 };
	int push = find_push(mem, start, end);
	kva_t framed = push < 0 ? start : start + (kva_t)push + sizeof(set_up);
	bool found = false;

	if (pc < start || pc >= end)
		return fail(err, VS_INVAL, "pc is not in this program");
	if (push >= 0 && pc <= start + (kva_t)push) {
		r.start = start;
		r.end = start + (kva_t)push + 1;
	} else if (pc < framed) {
		r.start = start + (kva_t)push + 1;
		r.end = framed;
		r.cfa_off = 16;
		r.bp = RULE_BP_AT_CFA;
		r.bp_off = -16;
	} else {
		r.start = pc;
		r.end = pc > start ? next_return(mem, start, end, pc, &found) : end;
		if (found && r.end == pc) {
			r.end = pc + 1;
		} else {
			r.cfa_reg = X86_RBP;
			r.cfa_off = 16;
			r.bp = RULE_BP_AT_CFA;
			r.bp_off = -16;
		}
	}
	r.how = HOW_FP;
	*ret = r;
	return VS_OK;
}

/* Could the function save rbp at its start? Not if there is no byte that may be the push. */
bool x86_pushes_rbp(const struct mem *mem, kva_t start)
{
	uint8_t b[32];

	return mem_read(mem, start, b, sizeof(b), NULL) || memchr(b, set_up[0], sizeof(b));
}
