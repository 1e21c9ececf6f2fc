// SPDX-License-Identifier: GPL-3.0-or-later
/* oldslab: synthetic slabs of the SLAB allocator, as in mm/slab.c of 3.14 and later and of 3.10:
 * numbers of free objects, and objects that CPUs and nodes cache. */
#include "tests/unit/kernfix.h"

#include "stub/base/cleanup.h"
#include "stub/subsys/mm/oldslab.h"
#include "stub/subsys/mm/slab.h"
#include "stub/subsys/mm/slab_free.h"

#ifdef HAVE_LIBBPF

#define DATA	0xffffffff82000000ULL
#define CACHE	0xffff880001000000ULL
#define NODE	(CACHE + 0x100)
#define PAGES	(CACHE + 0x200) /* struct page, 0x40 bytes each */
#define LISTS	(CACHE + 0x400) /* free lists */
#define HELD	(CACHE + 0x600) /* struct array_cache */
#define PERCPU	(CACHE + 0x800) /* of CPU n: + n * 0x100 */
#define NODES	(CACHE + 0xa80) /* before 3.19: the array of pointers to nodes */
#define OWN	(CACHE + 0xb00) /* before 3.14: struct slab, 0x80 bytes each */
#define MEMORY	0xffff880002000000ULL
#define SIZE	0x40
#define OBJECTS 8

struct scene {
	struct fix_kernel fk;
	struct slab_cache cache;
};

enum form {
	NEW,	 /* 3.19 and later */
	OWN_310, /* 3.10 */
	UNKNOWN,
};

static void add_page(struct btf *b, enum form form)
{
	static const struct fix_field page[] = {
		{ "slab_cache", "u64", .off = 0 }, { "freelist", "u64", .off = 8 },
		{ "s_mem", "u64", .off = 16 },	   { "lru", "list_head", .off = 32 },
		{ "active", "u32", .off = 24 },	   { 0 }
	};
	static const struct fix_field old[] = { { "flags", "u64", .off = 0 },
						{ "slab_cache", "u64", .off = 8 },
						{ "slab_page", "u64", .off = 16 },
						{ "first_page", "u64", .off = 24 },
						{ 0 } };
	static const struct fix_field none[] = { { "flags", "u64", .off = 0 }, { 0 } };
	static const struct fix_field own[] = { { "list", "list_head", .off = 0 },
						{ "s_mem", "u64", .off = 24 },
						{ "inuse", "u32", .off = 32 },
						{ "free", "u32", .off = 36 },
						{ 0 } };

	fix_btf_struct(b, "page", 0x40, form == NEW ? page : form == OWN_310 ? old : none);
	if (form != OWN_310)
		return;
	fix_btf_struct(b, "slab", 48, own);
	assert_true(btf__add_typedef(b, "kmem_bufctl_t", btf__find_by_name(b, "u32")) > 0);
}

static void add_types(struct fix_kernel *fk, unsigned index_size, bool debug, enum form form)
{
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	const bool new = form == NEW;
	const struct fix_field cache[] = { { new ? "cpu_cache" : "colour", "u64", .off = 0 },
					   { "num", "u32", .off = 8 },
					   { "gfporder", "u32", .off = 12 },
					   { "size", "u32", .off = 16 },
					   { "flags", "u32", .off = 20 },
					   { "object_size", "u32", .off = 24 },
					   { "list", "list_head", .off = 40 },
					   { "node", "u64", .off = 56, .n = new },
					   { debug ? "obj_offset" : "none", "u32", .off = 64 },
					   { new ? "more" : "array", "u64", .off = 72, .n = 2 },
					   { 0 } };
	static const struct fix_field node[] = { { "slabs_partial", "list_head", .off = 0 },
						 { "slabs_full", "list_head", .off = 16 },
						 { "slabs_free", "list_head", .off = 32 },
						 { "shared", "u64", .off = 48 },
						 { "alien", "u64", .off = 56 },
						 { 0 } };
	static const struct fix_field held[] = { { "avail", "u32", .off = 0 },
						 { "entry", "u64", .off = 16, .n = 1 },
						 { 0 } };
	static const struct fix_field alien[] = { { "lock", "u64", .off = 0 },
						  { "ac", "array_cache", .off = 8 },
						  { 0 } };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "list_head", 16, list);
	add_page(b, form);
	fix_btf_struct(b, "kmem_cache", 0x60, cache);
	fix_btf_struct(b, "kmem_cache_node", 64, node);
	fix_btf_struct(b, "array_cache", 24, held);
	if (new)
		fix_btf_struct(b, "alien_cache", 32, alien);
	assert_true(btf__add_typedef(b, "freelist_idx_t",
				     btf__find_by_name(b, index_size == 1 ? "u8" : "u16")) > 0);
	fix_kernel_types(fk, fix_btf_types(b));
}

static void put_u32(struct scene *s, kva_t va, uint32_t v)
{
	fix_mem_put(&s->fk.mem, va, &v, 4);
}

static void put_ring(struct scene *s, kva_t head, kva_t node)
{
	fix_mem_u64(&s->fk.mem, head, node ? node : head);
	fix_mem_u64(&s->fk.mem, head + 8, node ? node : head);
	if (node) {
		fix_mem_u64(&s->fk.mem, node, head);
		fix_mem_u64(&s->fk.mem, node + 8, head);
	}
}

/* Makes slab i with `active` objects in use; the numbers of free ones count down from the last. */
static void put_slab(struct scene *s, unsigned i, unsigned active, unsigned index_size)
{
	kva_t page = PAGES + i * 0x40, list = LISTS + i * 0x40;

	fix_mem_u64(&s->fk.mem, page, CACHE);
	fix_mem_u64(&s->fk.mem, page + 8, list);
	fix_mem_u64(&s->fk.mem, page + 16, MEMORY + i * 0x1000);
	put_u32(s, page + 24, active);
	for (unsigned j = active; j < OBJECTS; j++)
		fix_mem_put(&s->fk.mem, list + j * index_size,
			    &(uint16_t){ (uint16_t)(OBJECTS - 1 - (j - active)) }, index_size);
}

/* The same slab before 3.14: free objects are chained from the last one down. */
static void put_own(struct scene *s, unsigned i, unsigned active)
{
	kva_t own = OWN + i * 0x80, next = own + 48;

	fix_mem_u64(&s->fk.mem, PAGES + i * 0x40 + 8, CACHE);
	fix_mem_u64(&s->fk.mem, PAGES + i * 0x40 + 16, own);
	fix_mem_u64(&s->fk.mem, own + 24, MEMORY + i * 0x1000);
	put_u32(s, own + 32, active);
	put_u32(s, own + 36, active < OBJECTS ? OBJECTS - 1 : UINT32_MAX);
	for (uint32_t j = active; j < OBJECTS; j++)
		put_u32(s, next + 4 * j, j == active ? UINT32_MAX : j - 1);
}

static void put_held(struct scene *s, kva_t va, uint32_t n, kva_t first)
{
	put_u32(s, va, n);
	for (uint32_t i = 0; i < n; i++)
		fix_mem_u64(&s->fk.mem, va + 16 + 8 * i, first + i * SIZE);
}

static void put_cache(struct scene *s, uint32_t debug)
{
	put_ring(s, DATA, CACHE + 40);
	fix_mem_u64(&s->fk.mem, CACHE, 0x20); // its per-CPU address
	put_u32(s, CACHE + 8, OBJECTS);
	put_u32(s, CACHE + 16, SIZE);
	put_u32(s, CACHE + 24, SIZE - 8 - debug);
	fix_mem_u64(&s->fk.mem, CACHE + 56, NODE);
	put_u32(s, CACHE + 64, debug);
	put_held(s, PERCPU + 0x20, 2, MEMORY);		 // objects 0 and 1 of the partial slab
	put_held(s, PERCPU + 0x120, 1, MEMORY + 0x1000); // object 0 of the full one
	fix_mem_u64(&s->fk.mem, NODE + 48, HELD);
	put_held(s, HELD, 1, MEMORY + 0x1000 + 3 * SIZE);
	fix_mem_u64(&s->fk.mem, NODE + 56, HELD + 0x80); // an alien cache, of the node itself
	fix_mem_u64(&s->fk.mem, HELD + 0x80, HELD + 0xc0);
	put_held(s, HELD + 0xc0 + 8, 1, MEMORY + 0x1000 + 4 * SIZE);
}

/* Sets up two CPUs and one node with a partial, a full and a free slab of 8 objects. */
static void setup_as(struct scene *s, unsigned index_size, uint32_t debug, enum form form)
{
	static const unsigned active[] = { 5, 8, 0 };

	*s = (struct scene){ 0 };
	fix_kernel_init(&s->fk, "");
	add_types(&s->fk, index_size, debug != 0, form);
	fix_mem_add(&s->fk.mem, DATA, 0x100);
	fix_mem_add(&s->fk.mem, CACHE, 0x1000);
	fix_kernel_symbol(&s->fk, "slab_caches", DATA);
	fix_kernel_symbol(&s->fk, "nr_cpu_ids", DATA + 16);
	fix_kernel_symbol(&s->fk, "__per_cpu_offset", DATA + 24);
	fix_kernel_symbol(&s->fk, "page_offset_base", DATA + 48);
	fix_kernel_symbol(&s->fk, "vmemmap_base", DATA + 56);
	assert_true(symtab_seal(s->fk.k.syms));
	put_u32(s, DATA + 16, 2);
	fix_mem_u64(&s->fk.mem, DATA + 24, PERCPU);
	fix_mem_u64(&s->fk.mem, DATA + 32, PERCPU + 0x100);
	fix_mem_u64(&s->fk.mem, DATA + 48, MEMORY - 0x8000); // PAGES is of frame 8
	fix_mem_u64(&s->fk.mem, DATA + 56, CACHE);
	put_cache(s, debug);
	for (unsigned i = 0; i < 3; i++) {
		if (form == NEW)
			put_slab(s, i, active[i], index_size);
		else
			put_own(s, i, active[i]);
		put_ring(s, NODE + 16 * i, form == NEW ? PAGES + i * 0x40 + 32 : OWN + i * 0x80);
	}
}

static void setup(struct scene *s, unsigned index_size, uint32_t debug)
{
	setup_as(s, index_size, debug, NEW);
}

/* 3.10, without CONFIG_NUMA. */
static void setup_310(struct scene *s)
{
	setup_as(s, 1, 0, OWN_310);
	fix_mem_u64(&s->fk.mem, CACHE + 56, NODES);
	fix_mem_u64(&s->fk.mem, NODES, NODE);
	fix_mem_u64(&s->fk.mem, CACHE + 72, PERCPU + 0x20);
	fix_mem_u64(&s->fk.mem, CACHE + 80, PERCPU + 0x120);
	fix_mem_u64(&s->fk.mem, NODE + 56, 0x01020304); // BAD_ALIEN_MAGIC
}

static void end(struct scene *s)
{
	fix_kernel_deinit(&s->fk);
}

static void load(struct scene *s)
{
	AUTO_FREE struct slab_cache *all = NULL;
	size_t n = 0;

	assert_true(oldslab_kernel(&s->fk.k));
	assert_int_equal(slab_caches(&s->fk.k, &all, &n, NULL), VS_OK);
	assert_int_equal(n, 1);
	s->cache = all[0];
	assert_u64(s->cache.va, CACHE);
	assert_u64(s->cache.size, SIZE);
	assert_int_equal(s->cache.objects, OBJECTS);
}

struct seen {
	struct scene *s;
	const struct slab_frees *f;
	struct buf text;
};

/* Prints which objects are free: "partial f.......". */
static bool put_map(void *ctx, const struct slab *slab, const char *where)
{
	struct seen *seen = ctx;
	AUTO_FREE uint8_t *map = NULL;
	unsigned n;

	assert_int_equal(slab_free_map(seen->f, slab, &map, &n, NULL), VS_OK);
	buf_printf(&seen->text, "%s ", where);
	for (unsigned i = 0; i < slab->objects; i++)
		buf_putc(&seen->text, map[i / 8] >> i % 8 & 1 ? 'f' : '.');
	buf_putc(&seen->text, ' ');
	return true;
}

static void expect_objects(struct scene *s, unsigned held, const char *maps)
{
	struct slab_counts n;
	struct seen seen = { 0 };
	struct slab_frees *f;

	load(s);
	assert_int_equal(slab_cache_count(&s->fk.k, &s->cache, &n, NULL), VS_OK);
	assert_u64(n.slabs, 3);
	assert_u64(n.total, 24);
	assert_u64(n.allocated, 24 - (3 + 8) - held);
	f = slab_frees_load(&s->fk.k, &s->cache);
	seen.f = f;
	assert_int_equal(slab_each(&s->fk.k, &s->cache, put_map, &seen, NULL), VS_OK);
	assert_string_equal(buf_str(&seen.text), maps);
	buf_deinit(&seen.text);
	slab_frees_destroy(f);
}

static void test_objects(void **state)
{
	(void)state;
	for (unsigned index_size = 1; index_size <= 2; index_size++) {
		for (uint32_t debug = 0; debug <= 8; debug += 8) {
			struct scene s;

			setup(&s, index_size, debug);
			expect_objects(&s, 2 + 1 + 1 + 1,
				       "partial ff...fff full f..ff... free ffffffff ");
			end(&s);
		}
	}
}

static void test_objects_of_310(void **state)
{
	struct slab slab;
	struct scene s;
	kva_t va;

	(void)state;
	setup_310(&s);
	expect_objects(&s, 2 + 1 + 1, "partial ff...fff full f..f.... free ffffffff ");
	assert_int_equal(oldslab_of_page(&s.fk.k, PAGES + 0x40, &va, NULL), VS_OK);
	assert_u64(va, OWN + 0x80);
	assert_int_equal(oldslab_load(&s.fk.k, va, &slab, NULL), VS_OK);
	assert_u64(slab.page, PAGES + 0x40);
	assert_u64(slab.cache, CACHE);
	end(&s);
}

static void test_damage(void **state)
{
	struct slab_counts n;
	struct scene s;

	(void)state;
	setup(&s, 1, 0);
	load(&s);
	// More cached objects than any CPU may have: they do not count, and there is a warning.
	put_u32(&s, PERCPU + 0x20, 1 << 30);
	assert_int_equal(slab_cache_count(&s.fk.k, &s.cache, &n, NULL), VS_CORRUPT);
	put_u32(&s, PERCPU + 0x20, 2);
	// More objects in use than exist.
	put_u32(&s, PAGES + 24, OBJECTS + 1);
	assert_int_equal(slab_cache_count(&s.fk.k, &s.cache, &n, NULL), VS_CORRUPT);
	put_u32(&s, PAGES + 24, 5);
	assert_int_equal(slab_cache_count(&s.fk.k, &s.cache, &n, NULL), VS_OK);
	put_u32(&s, CACHE + 8, 1 << 20);
	assert_int_equal(slab_cache_load(&s.fk.k, CACHE, &s.cache, NULL), VS_CORRUPT);
	end(&s);
}

static bool any_number(void *ctx, unsigned i)
{
	(void)ctx;
	(void)i;
	return true;
}

static void test_free_list_is_checked(void **state)
{
	struct slab slab;
	struct scene s;

	(void)state;
	setup(&s, 1, 0);
	assert_int_equal(oldslab_load(&s.fk.k, PAGES, &slab, NULL), VS_OK);
	assert_int_equal(oldslab_free(&s.fk.k, &slab, any_number, NULL, NULL), VS_OK);
	fix_mem_put(&s.fk.mem, LISTS + 6, &(uint8_t){ 200 }, 1);
	assert_int_equal(oldslab_free(&s.fk.k, &slab, any_number, NULL, NULL), VS_CORRUPT);
	end(&s);
}

static void test_chain_of_310_is_checked(void **state)
{
	static const struct {
		kva_t at;
		uint32_t value;
	} bad[] = { { OWN + 36, OBJECTS },		   // the first number
		    { OWN + 48 + 4 * (OBJECTS - 1), 200 }, // a later one
		    { OWN + 48 + 4 * 5, OBJECTS - 1 },	   // no end
		    { OWN + 48 + 4 * 7, UINT32_MAX } };	   // ends early
	struct slab slab;
	struct scene s;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setup_310(&s);
		assert_int_equal(oldslab_load(&s.fk.k, OWN, &slab, NULL), VS_OK);
		assert_int_equal(oldslab_free(&s.fk.k, &slab, any_number, NULL, NULL), VS_OK);
		put_u32(&s, bad[i].at, bad[i].value);
		assert_int_equal(oldslab_load(&s.fk.k, OWN, &slab, NULL), VS_OK);
		assert_int_equal(oldslab_free(&s.fk.k, &slab, any_number, NULL, NULL), VS_CORRUPT);
		end(&s);
	}
}

/* Neither form: an error, not a guess. */
static void test_unknown(void **state)
{
	AUTO_FREE struct slab_cache *all = NULL;
	struct fix_kernel fk;
	struct err err;
	size_t n;

	(void)state;
	fix_kernel_init(&fk, "");
	add_types(&fk, 1, false, UNKNOWN);
	fix_kernel_symbol(&fk, "slab_caches", DATA);
	assert_true(symtab_seal(fk.k.syms));
	assert_int_equal(slab_caches(&fk.k, &all, &n, &err), VS_UNSUPPORTED);
	assert_int_equal(n, 0);
	fix_kernel_deinit(&fk);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_objects_of_310),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_free_list_is_checked),
		cmocka_unit_test(test_chain_of_310_is_checked),
		cmocka_unit_test(test_unknown),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("oldslab", tests, sizeof(tests) / sizeof(tests[0]) - 1, NULL,
				       NULL);
}
