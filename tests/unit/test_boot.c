// SPDX-License-Identifier: GPL-3.0-or-later
/* boot, machine: the CPUs' speed, and date and uptime from struct timekeeper as several kernels
 * have it (include/linux/timekeeper_internal.h). */
#include "tests/unit/kernfix.h"

#include "stub/subsys/sys/boot.h"
#include "stub/subsys/sys/machine.h"

#ifdef HAVE_LIBBPF

#define TK   0xffffffff82000000ULL
#define WALL 1700000000ULL

static const struct fix_field timespec[] = { { "tv_sec", "u64", .off = 0 },
					     { "tv_nsec", "u64", .off = 8 },
					     { 0 } };
static const struct fix_field base[] = { { "shift", "u32", .off = 0 },
					 { "xtime_nsec", "u64", .off = 8 },
					 { 0 } };

/* The wall clock shows 0.75 s more than WALL; the machine booted 500.5 s before. */
static void setup(struct fix_kernel *fk, const char *symbol, const struct fix_field *timekeeper)
{
	struct btf *b = fix_btf_new();

	fix_kernel_init(fk, "");
	fix_btf_struct(b, "timespec", 16, timespec);
	fix_btf_struct(b, "tk_read_base", 16, base);
	fix_btf_struct(b, "timekeeper", 64, timekeeper);
	fix_kernel_types(fk, fix_btf_types(b));
	fix_kernel_symbol(fk, symbol, TK);
	assert_true(symtab_seal(fk->k.syms));
	fix_mem_add(&fk->mem, TK, 64);
	fix_mem_put(&fk->mem, TK, &(uint32_t){ 8 }, 4);
	fix_mem_u64(&fk->mem, TK + 8, 750000000ULL << 8);
	fix_mem_u64(&fk->mem, TK + 16, WALL);
	fix_mem_u64(&fk->mem, TK + 24, 500 - WALL);
	fix_mem_u64(&fk->mem, TK + 32, 500000000);
	fix_mem_u64(&fk->mem, TK + 40, 600); // ktime_sec
}

static void check(struct fix_kernel *fk, uint64_t uptime)
{
	struct boot_times t;
	struct err err;

	if (boot_times_load(&fk->k, &t, &err))
		fail_msg("%s\n", err.msg);
	assert_u64(t.now, WALL);
	assert_u64(t.uptime, uptime);
	fix_kernel_deinit(fk);
}

/* RHEL 7: both parts make one more second. */
static void test_rhel_7(void **state)
{
	static const struct fix_field timekeeper[] = { { "tkr_mono", "tk_read_base", .off = 0 },
						       { "xtime_sec", "u64", .off = 16 },
						       { "wall_to_monotonic", "timespec",
							 .off = 24 },
						       { 0 } };
	struct fix_kernel fk;

	(void)state;
	setup(&fk, "shadow_timekeeper", timekeeper);
	check(&fk, 501);
	setup(&fk, "shadow_timekeeper", timekeeper);
	fix_mem_u64(&fk.mem, TK + 8, 250000000ULL << 8);
	check(&fk, 500);
}

/* 3.10, and before it without a copy. */
static void test_3_10(void **state)
{
	static const struct fix_field timekeeper[] = { { "shift", "u32", .off = 0 },
						       { "xtime_nsec", "u64", .off = 8 },
						       { "xtime_sec", "u64", .off = 16 },
						       { "wall_to_monotonic", "timespec",
							 .off = 24 },
						       { 0 } };
	struct fix_kernel fk;

	(void)state;
	setup(&fk, "shadow_timekeeper", timekeeper);
	check(&fk, 501);
	setup(&fk, "timekeeper", timekeeper);
	check(&fk, 501);
}

static void test_3_19(void **state)
{
	static const struct fix_field timekeeper[] = { { "xtime_sec", "u64", .off = 16 },
						       { "wall_to_monotonic", "timespec",
							 .off = 24 },
						       { "ktime_sec", "u64", .off = 40 },
						       { 0 } };
	struct fix_kernel fk;

	(void)state;
	setup(&fk, "shadow_timekeeper", timekeeper);
	check(&fk, 600);
}
#endif

/* Without a steady clock to compare with, the kernel leaves cpu_khz 0, which is no speed. */
static void test_speed(void **state)
{
	struct fix_kernel fk;
	uint32_t khz = 2399998;
	unsigned mhz = 7;
	struct err err;

	(void)state;
	fix_kernel_init(&fk, "");
	fix_kernel_symbol(&fk, "cpu_khz", TK);
	if (!symtab_seal(fk.k.syms))
		abort();
	fix_mem_add(&fk.mem, TK, 8);
	assert_int_equal(machine_mhz(&fk.k, &mhz, &err), VS_NOTFOUND);
	assert_int_equal(mhz, 7);
	fix_mem_put(&fk.mem, TK, &khz, 4);
	assert_int_equal(machine_mhz(&fk.k, &mhz, &err), VS_OK);
	assert_int_equal(mhz, 2399);
	fix_kernel_deinit(&fk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_rhel_7),
		cmocka_unit_test(test_3_10),
		cmocka_unit_test(test_3_19),
		cmocka_unit_test(test_speed),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("boot", tests, sizeof(tests) / sizeof(tests[0]) - 1, NULL,
				       NULL);
}
