// SPDX-License-Identifier: GPL-3.0-or-later
/* oldslab: synthetic slabs of the SLAB allocator, as in mm/slab.c of 3.14 and later: numbers of
 * free objects, and objects that CPUs and nodes cache. */
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
#define MEMORY	0xffff880002000000ULL
#define SIZE	0x40
#define OBJECTS 8

struct scene {
	struct fix_kernel fk;
	struct slab_cache cache;
};

static void add_types(struct fix_kernel *fk, unsigned index_size, bool debug, bool old)
{
	static const struct fix_field list[] = { { "next", "u64", .off = 0 },
						 { "prev", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field page[] = {
		{ "slab_cache", "u64", .off = 0 }, { "freelist", "u64", .off = 8 },
		{ "s_mem", "u64", .off = 16 },	   { "lru", "list_head", .off = 32 },
		{ "active", "u32", .off = 24 },	   { 0 }
	};
	const struct fix_field cache[] = { { "cpu_cache", "u64", .off = 0 },
					   { "num", "u32", .off = 8 },
					   { "gfporder", "u32", .off = 12 },
					   { "size", "u32", .off = 16 },
					   { "flags", "u32", .off = 20 },
					   { "object_size", "u32", .off = 24 },
					   { "list", "list_head", .off = 40 },
					   { "node", "u64", .off = 56, .n = 1 },
					   { debug ? "obj_offset" : "none", "u32", .off = 64 },
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
	fix_btf_struct(b, "page", 0x40, old ? list : page);
	fix_btf_struct(b, "kmem_cache", 0x48, cache);
	fix_btf_struct(b, "kmem_cache_node", 64, node);
	fix_btf_struct(b, "array_cache", 24, held);
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

static void put_held(struct scene *s, kva_t va, uint32_t n, kva_t first)
{
	put_u32(s, va, n);
	for (uint32_t i = 0; i < n; i++)
		fix_mem_u64(&s->fk.mem, va + 16 + 8 * i, first + i * SIZE);
}

/* Sets up two CPUs and one node with a partial, a full and a free slab of 8 objects. */
static void setup(struct scene *s, unsigned index_size, uint32_t debug)
{
	*s = (struct scene){ 0 };
	fix_kernel_init(&s->fk, "");
	add_types(&s->fk, index_size, debug != 0, false);
	fix_mem_add(&s->fk.mem, DATA, 0x100);
	fix_mem_add(&s->fk.mem, CACHE, 0x1000);
	fix_kernel_symbol(&s->fk, "slab_caches", DATA);
	fix_kernel_symbol(&s->fk, "nr_cpu_ids", DATA + 16);
	fix_kernel_symbol(&s->fk, "__per_cpu_offset", DATA + 24);
	assert_true(symtab_seal(s->fk.k.syms));
	put_u32(s, DATA + 16, 2);
	fix_mem_u64(&s->fk.mem, DATA + 24, PERCPU);
	fix_mem_u64(&s->fk.mem, DATA + 32, PERCPU + 0x100);
	put_ring(s, DATA, CACHE + 40);
	fix_mem_u64(&s->fk.mem, CACHE, 0x20); // its per-CPU address
	put_u32(s, CACHE + 8, OBJECTS);
	put_u32(s, CACHE + 16, SIZE);
	put_u32(s, CACHE + 24, SIZE - 8 - debug);
	fix_mem_u64(&s->fk.mem, CACHE + 56, NODE);
	put_u32(s, CACHE + 64, debug);
	put_slab(s, 0, 5, index_size);
	put_slab(s, 1, 8, index_size);
	put_slab(s, 2, 0, index_size);
	for (unsigned i = 0; i < 3; i++)
		put_ring(s, NODE + 16 * i, PAGES + i * 0x40 + 32);
	put_held(s, PERCPU + 0x20, 2, MEMORY);		 // objects 0 and 1 of the partial slab
	put_held(s, PERCPU + 0x120, 1, MEMORY + 0x1000); // object 0 of the full one
	fix_mem_u64(&s->fk.mem, NODE + 48, HELD);
	put_held(s, HELD, 1, MEMORY + 0x1000 + 3 * SIZE);
	fix_mem_u64(&s->fk.mem, NODE + 56, HELD + 0x80); // an alien cache, of the node itself
	fix_mem_u64(&s->fk.mem, HELD + 0x80, HELD + 0xc0);
	put_held(s, HELD + 0xc0 + 8, 1, MEMORY + 0x1000 + 4 * SIZE);
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

static void test_objects(void **state)
{
	(void)state;
	for (unsigned index_size = 1; index_size <= 2; index_size++) {
		for (uint32_t debug = 0; debug <= 8; debug += 8) {
			struct slab_counts n;
			struct seen seen = { 0 };
			struct slab_frees *f;
			struct scene s;

			setup(&s, index_size, debug);
			load(&s);
			assert_int_equal(slab_cache_count(&s.fk.k, &s.cache, &n, NULL), VS_OK);
			assert_u64(n.slabs, 3);
			assert_u64(n.total, 24);
			assert_u64(n.allocated, 24 - (3 + 8) - (2 + 1 + 1 + 1));
			f = slab_frees_load(&s.fk.k, &s.cache);
			seen.f = f;
			assert_int_equal(slab_each(&s.fk.k, &s.cache, put_map, &seen, NULL), VS_OK);
			assert_string_equal(buf_str(&seen.text),
					    "partial ff...fff full f..ff... free ffffffff ");
			buf_deinit(&seen.text);
			slab_frees_destroy(f);
			end(&s);
		}
	}
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

/* Before 3.14, a slab begins with another struct: an error, not a guess. */
static void test_older(void **state)
{
	AUTO_FREE struct slab_cache *all = NULL;
	struct fix_kernel fk;
	struct err err;
	size_t n;

	(void)state;
	fix_kernel_init(&fk, "");
	add_types(&fk, 1, false, true);
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
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_free_list_is_checked),
		cmocka_unit_test(test_older),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("oldslab", tests, sizeof(tests) / sizeof(tests[0]) - 1, NULL,
				       NULL);
}
