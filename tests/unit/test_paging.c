// SPDX-License-Identifier: GPL-3.0-or-later
/* paging: hand-made page tables of 4 and 5 levels, entries as the Intel SDM (vol. 3, 4.5) and
 * Linux's pgtable-invert.h define them. */
#include "tests/unit/memfix.h"

#include "arch/x86_64/x86_64.h"

#define ROOT	 0x1000ULL
#define P	 (1ULL << 0)
#define PSE	 (1ULL << 7)
#define PROTNONE (1ULL << 8)
#define NX	 (1ULL << 63)
#define PFN_BITS 0x000ffffffffff000ULL
#define RAM_END	 (1ULL << 30)

#define VA4 0xffff888012345678ULL
#define VA5 0xff11000012345678ULL

/* Tables at 0x1000, 0x2000, ... from the top level down; all exist and are empty. */
struct tables {
	struct fix_mem ram;
	struct paging pg;
};

static void setup_tables(struct tables *t, int levels)
{
	fix_mem_init(&t->ram);
	fix_mem_add(&t->ram, ROOT, 5 * 4096);
	t->pg = (struct paging){ .root = ROOT, .levels = levels, .max_pa = RAM_END };
}

static pa_t table_of(const struct tables *t, int level)
{
	return ROOT + (pa_t)(t->pg.levels - level) * 4096;
}

static void put_entry(struct tables *t, int level, uint64_t va, uint64_t entry)
{
	fix_mem_u64(&t->ram, table_of(t, level) + (va >> (12 + 9 * (level - 1)) & 511) * 8, entry);
}

/* Points every level above `leaf` to the next table. */
static void link_tables(struct tables *t, int leaf, uint64_t va)
{
	for (int level = t->pg.levels; level > leaf; level--)
		put_entry(t, level, va, table_of(t, level - 1) | P | NX);
}

static vs_status walk_to(struct tables *t, uint64_t va, struct walk *w)
{
	struct err err = { .msg = "" };
	vs_status st = x86_walk(&t->pg, &t->ram.mem, va, w, &err);

	if (st)
		assert_true(err.code == st && err.msg[0]);
	return st;
}

static void check_leaf(int levels, int leaf, uint64_t va, uint64_t entry, pa_t pa)
{
	struct tables t;
	struct walk w;

	setup_tables(&t, levels);
	link_tables(&t, leaf, va);
	put_entry(&t, leaf, va, entry);
	assert_int_equal(walk_to(&t, va, &w), VS_OK);
	assert_u64(w.pa, pa);
	assert_u64(w.size, 1ULL << (12 + 9 * (leaf - 1)));
	assert_int_equal(w.nsteps, levels - leaf + 1);
	assert_u64(w.step[w.nsteps - 1].entry, entry);
	assert_u64(w.step[0].entry_pa, ROOT + (va >> (12 + 9 * (levels - 1)) & 511) * 8);
	fix_mem_deinit(&t.ram);
}

static void test_sizes(void **state)
{
	(void)state;
	check_leaf(4, 1, VA4, 0x00abc000 | P, 0x00abc678);
	check_leaf(4, 2, VA4, 0x00e00000 | P | PSE, 0x00f45678);
	check_leaf(4, 3, VA4, 0x40000000 | P | PSE, 0x52345678);
	check_leaf(5, 1, VA5, 0x00abc000 | P, 0x00abc678);
	check_leaf(5, 2, VA5, 0x00e00000 | P | PSE, 0x00f45678);
	check_leaf(5, 3, VA5, 0x40000000 | P | PSE, 0x52345678);
	// user half
	check_leaf(4, 1, 0x00007ffffffff123ULL, 0x00abc000 | P, 0x00abc123);
	check_leaf(5, 1, 0x00ffffffffffffffULL, 0x00abc000 | P, 0x00abcfff);
	// all ignored bits: NX, protection key, software bits; PAT of a 4K leaf (7), of 2M (12)
	check_leaf(4, 1, VA4, 0xfff0000000abc000ULL | 0xe7f | PSE, 0x00abc678);
	check_leaf(4, 2, VA4, NX | 0x00e00000 | 0x1000 | P | PSE, 0x00f45678);
	// the highest physical address in an entry
	check_leaf(4, 1, VA4, 0x000ffffffffff000ULL | P, 0x000ffffffffff678ULL);
}

static void test_canonical(void **state)
{
	struct paging four = { .levels = 4 }, five = { .levels = 5 };
	struct tables t;
	struct walk w;

	(void)state;
	assert_true(x86_is_canonical(&four, 0x00007fffffffffffULL));
	assert_false(x86_is_canonical(&four, 0x0000800000000000ULL));
	assert_false(x86_is_canonical(&four, 0xffff7fffffffffffULL));
	assert_true(x86_is_canonical(&four, 0xffff800000000000ULL));
	assert_true(x86_is_canonical(&five, 0x00ffffffffffffffULL));
	assert_false(x86_is_canonical(&five, 0x0100000000000000ULL));
	assert_false(x86_is_canonical(&five, 0xfeffffffffffffffULL));
	assert_true(x86_is_canonical(&five, 0xff00000000000000ULL));
	setup_tables(&t, 4);
	assert_int_equal(walk_to(&t, 0x0000800000000000ULL, &w), VS_UNMAPPED);
	assert_int_equal(w.nsteps, 0);
	fix_mem_deinit(&t.ram);
}

static void test_not_present(void **state)
{
	struct tables t;
	struct walk w;

	(void)state;
	setup_tables(&t, 4);
	assert_int_equal(walk_to(&t, VA4, &w), VS_UNMAPPED); // top entry is 0
	assert_int_equal(w.nsteps, 1);
	link_tables(&t, 1, VA4);
	assert_int_equal(walk_to(&t, VA4, &w), VS_UNMAPPED);
	assert_int_equal(w.nsteps, 4);
	put_entry(&t, 1, VA4, 0x1234ULL << 59 | 0xfffULL << 20); // a swap entry
	assert_int_equal(walk_to(&t, VA4, &w), VS_SWAPPED);
	assert_u64(w.step[3].entry, 0x1234ULL << 59 | 0xfffULL << 20);
	// set_memory_np(): the frame stays in the entry, no bit 8
	put_entry(&t, 2, VA4, 0x00e00000 | PSE);
	assert_int_equal(walk_to(&t, VA4, &w), VS_UNMAPPED);
	fix_mem_deinit(&t.ram);
}

/* Not present, but in RAM: the frame number is inverted (since 4.18.1) or, before, not. */
static void test_protnone(void **state)
{
	struct tables t;
	struct walk w;

	(void)state;
	check_leaf(4, 1, VA4, (~0x00abc000ULL & PFN_BITS) | PROTNONE, 0x00abc678);
	check_leaf(4, 2, VA4, (~0x00e00000ULL & PFN_BITS) | PROTNONE | PSE, 0x00f45678);
	check_leaf(4, 1, VA4, 0x00abc000ULL | PROTNONE,
		   0x00abc678); // inverted, it would be beyond RAM
	// Only pages can be PROT_NONE: a table that is not present has no entries to follow.
	setup_tables(&t, 4);
	link_tables(&t, 1, VA4);
	put_entry(&t, 1, VA4, 0x00abc000 | P);
	put_entry(&t, 2, VA4, (~table_of(&t, 1) & PFN_BITS) | PROTNONE);
	assert_int_equal(walk_to(&t, VA4, &w), VS_UNMAPPED);
	put_entry(&t, 4, VA4, (~table_of(&t, 3) & PFN_BITS) | PROTNONE | PSE);
	assert_true(walk_to(&t, VA4, &w) != VS_OK);
	fix_mem_deinit(&t.ram);
}

/* Entries of every level have the encryption bit. */
static void test_sme(void **state)
{
	const uint64_t c_bit = 1ULL << 47;
	struct tables t;
	struct walk w;

	(void)state;
	setup_tables(&t, 4);
	t.pg.enc_mask = c_bit;
	for (int level = 4; level > 1; level--)
		put_entry(&t, level, VA4, table_of(&t, level - 1) | P | c_bit);
	put_entry(&t, 1, VA4, 0x00abc000 | P | c_bit);
	assert_int_equal(walk_to(&t, VA4, &w), VS_OK);
	assert_u64(w.pa, 0x00abc678);
	// pfn_pte() inverts only the frame number; the C-bit comes with the protection bits
	put_entry(&t, 1, VA4, ((~0x00abc000ULL & PFN_BITS) | c_bit) | PROTNONE);
	assert_int_equal(walk_to(&t, VA4, &w), VS_OK);
	assert_u64(w.pa, 0x00abc678);
	put_entry(&t, 1, VA4, ((~0x00abc000ULL & PFN_BITS) & ~c_bit) | PROTNONE);
	assert_int_equal(walk_to(&t, VA4, &w), VS_OK);
	assert_u64(w.pa, 0x00abc678);
	fix_mem_deinit(&t.ram);
}

static void test_huge_at_wrong_level(void **state)
{
	struct tables t;
	struct walk w;

	(void)state;
	setup_tables(&t, 4);
	put_entry(&t, 4, VA4, table_of(&t, 3) | P | PSE);
	assert_int_equal(walk_to(&t, VA4, &w), VS_CORRUPT);
	fix_mem_deinit(&t.ram);
	setup_tables(&t, 5);
	put_entry(&t, 5, VA5, table_of(&t, 4) | P);
	put_entry(&t, 4, VA5, table_of(&t, 3) | P | PSE);
	assert_int_equal(walk_to(&t, VA5, &w), VS_CORRUPT);
	assert_int_equal(w.nsteps, 2);
	fix_mem_deinit(&t.ram);
}

/* A table page that is missing in the dump differs from an unmapped address. */
static void test_missing_table(void **state)
{
	struct tables t;
	struct err err;
	struct walk w;

	(void)state;
	setup_tables(&t, 4);
	link_tables(&t, 1, VA4);
	put_entry(&t, 2, VA4, 0x00777000 | P);
	assert_int_equal(x86_walk(&t.pg, &t.ram.mem, VA4, &w, &err), VS_EXCLUDED);
	assert_int_equal(w.nsteps, 3);
	assert_non_null(strstr(err.msg, "level 1"));
	assert_non_null(strstr(err.msg, "0x777a28")); // the entry: 0x777000 + 0x145 * 8
	t.pg.root = 0x00778000;
	assert_int_equal(x86_walk(&t.pg, &t.ram.mem, VA4, &w, NULL), VS_EXCLUDED);
	assert_int_equal(w.nsteps, 0);
	fix_mem_deinit(&t.ram);
}

static void test_self_reference(void **state)
{
	struct tables t;
	struct walk w;

	(void)state;
	setup_tables(&t, 5);
	for (size_t i = 0; i < 512; i++)
		fix_mem_u64(&t.ram, ROOT + i * 8, ROOT | P);
	assert_int_equal(walk_to(&t, VA5, &w), VS_OK);
	assert_u64(w.pa, ROOT + 0x678);
	assert_int_equal(w.nsteps, 5);
	fix_mem_deinit(&t.ram);
}

static void test_from_regs(void **state)
{
	struct regs r = { .known = 0 };
	struct paging pg = { .enc_mask = 5 };

	(void)state;
	regs_set(&r, X86_CR3, 0x8000000012345fffULL);
	assert_false(x86_paging_from_regs(&r, &pg));
	regs_set(&r, X86_CR4, 0x750ef0);
	assert_true(x86_paging_from_regs(&r, &pg));
	assert_u64(pg.root, 0x12345000); // PCID and the no-flush bit are gone
	assert_int_equal(pg.levels, 4);
	assert_u64(pg.enc_mask, 5);
	regs_set(&r, X86_CR4, 0x751ef0); // LA57 is bit 12
	assert_true(x86_paging_from_regs(&r, &pg));
	assert_int_equal(pg.levels, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),	      cmocka_unit_test(test_canonical),
		cmocka_unit_test(test_not_present),   cmocka_unit_test(test_protnone),
		cmocka_unit_test(test_sme),	      cmocka_unit_test(test_huge_at_wrong_level),
		cmocka_unit_test(test_missing_table), cmocka_unit_test(test_self_reference),
		cmocka_unit_test(test_from_regs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
