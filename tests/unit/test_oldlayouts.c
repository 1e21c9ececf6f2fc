// SPDX-License-Identifier: GPL-3.0-or-later
/* oldlayouts: the memory map before 4.12 and the counters of memory before 4.8, made up as their
 * headers have them. */
#include "tests/unit/kernfix.h"

#include <stdio.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/mm/zones.h"
#include "stub/subsys/sys/machine.h"

#ifdef HAVE_LIBBPF

#define DATA 0xffffffff82000000ULL
#define MAP  0xffff880001000000ULL

static void setup(struct fix_kernel *fk, struct btf *b, const char *symbol)
{
	fix_kernel_init(fk, "");
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, symbol, DATA);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, DATA, 0x100);
}

static bool put_range(void *ctx, const struct machine_range *r)
{
	buf_printf(ctx, "%llx %llx %s|", (unsigned long long)r->start, (unsigned long long)r->end,
		   r->type);
	return true;
}

/* u32 nr_map, then packed entries of 20 bytes: u64 addr, u64 size, u32 type. The variable itself,
 * or what it points to. */
static void test_e820(void **state)
{
	static const struct fix_field entry[] = { { "addr", "u64", .off = 0 },
						  { "size", "u64", .off = 8 },
						  { "type", "u32", .off = 16 },
						  { 0 } };
	static const struct fix_field map[] = { { "nr_map", "u32", .off = 0 },
						{ "map", "e820entry", .off = 4, .n = 8 },
						{ 0 } };

	(void)state;
	for (int pointer = 0; pointer < 2; pointer++) {
		AUTO(buf) out = { 0 };
		struct btf *b = fix_btf_new();
		kva_t at = pointer ? MAP : DATA;
		struct fix_kernel fk;

		fix_btf_struct(b, "e820entry", 20, entry);
		fix_btf_struct(b, "e820map", 164, map);
		setup(&fk, b, "e820");
		if (pointer) {
			fix_mem_add(&fk.mem, MAP, 0x100);
			fix_mem_u64(&fk.mem, DATA, MAP);
		}
		fix_mem_put(&fk.mem, at, &(uint32_t){ 2 }, 4);
		fix_mem_u64(&fk.mem, at + 4 + 8, 0x9fc00);
		fix_mem_put(&fk.mem, at + 4 + 16, &(uint32_t){ 1 }, 4);
		fix_mem_u64(&fk.mem, at + 24, 0x9fc00);
		fix_mem_u64(&fk.mem, at + 24 + 8, 0x400);
		fix_mem_put(&fk.mem, at + 24 + 16, &(uint32_t){ 2 }, 4);
		assert_int_equal(machine_each_range(&fk.k, put_range, &out, NULL), VS_OK);
		assert_string_equal(buf_str(&out), "0 9fc00 E820_RAM|9fc00 a0000 E820_RESERVED|");
		fix_kernel_deinit(&fk);
	}
}

/* One array, of zones, has what nodes have since. */
static void test_vm_stat(void **state)
{
	static const char *const names[] = { "NR_FREE_PAGES", "NR_FILE_PAGES",
					     "NR_VM_ZONE_STAT_ITEMS" };
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;
	uint64_t v = 0;

	(void)state;
	assert_true(btf__add_enum(b, "zone_stat_item", 4) > 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(btf__add_enum_value(b, names[i], i), 0);
	setup(&fk, b, "vm_stat");
	fix_mem_u64(&fk.mem, DATA, 100);
	fix_mem_u64(&fk.mem, DATA + 8, 200);
	assert_int_equal(vmstat_get(&fk.k, VMSTAT_ZONE, "NR_FREE_PAGES", &v, NULL), VS_OK);
	assert_u64(v, 100);
	assert_int_equal(vmstat_get(&fk.k, VMSTAT_NODE, "NR_FILE_PAGES", &v, NULL), VS_OK);
	assert_u64(v, 200);
	assert_int_equal(vmstat_get(&fk.k, VMSTAT_NODE, "NR_SHMEM", &v, NULL), VS_NOTFOUND);
	fix_kernel_deinit(&fk);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_e820),
		cmocka_unit_test(test_vm_stat),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("oldlayouts", tests, sizeof(tests) / sizeof(tests[0]) - 1,
				       NULL, NULL);
}
