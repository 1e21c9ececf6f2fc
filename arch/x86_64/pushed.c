// SPDX-License-Identifier: GPL-3.0-or-later
/* pushed.c - computes what straight-line code that saves registers has on the stack: the detour of
 * an optimized kprobe (a copy of optprobe_template_entry), and the trampolines to which functions
 * return instead of their callers. It knows no other instructions. */
#include "arch/x86_64/x86_64.h"

#define MAX_CODE 512
#define REX_B	 0x41
#define REX_W	 0x48

struct stack_insn {
	unsigned len; /* 0: unknown instruction */
	int pushes;   /* bytes */
};

/* Returns the bytes of ModRM, SIB and displacement; 0 for rip-relative addresses or too few bytes.
 */
static unsigned modrm_len(const uint8_t *p, size_t n)
{
	unsigned mod, rm, len = 1;

	if (n < 1)
		return 0;
	mod = p[0] >> 6;
	rm = p[0] & 7;
	if (mod == 3)
		return 1;
	if (mod == 0 && rm == 5)
		return 0;
	if (rm == 4) {
		if (n < 2 || (mod == 0 && (p[1] & 7) == 5))
			return 0;
		len++;
	}
	len += mod == 1 ? 1 : mod == 2 ? 4 : 0;
	return len <= n ? len : 0;
}

/* Decodes instructions with REX.W: mov, lea, and sub and add of the stack pointer. */
static struct stack_insn wide_insn(const uint8_t *p, size_t n)
{
	struct stack_insn i = { 0 };
	unsigned len;

	if (n >= 8 && p[0] >= 0xb8 && p[0] <= 0xbf) // mov $imm64,%reg
		return (struct stack_insn){ .len = 9 };
	if (n < 2)
		return i;
	len = modrm_len(p + 1, n - 1);
	switch (p[0]) {
	case 0x89: // mov %reg,...
		// a mov into the stack pointer itself is not supported
		if (len && p[1] >> 6 == 3 && (p[1] & 7) == 4)
			return i;
		i.len = len ? 1 + len : 0;
		return i;
	case 0x8b: // mov ...,%reg
	case 0x8d: // lea
		i.len = len && (p[1] >> 3 & 7) != 4 ? 1 + len : 0;
		return i;
	case 0x83: // add, sub $imm8,%rsp
		if (n < 3 || (p[1] != 0xec && p[1] != 0xc4))
			return i;
		return (struct stack_insn){ 3, p[1] == 0xec ? (int8_t)p[2] : -(int8_t)p[2] };
	case 0x81: // add, sub $imm32,%rsp
		if (n < 6 || (p[1] != 0xec && p[1] != 0xc4) || load_u32(p + 2) > 4096)
			return i;
		return (struct stack_insn){ 6, (p[1] == 0xec ? 1 : -1) * (int)load_u32(p + 2) };
	}
	return i;
}

/* high: the register is one of %r8 to %r15. */
static struct stack_insn push_or_pop(const uint8_t *p, bool high)
{
	if (p[0] >= 0x50 && p[0] <= 0x57)
		return (struct stack_insn){ 1, 8 };
	if (p[0] >= 0x58 && p[0] <= 0x5f && (high || p[0] != 0x5c)) // not %rsp
		return (struct stack_insn){ 1, -8 };
	return (struct stack_insn){ 0 };
}

static struct stack_insn plain_nop(const uint8_t *p, size_t n)
{
	unsigned prefixes = 0, len = 0;

	while (prefixes < n && p[prefixes] == 0x66)
		prefixes++;
	p += prefixes;
	n -= prefixes;
	if (n >= 1 && p[0] == 0x90)
		len = 1;
	else if (n >= 3 && p[0] == 0x0f && p[1] == 0x1f && modrm_len(p + 2, n - 2))
		len = 2 + modrm_len(p + 2, n - 2);
	return (struct stack_insn){ len ? prefixes + len : 0, 0 };
}

/* Decodes the instruction at p, which has n bytes, at least one. */
static struct stack_insn decode(const uint8_t *p, size_t n)
{
	struct stack_insn i = push_or_pop(p, false);

	if (i.len)
		return i;
	switch (p[0]) {
	case REX_B:
		if (n > 1)
			i = push_or_pop(p + 1, true);
		break;
	case REX_W:
		i = wide_insn(p + 1, n - 1);
		break;
	case 0x9c: // pushf
		return (struct stack_insn){ 1, 8 };
	case 0x9d: // popf
		return (struct stack_insn){ 1, -8 };
	case 0x6a: // push $imm8
		return (struct stack_insn){ n >= 2 ? 2 : 0, 8 };
	case 0x68: // push $imm32
		return (struct stack_insn){ n >= 5 ? 5 : 0, 8 };
	case 0x90:
		return (struct stack_insn){ 1, 0 };
	case 0xe8: // call; the function cleans up
		return (struct stack_insn){ n >= 5 ? 5 : 0, 0 };
	case 0x66: // multi-byte nops start like this
		i = n > 1 && (p[1] == 0x66 || p[1] == 0x0f || p[1] == 0x90)
			    ? plain_nop(p + 1, n - 1)
			    : i;
		break;
	case 0x0f:
		if (n >= 3 && p[1] == 0x01 && p[2] == 0xca) // clac
			return (struct stack_insn){ 3, 0 };
		return plain_nop(p, n);
	default:
		return i;
	}
	if (i.len)
		i.len++; // the prefix
	return i;
}

bool x86_pushed(const struct mem *mem, kva_t start, kva_t pc, struct pushed *ret)
{
	uint8_t code[MAX_CODE];
	size_t n, at = 0;
	int bytes = 0;

	if (pc < start || pc - start >= MAX_CODE)
		return false;
	n = mem->read(mem, start, code, sizeof(code), NULL).len;
	while (at < n) {
		struct stack_insn i = decode(code + at, n - at);

		if (!i.len || at + i.len > n || bytes < 0)
			return false;
		if (pc - start < at + i.len) {
			*ret = (struct pushed){ start + at, start + at + i.len, (unsigned)bytes };
			return true;
		}
		at += i.len;
		bytes += i.pushes;
	}
	return false;
}
