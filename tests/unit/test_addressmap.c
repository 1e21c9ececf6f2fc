// SPDX-License-Identifier: GPL-3.0-or-later
/* addressmap: the starts of the direct map, of struct pages and of vmalloc in kernels that have no
 * variables for them. */
#include "tests/unit/kernfix.h"

#include "stub/kernel/addressmap.h"

#define DATA  0xffffffff82000000ULL
#define PAGES (UINT64_C(0x3fff0))
#define ROOTS 0xffff88800f000000ULL

/* In the order of their words at DATA. */
static const char *const names[] = { "high_memory",	 "max_pfn",	 "mem_section",
				     "page_offset_base", "vmemmap_base", "vmalloc_base" };

/* A kernel that has the first n of these. */
static void setup(struct fix_kernel *fk, size_t n)
{
	fix_kernel_init(fk, "");
	for (size_t i = 0; i < n; i++)
		fix_kernel_symbol(fk, names[i], DATA + 8 * i);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, DATA, 0x100);
	fix_mem_add(&fk->mem, ROOTS, 0x200);
	fix_mem_u64(&fk->mem, DATA, 0xffff888000000000ULL + (PAGES << 12));
	fix_mem_u64(&fk->mem, DATA + 8, PAGES);
	fix_mem_u64(&fk->mem, DATA + 16, ROOTS);
	fix_mem_u64(&fk->mem, ROOTS + 0x100, 0xffffea0000000000ULL | 0xf);
}

static void test_static(void **state)
{
	struct fix_kernel fk;
	kva_t va = 0;

	(void)state;
	setup(&fk, 3);
	assert_int_equal(addressmap_direct(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffff888000000000ULL);
	assert_int_equal(addressmap_vmalloc(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffffc90000000000ULL);
	// another direct map than this kernel's: nothing tells where vmalloc starts
	fix_mem_u64(&fk.mem, DATA, 0xffff8f0000000000ULL + (PAGES << 12));
	assert_int_equal(addressmap_direct(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffff8f0000000000ULL);
	assert_int_equal(addressmap_vmalloc(&fk.k, &va, NULL), VS_NOTFOUND);
	// not where a direct map can start
	fix_mem_u64(&fk.mem, DATA, 0xffff888000001000ULL + (PAGES << 12));
	assert_int_equal(addressmap_direct(&fk.k, &va, NULL), VS_CORRUPT);
	fix_mem_u64(&fk.mem, DATA, 0x1000);
	assert_int_equal(addressmap_direct(&fk.k, &va, NULL), VS_CORRUPT);
	fix_kernel_deinit(&fk);
}

/* mem_section is an array of pointers to sections, or since 4.15 a pointer to such an array. */
static void test_sections(void **state)
{
	struct fix_kernel fk;
	kva_t va = 0;

	(void)state;
	setup(&fk, 3);
	fix_mem_u64(&fk.mem, ROOTS, ROOTS + 0x100);
	assert_int_equal(addressmap_vmemmap(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffffea0000000000ULL);
	fix_mem_u64(&fk.mem, DATA + 16, ROOTS + 0x100);
	va = 0;
	assert_int_equal(addressmap_vmemmap(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffffea0000000000ULL);
	// without CONFIG_SPARSEMEM_VMEMMAP: in the direct map, where no such array starts
	fix_mem_u64(&fk.mem, ROOTS + 0x100, ROOTS | 0xf);
	assert_int_equal(addressmap_vmemmap(&fk.k, &va, NULL), VS_CORRUPT);
	// absent
	fix_mem_u64(&fk.mem, ROOTS + 0x100, 0);
	assert_int_equal(addressmap_vmemmap(&fk.k, &va, NULL), VS_CORRUPT);
	fix_kernel_deinit(&fk);
}

/* The variables count where there are any. */
static void test_variables(void **state)
{
	struct fix_kernel fk;
	kva_t va = 0;

	(void)state;
	setup(&fk, 6);
	fix_mem_u64(&fk.mem, DATA + 24, 0xffff9d1800000000ULL);
	fix_mem_u64(&fk.mem, DATA + 32, 0xffffd0e140000000ULL);
	fix_mem_u64(&fk.mem, DATA + 40, 0xffffb0c000000000ULL);
	assert_int_equal(addressmap_direct(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffff9d1800000000ULL);
	assert_int_equal(addressmap_vmemmap(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffffd0e140000000ULL);
	assert_int_equal(addressmap_vmalloc(&fk.k, &va, NULL), VS_OK);
	assert_u64(va, 0xffffb0c000000000ULL);
	fix_mem_u64(&fk.mem, DATA + 24, 0xffff9d1800000123ULL);
	assert_int_equal(addressmap_direct(&fk.k, &va, NULL), VS_CORRUPT);
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_variables),
	};

	return _cmocka_run_group_tests("addressmap", tests, sizeof(tests) / sizeof(tests[0]), NULL,
				       NULL);
}
