// SPDX-License-Identifier: GPL-3.0-or-later
/* orc: rows written bit by bit as struct orc_entry of each kernel defines them. */
#include "tests/unit/memfix.h"

#include "arch/x86_64/linux/linux.h"

/* The four layouts, each by header hash or release. */
static int layout_v1(void)
{
	return x86_orc_layout(NULL, -1, "6.1.0-56-cloud-amd64");
}

static int layout_v2(void)
{
	return x86_orc_layout(NULL, -1, "6.3.0");
}

static int layout_v3(void)
{
	return x86_orc_layout(NULL, -1, "6.12.1");
}

static int layout_v4(void)
{
	return x86_orc_layout(NULL, -1, "7.1.0");
}

#define TEXT	0xffffffff81000000ULL
#define IP_VA	0xffffffff82000000ULL
#define RULE_VA 0xffffffff82100000ULL

struct table {
	struct fix_mem mem;
	struct unwind_table t;
};

static void setup(struct table *x, int layout, uint32_t n)
{
	fix_mem_init(&x->mem);
	fix_mem_add(&x->mem, IP_VA, n ? n * 4 : 1);
	fix_mem_add(&x->mem, RULE_VA, n ? n * 6 : 1);
	x->t = (struct unwind_table){ &x->mem.mem, &x->mem.mem, IP_VA, RULE_VA, n, layout };
}

static void put_row(struct table *x, uint32_t i, kva_t pc, int16_t sp_off, int16_t bp_off,
		    uint16_t flags)
{
	int32_t rel = (int32_t)(pc - (IP_VA + i * 4));
	int16_t row[3] = { sp_off, bp_off, (int16_t)flags };

	fix_mem_put(&x->mem, IP_VA + i * 4, &rel, 4);
	fix_mem_put(&x->mem, RULE_VA + i * 6, row, 6);
}

static struct unwind_rule decode(int layout, int16_t sp_off, int16_t bp_off, uint16_t flags)
{
	struct unwind_rule r;
	struct table x;

	setup(&x, layout, 1);
	put_row(&x, 0, TEXT, sp_off, bp_off, flags);
	assert_int_equal(x86_orc_row(&x.t, 0, &r, NULL), VS_OK);
	fix_mem_deinit(&x.mem);
	return r;
}

/* Base registers: ORC_REG_* numbers, and where the CFA comes from. */
struct base {
	unsigned old_no, new_no;
	int reg;
	bool deref, deref_first;
};

static const struct base bases[] = {
	{ 2, 2, X86_RDX, false, false }, { 3, 5, X86_RDI, false, false },
	{ 4, 4, X86_RBP, false, false }, { 5, 3, X86_RSP, false, false },
	{ 6, 6, X86_R10, false, false }, { 7, 7, X86_R13, false, false },
	{ 8, 10, X86_RBP, true, false }, { 9, 9, X86_RSP, true, true },
};

static void check_base(const struct unwind_rule *r, const struct base *b)
{
	assert_int_equal(r->cfa_reg, b->reg);
	assert_int_equal(r->cfa_deref, b->deref);
	if (b->deref)
		assert_int_equal(r->deref_first, b->deref_first);
	assert_int_equal(r->cfa_off, -24);
}

static void test_bases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		const struct base *b = &bases[i];
		struct unwind_rule v1 = decode(layout_v1(), -24, 0, (uint16_t)b->old_no);
		struct unwind_rule v3 = decode(layout_v3(), -24, 0, (uint16_t)(b->old_no | 0x200));
		struct unwind_rule v4 = decode(layout_v4(), -24, 0, (uint16_t)(b->new_no | 0x200));

		check_base(&v1, b);
		check_base(&v3, b);
		check_base(&v4, b);
		assert_int_equal(v1.kind, RULE_CALL);
		assert_int_equal(v3.kind, RULE_CALL);
		assert_int_equal(v4.kind, RULE_CALL);
	}
	// AX, a base only since 7.1
	assert_int_equal(decode(layout_v4(), 0, 0, 0x201).cfa_reg, X86_RAX);
}

/* To 6.2: sp_reg:4 bp_reg:4 type:2 end:1, types CALL, REGS, REGS_PARTIAL. */
static void test_v1(void **state)
{
	struct unwind_rule r;

	(void)state;
	r = decode(layout_v1(), 16, -16, 0x005 | 1 << 4);
	assert_int_equal(r.kind, RULE_CALL);
	assert_int_equal(r.cfa_off, 16);
	assert_int_equal(r.bp, RULE_BP_AT_CFA);
	assert_int_equal(r.bp_off, -16);
	assert_false(r.signal);
	r = decode(layout_v1(), 0, 8, 0x005 | 4 << 4 | 1 << 8);
	assert_int_equal(r.kind, RULE_REGS);
	assert_int_equal(r.bp, RULE_BP_AT_BP);
	assert_int_equal(r.bp_off, 8);
	assert_true(r.signal); // there is no bit: saved registers imply it
	r = decode(layout_v1(), 0, 0, 0x005 | 2 << 8);
	assert_int_equal(r.kind, RULE_REGS_PARTIAL);
	assert_int_equal(r.bp, RULE_BP_SAME);
	assert_true(r.signal);
	assert_int_equal(decode(layout_v1(), 0, 0, 0).kind, RULE_UNDEFINED);
	assert_int_equal(decode(layout_v1(), 0, 0, 1 << 10).kind, RULE_END);
	// the end bit only counts without a base register
	assert_int_equal(decode(layout_v1(), 8, 0, 5 | 1 << 10).kind, RULE_CALL);
}

/* 6.3: signal before end. */
static void test_v2(void **state)
{
	struct unwind_rule r;

	(void)state;
	r = decode(layout_v2(), 0, 0, 5 | 1 << 8 | 1 << 10);
	assert_int_equal(r.kind, RULE_REGS);
	assert_true(r.signal);
	assert_false(decode(layout_v2(), 0, 0, 5 | 1 << 8).signal);
	assert_int_equal(decode(layout_v2(), 0, 0, 1 << 11).kind, RULE_END);
	assert_int_equal(decode(layout_v2(), 0, 0, 1 << 10).kind, RULE_UNDEFINED);
}

/* Since 6.4: type:3 signal:1, types UNDEFINED, END_OF_STACK, CALL, REGS, REGS_PARTIAL. */
static void test_v3(void **state)
{
	static const enum rule_kind kinds[] = { RULE_UNDEFINED, RULE_END,	   RULE_CALL,
						RULE_REGS,	RULE_REGS_PARTIAL, RULE_UNDEFINED,
						RULE_UNDEFINED, RULE_UNDEFINED };

	(void)state;
	for (unsigned type = 0; type < 8; type++) {
		uint16_t flags = (uint16_t)(5 | type << 8);
		struct unwind_rule r = decode(layout_v3(), 8, 0, flags);

		assert_int_equal(r.kind, kinds[type]);
		assert_false(r.signal);
		assert_true(decode(layout_v3(), 8, 0, flags | 1 << 11).signal);
	}
	assert_int_equal(decode(layout_v3(), 0, 0, 1 << 8).kind, RULE_END);
	assert_int_equal(decode(layout_v3(), 8, 0, 2 << 8).kind, RULE_UNDEFINED); // no base
	assert_int_equal(decode(layout_v3(), 8, 0, 2 << 8 | 13).kind, RULE_UNDEFINED);
}

static void test_v4(void **state)
{
	struct unwind_rule r = decode(layout_v4(), 16, -16, 3 | 8 << 4 | 2 << 8);

	(void)state;
	assert_int_equal(r.cfa_reg, X86_RSP);
	assert_int_equal(r.bp, RULE_BP_AT_CFA);
	assert_int_equal(r.bp_off, -16);
	assert_int_equal(decode(layout_v4(), 0, -8, 3 | 4 << 4 | 2 << 8).bp, RULE_BP_AT_BP);
	assert_int_equal(decode(layout_v4(), 0, 0, 3 | 2 << 8).bp, RULE_BP_SAME);
	assert_int_equal(decode(layout_v4(), 0, 0, 3 | 4 << 8).kind, RULE_REGS_PARTIAL);
}

/* Finds the layout from data in a dump; flag words of orc_fp_entry as each kernel's unwind_orc.c
 * initialises it: CALL, sp_reg BP, bp_reg PREV_SP. */
static void test_layouts(void **state)
{
	static const uint8_t hash_6_4[20] = { 0xfe, 0x5d, 0x32, 0xbf, 1, 2, 3 };
	static const uint8_t hash_6_3[20] = { 0xdb, 0x84, 0xae, 0xd4 };
	static const uint8_t hash_7_1[20] = { 0x13, 0x7c, 0x36, 0xad };
	static const uint8_t other[20] = { 9 };
	const int fp_old = 0x014, fp_v3 = 0x214, fp_v4 = 0x284;

	(void)state;
	assert_int_not_equal(layout_v1(), layout_v2());
	assert_int_not_equal(layout_v2(), layout_v3());
	assert_int_not_equal(layout_v3(), layout_v4());
	// the header takes precedence
	assert_int_equal(x86_orc_layout(hash_6_4, fp_old, "4.19.0"), layout_v3());
	assert_int_equal(x86_orc_layout(hash_6_3, fp_v3, "6.12.0"), layout_v2());
	assert_int_equal(x86_orc_layout(hash_7_1, -1, ""), layout_v4());
	// then orc_fp_entry: RHEL 9 has the new rows under an old number
	assert_int_equal(x86_orc_layout(NULL, fp_v3, "5.14.0-517.el9.x86_64"), layout_v3());
	assert_int_equal(x86_orc_layout(NULL, fp_old, "5.14.0-70.el9.x86_64"), layout_v1());
	assert_int_equal(x86_orc_layout(other, fp_v4, "6.12.0"), layout_v4());
	assert_int_equal(x86_orc_layout(NULL, fp_old, "6.3.2"), layout_v2());
	// unknown numbering: the release is newer than this program
	assert_int_equal(x86_orc_layout(NULL, 0x235, "7.9.0"), layout_v4());
	// last the release
	assert_int_equal(x86_orc_layout(NULL, -1, "4.14.0"), layout_v1());
	assert_int_equal(x86_orc_layout(NULL, -1, "6.2.16"), layout_v1());
	assert_int_equal(x86_orc_layout(NULL, -1, "6.4.0-rc1"), layout_v3());
	assert_int_equal(x86_orc_layout(NULL, -1, "7.0.9"), layout_v3());
	assert_int_equal(x86_orc_layout(NULL, -1, "8.0.0"), layout_v4());
	assert_int_equal(x86_orc_layout(NULL, -1, "no release"), layout_v1());
}

static kva_t start_of(struct table *x, kva_t pc)
{
	struct unwind_rule r;
	vs_status st = x86_orc_find(&x->t, pc, &r, NULL);

	if (st)
		fail_msg("no row for %#llx\n", (unsigned long long)pc);
	assert_true(r.start <= pc && pc < r.end);
	return r.start;
}

static void test_find(void **state)
{
	struct unwind_rule r;
	struct table x;
	struct err err;

	(void)state;
	for (uint32_t n = 1; n < 9; n++) {
		setup(&x, layout_v3(), n);
		for (uint32_t i = 0; i < n; i++)
			put_row(&x, i, TEXT + i * 16, (int16_t)(i * 8), 0, 0x205);
		assert_int_equal(x86_orc_find(&x.t, TEXT - 1, &r, &err), VS_NOTFOUND);
		assert_int_equal(x86_orc_find(&x.t, 0, &r, &err), VS_NOTFOUND);
		for (uint32_t i = 0; i < n; i++) {
			assert_u64(start_of(&x, TEXT + i * 16), TEXT + i * 16);
			assert_u64(start_of(&x, TEXT + i * 16 + 15), TEXT + i * 16);
			assert_int_equal(x86_orc_find(&x.t, TEXT + i * 16, &r, NULL), VS_OK);
			assert_int_equal(r.cfa_off, i * 8);
			assert_u64(r.end, i + 1 < n ? TEXT + (i + 1) * 16 : UINT64_MAX);
		}
		assert_int_equal(x86_orc_row(&x.t, n, &r, &err), VS_NOTFOUND);
		assert_int_equal(x86_orc_row(&x.t, UINT32_MAX, &r, &err), VS_NOTFOUND);
		fix_mem_deinit(&x.mem);
	}
	setup(&x, layout_v3(), 0);
	assert_int_equal(x86_orc_find(&x.t, TEXT, &r, &err), VS_NOTFOUND);
	fix_mem_deinit(&x.mem);
}

static void test_same_address(void **state)
{
	struct unwind_rule r;
	struct table x;

	(void)state;
	// the kernel takes the last of rows at one address (__orc_find())
	setup(&x, layout_v3(), 3);
	put_row(&x, 0, TEXT, 8, 0, 0x205);
	put_row(&x, 1, TEXT, 16, 0, 0x205);
	put_row(&x, 2, TEXT + 4, 24, 0, 0x205);
	assert_int_equal(x86_orc_find(&x.t, TEXT + 3, &r, NULL), VS_OK);
	assert_int_equal(r.cfa_off, 16);
	fix_mem_deinit(&x.mem);
}

static void test_unreadable(void **state)
{
	struct unwind_rule r = { .cfa_off = 77 };
	struct table x;
	struct err err;

	(void)state;
	setup(&x, layout_v3(), 4);
	for (uint32_t i = 0; i < 4; i++)
		put_row(&x, i, TEXT + i * 16, 8, 0, 0x205);
	x.t.n = 1000; // the table continues in a missing page
	assert_int_equal(x86_orc_find(&x.t, TEXT, &r, &err), VS_EXCLUDED);
	x.t.n = 4;
	x.t.rule_va += 3;
	assert_int_equal(x86_orc_find(&x.t, TEXT + 48, &r, &err), VS_EXCLUDED);
	assert_int_equal(r.cfa_off, 77);
	fix_mem_deinit(&x.mem);
}

static void assert_same(const struct unwind_rule *a, const struct unwind_rule *b)
{
	assert_int_equal(a->row, b->row);
	assert_int_equal(a->start, b->start);
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->cfa_off, b->cfa_off);
}

/* Returns the rule at the last byte of a REGS_PARTIAL row of 16 bytes of code, before a REGS row.
 * All ways to get it must agree. */
static struct unwind_rule before_regs(const uint8_t code[16], uint16_t next_flags)
{
	struct unwind_rule r, row, first;
	struct table x;

	setup(&x, layout_v3(), 3);
	fix_mem_add(&x.mem, TEXT, 16);
	fix_mem_put(&x.mem, TEXT, code, 16);
	put_row(&x, 0, TEXT, 8, 0, 0x405);
	put_row(&x, 1, TEXT + 16, 0, 0, next_flags);
	put_row(&x, 2, TEXT + 64, 0, 0, 0);
	assert_int_equal(x86_orc_find(&x.t, TEXT + 15, &r, NULL), VS_OK);
	assert_int_equal(x86_orc_row(&x.t, r.row, &row, NULL), VS_OK);
	assert_same(&r, &row);
	assert_int_equal(x86_orc_row(&x.t, 0, &first, NULL), VS_OK);
	assert_int_equal(first.kind, RULE_REGS_PARTIAL);
	assert_int_equal(x86_orc_row(&x.t, 1, &row, NULL), VS_OK);
	assert_int_equal(first.end, row.start);
	assert_int_equal(x86_orc_find(&x.t, first.end - 1, &row, NULL), VS_OK);
	assert_same(&row, &first);
	fix_mem_deinit(&x.mem);
	return r;
}

/* Code of 5.10 and 6.12; pushes without a call, and a call that saves nothing. */
static void test_saving_call(void **state)
{
	static const uint8_t call[16] = { [11] = 0xe8, 1, 2, 3, 4 };
	static const uint8_t call_mov[16] = { [8] = 0xe8, 1, 2, 3, 4, 0x48, 0x89, 0xc4 };
	static const uint8_t pushes[16] = { [10] = 0x41, 0x54, 0x41, 0x55, 0x41, 0x56 };
	struct unwind_rule r;

	(void)state;
	r = before_regs(call, 0x305);
	assert_int_equal(r.kind, RULE_REGS);
	assert_int_equal(r.cfa_off, 0);
	assert_int_equal(r.start, TEXT + 15);
	assert_int_equal(r.end, TEXT + 64);
	r = before_regs(call_mov, 0x305);
	assert_int_equal(r.kind, RULE_REGS);
	assert_int_equal(r.start, TEXT + 12);
	r = before_regs(pushes, 0x305);
	assert_int_equal(r.kind, RULE_REGS_PARTIAL);
	assert_int_equal(r.end, TEXT + 16);
	r = before_regs(call, 0x405);
	assert_int_equal(r.kind, RULE_REGS_PARTIAL);
	assert_int_equal(r.end, TEXT + 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bases),	   cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v2),	   cmocka_unit_test(test_v3),
		cmocka_unit_test(test_v4),	   cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_find),	   cmocka_unit_test(test_same_address),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_saving_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
