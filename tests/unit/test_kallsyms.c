// SPDX-License-Identifier: GPL-3.0-or-later
/* kallsyms: tables written like scripts/kallsyms.c does, with all kinds of offsets. */
#include "tests/unit/memfix.h"

#include <stdio.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/symbols/kallsyms.h"
#include "stub/symbols/symtab.h"

#define TEXT	    0xffffffff81000000ULL /* _text */
#define NAMES	    0xffffffff82000000ULL
#define NUM	    0xffffffff82100000ULL
#define TOKEN_TABLE 0xffffffff82200000ULL
#define TOKEN_INDEX 0xffffffff82300000ULL
#define OFFSETS	    0xffffffff82400000ULL

enum style { PERCPU, BASE, PLACE };

struct image {
	struct fix_mem mem;
	struct kallsyms_tables t;
	struct buf names, offsets, tokens;
	uint16_t index[256];
	uint32_t n;
	enum style style;
	struct symtab *syms;
	struct err err;
};

/* Tokens: a printable character stands for itself; and these. */
static const struct {
	uint8_t no;
	const char *text;
} long_tokens[] = {
	{ 0x01, "sched_" },
	{ 0x02, "Tirq_" },
	{ 0x80, "_init" },
	{ 0xff, "__x64_sys_" },
};

static const char *token(unsigned no)
{
	static char one[2];

	for (size_t i = 0; i < sizeof(long_tokens) / sizeof(long_tokens[0]); i++)
		if (long_tokens[i].no == no)
			return long_tokens[i].text;
	one[0] = no > 0x20 && no < 0x7f ? (char)no : '\0';
	return one;
}

static void start_image(struct image *m, enum style style)
{
	*m = (struct image){ .style = style };
	fix_mem_init(&m->mem);
	for (unsigned i = 0; i < 256; i++) {
		m->index[i] = (uint16_t)m->tokens.len;
		buf_put(&m->tokens, token(i), strlen(token(i)) + 1);
	}
	m->t = (struct kallsyms_tables){ .names = NAMES,
					 .num_syms = NUM,
					 .token_table = TOKEN_TABLE,
					 .token_index = TOKEN_INDEX,
					 .offsets = OFFSETS,
					 .relative_base = style == PLACE ? 0 : TEXT,
					 .stext = TEXT + 0x1000,
					 .long_names = true };
}

/* coded: token bytes; the first (or its first character) is the type letter. */
static void add_coded(struct image *m, const void *coded, size_t len, kva_t va)
{
	int32_t off;

	if (len >= 0x80 && m->t.long_names) {
		buf_putc(&m->names, (char)((len & 0x7f) | 0x80));
		buf_putc(&m->names, (char)(len >> 7));
	} else {
		buf_putc(&m->names, (char)len);
	}
	buf_put(&m->names, coded, len);
	switch (m->style) {
	case PERCPU: // a small value is the symbol's; others count down from the base
		off = va < TEXT ? (int32_t)va : (int32_t)(-1 - (int64_t)(va - TEXT));
		break;
	case BASE:
		off = (int32_t)(uint32_t)(va - TEXT);
		break;
	default:
		off = (int32_t)(va - (OFFSETS + m->n * 4));
		break;
	}
	buf_put(&m->offsets, &off, 4);
	m->n++;
}

static void add(struct image *m, const char *coded, kva_t va)
{
	add_coded(m, coded, strlen(coded), va);
}

static void put_buf(struct fix_mem *m, uint64_t at, const void *p, size_t len)
{
	uint8_t *data = fix_mem_add(m, at, len + 1);

	if (len)
		memcpy(data, p, len);
	m->piece[m->n - 1].len = len;
}

static vs_status load(struct image *m)
{
	put_buf(&m->mem, NAMES, m->names.p, m->names.len);
	put_buf(&m->mem, NUM, &m->n, 4);
	put_buf(&m->mem, TOKEN_TABLE, m->tokens.p, m->tokens.len);
	put_buf(&m->mem, TOKEN_INDEX, m->index, sizeof(m->index));
	put_buf(&m->mem, OFFSETS, m->offsets.p, m->offsets.len);
	m->syms = symtab_create();
	assert_non_null(m->syms);
	return kallsyms_load(&m->mem.mem, &m->t, m->syms, &m->err);
}

static void load_ok(struct image *m)
{
	if (load(m))
		fail_msg("%s\n", m->err.msg);
	assert_true(symtab_seal(m->syms));
}

static void expect(struct image *m, const char *name, char type, kva_t va)
{
	const struct symbol *s = symtab_find(m->syms, name);

	if (!s)
		fail_msg("no symbol %s\n", name);
	assert_u64(s->va, va);
	assert_int_equal(s->type, type);
}

static void end_image(struct image *m)
{
	symtab_destroy(m->syms);
	buf_deinit(&m->names);
	buf_deinit(&m->offsets);
	buf_deinit(&m->tokens);
	fix_mem_deinit(&m->mem);
}

static void test_styles(void **state)
{
	struct image m;

	(void)state;
	for (int style = PERCPU; style <= PLACE; style++) {
		start_image(&m, (enum style)style);
		if (style == PERCPU)
			add(&m, "Dcurrent_task", 0x1fb80); // an offset into the per-CPU area
		add(&m, "T_text", TEXT);
		add(&m, "T_stext", TEXT + 0x1000);
		add(&m, "t\x01work", TEXT + 0x1010);	 // a token inside
		add(&m, "\x02shift", TEXT + 0x1020);	 // a token that includes the type
		add(&m, "T\xffread", TEXT + 0x1030);	 // the highest token
		add(&m, "tx\x80", TEXT + 0x7ffff000ULL); // nearly 2 GiB further
		load_ok(&m);
		assert_int_equal(symtab_count(m.syms), style == PERCPU ? 7 : 6);
		if (style == PERCPU)
			expect(&m, "current_task", 'D', 0x1fb80);
		expect(&m, "_text", 'T', TEXT);
		expect(&m, "_stext", 'T', TEXT + 0x1000);
		expect(&m, "sched_work", 't', TEXT + 0x1010);
		expect(&m, "irq_shift", 'T', TEXT + 0x1020);
		expect(&m, "__x64_sys_read", 'T', TEXT + 0x1030);
		expect(&m, "x_init", 't', TEXT + 0x7ffff000ULL);
		end_image(&m);
	}
}

/* Relative to the base since 6.15, offsets are unsigned: the image may be larger than 2 GiB. */
static void test_far_from_base(void **state)
{
	struct image m;

	(void)state;
	start_image(&m, BASE);
	m.t.relative_base = TEXT - 0x80000000ULL;
	add(&m, "T_stext", TEXT + 0x80001000ULL); // its offset: 0x80001000 from the base
	load_ok(&m);
	expect(&m, "_stext", 'T', TEXT + 0x1000);
	end_image(&m);
}

/* Names up to KSYM_NAME_LEN - 1 = 511 characters, and the encoding of lengths from 128 on. */
static void test_long_names(void **state)
{
	static const size_t lengths[] = { 126, 127, 128, 129, 255, 256, 300, 510, 511 };
	struct image m;

	(void)state;
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char name[600] = "t";

		memset(name + 1, 'a' + (int)i, lengths[i]);
		add(&m, name, TEXT + 0x2000 + i);
	}
	add(&m, "Tlast", TEXT + 0x3000);
	load_ok(&m);
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char name[600] = "";

		memset(name, 'a' + (int)i, lengths[i]);
		expect(&m, name, 't', TEXT + 0x2000 + i);
	}
	expect(&m, "last", 'T', TEXT + 0x3000);
	end_image(&m);
	// before 6.1 a length is one byte, whatever its top bit
	start_image(&m, PERCPU);
	m.t.long_names = false;
	add(&m, "T_stext", TEXT + 0x1000);
	{
		char name[202] = "t";

		memset(name + 1, 'z', 200);
		add(&m, name, TEXT + 0x2000);
		add(&m, "Tlast", TEXT + 0x3000);
		load_ok(&m);
		expect(&m, name + 1, 't', TEXT + 0x2000);
	}
	expect(&m, "last", 'T', TEXT + 0x3000);
	end_image(&m);
}

/* Names are decoded when they are asked for; which of several at one address is shown depends on
 * them all. */
static void test_same_address(void **state)
{
	struct image m;

	(void)state;
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	add(&m, "t__pfx_one", TEXT + 0x2000);
	add(&m, "t_one", TEXT + 0x2000);
	add(&m, "tone", TEXT + 0x2000);
	add(&m, "Tone", TEXT + 0x3000);
	load_ok(&m);
	assert_string_equal(symtab_lookup(m.syms, TEXT + 0x2008)->name, "one");
	assert_string_equal(symtab_at(m.syms, 1)->name, "__pfx_one");
	assert_string_equal(symtab_at(m.syms, 2)->name, "_one");
	assert_string_equal(symtab_at(m.syms, 3)->name, "one");
	assert_int_equal(symtab_index(m.syms, symtab_at(m.syms, 2)), 2);
	assert_u64(symtab_at(m.syms, 3)->size, 0);
	assert_u64(symtab_find(m.syms, "one")->va, TEXT + 0x2000); // the first of two
	assert_null(symtab_find(m.syms, "tone"));		   // the type is not in the name
	end_image(&m);
}

/* More names than fit in one piece of the stream. */
static void test_many(void **state)
{
	struct image m;

	(void)state;
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	for (unsigned i = 0; i < 20000; i++) {
		char name[40];

		snprintf(name, sizeof(name), "tfunction_number_%u", i);
		add(&m, name, TEXT + 0x2000 + i * 16);
	}
	load_ok(&m);
	assert_int_equal(symtab_count(m.syms), 20001);
	for (unsigned i = 0; i < 20000; i += 77) {
		char name[40];

		snprintf(name, sizeof(name), "function_number_%u", i);
		expect(&m, name, 't', TEXT + 0x2000 + i * 16);
	}
	end_image(&m);
}

static void test_truncated(void **state)
{
	struct image m;

	(void)state;
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	add(&m, "Tfirst", TEXT + 0x2000);
	add(&m, "Tsecond", TEXT + 0x3000);
	m.names.len -= 3; // the next page is not in the dump
	assert_int_equal(load(&m), VS_LOST);
	assert_true(symtab_seal(m.syms));
	assert_int_equal(symtab_count(m.syms), 2); // symbols read so far stay
	expect(&m, "first", 'T', TEXT + 0x2000);
	end_image(&m);
}

static void test_corrupt(void **state)
{
	struct image m;
	char name[700];

	(void)state;
	// no offset gives _stext: another table, or nonsense
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x5000);
	assert_int_equal(load(&m), VS_CORRUPT);
	assert_int_equal(symtab_count(m.syms), 0);
	end_image(&m);
	// impossible counts
	start_image(&m, BASE);
	assert_int_equal(load(&m), VS_CORRUPT);
	end_image(&m);
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	m.n = 0x7fffffff;
	assert_int_equal(load(&m), VS_CORRUPT);
	end_image(&m);
	// a name that no kernel can have
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	memset(name, 'x', sizeof(name));
	add_coded(&m, name, sizeof(name), TEXT + 0x2000);
	assert_int_equal(load(&m), VS_CORRUPT);
	assert_int_equal(symtab_count(m.syms), 1);
	end_image(&m);
	// tables that are not in the dump
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	m.t.token_index = 0x1000;
	assert_int_equal(load(&m), VS_EXCLUDED);
	end_image(&m);
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	m.t.offsets = 0x1000;
	assert_int_equal(load(&m), VS_EXCLUDED);
	end_image(&m);
	start_image(&m, BASE);
	add(&m, "T_stext", TEXT + 0x1000);
	m.t.num_syms = 0x1000;
	assert_int_equal(load(&m), VS_EXCLUDED);
	end_image(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_styles),	     cmocka_unit_test(test_far_from_base),
		cmocka_unit_test(test_long_names),   cmocka_unit_test(test_many),
		cmocka_unit_test(test_truncated),    cmocka_unit_test(test_corrupt),
		cmocka_unit_test(test_same_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
