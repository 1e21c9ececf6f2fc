// SPDX-License-Identifier: GPL-3.0-or-later
/* fuzz_orc.c - any bytes as an ORC table and a stack: rows decode, searches end, and each rule
 * yields a step or an error; its CFI goes into an image. */
#include <stdlib.h>

#include "arch/x86_64/linux/linux.h"
#include "stub/base/cleanup.h"
#include "stub/elf/ehframe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASE	 0xffffffff81000000ULL
#define MAX_ROWS 256

struct scene {
	struct unwind_table t;
	struct mem_array mem;
};

static vs_status find_rule(const struct unwind_env *env, const struct frame *cur, kva_t pc,
			   struct unwind_rule *ret, struct err *err)
{
	const struct scene *s = env->ctx;

	(void)cur;
	return x86_orc_find(&s->t, pc, ret, err);
}

static bool is_text(void *ctx, kva_t pc)
{
	(void)ctx;
	return pc >> 16 == BASE >> 16;
}

static void unwind(struct scene *s, kva_t pc, kva_t sp, bool interrupted)
{
	const struct unwind_env env = {
		.mem = &s->mem.mem, .rule = find_rule, .is_text = is_text, .ctx = s
	};
	struct frame cur = { .interrupted = interrupted }, next;
	struct err err;

	for (unsigned i = 0; i < X86_NREGS; i++)
		regs_set(&cur.regs, i, sp + i * 8);
	regs_set(&cur.regs, X86_RIP, pc);
	regs_set(&cur.regs, X86_RSP, sp);
	regs_set(&cur.regs, X86_CS, 0x10);
	for (int i = 0; i < 16 && x86_unwind_step(&env, &cur, &next, &err) == VS_OK; i++)
		cur = next;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unwind_rule rules[MAX_ROWS];
	AUTO(buf) frames = { 0 };
	struct scene s;
	size_t n = 0;

	if (size < 24) // the header hash ends at 24
		return 0;
	mem_array_init(&s.mem, BASE, data, size);
	// addresses, rows and stack follow each other in one block, or run out of it
	s.t = (struct unwind_table){ &s.mem.mem,
				     &s.mem.mem,
				     BASE + 16,
				     BASE + 16 + data[0] * 4ULL,
				     data[0],
				     x86_orc_layout(data[1] & 1 ? data + 4 : NULL,
						    data[1] & 2 ? load_u16(data + 2) : -1,
						    data[1] & 4	  ? "6.12.0"
						    : data[1] & 8 ? "6.3.0"
								  : "7.1.0") };
	for (uint32_t i = 0; i < s.t.n; i++) {
		struct unwind_rule r;

		if (x86_orc_row(&s.t, i, &r, NULL))
			continue;
		(void)x86_orc_find(&s.t, r.start, &r, NULL);
		if (n == 0 || r.start >= rules[n - 1].end)
			rules[n++] = r;
	}
	(void)ehframe_build(&arch_x86_64, rules, n, &frames, NULL);
	unwind(&s, BASE + load_u16(data + 2), BASE + load_u16(data + 4), data[1] & 16);
	unwind(&s, load_u64(data + 8), BASE + load_u16(data + 4), data[1] & 16);
	return 0;
}
