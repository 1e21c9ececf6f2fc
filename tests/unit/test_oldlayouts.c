// SPDX-License-Identifier: GPL-3.0-or-later
/* oldlayouts: structs of old kernels with layouts as in their headers: the memory map before 4.12,
 * memory counters and timers before 4.8, taint flags before 4.10, struct idr and the swap cache
 * before 4.11, the affinity of interrupts before 4.3. */
#include "tests/unit/kernfix.h"

#include <stdio.h>

#include "stub/base/cleanup.h"
#include "stub/subsys/dev/devices.h"
#include "stub/subsys/mm/swap.h"
#include "stub/subsys/mm/zones.h"
#include "stub/kernel/walk.h"
#include "stub/subsys/sys/irqs.h"
#include "stub/subsys/sys/machine.h"
#include "stub/subsys/sys/taint.h"
#include "stub/subsys/sys/timers.h"
#include "stub/task/taskinfo.h"

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

/* One array for zones has the counters that later moved to nodes. */
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

static void no_events(void *ctx, const char *name, uint64_t value)
{
	(void)value;
	print_error("%s is told\n", name);
	++*(int *)ctx;
}

/* A kernel without CONFIG_VM_EVENT_COUNTERS has event numbers, but no counters: not 0. */
static void test_no_events(void **state)
{
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;
	int told = 0;

	(void)state;
	assert_true(btf__add_enum(b, "vm_event_item", 4) > 0);
	assert_int_equal(btf__add_enum_value(b, "PGFAULT", 0), 0);
	assert_int_equal(btf__add_enum_value(b, "NR_VM_EVENT_ITEMS", 1), 0);
	setup(&fk, b, "vm_stat");
	assert_int_equal(vmstat_each(&fk.k, VMSTAT_EVENT, 0, no_events, &told, NULL), VS_NOTFOUND);
	assert_int_equal(told, 0);
	fix_kernel_deinit(&fk);
}

/* --- struct idr before 4.11: layers of 256 or 64 pointers */

#define LAYERS (MAP + 0x1000)

static void setup_idr(struct fix_kernel *fk, unsigned slots)
{
	const struct fix_field idr[] = { { "hint", "u64", .off = 0 },
					 { "top", "u64", .off = 8 },
					 { 0 } };
	const struct fix_field layer[] = { { "prefix", "u32", .off = 0 },
					   { "ary", "u64", .off = 8, .n = slots },
					   { "layer", "u32", .off = 8 + 8 * slots },
					   { 0 } };
	struct btf *b = fix_btf_new();

	fix_btf_struct(b, "idr", 16, idr);
	fix_btf_struct(b, "idr_layer", 16 + 8 * slots, layer);
	setup(fk, b, "the_idr");
	fix_mem_add(&fk->mem, LAYERS, 0x4000);
}

static void put_layer(struct fix_kernel *fk, unsigned slots, kva_t va, uint32_t distance,
		      unsigned i, kva_t entry)
{
	fix_mem_u64(&fk->mem, va + 8 + 8 * i, entry);
	fix_mem_put(&fk->mem, va + 8 + 8 * slots, &distance, 4);
}

static bool put_entry(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	assert_u64(first, last);
	buf_printf(ctx, "%llu:%llx ", (unsigned long long)first, (unsigned long long)entry);
	return true;
}

static bool stop_at_first(void *ctx, uint64_t first, uint64_t last, uint64_t entry)
{
	put_entry(ctx, first, last, entry);
	return false;
}

static void test_idr(void **state)
{
	static const unsigned sizes[] = { 256, 64 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		AUTO(buf) out = { 0 }, want = { 0 };
		struct fix_kernel fk;
		unsigned n = sizes[i];

		setup_idr(&fk, n);
		assert_int_equal(walk_idr_at(&fk.k, DATA, put_entry, &out, NULL), VS_OK);
		assert_string_equal(buf_str(&out), ""); // no layer yet
		fix_mem_u64(&fk.mem, DATA + 8, LAYERS);
		put_layer(&fk, n, LAYERS, 1, 0, LAYERS + 0x1000);
		put_layer(&fk, n, LAYERS, 1, 3, LAYERS + 0x2000);
		put_layer(&fk, n, LAYERS + 0x1000, 0, 5, 0xa0);
		put_layer(&fk, n, LAYERS + 0x2000, 0, 7, 0xb0);
		assert_int_equal(walk_idr_at(&fk.k, DATA, put_entry, &out, NULL), VS_OK);
		buf_printf(&want, "5:a0 %u:b0 ", 3 * n + 7);
		assert_string_equal(buf_str(&out), buf_str(&want));
		buf_reset(&out);
		assert_int_equal(walk_idr_at(&fk.k, DATA, stop_at_first, &out, NULL), VS_OK);
		assert_string_equal(buf_str(&out), "5:a0 ");
		// A layer that points back to the top, and one that is lost.
		put_layer(&fk, n, LAYERS, 1, 0, LAYERS);
		buf_reset(&out);
		assert_int_equal(walk_idr_at(&fk.k, DATA, put_entry, &out, NULL), VS_CORRUPT);
		buf_reset(&want);
		buf_printf(&want, "%u:b0 ", 3 * n + 7);
		assert_string_equal(buf_str(&out), buf_str(&want));
		put_layer(&fk, n, LAYERS, 1, 0, LAYERS + 0x100000);
		buf_reset(&out);
		assert_int_not_equal(walk_idr_at(&fk.k, DATA, put_entry, &out, NULL), VS_OK);
		assert_string_equal(buf_str(&out), buf_str(&want));
		put_layer(&fk, n, LAYERS, 77, 0, 0);
		assert_int_equal(walk_idr_at(&fk.k, DATA, put_entry, &out, NULL), VS_CORRUPT);
		fix_kernel_deinit(&fk);
	}
}

/* --- timers before 4.8: five vectors of lists, in each CPU's struct, which may be behind a pointer
 */

#define WHEEL  (MAP + 0x1000)
#define TIMERS (MAP + 0x2000)

static void add_lists(struct btf *b, const char *of, unsigned size)
{
	int head, list, base;

	assert_true(btf__add_struct(b, of, size) > 0);
	head = btf__find_by_name(b, of);
	assert_int_equal(btf__add_field(b, "first", btf__find_by_name(b, "u64"), 0, 0), 0);
	list = btf__add_array(b, btf__find_by_name(b, "u32"), head, 4);
	assert_true(btf__add_struct(b, "tvec", 4 * size) > 0);
	assert_int_equal(btf__add_field(b, "vec", list, 0, 0), 0);
	base = btf__add_struct(b, "tvec_base", 8 + 20 * size);
	assert_true(base > 0);
	for (unsigned i = 0; i < 5; i++) {
		char name[] = { 't', 'v', (char)('1' + i), 0 };

		assert_int_equal(btf__add_field(b, name, btf__find_by_name(b, "tvec"),
						(8 + i * 4 * size) * 8, 0),
				 0);
	}
}

static void add_variable(struct btf *b, bool pointer)
{
	int type = btf__find_by_name(b, "tvec_base"), var;

	if (pointer)
		type = btf__add_ptr(b, type);
	var = btf__add_var(b, "tvec_bases", BTF_VAR_GLOBAL_ALLOCATED, type);
	assert_true(btf__add_datasec(b, ".data..percpu", 64) > 0);
	assert_int_equal(btf__add_datasec_var_info(b, var, 0x40, 8), 0);
}

static void put_timer(struct fix_kernel *fk, kva_t va, kva_t next, uint64_t expires)
{
	fix_mem_u64(&fk->mem, va, next);
	fix_mem_u64(&fk->mem, va + 16, expires);
	fix_mem_u64(&fk->mem, va + 24, 0xf0 + expires);
}

static void test_timers(void **state)
{
	static const struct fix_field timer[] = { { "expires", "u64", .off = 16 },
						  { "function", "u64", .off = 24 },
						  { 0 } };

	(void)state;
	for (int ring = 0; ring < 2; ring++) {
		unsigned size = ring ? 16 : 8;
		AUTO_FREE struct timer *found = NULL;
		struct timer_wheels w = { 0 };
		AUTO(buf) label = { 0 };
		struct btf *b = fix_btf_new();
		struct fix_kernel fk;
		kva_t tv5 = WHEEL + 8 + 4 * 4 * size;
		size_t n = 0;

		fix_btf_struct(b, "timer_list", 32, timer);
		add_lists(b, ring ? "list_head" : "hlist_head", size);
		add_variable(b, ring); // a pointer in older kernels
		setup(&fk, b, "__per_cpu_offset");
		fix_kernel_symbol(&fk, "tvec_bases", 0x40);
		fix_kernel_symbol(&fk, "nr_cpu_ids", DATA + 8);
		assert_true(symtab_seal(fk.k.syms));
		fix_mem_put(&fk.mem, DATA + 8, &(uint32_t){ 1 }, 4);
		fix_mem_u64(&fk.mem, DATA, WHEEL - 0x40); // where this CPU's data is
		fix_mem_add(&fk.mem, WHEEL, 0x1000);
		fix_mem_add(&fk.mem, TIMERS, 0x1000);
		if (ring) {
			fix_mem_add(&fk.mem, MAP, 0x100);
			fix_mem_u64(&fk.mem, DATA, MAP - 0x40);
			fix_mem_u64(&fk.mem, MAP, WHEEL);
		}
		for (kva_t head = WHEEL + 8; ring && head < WHEEL + 8 + 20 * size; head += size)
			fix_mem_u64(&fk.mem, head, head);
		fix_mem_u64(&fk.mem, WHEEL + 8, TIMERS);
		put_timer(&fk, TIMERS, TIMERS + 0x40, 9);
		put_timer(&fk, TIMERS + 0x40, ring ? WHEEL + 8 : 0, 3);
		fix_mem_u64(&fk.mem, tv5 + 3 * size, TIMERS + 0x80);
		put_timer(&fk, TIMERS + 0x80, ring ? tv5 + 3 * size : 0, 77);
		assert_int_equal(timer_wheels(&fk.k, 0, &w, NULL), VS_OK);
		assert_u64(w.first, WHEEL);
		assert_int_equal(w.n, 1);
		timer_wheel_label(&w, 0, 0, &label);
		assert_string_equal(buf_str(&label), "TVEC_BASES[0]");
		assert_int_equal(timers_of_wheel(&fk.k, &w, 0, &found, &n, NULL), VS_OK);
		assert_int_equal(n, 3);
		assert_u64(found[0].va, TIMERS + 0x40);
		assert_u64(found[0].expires, 3);
		assert_u64(found[0].function, 0xf3);
		assert_u64(found[2].va, TIMERS + 0x80);
		fix_kernel_deinit(&fk);
	}
}

/* --- requests of a disk: counted for all CPUs together */

static void test_in_flight(void **state)
{
	static const struct fix_field atomic[] = { { "counter", "u32", .off = 0 }, { 0 } };
	static const struct fix_field part[] = { { "in_flight", "atomic", .off = 8, .n = 2 },
						 { "dkstats", "u64", .off = 16 },
						 { 0 } };
	static const struct fix_field disk[] = { { "major", "u32", .off = 0 },
						 { "part0", "hd_struct", .off = 8 },
						 { 0 } };
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;
	struct record r;
	uint64_t n = 0;

	(void)state;
	fix_btf_struct(b, "atomic", 4, atomic);
	fix_btf_struct(b, "hd_struct", 24, part);
	fix_btf_struct(b, "gendisk", 32, disk);
	setup(&fk, b, "the_disk");
	fix_mem_put(&fk.mem, DATA + 16, (uint32_t[]){ 5, 7 }, 8);
	record_read(&fk.k, &disk_record, DATA, RECORD_ALL, &r);
	assert_int_equal(disk_in_flight(&fk.k, &r, 0, &n, NULL), VS_OK);
	assert_u64(n, 5);
	assert_int_equal(disk_in_flight(&fk.k, &r, 1, &n, NULL), VS_OK);
	assert_u64(n, 7);
	fix_kernel_deinit(&fk);
}

/* --- a task's start before 3.17: struct timespec */

static void test_start_time(void **state)
{
	static const struct fix_field spec[] = { { "tv_sec", "u64", .off = 0 },
						 { "tv_nsec", "u64", .off = 8 },
						 { 0 } };
	static const struct fix_field task[] = { { "utime", "u64", .off = 0 },
						 { "stime", "u64", .off = 8 },
						 { "start_time", "timespec", .off = 16 },
						 { "real_start_time", "timespec", .off = 32 },
						 { 0 } };
	struct task_times t = { 0 };
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;

	(void)state;
	fix_btf_struct(b, "timespec", 16, spec);
	fix_btf_struct(b, "task_struct", 64, task);
	setup(&fk, b, "init_task");
	for (unsigned i = 0; i < 6; i++)
		fix_mem_u64(&fk.mem, DATA + 8 * i, i + 1);
	assert_int_equal(task_times_load(&fk.k, DATA, &t, NULL), VS_OK);
	assert_u64(t.utime, 1);
	assert_u64(t.start, 5000000006);
	fix_kernel_deinit(&fk);
}

/* --- before 4.10: taint flags with the numbers of their bits. The kernel's words follow the table
 * without a gap. */

static void test_taint(void **state)
{
	static const struct fix_field tnt[] = { { "bit", "u8", .off = 0 },
						{ "true", "u8", .off = 1 },
						{ "false", "u8", .off = 2 },
						{ 0 } };
	struct btf *b = fix_btf_new();
	AUTO(buf) out = { 0 };
	struct fix_kernel fk;

	(void)state;
	fix_btf_struct(b, "tnt", 3, tnt);
	setup(&fk, b, "tnts");
	fix_mem_put(&fk.mem, DATA, "\0PG\1F \7D \14O \0ZZ", 15);
	assert_int_equal(taint_put(&fk.k, 1 << 12 | 1 << 7, &out, NULL), VS_OK);
	assert_string_equal(buf_str(&out), "DO");
	buf_reset(&out);
	assert_int_equal(taint_put(&fk.k, 1 << 13 | 1, &out, NULL), VS_OK);
	assert_string_equal(buf_str(&out), "P?");
	fix_mem_put(&fk.mem, DATA, "\0\0\0", 3);
	assert_int_equal(taint_put(&fk.k, 1, &out, NULL), VS_CORRUPT);
	fix_kernel_deinit(&fk);
}

/* --- before 4.11: one address space for each swap area */

static void test_swap_cache(void **state)
{
	static const struct fix_field space[] = { { "nrpages", "u64", .off = 8 }, { 0 } };
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;
	uint64_t n = 1;

	(void)state;
	fix_btf_struct(b, "address_space", 16, space);
	fix_kernel_init(&fk, "");
	fix_kernel_types(&fk, fix_btf_types(b));
	fix_kernel_symbol(&fk, "swapper_spaces", DATA);
	fix_kernel_symbol(&fk, "nr_swapfiles", DATA + 0x80);
	assert_true(symtab_seal(fk.k.syms));
	fix_mem_add(&fk.mem, DATA, 0x100);
	fix_mem_u64(&fk.mem, DATA + 8, 7);
	fix_mem_u64(&fk.mem, DATA + 24, 30);
	fix_mem_u64(&fk.mem, DATA + 40, 100);
	assert_int_equal(swap_cache_pages(&fk.k, &n, NULL), VS_OK);
	assert_u64(n, 0);
	fix_mem_put(&fk.mem, DATA + 0x80, &(uint32_t){ 2 }, 4);
	assert_int_equal(swap_cache_pages(&fk.k, &n, NULL), VS_OK);
	assert_u64(n, 37);
	fix_kernel_deinit(&fk);
}
static bool first_irq(void *ctx, const struct irq *irq)
{
	*(struct irq *)ctx = *irq;
	return false;
}

#define DESC MAP

/* Until 4.3, an interrupt's affinity was in irq_data, and until 4.20 descriptors were in a radix
 * tree: here only that of interrupt 0, without a node. */
static void test_affinity(void **state)
{
	static const struct fix_field root[] = { { "rnode", "u64", .off = 8 }, { 0 } };
	static const struct fix_field node[] = { { "shift", "u8", .off = 0 },
						 { "offset", "u8", .off = 1 },
						 { "parent", "u64", .off = 8 },
						 { "slots", "u64", .off = 40, .n = 64 },
						 { 0 } };
	static const struct fix_field data[] = { { "chip", "u64", .off = 8 },
						 { "affinity", "u64", .off = 16, .n = 1 },
						 { 0 } };
	static const struct fix_field desc[] = { { "irq_data", "irq_data", .off = 32 },
						 { "action", "u64", .off = 8 },
						 { 0 } };
	AUTO(buf) out = { 0 };
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;
	struct irq irq = { 0 };
	struct err err;

	(void)state;
	fix_btf_struct(b, "radix_tree_root", 16, root);
	fix_btf_struct(b, "radix_tree_node", 576, node);
	fix_btf_struct(b, "irq_data", 24, data);
	fix_btf_struct(b, "irq_desc", 64, desc);
	fix_kernel_init(&fk, "");
	fix_kernel_types(&fk, fix_btf_types(b));
	fix_kernel_symbol(&fk, "irq_desc_tree", DATA);
	fix_kernel_symbol(&fk, "nr_cpu_ids", DATA + 0x80);
	assert_true(symtab_seal(fk.k.syms));
	fix_mem_add(&fk.mem, DATA, 0x100);
	fix_mem_u64(&fk.mem, DATA + 0x80, 8);
	fix_mem_u64(&fk.mem, DATA + 8, DESC);
	fix_mem_add(&fk.mem, DESC, 64);
	fix_mem_u64(&fk.mem, DESC + 8, DESC + 0x1000);
	fix_mem_u64(&fk.mem, DESC + 32 + 16, 0xb);
	assert_int_equal(irq_each(&fk.k, first_irq, &irq, &err), VS_OK);
	assert_u64(irq.desc, DESC);
	assert_u64(irq.action, DESC + 0x1000);
	assert_int_equal(irq_put_affinity(&fk.k, &irq, &out, &err), VS_OK);
	assert_string_equal(buf_str(&out), "0-1,3");
	fix_kernel_deinit(&fk);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_e820),
		cmocka_unit_test(test_vm_stat),
		cmocka_unit_test(test_no_events),
		cmocka_unit_test(test_idr),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_start_time),
		cmocka_unit_test(test_in_flight),
		cmocka_unit_test(test_taint),
		cmocka_unit_test(test_swap_cache),
		cmocka_unit_test(test_affinity),
#endif
		{ 0 },
	};

	return _cmocka_run_group_tests("oldlayouts", tests, sizeof(tests) / sizeof(tests[0]) - 1,
				       NULL, NULL);
}
