// SPDX-License-Identifier: GPL-3.0-or-later
/* branch.c - decodes calls and jumps, as far as unwinding needs them.
 * See Intel's manual, volume 2, CALL, JMP, Jcc and "ModR/M byte". */
#include "arch/x86_64/x86_64.h"

#define MAX_CALL 8

/* Returns the length of `call *operand` in b (opcode 0xff /2, maybe after a REX prefix), or 0. */
static unsigned indirect_call_length(const uint8_t *b, size_t len)
{
	unsigned at = len && (b[0] & 0xf0) == 0x40 ? 1 : 0;
	unsigned mod, rm, n = at + 2;

	if (len < at + 2 || b[at] != 0xff || (b[at + 1] >> 3 & 7) != 2)
		return 0;
	mod = b[at + 1] >> 6;
	rm = b[at + 1] & 7;
	if (mod == 3)
		return n;
	if (rm == 4) { // a SIB byte follows; mod 0 with base 5 has a 32-bit displacement
		if (len < n + 1)
			return 0;
		if (mod == 0 && (b[n] & 7) == 5)
			n += 4;
		n++;
	} else if (mod == 0 && rm == 5) {
		n += 4;
	}
	return n + (mod == 1 ? 1 : mod == 2 ? 4 : 0);
}

unsigned x86_call_before(const struct mem *mem, kva_t ret, kva_t *target)
{
	uint8_t b[MAX_CALL];

	*target = 0;
	if (mem_read(mem, ret - MAX_CALL, b, MAX_CALL, NULL))
		return 0;
	if (b[MAX_CALL - 5] == 0xe8) {
		*target = ret + (uint64_t)(int64_t)(int32_t)load_u32(b + MAX_CALL - 4);
		return 5;
	}
	for (unsigned n = MAX_CALL; n >= 2; n--)
		if (indirect_call_length(b + MAX_CALL - n, n) == n)
			return n;
	return 0;
}

/* Does the call instruction right before ret call the function at start? */
bool x86_calls(const struct mem *mem, kva_t ret, kva_t start)
{
	kva_t target;

	return x86_call_before(mem, ret, &target) && target == start;
}

/* Recognises `jmp *operand` (opcode 0xff /4), which switch statements use, too. */
static bool indirect_jump(const uint8_t *code, size_t len, kva_t *to)
{
	*to = 0;
	return len >= 2 && code[0] == 0xff && (code[1] >> 3 & 7) == 4;
}

bool x86_jump_at(const uint8_t *code, size_t len, kva_t va, kva_t *to)
{
	size_t at;

	if (len >= 2 && (code[0] == 0xeb || (code[0] & 0xf0) == 0x70)) {
		*to = va + 2 + (uint64_t)(int64_t)(int8_t)code[1];
		return true;
	}
	if (len >= 5 && code[0] == 0xe9)
		at = 1;
	else if (len >= 6 && code[0] == 0x0f && (code[1] & 0xf0) == 0x80)
		at = 2;
	else
		return indirect_jump(code, len, to);
	*to = va + at + 4 + (uint64_t)(int64_t)(int32_t)load_u32(code + at);
	return true;
}
