// SPDX-License-Identifier: GPL-3.0-or-later
/* percpu: the sum of a struct percpu_counter. */
#include "tests/unit/kernfix.h"

#include "stub/kernel/percpu.h"

#ifdef HAVE_LIBBPF
#define COUNTER 0xffffffff82000000ULL
#define OFFSETS 0xffffffff82001000ULL /* __per_cpu_offset */
#define SHARES	0x2000ULL	      /* per-CPU address of the shares */
#define CPUS	0xffff888001000000ULL

static void setup(struct fix_kernel *fk, size_t readable, bool smp)
{
	struct fix_field counter[] = { { "count", "u64", .off = 8 },
				       { smp ? "counters" : "other", "u64", .off = 32 },
				       { 0 } };
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "NUMBER(nr_cpu_ids)=2\n");
	fix_btf_struct(b, "percpu_counter", 40, counter);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, "__per_cpu_offset", OFFSETS);
	fix_kernel_symbol(fk, "nr_cpu_ids", OFFSETS + 256);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, COUNTER, readable);
	fix_mem_u64(&fk->mem, COUNTER + 8, 1000);
	if (readable >= 40)
		fix_mem_u64(&fk->mem, COUNTER + 32, SHARES);
	fix_mem_add(&fk->mem, OFFSETS, 512);
	fix_mem_put(&fk->mem, OFFSETS + 256, &(uint32_t){ 2 }, 4);
	fix_mem_add(&fk->mem, CPUS + SHARES, 8192);
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		fix_mem_u64(&fk->mem, OFFSETS + 8 * cpu, CPUS + 4096 * cpu);
		fix_mem_put(&fk->mem, CPUS + 4096 * cpu + SHARES, &(int32_t){ cpu ? -30 : 7 }, 4);
	}
}

static void test_sum(void **state)
{
	struct fix_kernel fk;
	int64_t sum = 0;

	(void)state;
	setup(&fk, 40, true);
	assert_int_equal(percpu_counter_sum(&fk.k, COUNTER, &sum, NULL), VS_OK);
	assert_int_equal(sum, 977);
	fix_kernel_deinit(&fk);
}

/* A kernel for one CPU only has the count. */
static void test_without_shares(void **state)
{
	struct fix_kernel fk;
	int64_t sum = 0;

	(void)state;
	setup(&fk, 40, false);
	assert_int_equal(percpu_counter_sum(&fk.k, COUNTER, &sum, NULL), VS_OK);
	assert_int_equal(sum, 1000);
	fix_kernel_deinit(&fk);
}

/* If the CPUs' shares are lost, the count alone is not the sum. */
static void test_lost_shares(void **state)
{
	struct fix_kernel fk;
	struct err err = { .msg = "" };
	int64_t sum = 0;

	(void)state;
	setup(&fk, 16, true);
	assert_int_not_equal(percpu_counter_sum(&fk.k, COUNTER, &sum, &err), VS_OK);
	assert_true(err.msg[0]);
	assert_int_equal(sum, 0);
	fix_kernel_deinit(&fk);
}

#endif

int main(void)
{
#ifdef HAVE_LIBBPF
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sum),
		cmocka_unit_test(test_without_shares),
		cmocka_unit_test(test_lost_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
#else
	return 77;
#endif
}
