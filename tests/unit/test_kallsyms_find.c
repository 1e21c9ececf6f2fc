// SPDX-License-Identifier: GPL-3.0-or-later
/* kallsyms_find: a kernel image with the tables in the order of each release, and damaged ones. */
#include "tests/unit/kallsymsfix.h"

#include "stub/symbols/symtab.h"

static vs_status find(struct fix_syms *m)
{
	struct mem mem = { .read = fix_syms_read, .ctx = m };

	return kallsyms_find(&mem, TEXT, TEXT + m->b.len, STEXT, &m->found, &m->err);
}

static void end(struct fix_syms *m)
{
	symtab_destroy(m->syms);
	buf_deinit(&m->b);
}

static void check_symbols(struct fix_syms *m)
{
	struct mem mem = { .read = fix_syms_read, .ctx = m };
	char text[300];

	m->syms = symtab_create();
	assert_int_equal(kallsyms_load(&mem, &m->found, m->syms, &m->err), VS_OK);
	assert_true(symtab_seal(m->syms));
	assert_int_equal(symtab_count(m->syms), FIX_SYMS);
	for (unsigned i = 0; i < FIX_SYMS; i++) {
		const struct symbol *s;

		fix_syms_name(m, i, text);
		s = symtab_find(m->syms, text + 1);
		assert_non_null(s);
		assert_u64(s->va, fix_syms_address(m, i));
		assert_int_equal(s->type, text[0]);
	}
}

static void test_each_release(void **state)
{
	(void)state;
	for (int r = 0; r < NRELEASES; r++) {
		struct fix_syms m;

		fix_syms_build(&m, (enum fix_release)r);
		if (find(&m))
			fail_msg("release %d: %s\n", r, m.err.msg);
		assert_u64(m.found.num_syms, TEXT + m.num);
		assert_u64(m.found.names, TEXT + m.names);
		assert_u64(m.found.token_table, TEXT + m.token_table);
		assert_u64(m.found.token_index, TEXT + m.token_index);
		assert_u64(m.found.offsets, TEXT + m.numbers);
		assert_int_equal(m.found.absolute, r == R3_10);
		assert_int_equal(m.found.long_names, r >= R6_1);
		assert_u64(m.found.relative_base, r == R3_10 || r == R7_0 ? 0 : TEXT);
		check_symbols(&m);
		end(&m);
	}
}

/* Each damage to one table: the tables are then not those of a kernel. */
static void damage(enum fix_release r, size_t (*where)(const struct fix_syms *m),
		   unsigned char byte)
{
	struct fix_syms m;
	unsigned char *p;

	fix_syms_build(&m, r);
	p = (unsigned char *)m.b.p + where(&m);
	assert_int_not_equal(*p, byte);
	*p = byte;
	if (find(&m) != VS_NOTFOUND)
		fail_msg("release %d: found in spite of damage at %#zx\n", (int)r, where(&m));
	assert_non_null(strstr(m.err.msg, "no kallsyms"));
	end(&m);
}

static size_t in_number(const struct fix_syms *m)
{
	return m->num;
}

static size_t in_first_length(const struct fix_syms *m)
{
	return m->names;
}

static size_t in_marker(const struct fix_syms *m)
{
	return m->markers + 2 * (m->release < R5_10 ? 8 : 4);
}

static size_t in_token(const struct fix_syms *m)
{
	return m->token_table + 2;
}

static size_t in_index(const struct fix_syms *m)
{
	return m->token_index + 100;
}

/* The top byte of an address or offset: the address is out of order then. */
static size_t in_addresses(const struct fix_syms *m)
{
	return m->numbers + 500 * (m->release == R3_10 ? 8 : 4) + (m->release == R3_10 ? 7 : 3);
}

static void test_damaged(void **state)
{
	(void)state;
	for (int r = 0; r < NRELEASES; r++) {
		damage((enum fix_release)r, in_number, 0);
		damage((enum fix_release)r, in_first_length, 0);
		damage((enum fix_release)r, in_first_length, 200);
		damage((enum fix_release)r, in_marker, 1);
		damage((enum fix_release)r, in_token, 0);
		damage((enum fix_release)r, in_index, 255);
		damage((enum fix_release)r, in_addresses, 0x11);
	}
}

static void test_other_kernel(void **state)
{
	struct fix_syms m;
	struct mem mem = { .read = fix_syms_read, .ctx = &m };

	(void)state;
	fix_syms_build(&m, R5_10); // these tables have no symbol where _stext is
	assert_int_equal(kallsyms_find(&mem, TEXT, TEXT + m.b.len, STEXT + 1, &m.found, &m.err),
			 VS_NOTFOUND);
	end(&m);
}

/* A page that the dump lacks: elsewhere it does not matter, in the tables it does. */
static void test_holes(void **state)
{
	struct fix_syms m;

	(void)state;
	fix_syms_build(&m, R5_10);
	m.hole = 8 * 4096;
	assert_int_equal(find(&m), VS_OK);
	m.hole = (m.names + 5000) & ~(size_t)4095;
	assert_int_equal(find(&m), VS_NOTFOUND);
	end(&m);
}

/* The range may end anywhere in the tables, and start there. */
static void test_cut(void **state)
{
	struct fix_syms m;

	(void)state;
	for (int r = 0; r < NRELEASES; r++) {
		fix_syms_build(&m, (enum fix_release)r);
		struct mem mem = { .read = fix_syms_read, .ctx = &m };
		size_t needed = m.token_index + 512;

		for (size_t len = m.numbers < m.num ? m.numbers : m.num; len < needed; len += 997)
			assert_int_equal(
				kallsyms_find(&mem, TEXT, TEXT + len, STEXT, &m.found, &m.err),
				VS_NOTFOUND);
		assert_int_equal(kallsyms_find(&mem, TEXT, TEXT + needed, STEXT, &m.found, &m.err),
				 VS_OK);
		for (size_t start = m.names & ~(size_t)3; start < needed; start += 996)
			assert_int_equal(kallsyms_find(&mem, TEXT + start, TEXT + m.b.len, STEXT,
						       &m.found, &m.err),
					 VS_NOTFOUND);
		assert_int_equal(kallsyms_find(&mem, TEXT, TEXT, STEXT, &m.found, &m.err),
				 VS_NOTFOUND);
		assert_int_equal(kallsyms_find(&mem, TEXT, 0, STEXT, &m.found, &m.err),
				 VS_NOTFOUND);
		end(&m);
	}
}

/* Memory made to look like markers everywhere: the search must give up. */
static void test_bounded(void **state)
{
	struct fix_syms m = { .release = R5_10 };

	(void)state;
	for (uint32_t i = 0; i < 3000000; i++)
		put(&m.b, i % 16000, 4);
	put_tokens(&m);
	assert_int_equal(find(&m), VS_NOTFOUND);
	end(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_release), cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_other_kernel), cmocka_unit_test(test_holes),
		cmocka_unit_test(test_cut),	     cmocka_unit_test(test_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
