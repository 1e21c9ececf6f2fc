// SPDX-License-Identifier: GPL-3.0-or-later
/* framerules: gdb's rules for code of a kernel with frame pointers. The code is what gcc writes
 * with -fno-omit-frame-pointer, and the rules follow from its instructions: up to the push of rbp
 * the return address is at the stack pointer, then a word above it, and from the mov on rbp tells.
 */
#include "tests/unit/kernfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/unwind/framerules.h"

#define TEXT	 0xffffffff81000000ULL
#define FRAMED	 (TEXT + 0x100)
#define LEAF	 (TEXT + 0x200) /* no frame */
#define START	 (TEXT + 0x300) /* starts a CPU */
#define FORK	 (TEXT + 0x400)
#define COLD	 (TEXT + 0x600) /* a part of FRAMED */
#define LATE	 (TEXT + 0x700) /* sets up its frame on one path only */
#define ENTRY	 (TEXT + 0x800)
#define TEXT_END (TEXT + 0x1000)
#define INIT	 (TEXT + 0x3000)
#define INIT_END (TEXT + 0x4000)

/* endbr64; push %rbp; xor %eax,%eax; mov %rsp,%rbp */
static const uint8_t set_up[] = { 0xf3, 0x0f, 0x1e, 0xfa, 0x55, 0x31, 0xc0, 0x48, 0x89, 0xe5 };
static const uint8_t take_down[] = { 0x5d, 0xc3 }; /* pop %rbp; ret */
static const uint8_t call_reg[] = { 0xff, 0xd3 };  /* call *%rbx */

struct scene {
	struct fix_kernel fk;
	struct fde_spans fdes;
	rule_vec out;
};

static void add_function(struct scene *s, const char *name, kva_t va)
{
	if (!symtab_add(s->fk.k.syms, name, va, 0, 'T'))
		abort();
}

static void put_call(struct scene *s, kva_t at, kva_t target)
{
	uint8_t code[5] = { 0xe8 };
	uint32_t off = (uint32_t)(target - at - 5);

	memcpy(code + 1, &off, 4);
	fix_mem_put(&s->fk.mem, at, code, 5);
}

static void setup(struct scene *s)
{
	*s = (struct scene){ 0 };
	fix_kernel_init(&s->fk, "");
	memset(fix_mem_add(&s->fk.mem, TEXT, TEXT_END - TEXT), 0xcc, TEXT_END - TEXT);
	fix_mem_put(&s->fk.mem, FRAMED, set_up, sizeof(set_up));
	fix_mem_put(&s->fk.mem, FRAMED + 0x20, take_down, 2);
	// The last byte of a call is no return: e8 xx xx xx c3.
	fix_mem_put(&s->fk.mem, FRAMED + 0x30, (const uint8_t[]){ 0xe8, 0, 0, 0, 0xc3 }, 5);
	put_call(s, LEAF + 0x10, FRAMED);
	fix_mem_put(&s->fk.mem, FORK + 0x10, call_reg, 2);
	put_call(s, COLD + 0x10, FRAMED);
	fix_mem_put(&s->fk.mem, COLD + 0x30, take_down, 2);
	fix_mem_put(&s->fk.mem, LATE + 0x50, set_up + 4, sizeof(set_up) - 4);
	put_call(s, ENTRY + 0x10, FRAMED);
	put_call(s, ENTRY + 0x20, FRAMED + 1); // no function starts there
	fix_mem_put(&s->fk.mem, ENTRY + 0x30, call_reg, 2);
	add_function(s, "_stext", TEXT);
	add_function(s, "framed", FRAMED);
	add_function(s, "leaf", LEAF);
	add_function(s, "secondary_startup_64", START);
	add_function(s, "ret_from_fork", FORK);
	add_function(s, "behind_fork", FORK + 0x100);
	add_function(s, "framed.cold", COLD);
	add_function(s, "late", LATE);
	add_function(s, "__entry_text_start", ENTRY);
	add_function(s, "asm_exc", ENTRY);
	add_function(s, "__entry_text_end", TEXT_END - 0x10);
	add_function(s, "_etext", TEXT_END);
	add_function(s, "_sinittext", INIT);
	add_function(s, "_einittext", INIT_END);
	assert_true(symtab_seal(s->fk.k.syms));
	slot_fill(&s->fk.k, &s->fk.k.framep_slot, VS_OK, NULL);
	slot_fill(&s->fk.k, &s->fk.k.encoding_slot, VS_OK, NULL);
}

static void make(struct scene *s, bool overrides)
{
	const struct entry_rules e = { .entry_start = ENTRY, .entry_end = TEXT_END - 0x10 };
	struct err err;

	if (frame_rules(&s->fk.k, &s->fdes, &e, overrides, &s->out, &err))
		fail_msg("%s\n", err.msg);
}

static void end(struct scene *s)
{
	vec_free(&s->out);
	vec_free(&s->fdes.s);
	fix_kernel_deinit(&s->fk);
}

static const struct unwind_rule *rule_at(const struct scene *s, kva_t va)
{
	const struct unwind_rule *found = NULL;

	for (size_t i = 0; i < s->out.n; i++)
		if (va >= s->out.v[i].start && va < s->out.v[i].end) {
			assert_null(found); // only one for each address
			found = &s->out.v[i];
		}
	return found;
}

static void expect(const struct scene *s, kva_t start, kva_t stop, int cfa_reg, int cfa_off)
{
	const struct unwind_rule *first = rule_at(s, start);

	for (kva_t va = start; va < stop; va++) {
		const struct unwind_rule *r = rule_at(s, va);

		if (!r || r->kind != RULE_CALL || r->cfa_reg != cfa_reg || r->cfa_off != cfa_off)
			fail_msg("at %#llx: kind %d, register %d + %d\n", (unsigned long long)va,
				 r ? (int)r->kind : -1, r ? r->cfa_reg : 0, r ? r->cfa_off : 0);
	}
	assert_non_null(first);
}

static void expect_none(const struct scene *s, kva_t start, kva_t stop)
{
	for (kva_t va = start; va < stop; va++)
		if (rule_at(s, va))
			fail_msg("a rule at %#llx\n", (unsigned long long)va);
}

static void test_functions(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	make(&s, false);
	expect(&s, FRAMED, FRAMED + 5, X86_RSP, 8);
	expect(&s, FRAMED + 5, FRAMED + 0xa, X86_RSP, 16);
	expect(&s, FRAMED + 0xa, FRAMED + 0x21, X86_RBP, 16);
	expect(&s, FRAMED + 0x21, FRAMED + 0x22, X86_RSP, 8); // at ret
	expect(&s, FRAMED + 0x22, LEAF, X86_RBP, 16);
	// A function without a frame has pushed nothing; where it calls C code, it has a frame.
	expect(&s, LEAF, LEAF + 0x14, X86_RSP, 8);
	expect(&s, LEAF + 0x14, LEAF + 0x15, X86_RBP, 16);
	expect(&s, LEAF + 0x15, START, X86_RSP, 8);
	// The part of a function that is seldom run begins with the function's frame.
	expect(&s, COLD, COLD + 0x31, X86_RBP, 16);
	expect(&s, COLD + 0x31, COLD + 0x32, X86_RSP, 8); // at ret
	expect(&s, COLD + 0x32, LATE, X86_RBP, 16);
	expect(&s, LATE, LATE + 0x51, X86_RSP, 8);
	expect(&s, LATE + 0x51, LATE + 0x56, X86_RSP, 16);
	expect(&s, LATE + 0x56, ENTRY, X86_RBP, 16);
	// The memory of boot code was freed.
	expect(&s, INIT, INIT_END, X86_RBP, 16);
	expect_none(&s, TEXT_END, INIT);
	end(&s);
}

/* Interrupted code encodes in rbp where its registers are; gdb looks a call up by its last byte. */
static void test_entry_calls(void **state)
{
	const struct unwind_rule *r;
	struct scene s;

	(void)state;
	setup(&s);
	make(&s, false);
	r = rule_at(&s, ENTRY + 0x14);
	assert_non_null(r);
	assert_ptr_equal(r, rule_at(&s, ENTRY + 0x15));
	assert_int_equal(r->kind, RULE_REGS);
	assert_int_equal(r->cfa_reg, X86_RSP);
	assert_true(r->encoded && r->signal);
	expect_none(&s, ENTRY, ENTRY + 0x14);
	expect_none(&s, ENTRY + 0x16, ENTRY + 0x31); // the second call is none
	// Through a register, it calls the function of a kernel thread.
	for (kva_t at = ENTRY + 0x30; at > FORK; at = at > FORK + 0x10 ? FORK + 0x10 : 0) {
		assert_non_null(rule_at(&s, at + 1));
		assert_int_equal(rule_at(&s, at + 1)->kind, RULE_END);
		expect_none(&s, at + 3, at + 0x80);
	}
	// A task that never ran is at the first instruction.
	assert_non_null(rule_at(&s, FORK));
	assert_int_equal(rule_at(&s, FORK)->kind, RULE_END);
	expect_none(&s, FORK + 1, FORK + 0x11);
	// A CPU starts without a caller.
	for (kva_t va = START; va < FORK; va++) {
		assert_non_null(rule_at(&s, va));
		assert_int_equal(rule_at(&s, va)->kind, RULE_END);
	}
	end(&s);
}

/* gdb knows what .debug_frame describes; the rest of a function gets rules. */
static void test_described(void **state)
{
	const struct fde_span span = { LEAF, LEAF + 0x100 }, late = { FRAMED + 0x15, LEAF };
	struct scene s;

	(void)state;
	setup(&s);
	assert_true(vec_push(&s.fdes.s, late));
	assert_true(vec_push(&s.fdes.s, span));
	make(&s, false);
	expect(&s, FRAMED + 0xa, FRAMED + 0x15, X86_RBP, 16);
	expect_none(&s, FRAMED + 0x15, START);
	expect_none(&s, INIT, INIT_END); // vmlinux describes boot code, too
	end(&s);
	setup(&s);
	assert_true(vec_push(&s.fdes.s, ((struct fde_span){ FRAMED, LEAF })));
	assert_true(vec_push(&s.fdes.s, ((struct fde_span){ ENTRY, TEXT_END })));
	make(&s, true);
	expect_none(&s, FRAMED, LEAF);
	expect_none(&s, ENTRY, TEXT_END); // entry code that encodes rbp is described correctly
	end(&s);
}

/* A function that cannot be read has no rules. */
static void test_lost(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	fix_mem_deinit(&s.fk.mem);
	fix_mem_init(&s.fk.mem);
	make(&s, false);
	expect_none(&s, FRAMED, START);
	assert_int_equal(rule_at(&s, START)->kind, RULE_END); // its name is enough
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_entry_calls),
		cmocka_unit_test(test_described),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
