// SPDX-License-Identifier: GPL-3.0-or-later
/* insn.c - what one instruction does to registers and memory, from its text in AT&T syntax.
 * libopcodes tells operands only as text. An instruction that this file does not know counts as one
 * that writes all registers, so nothing false follows from it. */
#include <stdlib.h>
#include <string.h>

#include "stub/base/buf.h"
#include "arch/x86_64/x86_64.h"

#define MAX_OPERANDS 4
#define MAX_TEXT     160
#define ALL_REGS     ((1ULL << X86_RIP) - 1)
/* Registers that a called function need not preserve (System V ABI). */
#define CALL_CLOBBERS (ALL_REGS & ~(X86_CALLEE_SAVED | 1ULL << X86_RSP))

enum operand_kind { OP_REG, OP_VALUE, OP_MEM };

struct operand {
	enum operand_kind kind;
	int reg;       /* -1: one that struct regs does not have, like %xmm0 */
	unsigned size; /* bytes of reg */
	bool indirect; /* "*%rax" */
	uint64_t value;
	struct insn_mem mem;
};

struct text {
	char line[MAX_TEXT];
	const char *mnemonic;
	bool repeats;  /* rep, repz, repnz */
	char *comment; /* the address that a %rip-relative operand means */
	struct operand op[MAX_OPERANDS];
	int nops;
};

/* What an instruction writes besides memory. */
enum effect {
	NO_REGISTER,
	LAST_OPERAND,
	BOTH_OPERANDS,
	RAX_AND_LAST,
	RAX,
	RAX_RDX,
	STACK, /* the stack pointer */
	STACK_AND_LAST,
};

/* By name without the suffix for the size; `any` allows any ending, as in conditions. */
static const struct {
	const char *name;
	bool any;
	enum effect effect;
} known[] = {
	{ "mov", true, LAST_OPERAND },
	{ "lea", false, LAST_OPERAND },
	{ "add", false, LAST_OPERAND },
	{ "sub", false, LAST_OPERAND },
	{ "and", false, LAST_OPERAND },
	{ "or", false, LAST_OPERAND },
	{ "xor", false, LAST_OPERAND },
	{ "adc", false, LAST_OPERAND },
	{ "sbb", false, LAST_OPERAND },
	{ "inc", false, LAST_OPERAND },
	{ "dec", false, LAST_OPERAND },
	{ "neg", false, LAST_OPERAND },
	{ "not", false, LAST_OPERAND },
	{ "shl", false, LAST_OPERAND },
	{ "shr", false, LAST_OPERAND },
	{ "sar", false, LAST_OPERAND },
	{ "rol", false, LAST_OPERAND },
	{ "ror", false, LAST_OPERAND },
	{ "shld", false, LAST_OPERAND },
	{ "shrd", false, LAST_OPERAND },
	{ "cmov", true, LAST_OPERAND },
	{ "set", true, LAST_OPERAND },
	{ "bsf", false, LAST_OPERAND },
	{ "bsr", false, LAST_OPERAND },
	{ "bts", false, LAST_OPERAND },
	{ "btr", false, LAST_OPERAND },
	{ "btc", false, LAST_OPERAND },
	{ "bswap", false, LAST_OPERAND },
	{ "tzcnt", true, LAST_OPERAND },
	{ "popcnt", true, LAST_OPERAND },
	{ "pop", false, STACK_AND_LAST },
	{ "xadd", false, BOTH_OPERANDS },
	{ "xchg", false, BOTH_OPERANDS },
	{ "cmpxchg", false, RAX_AND_LAST },
	{ "cltq", false, RAX },
	{ "cwtl", false, RAX },
	{ "cqto", false, RAX_RDX },
	{ "cltd", false, RAX_RDX },
	{ "rdtsc", false, RAX_RDX },
	{ "mul", false, RAX_RDX },
	{ "div", false, RAX_RDX },
	{ "idiv", false, RAX_RDX },
	{ "cmp", false, NO_REGISTER },
	{ "test", false, NO_REGISTER },
	{ "bt", false, NO_REGISTER },
	{ "nop", false, NO_REGISTER },
	{ "push", false, STACK },
	{ "pushf", false, STACK },
	{ "endbr64", false, NO_REGISTER },
	{ "pause", false, NO_REGISTER },
	{ "lfence", false, NO_REGISTER },
	{ "mfence", false, NO_REGISTER },
	{ "sfence", false, NO_REGISTER },
	{ "cli", false, NO_REGISTER },
	{ "sti", false, NO_REGISTER },
	{ "clac", false, NO_REGISTER },
	{ "stac", false, NO_REGISTER },
	{ "ud2", false, NO_REGISTER },
	{ "int3", false, NO_REGISTER },
	{ "prefetch", true, NO_REGISTER },
	{ "j", true, NO_REGISTER },
};

static bool is_name(const char *mnemonic, const char *name, bool any)
{
	size_t n = strlen(name);

	if (strncmp(mnemonic, name, n) != 0)
		return false;
	return any || !mnemonic[n] || (strchr("bwlq", mnemonic[n]) && !mnemonic[n + 1]);
}

/* "rax" ... "r15", "eax", "r8d", "ax", "r8w", "al", "ah", "r8b". */
static void parse_register(const char *name, struct operand *ret)
{
	static const char *const low8[] = { "al", "bl", "cl", "dl", "sil", "dil", "bpl", "spl" };
	static const char *const high8[] = { "ah", "bh", "ch", "dh" };
	size_t n = strlen(name);

	*ret = (struct operand){ .kind = OP_REG, .reg = -1 };
	for (int i = X86_RAX; i <= X86_R15; i++) {
		const char *full = x86_reg_names[i];

		if (strcmp(name, full) == 0) {
			ret->size = 8;
		} else if (i >= X86_R8) { // r8d, r8w, r8b
			size_t len = strlen(full);

			if (strncmp(name, full, len) != 0 || n != len + 1)
				continue;
			ret->size = name[len] == 'd' ? 4 : name[len] == 'w' ? 2 : 1;
		} else if (name[0] == 'e' && strcmp(name + 1, full + 1) == 0) {
			ret->size = 4;
		} else if (strcmp(name, full + 1) == 0) {
			ret->size = 2;
		} else if (strcmp(name, low8[i]) == 0 || (i < 4 && strcmp(name, high8[i]) == 0)) {
			ret->size = 1;
		} else {
			continue;
		}
		ret->reg = i;
		return;
	}
}

/* "%gs:", maybe. Returns the text behind it. */
static char *parse_segment(char *s, struct insn_mem *mem)
{
	mem->segment = -1;
	if (s[0] != '%' || !s[1] || !s[2] || s[3] != ':')
		return s;
	if (s[2] == 's' && s[1] == 'g')
		mem->segment = X86_GS_BASE;
	else if (s[2] == 's' && s[1] == 'f')
		mem->segment = X86_FS_BASE;
	return s + 4;
}

static int address_register(const char *name)
{
	struct operand reg;

	if (name[0] != '%')
		return -1;
	if (strcmp(name, "%rip") == 0)
		return X86_RIP;
	parse_register(name + 1, &reg);
	return reg.size == 8 ? reg.reg : -1;
}

/* "0x10(%rax,%rbx,8)", "(%rax)", "0x28". False: not understood. */
static bool parse_memory(char *s, const struct text *t, struct operand *ret)
{
	struct insn_mem mem = { .any = true, .base = -1, .index = -1, .scale = 1 };
	char *end, *part, *more = NULL;
	bool negative;

	s = parse_segment(s, &mem);
	negative = *s == '-';
	mem.disp = (int64_t)strtoull(s + negative, &end, 16);
	mem.disp = negative ? -mem.disp : mem.disp;
	*ret = (struct operand){ .kind = OP_MEM, .reg = -1, .mem = mem };
	if (!*end)
		return end != s + negative;
	if (*end != '(' || end[strlen(end) - 1] != ')')
		return false;
	end[strlen(end) - 1] = '\0';
	part = end + 1;
	more = strchr(part, ',');
	if (more)
		*more++ = '\0';
	mem.base = address_register(part);
	if (*part && mem.base < 0)
		return false;
	if (mem.base == X86_RIP) {
		mem.base = -1;
		mem.disp = t->comment ? (int64_t)strtoull(t->comment, NULL, 16) : 0;
		if (!t->comment)
			return false;
	}
	if (more) {
		char *scale = strchr(more, ',');

		if (scale) {
			*scale++ = '\0';
			mem.scale = (unsigned)strtoul(scale, NULL, 10);
		}
		// %riz means no index register
		mem.index = address_register(more);
		if (mem.index < 0 && strcmp(more, "%riz") != 0)
			return false;
	}
	ret->mem = mem;
	return true;
}

static bool parse_operand(char *s, const struct text *t, struct operand *ret)
{
	bool indirect = *s == '*';

	s += indirect;
	if (*s == '$') {
		*ret = (struct operand){ .kind = OP_VALUE, .reg = -1 };
		ret->value = strtoull(s + 1, NULL, 16);
		return true;
	}
	if (*s == '%' && !strchr(s, ':')) {
		parse_register(s + 1, ret);
		ret->indirect = indirect;
		return true;
	}
	if (!parse_memory(s, t, ret))
		return false;
	ret->indirect = indirect;
	return true;
}

static bool is_prefix(const char *word)
{
	static const char *const prefixes[] = { "lock", "notrack", "bnd", "data16", "cs",   "ds",
						"es",	"ss",	   "rep", "repz",   "repnz" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strcmp(word, prefixes[i]) == 0)
			return true;
	return false;
}

/* Splits the line into mnemonic, operands and comment. */
static bool split(struct text *t)
{
	char *s = t->line, *end;
	int depth = 0;

	t->comment = strchr(s, '#');
	if (t->comment) {
		*t->comment++ = '\0';
		t->comment += strspn(t->comment, " ");
	}
	for (;;) {
		size_t n = strcspn(s, " \t");

		end = s + n;
		t->mnemonic = s;
		s = end + strspn(end, " \t");
		*end = '\0';
		if (!is_prefix(t->mnemonic))
			break;
		t->repeats |= strncmp(t->mnemonic, "rep", 3) == 0;
	}
	end = s + strlen(s);
	while (end > s && end[-1] == ' ')
		*--end = '\0';
	while (*s) {
		char *start = s;

		for (; *s && (depth || *s != ','); s++)
			depth += *s == '(' ? 1 : *s == ')' ? -1 : 0;
		if (*s)
			*s++ = '\0';
		if (t->nops == MAX_OPERANDS || !parse_operand(start, t, &t->op[t->nops]))
			return false;
		t->nops++;
	}
	return true;
}

static uint64_t mask_of(const struct operand *op)
{
	return op->kind == OP_REG && op->reg >= 0 ? 1ULL << op->reg : 0;
}

static uint64_t written(const struct text *t)
{
	const struct operand *last = t->nops ? &t->op[t->nops - 1] : NULL;
	const uint64_t rax = 1ULL << X86_RAX, rdx = 1ULL << X86_RDX, rsp = 1ULL << X86_RSP;

	// String instructions count in their registers.
	if (t->repeats || (last && strncmp(t->mnemonic, "movs", 4) == 0 && last->kind == OP_MEM))
		return 1ULL << X86_RCX | 1ULL << X86_RSI | 1ULL << X86_RDI | rax;
	if (is_name(t->mnemonic, "xchg", false) && t->nops == 2 &&
	    mask_of(&t->op[0]) == mask_of(last)) // a kind of nop
		return 0;
	if (is_name(t->mnemonic, "imul", false))
		return t->nops == 1 ? rax | rdx : last ? mask_of(last) : ALL_REGS;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!is_name(t->mnemonic, known[i].name, known[i].any))
			continue;
		switch (known[i].effect) {
		case NO_REGISTER:
			return 0;
		case LAST_OPERAND:
			return last ? mask_of(last) : ALL_REGS;
		case BOTH_OPERANDS:
			return last ? mask_of(last) | mask_of(&t->op[0]) : ALL_REGS;
		case RAX_AND_LAST:
			return last ? rax | mask_of(last) : ALL_REGS;
		case RAX:
			return rax;
		case RAX_RDX:
			return rax | rdx;
		case STACK:
			return rsp;
		case STACK_AND_LAST:
			return last ? rsp | mask_of(last) : ALL_REGS;
		}
	}
	return ALL_REGS;
}

/* Bytes that the instruction accesses in memory: as many as its register has, else by its suffix.
 * movzbl and movslq name the size in memory first. */
static unsigned access_size(const struct text *t)
{
	size_t n = strlen(t->mnemonic);
	char suffix = n ? t->mnemonic[n - 1] : 0;
	bool extends = n == 6 && (strncmp(t->mnemonic, "movz", 4) == 0 ||
				  strncmp(t->mnemonic, "movs", 4) == 0);

	if (strncmp(t->mnemonic, "set", 3) == 0)
		return 1;
	if (extends)
		suffix = t->mnemonic[4];
	for (int i = 0; i < t->nops && !extends; i++)
		if (t->op[i].kind == OP_REG && t->op[i].size && t->nops > 1 &&
		    !is_name(t->mnemonic, "shl", false) && !is_name(t->mnemonic, "shr", false) &&
		    !is_name(t->mnemonic, "sar", false))
			return t->op[i].size;
	if (strcmp(t->mnemonic, "call") == 0 || strcmp(t->mnemonic, "jmp") == 0 ||
	    strcmp(t->mnemonic, "push") == 0)
		return 8;
	switch (suffix) {
	case 'b':
		return 1;
	case 'w':
		return 2;
	case 'l':
		return 4;
	case 'q':
		return 8;
	default:
		return 0;
	}
}

static void set_memory(const struct text *t, struct insn *ret)
{
	bool compares = is_name(t->mnemonic, "cmp", false) || is_name(t->mnemonic, "test", false) ||
			is_name(t->mnemonic, "bt", false);
	bool sets = strncmp(t->mnemonic, "mov", 3) == 0 || strncmp(t->mnemonic, "set", 3) == 0 ||
		    strncmp(t->mnemonic, "stos", 4) == 0 || is_name(t->mnemonic, "pop", false);
	bool address = is_name(t->mnemonic, "lea", false) || is_name(t->mnemonic, "nop", false) ||
		       strncmp(t->mnemonic, "prefetch", 8) == 0;

	for (int i = 0; i < t->nops; i++) {
		bool last = i == t->nops - 1;

		if (t->op[i].kind != OP_MEM)
			continue;
		// "movsq %ds:(%rsi),%es:(%rdi)" has two.
		if (ret->mem.any) {
			ret->two_mems = true;
			ret->other = ret->mem;
		}
		ret->mem = t->op[i].mem;
		if (address)
			continue;
		ret->stores |= last && !compares && !t->op[i].indirect &&
			       !is_name(t->mnemonic, "push", false) &&
			       !(t->nops == 1 && (is_name(t->mnemonic, "div", false) ||
						  is_name(t->mnemonic, "idiv", false) ||
						  is_name(t->mnemonic, "mul", false) ||
						  is_name(t->mnemonic, "imul", false)));
		ret->loads |= !last || compares || !sets;
	}
	if (ret->mem.any && !address)
		ret->size = access_size(t);
}

static void set_pushes(const struct text *t, struct insn *ret)
{
	bool word = strcmp(t->mnemonic, "pushw") == 0 || strcmp(t->mnemonic, "pushfw") == 0 ||
		    (t->nops && t->op[0].kind == OP_REG && t->op[0].size == 2);

	if (is_name(t->mnemonic, "push", false) || is_name(t->mnemonic, "pushf", false))
		ret->pushes = word ? 2 : 8;
	else if (is_name(t->mnemonic, "call", false))
		ret->pushes = 8;
}

static void set_kind(const struct text *t, struct insn *ret)
{
	const struct operand *first = t->nops ? &t->op[0] : NULL;
	const struct operand *last = t->nops ? &t->op[t->nops - 1] : NULL;
	const char *m = t->mnemonic;

	if (is_name(m, "call", false)) {
		ret->kind = INSN_CALL;
		ret->writes = CALL_CLOBBERS;
	} else if (is_name(m, "ret", false)) {
		ret->kind = INSN_RETURN;
		ret->writes = 0;
	} else if (is_name(m, "jmp", false)) {
		ret->kind = INSN_JUMP;
		ret->writes = 0;
	} else if (is_name(m, "pop", false) && last && last->kind == OP_REG) {
		ret->kind = INSN_POP;
	} else if (m[0] == 'j') {
		ret->kind = INSN_BRANCH;
	} else if (strcmp(m, "ud2") == 0 || strcmp(m, "int3") == 0) {
		ret->kind = INSN_TRAP;
	} else if (is_name(m, "div", false) || is_name(m, "idiv", false)) {
		ret->kind = INSN_DIVIDE;
		ret->src = first && first->kind == OP_REG ? first->reg : -1;
		ret->size = first && first->kind == OP_REG ? first->size : ret->size;
	} else if (last && last->kind == OP_REG && last->reg >= 0 && is_name(m, "lea", false)) {
		ret->kind = INSN_ADDRESS;
		ret->dst = last->reg;
	} else if (last && last->kind == OP_REG && last->reg >= 0 && last->size >= 4 &&
		   t->nops == 2 && (is_name(m, "mov", false) || strcmp(m, "movabs") == 0)) {
		ret->kind = INSN_MOVE;
		ret->dst = last->reg;
		ret->src = first->kind == OP_REG ? first->reg : -1;
		ret->size = last->size;
	} else if (is_name(m, "xor", false) && t->nops == 2 && first->kind == OP_REG &&
		   last->kind == OP_REG && first->reg == last->reg && last->reg >= 0 &&
		   last->size >= 4) {
		ret->kind = INSN_MOVE; // the way to set a register to 0
		ret->dst = last->reg;
		ret->size = last->size;
		ret->has_value = true;
	}
	if (ret->kind == INSN_MOVE && first->kind == OP_VALUE) {
		ret->has_value = true;
		ret->value = first->value;
	}
	if ((ret->kind == INSN_CALL || ret->kind == INSN_JUMP || ret->kind == INSN_BRANCH) &&
	    first && first->kind == OP_MEM && !first->indirect) {
		ret->target = (kva_t)first->mem.disp;
		ret->mem = (struct insn_mem){ .base = -1, .index = -1, .segment = -1 };
		ret->size = 0;
		ret->loads = ret->stores = false;
	}
	if (first && first->indirect && first->kind == OP_REG)
		ret->src = first->reg;
}

static void put_target(void *ctx, kva_t target, struct buf *out)
{
	(void)ctx;
	buf_printf(out, "%#llx", (unsigned long long)target);
}

bool x86_insn(const uint8_t *code, size_t len, kva_t va, struct insn *ret)
{
	struct text t = { 0 };
	struct buf b = { 0 };
	size_t n = x86_disassemble(code, len, va, put_target, NULL, &b);
	bool fits = n && b.len && b.len < sizeof(t.line) && strcmp(buf_str(&b), "(bad)") != 0 &&
		    strncmp(buf_str(&b), "rex", 3) != 0; // a prefix with nothing behind it

	*ret = (struct insn){ .dst = -1, .src = -1, .writes = ALL_REGS };
	ret->mem.base = ret->mem.index = ret->mem.segment = -1;
	if (fits)
		memcpy(t.line, buf_str(&b), b.len + 1);
	buf_deinit(&b);
	if (!fits)
		return false;
	ret->len = (unsigned)n;
	if (!split(&t))
		return true; // its operands are not known: it may write any register
	ret->writes = written(&t);
	set_memory(&t, ret);
	set_pushes(&t, ret);
	set_kind(&t, ret);
	return true;
}

int x86_argument(int reg)
{
	// System V ABI, 3.2.3
	static const int order[] = { X86_RDI, X86_RSI, X86_RDX, X86_RCX, X86_R8, X86_R9 };

	for (int i = 0; i < (int)(sizeof(order) / sizeof(order[0])); i++)
		if (order[i] == reg)
			return i;
	return -1;
}
