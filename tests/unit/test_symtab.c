// SPDX-License-Identifier: GPL-3.0-or-later
/* symtab: lookup by name and by address, and the choice among several symbols. */
#include "tests/unit/memfix.h"

#include <stdio.h>

#include "stub/symbols/symtab.h"

#define TEXT 0xffffffff81000000ULL

static struct symtab *start(void)
{
	struct symtab *t = symtab_create();

	assert_non_null(t);
	return t;
}

static void add(struct symtab *t, const char *name, kva_t va, uint64_t size, char type)
{
	assert_true(symtab_add(t, name, va, size, type));
}

static const char *at(const struct symtab *t, kva_t va)
{
	const struct symbol *s = symtab_lookup(t, va);

	return s ? s->name : "(none)";
}

static void test_lookup(void **state)
{
	struct symtab *t = start();

	(void)state;
	add(t, "last", TEXT + 0x300, 0x10, 'T');
	add(t, "first", TEXT, 0x20, 'T');
	add(t, "second", TEXT + 0x100, 0, 't');
	assert_true(symtab_seal(t));
	assert_int_equal(symtab_count(t), 3);
	assert_string_equal(symtab_at(t, 0)->name, "first");
	assert_string_equal(symtab_at(t, 2)->name, "last");
	assert_string_equal(at(t, TEXT - 1), "(none)");
	assert_string_equal(at(t, 0), "(none)");
	assert_string_equal(at(t, TEXT), "first");
	assert_string_equal(at(t, TEXT + 0xff), "first"); // padding belongs to the symbol before it
	assert_string_equal(at(t, TEXT + 0x100), "second");
	assert_string_equal(at(t, TEXT + 0x30f), "last");
	assert_string_equal(at(t, TEXT + 0x310), "(none)");
	assert_string_equal(at(t, UINT64_MAX), "(none)");
	assert_u64(symtab_end(t, symtab_at(t, 0)), TEXT + 0x20);
	assert_u64(symtab_end(t, symtab_at(t, 1)), TEXT + 0x300); // up to the next symbol
	symtab_destroy(t);
}

static void test_names(void **state)
{
	struct symtab *t = start();
	char name[32];

	(void)state;
	for (int i = 999; i >= 0; i--) {
		snprintf(name, sizeof(name), "symbol_%d", i);
		add(t, name, TEXT + (kva_t)i * 16, 0, 't');
	}
	assert_true(symtab_seal(t));
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "symbol_%d", i);
		assert_non_null(symtab_find(t, name));
		assert_u64(symtab_find(t, name)->va, TEXT + (kva_t)i * 16);
		assert_string_equal(at(t, TEXT + (kva_t)i * 16 + 15), name);
	}
	assert_null(symtab_find(t, "symbol_1000"));
	assert_null(symtab_find(t, "symbol_"));
	assert_null(symtab_find(t, ""));
	symtab_destroy(t);
}

/* At equal addresses, prefers: a size, then global, then no compiler prefix, then no underscore. */
static void test_which_at_address(void **state)
{
	struct symtab *t = start();

	(void)state;
	add(t, "plain", TEXT, 0, 't');
	add(t, "_start", TEXT, 0, 't');
	add(t, "alias", TEXT + 0x10, 0, 't');
	add(t, "Global", TEXT + 0x10, 0, 'T');
	add(t, "global_without_size", TEXT + 0x20, 0, 'T');
	add(t, "local_with_size", TEXT + 0x20, 8, 't');
	add(t, "func", TEXT + 0x30, 0, 't');
	add(t, "__pfx_func", TEXT + 0x30, 0, 't');
	add(t, "b_same", TEXT + 0x40, 0, 't');
	add(t, "a_same", TEXT + 0x40, 0, 't');
	assert_true(symtab_seal(t));
	assert_string_equal(at(t, TEXT), "plain");
	assert_string_equal(at(t, TEXT + 0x10), "Global");
	assert_string_equal(at(t, TEXT + 0x20), "local_with_size");
	assert_string_equal(at(t, TEXT + 0x30), "func");
	assert_string_equal(at(t, TEXT + 0x40), "a_same");
	assert_u64(symtab_end(t, symtab_find(t, "plain")), TEXT + 0x10);  // not itself
	assert_u64(symtab_end(t, symtab_find(t, "b_same")), TEXT + 0x40); // the last
	symtab_destroy(t);
}

static bool count(void *ctx, const struct symbol *s)
{
	(void)s;
	return ++*(int *)ctx < 3;
}

static void test_same_name(void **state)
{
	struct symtab *t = start();
	int n = 0;

	(void)state;
	add(t, "dup", 0x17, 0, 'A');
	add(t, "dup", TEXT + 0x10, 0, 't');
	add(t, "dup", TEXT + 0x20, 0, 'T');
	add(t, "other", TEXT + 0x30, 0, 'T');
	assert_true(symtab_seal(t));
	assert_u64(symtab_find(t, "dup")->va, TEXT + 0x10); // code before absolute values
	symtab_each_named(t, "dup", count, &n);
	assert_int_equal(n, 3);
	n = 0;
	symtab_each_named(t, "other", count, &n);
	assert_int_equal(n, 1);
	n = 2;
	symtab_each_named(t, "dup", count, &n); // ends when the callback says so
	assert_int_equal(n, 3);
	symtab_destroy(t);
}

static void test_empty(void **state)
{
	struct symtab *t = start();
	int n = 0;

	(void)state;
	symtab_each_named(t, "x", count, &n); // not sealed
	assert_true(symtab_seal(t));
	assert_null(symtab_find(t, "x"));
	assert_null(symtab_lookup(t, TEXT));
	assert_int_equal(symtab_count(t), 0);
	assert_int_equal(n, 0);
	symtab_destroy(t);
	symtab_destroy(NULL);
}

/* Zero-based per-CPU symbols and addresses at both ends. */
static void test_ends(void **state)
{
	struct symtab *t = start();

	(void)state;
	add(t, "__per_cpu_start", 0, 0, 'D');
	add(t, "top", UINT64_MAX, 0, 'T');
	assert_true(symtab_seal(t));
	assert_string_equal(at(t, 0), "__per_cpu_start");
	assert_string_equal(at(t, UINT64_MAX - 1), "__per_cpu_start");
	assert_string_equal(at(t, UINT64_MAX), "top");
	symtab_destroy(t);
}

/* Enough symbols, in random order, to sort by each byte of an address. */
static void test_many(void **state)
{
	enum { MANY = 20000 };
	static const kva_t bases[] = { 0, 0x1f000, TEXT, 0xffffffffc0000000ULL,
				       0xffff888000000000ULL };
	struct symtab *t = start();
	uint32_t random = 1;
	char name[32];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		random = random * 1664525 + 1013904223;
		snprintf(name, sizeof(name), "s%d", i);
		// a tenth of them share addresses
		add(t, name, bases[i % 5] + (random >> 8) % (i % 10 ? 1 << 24 : 8), 1, 't');
	}
	assert_true(symtab_seal(t));
	assert_int_equal(symtab_count(t), MANY);
	for (size_t i = 1; i < MANY; i++) {
		const struct symbol *a = symtab_at(t, i - 1), *b = symtab_at(t, i);

		assert_true(a->va < b->va || (a->va == b->va && strcmp(a->name, b->name) > 0));
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		assert_non_null(symtab_find(t, name));
		assert_string_equal(symtab_find(t, name)->name, name);
	}
	symtab_destroy(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_which_at_address),
		cmocka_unit_test(test_same_name),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_ends),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
