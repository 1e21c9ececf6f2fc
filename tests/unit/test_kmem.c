// SPDX-License-Identifier: GPL-3.0-or-later
/* kmem: reads through page tables that are in the same synthetic RAM. */
#include "tests/unit/memfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/kernel/kmem.h"

#define P     1ULL
#define ROOT  0x1000ULL
#define UROOT 0x5000ULL
#define KVA   0xffffc90000000000ULL
#define UVA   0x00007f0000000000ULL

struct scene {
	struct fix_mem ram;
	struct kmem *k;
	const struct mem *kernel;
};

/* Makes four tables below a root; the last maps npages from va on to pa[] (0: no mapping). */
static void map(struct scene *s, pa_t root, uint64_t va, const pa_t *pa, size_t npages)
{
	fix_mem_u64(&s->ram, root + (va >> 39 & 511) * 8, (root + 0x1000) | P);
	fix_mem_u64(&s->ram, root + 0x1000 + (va >> 30 & 511) * 8, (root + 0x2000) | P);
	fix_mem_u64(&s->ram, root + 0x2000 + (va >> 21 & 511) * 8, (root + 0x3000) | P);
	for (size_t i = 0; i < npages; i++)
		if (pa[i])
			fix_mem_u64(&s->ram, root + 0x3000 + ((va >> 12 & 511) + i) * 8, pa[i] | P);
}

/* Sets up three kernel pages, the third without mapping, and the second far away in RAM; and one
 * user page. Each byte of RAM shows its page. */
static void setup(struct scene *s)
{
	static const pa_t kernel_pages[] = { 0x21000, 0x20000, 0, 0x23000 };
	static const pa_t user_pages[] = { 0x22000 };
	struct paging pg = { .root = ROOT, .levels = 4 };

	fix_mem_init(&s->ram);
	fix_mem_add(&s->ram, ROOT, 0x4000);
	fix_mem_add(&s->ram, UROOT, 0x4000);
	for (pa_t pa = 0x20000; pa < 0x23000; pa += 0x1000)
		memset(fix_mem_add(&s->ram, pa, 0x1000), (int)(pa >> 12), 0x1000);
	map(s, ROOT, KVA, kernel_pages, 4);
	map(s, UROOT, UVA, user_pages, 1);
	s->k = kmem_create(&arch_x86_64, &s->ram.mem);
	assert_non_null(s->k);
	kmem_set_paging(s->k, &pg);
	s->kernel = kmem_kernel(s->k);
}

static void end(struct scene *s)
{
	kmem_destroy(s->k);
	fix_mem_deinit(&s->ram);
}

static void test_kernel(void **state)
{
	uint8_t out[0x2010];
	struct mem_got got;
	struct scene s;
	struct err err;

	(void)state;
	setup(&s);
	for (int round = 0; round < 2; round++) { // the second from cached translations
		memset(out, 0, sizeof(out));
		got = s.kernel->read(s.kernel, KVA + 0xff0, out, 0x20, &err);
		assert_true(got.len == 0x20 && got.why == VS_OK);
		assert_true(out[0] == 0x21 && out[15] == 0x21 && out[16] == 0x20 &&
			    out[31] == 0x20);
		got = s.kernel->read(s.kernel, KVA, out, sizeof(out), &err);
		assert_int_equal(got.len, 0x2000);
		assert_int_equal(got.why, VS_UNMAPPED);
		got = s.kernel->read(s.kernel, KVA + 0x3000, out, 8, &err);
		assert_int_equal(got.len, 0);
		assert_int_equal(got.why, VS_EXCLUDED); // mapped, but not in the dump
		assert_non_null(strstr(err.msg, "0xffffc90000003000"));
	}
	got = s.kernel->read(s.kernel, KVA + 0x2000, out, 0, &err);
	assert_true(got.len == 0 && got.why == VS_OK);
	end(&s);
}

static void test_user(void **state)
{
	struct mem_got got;
	struct scene s;
	uint8_t b = 0;

	(void)state;
	setup(&s);
	got = kmem_read_as(s.k, UROOT, UVA + 5, &b, 1, NULL);
	assert_true(got.why == VS_OK && b == 0x22);
	got = kmem_read_as(s.k, ROOT, UVA + 5, &b, 1, NULL); // another task's space
	assert_int_equal(got.why, VS_UNMAPPED);
	got = kmem_read_as(s.k, 0, UVA + 5, &b, 1, NULL);
	assert_int_equal(got.why, VS_UNMAPPED);
	got = s.kernel->read(s.kernel, UVA, &b, 1, NULL);
	assert_int_equal(got.why, VS_UNMAPPED);
	// with page table isolation, a task's tables lack the kernel, which has its own
	got = kmem_read_as(s.k, UROOT, KVA, &b, 1, NULL);
	assert_true(got.why == VS_OK && b == 0x21);
	end(&s);
}

static void test_edges(void **state)
{
	struct mem_got got;
	struct paging none = { .levels = 4 };
	struct scene s;
	uint8_t out[16];

	(void)state;
	setup(&s);
	got = s.kernel->read(s.kernel, UINT64_MAX - 3, out, sizeof(out), NULL);
	assert_true(got.len == 0 && got.why == VS_UNMAPPED);
	got = kmem_read_as(s.k, UROOT, 0x00007ffffffffff8ULL, out, 16, NULL);
	assert_int_equal(got.len, 0);
	kmem_set_paging(s.k, &none);
	got = s.kernel->read(s.kernel, KVA, out, 1, NULL); // nothing is cached from before
	assert_int_equal(got.why, VS_UNMAPPED);
	end(&s);
}

static bool overlay(void *ctx, kva_t va, void *dst, size_t len, struct mem_got *got)
{
	kva_t *asked = ctx;

	*asked = va;
	if (va >= KVA + 0x2800)
		return false;
	memset(dst, 0xee, len);
	*got = (struct mem_got){ len, VS_OK };
	return true;
}

static void test_overlay(void **state)
{
	struct mem_got got;
	struct scene s;
	kva_t asked = 0;
	uint8_t b;

	(void)state;
	setup(&s);
	kmem_set_overlay(s.k, overlay, &asked);
	got = s.kernel->read(s.kernel, KVA + 0x2000, &b, 1, NULL);
	assert_true(got.len == 1 && got.why == VS_OK && b == 0xee);
	got = s.kernel->read(s.kernel, KVA + 0x2900, &b, 1, NULL);
	assert_true(got.len == 0 && got.why == VS_UNMAPPED);
	asked = 0;
	got = s.kernel->read(s.kernel, KVA, &b, 1, NULL); // existing memory takes precedence
	assert_true(got.len == 1 && b == 0x21);
	got = s.kernel->read(s.kernel, KVA + 0x3000, &b, 1, NULL); // and so does what is lost
	assert_int_equal(got.why, VS_EXCLUDED);
	got = kmem_read_as(s.k, UROOT, UVA + 0x1000, &b, 1, NULL);
	assert_int_equal(got.why, VS_UNMAPPED);
	assert_u64(asked, 0);
	end(&s);
}

/* Reads unmapped memory itself, as the real overlay does on damaged dumps. */
static bool overlay_reads(void *ctx, kva_t va, void *dst, size_t len, struct mem_got *got)
{
	struct scene *s = ctx;
	uint8_t b;

	if (s->kernel->read(s->kernel, va + 1, &b, 1, NULL).len)
		fail_msg("memory out of nothing\n");
	*got = s->kernel->read(s->kernel, KVA, dst, len, NULL); // this memory exists
	return true;
}

static void test_overlay_in_overlay(void **state)
{
	struct mem_got got;
	struct scene s;
	uint8_t b = 0;

	(void)state;
	setup(&s);
	kmem_set_overlay(s.k, overlay_reads, &s);
	for (int i = 0; i < 2; i++) {
		got = s.kernel->read(s.kernel, KVA + 0x2000, &b, 1, NULL);
		assert_true(got.len == 1 && got.why == VS_OK && b == 0x21);
	}
	end(&s);
}

static void test_walk(void **state)
{
	struct scene s;
	struct walk w;

	(void)state;
	setup(&s);
	assert_int_equal(kmem_walk(s.k, 0, KVA + 0x1234, &w, NULL), VS_OK);
	assert_u64(w.pa, 0x20234);
	assert_int_equal(kmem_walk(s.k, UROOT, UVA + 0x123, &w, NULL), VS_OK);
	assert_u64(w.pa, 0x22123);
	assert_int_equal(kmem_walk(s.k, 0, UVA, &w, NULL), VS_UNMAPPED);
	assert_int_equal(w.nsteps, 0);
	end(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kernel), cmocka_unit_test(test_user),
		cmocka_unit_test(test_edges),  cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_walk),   cmocka_unit_test(test_overlay_in_overlay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
