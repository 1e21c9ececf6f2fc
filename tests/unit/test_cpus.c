// SPDX-License-Identifier: GPL-3.0-or-later
/* cpus, percpu: the registers of each CPU, from a dump's notes and from the kernel's crash_notes;
 * per-CPU addresses. */
#include "tests/unit/dumpfix.h"
#include "tests/unit/kernfix.h"

#include "stub/base/cleanup.h"
#include "stub/task/cpus.h"
#include "stub/kernel/percpu.h"

#define VARS	0xffffffff82000000ULL /* variables, 8 bytes each */
#define ACTIVE	(VARS + 40)
#define OFFSETS 0xffffffff82001000ULL /* __per_cpu_offset */
#define PERCPU	0xffff888010000000ULL /* CPU n's area: + n * 64 KiB */
#define HOTPLUG 0x9000		      /* cpuhp_state, the same */
#define NOTES	0x8000		      /* crash_notes, an offset in each area */

static kva_t area(unsigned cpu)
{
	return PERCPU + cpu * 0x10000ULL;
}

/* Makes an elf_prstatus with this pid, and rip in all other words. */
static void prstatus(uint8_t desc[336], int32_t pid, uint64_t rip)
{
	memset(desc, 0, 336);
	memcpy(desc + 32, &pid, 4);
	memcpy(desc + 240, &rip, 8);
}

static void qemu_state(uint8_t desc[440], uint64_t cr3)
{
	memset(desc, 0, 440);
	memcpy(desc, &(uint32_t){ 1 }, 4);
	memcpy(desc + 4, &(uint32_t){ 440 }, 4);
	memcpy(desc + 136, &(uint64_t){ 0xbad }, 8); // rip: the other note's takes precedence
	memcpy(desc + 416, &cr3, 8);
}

struct scene {
	struct fix_kernel fk;
	struct fix_elf elf;
};

/* Sets up two CPUs and their symbols; the caller adds notes, then opens the dump. */
static void setup(struct scene *s, const char *vmcoreinfo)
{
	static const char *const names[] = { "nr_cpu_ids", "panic_cpu", "crash_notes",
					     "__cpu_online_mask" };

	*s = (struct scene){ .elf = { .nph = 0 } };
	fix_kernel_init(&s->fk, vmcoreinfo);
	fix_mem_add(&s->fk.mem, VARS, 64);
	fix_mem_add(&s->fk.mem, OFFSETS, 64);
	for (unsigned i = 0; i < 4; i++)
		fix_kernel_symbol(&s->fk, names[i], VARS + i * 8);
	fix_kernel_symbol(&s->fk, "__per_cpu_offset", OFFSETS);
	fix_kernel_symbol(&s->fk, "a_percpu_variable", 0x1234);
	fix_kernel_symbol(&s->fk, "cpuhp_state", HOTPLUG);
	fix_kernel_symbol(&s->fk, "cpu_active_bits", ACTIVE);
	assert_true(symtab_seal(s->fk.k.syms));
	fix_mem_u64(&s->fk.mem, VARS, 2);
	fix_mem_u64(&s->fk.mem, VARS + 8, 1);
	fix_mem_u64(&s->fk.mem, VARS + 16, NOTES);
	fix_mem_u64(&s->fk.mem, VARS + 24, 1 << 0 | 1 << 3);
	for (unsigned cpu = 0; cpu < 2; cpu++) {
		fix_mem_u64(&s->fk.mem, OFFSETS + cpu * 8, area(cpu));
		fix_mem_add(&s->fk.mem, area(cpu) + NOTES, 512);
	}
	fix_elf_load(&s->elf, 0x1000, 0x1000, 0x1000);
}

static void add_prstatus(struct scene *s, int32_t pid, uint64_t rip)
{
	uint8_t desc[336];

	prstatus(desc, pid, rip);
	fix_note(&s->elf.notes, "CORE", 1, desc, sizeof(desc));
}

static void add_qemu(struct scene *s, uint64_t cr3)
{
	uint8_t desc[440];

	qemu_state(desc, cr3);
	fix_note(&s->elf.notes, "QEMU", 0, desc, sizeof(desc));
}

static void open_scene(struct scene *s)
{
	fix_elf_build(&s->elf);
	s->fk.k.dump = fix_open_ok(s->elf.b.p, s->elf.b.len);
}

static void end(struct scene *s)
{
	dump_close(s->fk.k.dump);
	fix_elf_deinit(&s->elf);
	fix_kernel_deinit(&s->fk);
}

static uint64_t pc_of(struct scene *s, unsigned cpu, enum frame_how how)
{
	struct frame f;
	struct err err;

	if (cpu_frame(&s->fk.k, cpu, &f, &err))
		fail_msg("CPU %u: %s\n", cpu, err.msg);
	assert_true(f.interrupted);
	assert_int_equal(f.how, how);
	return f.regs.v[s->fk.k.arch->pc];
}

static vs_status status_of(struct scene *s, unsigned cpu)
{
	struct frame f;
	struct err err = { .msg = "" };
	vs_status st = cpu_frame(&s->fk.k, cpu, &f, &err);

	assert_true(st == VS_OK || err.msg[0]);
	return st;
}

/* QEMU: pr_pid is the CPU's number + 1, in any order; QEMU's own notes add control registers. */
static void test_qemu(void **state)
{
	struct scene s;
	struct frame f;
	unsigned cr3 = 0;

	(void)state;
	setup(&s, "");
	add_prstatus(&s, 2, 0x222);
	add_prstatus(&s, 1, 0x111);
	add_qemu(&s, 0x2000);
	add_qemu(&s, 0x1000);
	open_scene(&s);
	assert_u64(pc_of(&s, 0, HOW_NOTE), 0x111);
	assert_u64(pc_of(&s, 1, HOW_NOTE), 0x222);
	assert_int_equal(status_of(&s, 2), VS_NOTFOUND);
	while (strcmp(arch_x86_64.reg_names[cr3], "cr3") != 0)
		cr3++;
	assert_int_equal(cpu_frame(&s.fk.k, 0, &f, NULL), VS_OK);
	assert_true(regs_has(&f.regs, cr3));
	assert_u64(f.regs.v[cr3], 0x1000);
	end(&s);
}

/* Without either, only the order of the notes counts. */
static void test_order(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, "");
	add_prstatus(&s, 4711, 0x111);
	add_prstatus(&s, 0, 0x222);
	open_scene(&s);
	assert_u64(pc_of(&s, 0, HOW_NOTE), 0x111);
	assert_u64(pc_of(&s, 1, HOW_NOTE), 0x222);
	end(&s);
}

static void put_crash_note(struct scene *s, unsigned cpu, uint32_t namesz, uint32_t descsz,
			   uint32_t type, uint64_t rip)
{
	const uint32_t head[3] = { namesz, descsz, type };
	uint8_t desc[336];
	kva_t at = area(cpu) + NOTES;

	prstatus(desc, 0, rip);
	fix_mem_put(&s->fk.mem, at, head, sizeof(head));
	fix_mem_put(&s->fk.mem, at + 12, "CORE\0\0\0", 8);
	fix_mem_put(&s->fk.mem, at + 20, desc, sizeof(desc));
}

/* After kexec, crash_notes show the CPU: the dump's first note is for CPU 1. */
static void test_crash_notes(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, "CRASHTIME=1700000000\n");
	add_prstatus(&s, 0, 0x222);
	put_crash_note(&s, 1, 5, 336, 1, 0x222);
	open_scene(&s);
	assert_u64(pc_of(&s, 1, HOW_CRASHNOTE), 0x222);
	assert_int_equal(status_of(&s, 0), VS_NOTFOUND); // it saved none
	end(&s);
}

static void test_crash_notes_damaged(void **state)
{
	static const struct {
		uint32_t namesz, descsz, type;
	} rows[] = { { 5, 0xffffffff, 1 }, { 0xffffffff, 336, 1 }, { 5, 1025, 1 },
		     { 5, 327, 1 },	   { 5, 336, 2 },	   { 5, 0, 1 } };
	struct scene s;

	(void)state;
	setup(&s, "CRASHTIME=1700000000\n");
	open_scene(&s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put_crash_note(&s, 0, rows[i].namesz, rows[i].descsz, rows[i].type, 1);
		assert_int_equal(status_of(&s, 0), VS_CORRUPT);
	}
	put_crash_note(&s, 0, 5, 1000, 1, 1); // reaches into a missing page
	assert_int_equal(status_of(&s, 0), VS_EXCLUDED);
	fix_mem_u64(&s.fk.mem, VARS + 16, 0x100000);
	assert_int_equal(status_of(&s, 0), VS_EXCLUDED);
	end(&s);
}

static void test_ncpus(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, "");
	for (int i = 1; i <= 3; i++)
		add_prstatus(&s, i, 1);
	open_scene(&s);
	assert_int_equal(percpu_ncpus(&s.fk.k), 2);
	fix_mem_u64(&s.fk.mem, VARS, 0); // damaged: the notes count
	assert_int_equal(percpu_ncpus(&s.fk.k), 3);
	fix_mem_u64(&s.fk.mem, VARS, 0x80000000);
	assert_int_equal(percpu_ncpus(&s.fk.k), 3);
	fix_mem_u64(&s.fk.mem, VARS, MAX_CPUS);
	assert_int_equal(percpu_ncpus(&s.fk.k), MAX_CPUS);
	assert_true(percpu_is_online(&s.fk.k, 0));
	assert_false(percpu_is_online(&s.fk.k, 1));
	assert_true(percpu_is_online(&s.fk.k, 3));
	end(&s);
	setup(&s, "");
	open_scene(&s);
	fix_mem_u64(&s.fk.mem, VARS, 0);
	assert_int_equal(percpu_ncpus(&s.fk.k), 1); // at least one
	end(&s);
}

static void test_panicked(void **state)
{
	struct scene s;
	unsigned cpu = 77;

	(void)state;
	setup(&s, "");
	open_scene(&s);
	assert_int_equal(cpu_panicked(&s.fk.k, &cpu, NULL), VS_OK);
	assert_int_equal(cpu, 1);
	cpu = 77;
	fix_mem_u64(&s.fk.mem, VARS + 8, 0xffffffff); // PANIC_CPU_INVALID
	assert_int_equal(cpu_panicked(&s.fk.k, &cpu, NULL), VS_NOTFOUND);
	fix_mem_u64(&s.fk.mem, VARS + 8, 2); // there is no such CPU
	assert_int_equal(cpu_panicked(&s.fk.k, &cpu, NULL), VS_NOTFOUND);
	assert_int_equal(cpu, 77);
	end(&s);
}

static void test_addresses(void **state)
{
	struct scene s;
	uint64_t v;

	(void)state;
	setup(&s, "");
	open_scene(&s);
	assert_int_equal(percpu_offset(&s.fk.k, 1, &v, NULL), VS_OK);
	assert_u64(v, area(1));
	assert_int_equal(percpu_symbol(&s.fk.k, "a_percpu_variable", 1, &v, NULL), VS_OK);
	assert_u64(v, area(1) + 0x1234);
	assert_int_equal(percpu_symbol(&s.fk.k, "none", 1, &v, NULL), VS_NOTFOUND);
	assert_int_equal(percpu_offset(&s.fk.k, MAX_CPUS, &v, NULL), VS_INVAL);
	assert_int_equal(percpu_offset(&s.fk.k, 8, &v, NULL), VS_EXCLUDED);
	end(&s);
}

static vs_status window(kva_t start, kva_t stop, struct percpu_window *w)
{
	struct fix_kernel fk;
	vs_status st;

	fix_kernel_init(&fk, "");
	fk.k.slide = 0x2b000000;
	fix_kernel_symbol(&fk, "__per_cpu_start", start);
	fix_kernel_symbol(&fk, "__per_cpu_end", stop);
	assert_true(symtab_seal(fk.k.syms));
	st = percpu_gdb_window(&fk.k, true, w, NULL);
	fix_kernel_deinit(&fk);
	return st;
}

/* gdb moves zero-based symbols by the slide, like all others; since 6.15, symbols are not
 * zero-based.
 */
static void test_window(void **state)
{
	struct percpu_window w;

	(void)state;
	assert_int_equal(window(0, 0x30000, &w), VS_OK);
	assert_true(w.start == 0x2b000000 && w.end == 0x2b030000 && w.bias == 0x2b000000);
	assert_int_equal(window(0xffffffffae000000ULL, 0xffffffffae030000ULL, &w), VS_OK);
	assert_true(w.start == 0xffffffffae000000ULL && w.bias == 0);
	assert_int_equal(window(0x30000, 0, &w), VS_CORRUPT);
	assert_int_equal(window(0, 0xffffffff00000000ULL, &w), VS_CORRUPT);
}

/* Before 4.6: CPUs 0 and 3 are online, panic() stopped CPU 1, and CPU 2 had been taken offline. */
static void test_stopped_before_4_6(void **state)
{
	struct scene s;

	(void)state;
	setup(&s, "");
	assert_false(cpu_was_online(&s.fk.k, 1));
	fix_mem_u64(&s.fk.mem, ACTIVE, 1 << 0 | 1 << 1 | 1 << 3);
	assert_true(cpu_was_online(&s.fk.k, 0));
	assert_true(cpu_was_online(&s.fk.k, 1));
	assert_false(cpu_was_online(&s.fk.k, 2));
	assert_true(cpu_was_online(&s.fk.k, 3));
	fix_elf_deinit(&s.elf);
	fix_kernel_deinit(&s.fk);
}

#ifdef HAVE_LIBBPF
/* CPUs 0 and 3 are online. panic() stopped CPU 1; CPU 2 had been taken offline. */
static void test_stopped(void **state)
{
	static const struct fix_field hotplug[] = { { "state", "u32", .off = 0 }, { 0 } };
	struct btf *b = fix_btf_new();
	struct scene s;

	(void)state;
	setup(&s, "");
	for (unsigned cpu = 1; cpu < 3; cpu++) {
		fix_mem_u64(&s.fk.mem, OFFSETS + cpu * 8, area(cpu));
		fix_mem_add(&s.fk.mem, area(cpu) + HOTPLUG, 8);
	}
	fix_mem_u64(&s.fk.mem, area(1) + HOTPLUG, 233);
	assert_false(cpu_was_online(&s.fk.k, 1)); // without types, only the mask counts
	fix_btf_struct(b, "cpuhp_cpu_state", 8, hotplug);
	assert_true(btf__add_enum(b, "cpuhp_state", 4) > 0);
	assert_int_equal(btf__add_enum_value(b, "CPUHP_OFFLINE", 0), 0);
	assert_int_equal(btf__add_enum_value(b, "CPUHP_ONLINE", 233), 0);
	fix_kernel_types(&s.fk, fix_btf_types(b));
	assert_true(cpu_was_online(&s.fk.k, 0));
	assert_true(cpu_was_online(&s.fk.k, 1));
	assert_false(cpu_was_online(&s.fk.k, 2));
	assert_true(cpu_was_online(&s.fk.k, 3));
	fix_elf_deinit(&s.elf);
	fix_kernel_deinit(&s.fk);
}

/* Before 4.5, without kdump: the only CPU that is still online stopped the others. */
static void test_panicked_before_4_5(void **state)
{
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;
	unsigned cpu = 77;

	(void)state;
	assert_true(btf__add_enum(b, "system_states", 4) > 0);
	assert_int_equal(btf__add_enum_value(b, "SYSTEM_RUNNING", 1), 0);
	fix_kernel_init(&fk, "");
	fix_kernel_types(&fk, fix_btf_types(b));
	fix_mem_add(&fk.mem, VARS, 64);
	fix_kernel_symbol(&fk, "nr_cpu_ids", VARS);
	fix_kernel_symbol(&fk, "cpu_online_bits", VARS + 8);
	fix_kernel_symbol(&fk, "cpu_active_bits", VARS + 16);
	fix_kernel_symbol(&fk, "system_state", VARS + 24);
	fix_kernel_symbol(&fk, "crashing_cpu", VARS + 32);
	assert_true(symtab_seal(fk.k.syms));
	fix_mem_u64(&fk.mem, VARS, 4);
	fix_mem_u64(&fk.mem, VARS + 8, 1 << 2);
	fix_mem_u64(&fk.mem, VARS + 16, 1 << 0 | 1 << 1 | 1 << 2);
	fix_mem_u64(&fk.mem, VARS + 24, 1);
	fix_mem_u64(&fk.mem, VARS + 32, 0); // crashing_cpu, which nobody set
	assert_int_equal(cpu_panicked(&fk.k, &cpu, NULL), VS_OK);
	assert_int_equal(cpu, 2);
	fix_mem_u64(&fk.mem, VARS + 32, 1);
	assert_int_equal(cpu_panicked(&fk.k, &cpu, NULL), VS_OK);
	assert_int_equal(cpu, 1);
	cpu = 77;
	fix_mem_u64(&fk.mem, VARS + 32, 0);
	fix_mem_u64(&fk.mem, VARS + 24, 4); // a shutdown
	assert_int_equal(cpu_panicked(&fk.k, &cpu, NULL), VS_NOTFOUND);
	fix_mem_u64(&fk.mem, VARS + 24, 1);
	fix_mem_u64(&fk.mem, VARS + 16, 1 << 2); // the others were taken offline
	assert_int_equal(cpu_panicked(&fk.k, &cpu, NULL), VS_NOTFOUND);
	fix_mem_u64(&fk.mem, VARS + 8, 1 << 0 | 1 << 2); // two are running
	fix_mem_u64(&fk.mem, VARS + 16, 1 << 0 | 1 << 1 | 1 << 2);
	assert_int_equal(cpu_panicked(&fk.k, &cpu, NULL), VS_NOTFOUND);
	assert_int_equal(cpu, 77);
	fix_kernel_deinit(&fk);
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_LIBBPF
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_panicked_before_4_5),
#endif
		cmocka_unit_test(test_stopped_before_4_6),
		cmocka_unit_test(test_qemu),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_crash_notes),
		cmocka_unit_test(test_crash_notes_damaged),
		cmocka_unit_test(test_ncpus),
		cmocka_unit_test(test_panicked),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_window),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
