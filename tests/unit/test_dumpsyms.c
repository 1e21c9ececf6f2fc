// SPDX-License-Identifier: GPL-3.0-or-later
/* dumpsyms: symbols found in the kernel's image count only if they name what is there. */
#include "tests/unit/kallsymsfix.h"
#include "tests/unit/kernfix.h"

#include "stub/base/cleanup.h"
#include "stub/kernel/dumpsyms.h"

struct test {
	struct fix_syms image;
	struct mem mem;
	struct fix_kernel fk;
	struct err err;
};

static void start(struct test *t, const char *vmcoreinfo)
{
	fix_syms_build(&t->image, R5_10);
	t->mem = (struct mem){ .read = fix_syms_read, .ctx = &t->image };
	fix_kernel_init(&t->fk, vmcoreinfo);
	t->fk.k.kmem = kmem_create(&arch_x86_64, &t->fk.mem.mem); // without page tables
	assert_non_null(t->fk.k.kmem);
	t->fk.k.mem = &t->mem;
	t->fk.k.image_start = TEXT;
	t->fk.k.image_end = TEXT + t->image.b.len;
}

static vs_status end(struct test *t, size_t *count)
{
	vs_status st = kernel_need_dump_syms(&t->fk.k, &t->err);

	*count = t->fk.k.dump_syms ? symtab_count(t->fk.k.dump_syms) : 0;
	kmem_destroy(t->fk.k.kmem);
	fix_kernel_deinit(&t->fk);
	buf_deinit(&t->image.b);
	return st;
}

static const char info[] = "SYMBOL(_stext)=ffffffff81000040\n";

static void test_found(void **state)
{
	struct test t;
	size_t n;

	(void)state;
	start(&t, info);
	assert_int_equal(end(&t, &n), VS_OK);
	assert_int_equal(n, FIX_SYMS);
	start(&t, info);
	t.fk.k.image_start = 0; // nothing tells where the image is
	assert_int_equal(end(&t, &n), VS_NOTFOUND);
	// Without VMCOREINFO, the image starts with _stext; here it does not.
	start(&t, "");
	assert_int_equal(end(&t, &n), VS_NOTFOUND);
	assert_int_equal(n, 0);
}

static void test_another_banner(void **state)
{
	struct test t;
	size_t n;

	(void)state;
	start(&t, info);
	t.image.b.p[fix_syms_address(&t.image, FIX_BANNER) - TEXT] ^= 1;
	assert_int_equal(end(&t, &n), VS_NOTFOUND);
	assert_non_null(strstr(t.err.msg, "no banner at linux_banner"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_another_banner),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
