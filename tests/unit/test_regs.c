// SPDX-License-Identifier: GPL-3.0-or-later
/* regs: notes and frames filled with their own offsets, according to reference tables
 * (struct elf_prstatus, QEMUCPUState, struct pt_regs). */
#include "tests/unit/kernfix.h"

#include "arch/x86_64/linux/linux.h"

/* Fills each word with 0x1000000 + its offset, so that each register shows where it came from. */
static void fill_words(uint8_t *p, size_t len)
{
	for (size_t i = 0; i + 8 <= len; i += 8) {
		uint64_t v = 0x1000000 + i;

		memcpy(p + i, &v, 8);
	}
}

struct place {
	unsigned reg, off;
};

static void check_places(const struct regs *r, const struct place *places, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t want = 0x1000000 + places[i].off;

		if (places[i].reg == X86_CS || places[i].reg == X86_SS)
			want &= 0xffff;
		if (!regs_has(r, places[i].reg) || r->v[places[i].reg] != want)
			fail_msg("%s is %#llx, not from offset %u\n", x86_reg_names[places[i].reg],
				 (unsigned long long)r->v[places[i].reg], places[i].off);
	}
}

/* Offsets of struct elf_prstatus. */
static const struct place prstatus_places[] = {
	{ X86_R15, 112 }, { X86_R14, 120 },	{ X86_R13, 128 },     { X86_R12, 136 },
	{ X86_RBP, 144 }, { X86_RBX, 152 },	{ X86_R11, 160 },     { X86_R10, 168 },
	{ X86_R9, 176 },  { X86_R8, 184 },	{ X86_RAX, 192 },     { X86_RCX, 200 },
	{ X86_RDX, 208 }, { X86_RSI, 216 },	{ X86_RDI, 224 },     { X86_ORIG_RAX, 232 },
	{ X86_RIP, 240 }, { X86_CS, 248 },	{ X86_EFLAGS, 256 },  { X86_RSP, 264 },
	{ X86_SS, 272 },  { X86_DS, 296 },	{ X86_ES, 304 },      { X86_FS, 312 },
	{ X86_GS, 320 },  { X86_FS_BASE, 280 }, { X86_GS_BASE, 288 },
};

static void test_prstatus(void **state)
{
	uint8_t desc[336];
	struct regs r, untouched;
	int32_t pid = 7;
	struct err err;

	(void)state;
	memset(&r, 0x55, sizeof(r));
	untouched = r;
	fill_words(desc, sizeof(desc));
	memcpy(desc + 32, &(int32_t){ -5 }, 4);
	assert_int_equal(x86_regs_from_prstatus(bytes_of(desc, 327), &r, &pid, &err), VS_CORRUPT);
	assert_memory_equal(&r, &untouched, sizeof(r));
	assert_int_equal(pid, 7);
	assert_int_equal(x86_regs_from_prstatus(bytes_of(desc, 0), &r, &pid, NULL), VS_CORRUPT);
	assert_int_equal(x86_regs_from_prstatus(bytes_of(desc, 328), &r, &pid, &err), VS_OK);
	assert_int_equal(pid, -5);
	check_places(&r, prstatus_places, sizeof(prstatus_places) / sizeof(prstatus_places[0]));
	assert_false(regs_has(&r, X86_CR3));
	assert_int_equal(__builtin_popcountll(r.known), 27);
	assert_int_equal(x86_regs_from_prstatus(bytes_of(desc, 336), &r, &pid, &err), VS_OK);
}

/* Offsets of QEMUCPUState; selectors are the low half of their word. */
static const struct place qemu_places[] = {
	{ X86_RAX, 8 },	  { X86_RBX, 16 },     { X86_RCX, 24 },	     { X86_RDX, 32 },
	{ X86_RSI, 40 },  { X86_RDI, 48 },     { X86_RSP, 56 },	     { X86_RBP, 64 },
	{ X86_R8, 72 },	  { X86_R9, 80 },      { X86_R10, 88 },	     { X86_R11, 96 },
	{ X86_R12, 104 }, { X86_R13, 112 },    { X86_R14, 120 },     { X86_R15, 128 },
	{ X86_RIP, 136 }, { X86_EFLAGS, 144 }, { X86_DS, 176 },	     { X86_ES, 200 },
	{ X86_FS, 224 },  { X86_GS, 248 },     { X86_FS_BASE, 240 }, { X86_GS_BASE, 264 },
	{ X86_CR0, 392 }, { X86_CR2, 408 },    { X86_CR3, 416 },     { X86_CR4, 424 },
};

static void qemu_note(uint8_t desc[440], uint32_t version, uint32_t size)
{
	fill_words(desc, 440);
	memcpy(desc, &version, 4);
	memcpy(desc + 4, &size, 4);
	memcpy(desc + 152, &(uint32_t){ 0x10 }, 4);
	memcpy(desc + 272, &(uint32_t){ 0x18 }, 4);
}

static void test_qemu(void **state)
{
	uint8_t desc[440];
	struct regs r;
	struct err err;

	(void)state;
	qemu_note(desc, 1, 440);
	assert_int_equal(x86_regs_from_qemu(bytes_of(desc, 440), &r, &err), VS_OK);
	check_places(&r, qemu_places, sizeof(qemu_places) / sizeof(qemu_places[0]));
	assert_u64(r.v[X86_CS], 0x10);
	assert_u64(r.v[X86_SS], 0x18);
	// before kernel_gs_base was added
	qemu_note(desc, 1, 432);
	assert_int_equal(x86_regs_from_qemu(bytes_of(desc, 432), &r, &err), VS_OK);
	// a note that claims to be larger than it is: the existing part counts
	qemu_note(desc, 1, 1u << 30);
	assert_int_equal(x86_regs_from_qemu(bytes_of(desc, 440), &r, &err), VS_OK);
}

static void test_qemu_damaged(void **state)
{
	uint8_t desc[440];
	struct regs r = { .known = 0 };
	struct err err;

	(void)state;
	qemu_note(desc, 1, 440);
	for (size_t len = 0; len < 432; len += 8)
		assert_true(x86_regs_from_qemu(bytes_of(desc, len), &r, &err) != VS_OK);
	assert_int_equal(x86_regs_from_qemu(bytes_of(desc, 431), &r, NULL), VS_CORRUPT);
	qemu_note(desc, 2, 440);
	assert_int_equal(x86_regs_from_qemu(bytes_of(desc, 440), &r, &err), VS_UNSUPPORTED);
	// the rest of the descriptor does not belong to a state that ends earlier
	qemu_note(desc, 1, 300);
	assert_int_equal(x86_regs_from_qemu(bytes_of(desc, 440), &r, &err), VS_CORRUPT);
	assert_u64(r.known, 0);
}

#define FRAME 0xffffc90000001f58ULL

static void test_pt_regs(void **state)
{
	struct place places[21];
	struct fix_mem m;
	struct regs r = { .known = 0 };
	struct err err;

	(void)state;
	fix_mem_init(&m);
	fill_words(fix_mem_add(&m, FRAME, 168), 168);
	regs_set(&r, X86_CR2, 1);
	assert_int_equal(x86_regs_from_frame(&m.mem, FRAME, false, &r, &err), VS_OK);
	// struct pt_regs has the order of elf_prstatus' pr_reg
	memcpy(places, prstatus_places, sizeof(places));
	for (size_t i = 0; i < 21; i++)
		places[i].off -= 112;
	check_places(&r, places, 21);
	assert_int_equal(__builtin_popcountll(r.known), 21); // no earlier value is left
	assert_int_equal(x86_regs_from_frame(&m.mem, FRAME + 8, false, &r, &err), VS_EXCLUDED);
	fix_mem_deinit(&m);
}

/* Only the hardware's part: rip, cs, rflags, rsp, ss; the others keep their values. */
static void test_partial_frame(void **state)
{
	struct fix_mem m;
	struct regs r = { .known = 0 };

	(void)state;
	fix_mem_init(&m);
	fill_words(fix_mem_add(&m, FRAME, 40), 40);
	regs_set(&r, X86_RBX, 0xbb);
	regs_set(&r, X86_RSP, 1);
	assert_int_equal(x86_regs_from_frame(&m.mem, FRAME, true, &r, NULL), VS_OK);
	assert_u64(r.v[X86_RIP], 0x1000000);
	assert_u64(r.v[X86_CS], 8);
	assert_u64(r.v[X86_EFLAGS], 0x1000010);
	assert_u64(r.v[X86_RSP], 0x1000018);
	assert_u64(r.v[X86_SS], 0x20);
	assert_u64(r.v[X86_RBX], 0xbb);
	assert_int_equal(__builtin_popcountll(r.known), 6);
	fix_mem_deinit(&m);
}

/* struct fred_cs and fred_ss (6.9): event type, vector and more above the selector. */
static void test_fred(void **state)
{
	struct fix_mem m;
	struct regs r;

	(void)state;
	fix_mem_init(&m);
	fix_mem_add(&m, FRAME, 168);
	fix_mem_u64(&m, FRAME + 136, 0x0000000300010010ULL);
	fix_mem_u64(&m, FRAME + 160, 0x01f3000e00000018ULL);
	assert_int_equal(x86_regs_from_frame(&m.mem, FRAME, false, &r, NULL), VS_OK);
	assert_u64(r.v[X86_CS], 0x10);
	assert_u64(r.v[X86_SS], 0x18);
	assert_false(x86_regs_user_mode(&r));
	fix_mem_u64(&m, FRAME + 136, 0x0000000300010033ULL);
	assert_int_equal(x86_regs_from_frame(&m.mem, FRAME, false, &r, NULL), VS_OK);
	assert_true(x86_regs_user_mode(&r));
	fix_mem_deinit(&m);
}

static void test_user_mode(void **state)
{
	struct regs r = { .known = 0 };

	(void)state;
	r.v[X86_CS] = 0x33;
	assert_false(x86_regs_user_mode(&r)); // unknown
	regs_set(&r, X86_CS, 0x33);
	assert_true(x86_regs_user_mode(&r));
	regs_set(&r, X86_CS, 0x23); // a 32-bit program
	assert_true(x86_regs_user_mode(&r));
	regs_set(&r, X86_CS, 0x11); // Xen's ring 1
	assert_false(x86_regs_user_mode(&r));
}

/* struct inactive_task_frame with another order of members than in the kernel, and a hole: the
 * types count. */
/* Files of VMware have no segment registers: the address says it. */
static void test_user_mode_by_address(void **state)
{
	struct regs r = { .known = 0 };

	(void)state;
	regs_set(&r, X86_RIP, 0x401000);
	assert_false(x86_regs_user_mode(&r)); // a frame that was unwound to, not a CPU
	regs_set(&r, X86_EFLAGS, 0x202);
	assert_true(x86_regs_user_mode(&r));
	regs_set(&r, X86_RIP, 0xffffffff81000000);
	assert_false(x86_regs_user_mode(&r));
	regs_set(&r, X86_RIP, 0);
	regs_set(&r, X86_CS, 0x10);
	assert_false(x86_regs_user_mode(&r));
}

/* A paravirtual Xen guest's kernel runs with the selectors of public/arch-x86/xen-x86_64.h. */
static void test_plausible_xen(void **state)
{
	struct regs r = { .known = 0 };

	(void)state;
	regs_set(&r, X86_RIP, 0xffffffff81000000);
	regs_set(&r, X86_RSP, 0xffffc90000000000);
	regs_set(&r, X86_EFLAGS, 0x246);
	regs_set(&r, X86_CS, 0xe030);
	regs_set(&r, X86_SS, 0xe02b);
	assert_true(x86_regs_plausible(&r));
	regs_set(&r, X86_SS, 0x18);
	assert_false(x86_regs_plausible(&r));
}

static void test_inactive(void **state)
{
#ifdef HAVE_LIBBPF
	static const struct fix_field fields[] = {
		{ "bx", "u64", .off = 0 },	  { "r15", "u64", .off = 8 },
		{ "r14", "u64", .off = 16 },	  { "r13", "u64", .off = 24 },
		{ "r12", "u64", .off = 32 },	  { "bp", "u64", .off = 48 },
		{ "ret_addr", "u64", .off = 56 }, { 0 },
	};
	const struct place places[] = {
		{ X86_R15, 8 }, { X86_R14, 16 }, { X86_R13, 24 }, { X86_R12, 32 },
		{ X86_RBX, 0 }, { X86_RBP, 48 }, { X86_RIP, 56 },
	};
	struct btf *b = fix_btf_new();
	struct fix_kernel fk;
	struct regs r;
	struct err err;

	(void)state;
	fix_kernel_init(&fk, "");
	fill_words(fix_mem_add(&fk.mem, FRAME, 64), 64);
	assert_int_equal(linux_x86_regs_from_inactive(&fk.k, FRAME, &r, &err), VS_NOTFOUND);
	fix_btf_struct(b, "inactive_task_frame", 64, fields);
	fix_kernel_types(&fk, fix_btf_types(b));
	assert_int_equal(linux_x86_regs_from_inactive(&fk.k, FRAME, &r, &err), VS_OK);
	check_places(&r, places, 7);
	assert_u64(r.v[X86_RSP], FRAME + 64);
	assert_int_equal(__builtin_popcountll(r.known), 8);
	assert_int_equal(linux_x86_regs_from_inactive(&fk.k, FRAME + 8, &r, &err), VS_EXCLUDED);
	fix_kernel_deinit(&fk);
#else
	(void)state;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prstatus),
		cmocka_unit_test(test_qemu),
		cmocka_unit_test(test_qemu_damaged),
		cmocka_unit_test(test_pt_regs),
		cmocka_unit_test(test_partial_frame),
		cmocka_unit_test(test_fred),
		cmocka_unit_test(test_user_mode),
		cmocka_unit_test(test_inactive),
		cmocka_unit_test(test_user_mode_by_address),
		cmocka_unit_test(test_plausible_xen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
