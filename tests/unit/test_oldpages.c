// SPDX-License-Identifier: GPL-3.0-or-later
/* oldpages: struct page and struct zone as old kernels had them: before 4.4 a flag marks the tail
 * pages of a slab, and before 5.0 the number of managed pages is a plain integer. */
#include "tests/unit/dumpfix.h"
#include "tests/unit/kernfix.h"

#include "arch/x86_64/x86_64.h"
#include "stub/kernel/kmem.h"
#include "stub/subsys/mm/pages.h"
#include "stub/subsys/mm/slab.h"
#include "stub/subsys/mm/zones.h"

#ifdef HAVE_LIBBPF

#define DATA	0xffffffff82000000ULL
#define DIRECT	0xffff880000000000ULL
#define VMEMMAP 0xffffea0000000000ULL
#define PAGE	0x40 /* sizeof(struct page) */
#define CACHE	(DIRECT + 0x3000)
#define ROOT	0x1000ULL
#define SLAB	8 /* its first page frame, of two */

enum { PG_SLAB = 7, PG_TAIL = 15 };

struct scene {
	struct fix_kernel fk;
	struct fix_mem ram; /* page tables, by physical address */
	struct fix_elf elf; /* 64 page frames */
};

static kva_t page(unsigned pfn)
{
	return VMEMMAP + pfn * PAGE;
}

/* struct page of 3.10: a tail page has its head where a head page of SLUB has its cache. */
static void add_types(struct fix_kernel *fk)
{
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field fields[] = {
		{ "flags", "u64", .off = 0 },
		{ "freelist", "u64", .off = 16 },
		{ "inuse", "u32", .off = 24, .bit = 0, .bits = 16 },
		{ "objects", "u32", .off = 24, .bit = 16, .bits = 15 },
		{ "lru", "list_head", .off = 32 },
		{ "slab_cache", "u64", .off = 48 },
		{ "first_page", "u64", .off = 48 },
		{ 0 }
	};
	static const struct fix_field order[] = { { "x", "u64", .off = 0 }, { 0 } };
	static const struct fix_field cache[] = {
		{ "cpu_slab", "u64", .off = 0 },       { "flags", "u64", .off = 8 },
		{ "size", "u32", .off = 24 },	       { "object_size", "u32", .off = 28 },
		{ "offset", "u32", .off = 32 },	       { "oo", "order_objects", .off = 40 },
		{ "min", "order_objects", .off = 56 }, { "name", "u64", .off = 96 },
		{ "list", "list_head", .off = 104 },   { 0 }
	};
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "list_head", 16, list);
	fix_btf_struct(b, "page", PAGE, fields);
	fix_btf_struct(b, "order_objects", 8, order);
	fix_btf_struct(b, "kmem_cache", 0x100, cache);
	assert_true(btf__add_enum(b, "pageflags", 4) > 0);
	assert_int_equal(btf__add_enum_value(b, "PG_slab", PG_SLAB), 0);
	assert_int_equal(btf__add_enum_value(b, "PG_tail", PG_TAIL), 0);
	fix_kernel_types(fk, fix_btf_types(b));
}

/* Maps the first GiB of memory at DIRECT by one entry. */
static void map_direct(struct scene *s)
{
	const uint64_t present = 1, whole = 1 << 7;
	struct paging pg = { .root = ROOT, .levels = 4 };

	fix_mem_init(&s->ram);
	fix_mem_add(&s->ram, ROOT, 0x2000);
	fix_mem_u64(&s->ram, ROOT + (DIRECT >> 39 & 511) * 8, (ROOT + 0x1000) | present);
	fix_mem_u64(&s->ram, ROOT + 0x1000, present | whole);
	s->fk.k.kmem = kmem_create(&arch_x86_64, &s->ram.mem);
	assert_non_null(s->fk.k.kmem);
	kmem_set_paging(s->fk.k.kmem, &pg);
}

static void put_u32(struct scene *s, kva_t va, uint32_t v)
{
	fix_mem_put(&s->fk.mem, va, &v, 4);
}

/* A slab of two pages with 32 objects of 256 bytes, all in use. */
static void put_slab(struct scene *s)
{
	fix_mem_add(&s->fk.mem, VMEMMAP, 64 * PAGE);
	fix_mem_add(&s->fk.mem, CACHE, 0x200);
	fix_mem_u64(&s->fk.mem, page(SLAB), 1 << PG_SLAB);
	put_u32(s, page(SLAB) + 24, 32 | 32 << 16);
	fix_mem_u64(&s->fk.mem, page(SLAB) + 48, CACHE);
	fix_mem_u64(&s->fk.mem, page(SLAB + 1), 1 << PG_TAIL);
	fix_mem_u64(&s->fk.mem, page(SLAB + 1) + 48, page(SLAB));
	put_u32(s, CACHE + 24, 256);
	put_u32(s, CACHE + 28, 240);
	fix_mem_u64(&s->fk.mem, CACHE + 40, 1 << 16 | 32);
	fix_mem_u64(&s->fk.mem, CACHE + 56, 16);
	fix_mem_u64(&s->fk.mem, CACHE + 96, CACHE + 0x100);
	fix_mem_put(&s->fk.mem, CACHE + 0x100, "w_cache", 8);
}

static void setup(struct scene *s)
{
	*s = (struct scene){ 0 };
	fix_kernel_init(&s->fk, "");
	add_types(&s->fk);
	fix_kernel_symbol(&s->fk, "page_offset_base", DATA);
	fix_kernel_symbol(&s->fk, "vmemmap_base", DATA + 8);
	assert_true(symtab_seal(s->fk.k.syms));
	fix_mem_add(&s->fk.mem, DATA, 16);
	fix_mem_u64(&s->fk.mem, DATA, DIRECT);
	fix_mem_u64(&s->fk.mem, DATA + 8, VMEMMAP);
	put_slab(s);
	map_direct(s);
	fix_elf_load(&s->elf, 0, 0x40000, 0x40000);
	fix_elf_build(&s->elf);
	s->fk.k.dump = fix_open_ok(s->elf.b.p, s->elf.b.len);
}

static void end(struct scene *s)
{
	dump_close(s->fk.k.dump);
	fix_elf_deinit(&s->elf);
	kmem_destroy(s->fk.k.kmem);
	fix_mem_deinit(&s->ram);
	fix_kernel_deinit(&s->fk);
}

static void test_head(void **state)
{
	struct scene s;

	(void)state;
	setup(&s);
	assert_u64(page_head(&s.fk.k, page(SLAB)), page(SLAB)); // its cache's address is no head
	assert_u64(page_head(&s.fk.k, page(SLAB + 1)), page(SLAB));
	assert_u64(page_head(&s.fk.k, page(SLAB + 2)), page(SLAB + 2));
	// A head that is no struct page is not followed.
	fix_mem_u64(&s.fk.mem, page(SLAB + 1) + 48, CACHE);
	assert_u64(page_head(&s.fk.k, page(SLAB + 1)), page(SLAB + 1));
	end(&s);
}

/* An object in the second page of a slab of SLUB. */
static void test_object(void **state)
{
	kva_t object = DIRECT + SLAB * 0x1000, found = 0;
	struct slab slab;
	struct scene s;
	char name[32];

	(void)state;
	setup(&s);
	for (unsigned i = 0; i < 32; i += 31) {
		struct err err;

		if (slab_of(&s.fk.k, object + i * 256 + 17, &slab, &err))
			fail_msg("%s\n", err.msg);
		assert_u64(slab.page, page(SLAB));
		assert_u64(slab.cache, CACHE);
		assert_u64(slab.start, object);
		assert_int_equal(slab.objects, 32);
		assert_int_equal(
			slab_cache_name(&s.fk.k, object + i * 256 + 17, name, sizeof(name), &found),
			VS_OK);
		assert_string_equal(name, "w_cache");
		assert_u64(found, object + i * 256);
	}
	assert_int_equal(slab_of(&s.fk.k, object + 0x2000, &slab, NULL), VS_NOTFOUND);
	end(&s);
}

/* --- zones */

#define NODE 0xffff880000100000ULL

static vs_status first_zone(void *ctx, const struct zone *z, struct err *err)
{
	(void)err;
	*(struct zone *)ctx = *z;
	return VS_END;
}

/* 9705bea5f833 (5.0) made it an atomic_long_t. */
static void test_managed(void **state)
{
	static const struct fix_field counter[] = { { "counter", "u64", .off = 0 }, { 0 } };

	(void)state;
	for (int atomic = 0; atomic < 2; atomic++) {
		const struct fix_field zone[] = { { "watermark", "u64", .off = 0, .n = 3 },
						  { "zone_start_pfn", "u64", .off = 24 },
						  { "managed_pages",
						    atomic ? "atomic_long_t" : "u64", .off = 32 },
						  { "spanned_pages", "u64", .off = 40 },
						  { "present_pages", "u64", .off = 48 },
						  { "name", "u64", .off = 56 },
						  { 0 } };
		static const struct fix_field node[] = { { "node_zones", "zone", .off = 0, .n = 1 },
							 { "node_start_pfn", "u64", .off = 64 },
							 { "node_present_pages", "u64", .off = 72 },
							 { "node_spanned_pages", "u64", .off = 80 },
							 { "node_id", "u32", .off = 88 },
							 { 0 } };
		struct btf *b = fix_btf_new();
		struct fix_kernel fk;
		struct zone z = { 0 };
		struct err err;

		fix_btf_struct(b, "atomic_long_t", 8, counter);
		fix_btf_struct(b, "zone", 64, zone);
		fix_btf_struct(b, "pglist_data", 96, node);
		fix_kernel_init(&fk, "");
		fix_kernel_types(&fk, fix_btf_types(b));
		fix_kernel_symbol(&fk, "contig_page_data", NODE);
		assert_true(symtab_seal(fk.k.syms));
		fix_mem_add(&fk.mem, NODE, 128);
		fix_mem_u64(&fk.mem, NODE + 24, 1);
		fix_mem_u64(&fk.mem, NODE + 32, 3977);
		fix_mem_u64(&fk.mem, NODE + 40, 4095);
		fix_mem_u64(&fk.mem, NODE + 48, 3998);
		if (zones_each(&fk.k, first_zone, &z, &err))
			fail_msg("%s\n", err.msg);
		assert_u64(z.managed, 3977);
		assert_u64(z.spanned, 4095);
		assert_u64(z.present, 3998);
		fix_kernel_deinit(&fk);
	}
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_object),
		cmocka_unit_test(test_managed),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("oldpages", tests, sizeof(tests) / sizeof(tests[0]) - 1,
				       NULL, NULL);
}
