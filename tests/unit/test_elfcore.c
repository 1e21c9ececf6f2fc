// SPDX-License-Identifier: GPL-3.0-or-later
/* ELF vmcore: header quirks of every writer, PT_LOAD rules, notes, and malformed input. */
#include "tests/unit/dumpfix.h"

/* All bytes of [pa, pa + len) must be stored and correct. */
static void check_range(struct dump *d, uint64_t pa, size_t len)
{
	uint8_t *p = malloc(len);
	struct err err = { 0 };
	struct mem_got got = dump_mem(d)->read(dump_mem(d), pa, p, len, &err);

	if (got.len != len)
		fail_msg("%#llx: %zu of %zu bytes: %s", (unsigned long long)pa, got.len, len,
			 err.msg);
	for (size_t i = 0; i < len; i++)
		assert_int_equal(p[i], fix_byte_at(pa + i));
	free(p);
}

static vs_status why_at(struct dump *d, uint64_t pa)
{
	uint8_t c;

	return dump_mem(d)->read(dump_mem(d), pa, &c, 1, NULL).why;
}

static struct dump *open_elf(struct fix_elf *e)
{
	fix_elf_build(e);
	return fix_open_ok(e->b.p, e->b.len);
}

static void elf_fails(struct fix_elf *e, vs_status st, const char *want)
{
	fix_open_fails(e->b.p, e->b.len, st, want);
	fix_elf_deinit(e);
}

static void test_plain(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;
	pfn_t pfn;

	(void)state;
	fix_elf_load(&e, 0x100000, 0x3000, 0x3000);
	fix_elf_load(&e, 0x1000, 0x2000, 0x2000); // not sorted
	d = open_elf(&e);
	check_range(d, 0x100000, 0x3000);
	check_range(d, 0x1ffc, 8);
	assert_int_equal(why_at(d, 0xfff), VS_HOLE);
	assert_int_equal(why_at(d, 0x3000), VS_HOLE);
	assert_int_equal(why_at(d, UINT64_MAX), VS_HOLE);
	assert_int_equal(dump_info(d)->max_pfn, 0x103);
	assert_string_equal(dump_info(d)->format, "ELF");
	assert_int_equal(dump_pages_stored(d), 5);
	assert_int_equal(dump_next_page(d, 0, &pfn, NULL), VS_OK);
	assert_int_equal(pfn, 1);
	assert_int_equal(dump_next_page(d, 3, &pfn, NULL), VS_OK);
	assert_int_equal(pfn, 0x100);
	assert_int_equal(dump_next_page(d, 0x103, &pfn, NULL), VS_END);
	dump_close(d);
	fix_elf_deinit(&e);
}

/* QEMU 7.2: e_ehsize is 8, and the program headers follow the section headers. */
static void test_qemu_header(void **state)
{
	struct fix_elf e = { .ehsize = 8, .phoff = 192 };
	struct dump *d;

	(void)state;
	fix_elf_load(&e, 0, 0x4000, 0x4000);
	d = open_elf(&e);
	check_range(d, 0, 0x4000);
	dump_close(d);
	fix_elf_deinit(&e);
}

static void test_xnum(void **state)
{
	struct fix_elf e = { .xnum = true };
	struct dump *d;

	(void)state;
	for (uint64_t i = 0; i < 64; i++)
		fix_elf_load(&e, i * 0x2000, 0x1000, 0x1000);
	d = open_elf(&e);
	check_range(d, 63 * 0x2000, 0x1000);
	dump_close(d);
	fix_elf_deinit(&e);
}

/* Segments that start and end inside pages: one page comes from two segments. */
static void test_unaligned(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;

	(void)state;
	fix_elf_load(&e, 0x1000, 0x800, 0x800);
	fix_elf_load(&e, 0x1800, 0x900, 0x900);
	fix_elf_load(&e, 0x5c00, 0x1400, 0x1400);
	d = open_elf(&e);
	check_range(d, 0x1000, 0x1100);
	check_range(d, 0x17f0, 0x20);
	check_range(d, 0x20f0, 0x10);
	assert_int_equal(why_at(d, 0x2100), VS_HOLE);
	assert_int_equal(why_at(d, 0x5bff), VS_HOLE);
	check_range(d, 0x5c00, 16);
	check_range(d, 0x5c00, 0x1400);
	dump_close(d);
	fix_elf_deinit(&e);
}

/* /proc/vmcore repeats kernel text; a segment with data takes precedence over one without. */
static void test_overlap(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;

	(void)state;
	fix_elf_load(&e, 0x2000, 0, 0x8000);
	fix_elf_load(&e, 0x4000, 0x1000, 0x1000);
	fix_elf_load(&e, 0x0, 0x3000, 0x3000);
	fix_elf_load(&e, 0x1800, 0x3000, 0x3000);
	d = open_elf(&e);
	check_range(d, 0, 0x5000);
	assert_int_equal(why_at(d, 0x5000), VS_EXCLUDED);
	assert_int_equal(why_at(d, 0x9fff), VS_EXCLUDED);
	assert_int_equal(why_at(d, 0xa000), VS_HOLE);
	assert_true(dump_info(d)->partial);
	dump_close(d);
	fix_elf_deinit(&e);
}

/* makedumpfile -E: the tail of a segment was excluded. */
static void test_excluded_tail(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;

	(void)state;
	fix_elf_load(&e, 0x1000, 0x2000, 0x100000);
	fix_elf_load(&e, 0x200000, 0, 0x1000)->p_offset = UINT64_MAX; // QEMU, not stored
	d = open_elf(&e);
	check_range(d, 0x1000, 0x2000);
	assert_int_equal(why_at(d, 0x3000), VS_EXCLUDED);
	assert_int_equal(dump_page_state(d, 0x100), VS_EXCLUDED);
	assert_int_equal(dump_page_state(d, 0x200), VS_EXCLUDED);
	fix_page_fails(d, 3, VS_EXCLUDED, "pfn 0x3: page excluded");
	dump_close(d);
	fix_elf_deinit(&e);
}

static void test_incomplete(void **state)
{
	struct fix_elf e = { .flags = 1 };
	struct dump *d;

	(void)state;
	fix_elf_load(&e, 0x1000, 0x2000, 0x2000);
	e.nph += 2; // two zero program headers
	d = open_elf(&e);
	assert_true(dump_info(d)->incomplete);
	assert_int_equal(why_at(d, 0), VS_HOLE);
	assert_int_equal(why_at(d, 0x3000), VS_LOST);
	dump_close(d);
	fix_elf_deinit(&e);
}

/* Row 35: the file ends inside or before a segment. */
static void test_truncated(void **state)
{
	struct fix_elf e = { 0 };

	(void)state;
	fix_elf_load(&e, 0x1000, 0x3000, 0x4000);
	fix_elf_load(&e, 0x10000, 0x1000, 0x1000);
	fix_elf_build(&e);
	for (uint64_t keep = 0; keep < 0x3000; keep += 0x7f0) {
		struct dump *d = fix_open_ok(e.b.p, e.ph[0].p_offset + keep);

		assert_true(dump_info(d)->incomplete);
		if (keep)
			check_range(d, 0x1000, keep);
		assert_int_equal(why_at(d, 0x1000 + keep), VS_LOST);
		assert_int_equal(why_at(d, 0x3fff), VS_LOST);
		assert_int_equal(why_at(d, 0x4000), VS_EXCLUDED);
		assert_int_equal(why_at(d, 0x10000), VS_LOST);
		dump_close(d);
	}
	for (size_t len = 1; len < e.ph[0].p_offset; len++) {
		struct err err;
		struct dump *d = NULL;

		assert_int_equal(fix_open_bytes(e.b.p, len, &d, &err), VS_CORRUPT);
	}
	fix_elf_deinit(&e);
}

/* Rows 34 and 37. */
static void test_odd_segments(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;

	(void)state;
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	fix_elf_load(&e, UINT64_MAX, 0x1000, 0x1000);
	fix_elf_load(&e, UINT64_MAX - 0xfff, 0x1000, 0x2000);
	fix_elf_load(&e, 0x8000, 0, UINT64_MAX);
	fix_elf_load(&e, UINT64_C(1) << 60, 0, 0x1000);
	fix_elf_load(&e, 0x20000, 0x2000, 0x1000); // p_filesz > p_memsz
	fix_elf_load(&e, 0x30000, 0, 0);
	d = open_elf(&e);
	check_range(d, 0x1000, 0x1000);
	check_range(d, 0x20000, 0x1000);
	assert_int_equal(why_at(d, 0x21000), VS_HOLE);
	assert_int_equal(why_at(d, 0x8000), VS_HOLE);
	assert_int_equal(why_at(d, UINT64_MAX), VS_HOLE);
	assert_int_equal(dump_info(d)->max_pfn, 0x21);
	dump_close(d);
	fix_elf_deinit(&e);
}

static void test_hints(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;

	(void)state;
	fix_elf_load(&e, 0x2200000, 0x1000, 0x1000)->p_vaddr = UINT64_C(0xffffffff82000000);
	fix_elf_load(&e, 0x1000, 0x1000, 0x9f000)->p_vaddr = UINT64_C(0xffff9cd880001000);
	fix_elf_load(&e, 0x7000, 0x1000, 0x1000)->p_vaddr = UINT64_C(0xffffc90000001000);
	fix_elf_load(&e, 0x100000, 0x1000, 0x7ff00000)->p_vaddr = UINT64_C(0xffff9cd880100000);
	d = open_elf(&e);
	assert_true(dump_info(d)->elf_page_offset == UINT64_C(0xffff9cd880000000));
	assert_true(dump_info(d)->elf_phys_base == 0x200000);
	dump_close(d);
	fix_elf_deinit(&e);
	// crash's snap: an empty segment has phys_base, here of a kernel moved down
	e = (struct fix_elf){ 0 };
	fix_elf_load(&e, UINT64_C(0xffffffffcd000000), 0, 0)->p_vaddr =
		UINT64_C(0xffffffff80000000);
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000)->p_vaddr = UINT64_C(0xffff9c1100001000);
	d = open_elf(&e);
	assert_true(dump_info(d)->elf_phys_base == UINT64_C(0xffffffffcd000000));
	assert_int_equal(dump_info(d)->elf_text_size, 0);
	assert_int_equal(dump_info(d)->max_pfn, 2);
	dump_close(d);
	fix_elf_deinit(&e);
	// QEMU: p_vaddr is p_paddr, which says nothing
	e = (struct fix_elf){ 0 };
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	d = open_elf(&e);
	assert_true(dump_info(d)->elf_page_offset == UINT64_MAX);
	assert_true(dump_info(d)->elf_phys_base == UINT64_MAX);
	dump_close(d);
	fix_elf_deinit(&e);
}

static void test_notes(void **state)
{
	struct fix_elf e = { 0 };
	const struct dump_note *notes;
	struct dump *d;
	size_t n;

	(void)state;
	fix_note(&e.notes, "CORE", 1, "prstatus", 8);
	fix_note(&e.notes, "QEMU", 0, "cpu", 3);
	fix_note(&e.notes, "VMCOREINFO", 0, FIX_VMCOREINFO, sizeof(FIX_VMCOREINFO) - 1);
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	d = open_elf(&e);
	notes = dump_notes(d, &n);
	assert_int_equal(n, 3);
	assert_string_equal(notes[0].name, "CORE");
	assert_int_equal(notes[0].type, 1);
	assert_int_equal(notes[1].len, 3);
	assert_memory_equal(notes[1].desc, "cpu", 3);
	assert_memory_equal(dump_vmcoreinfo(d, &n), FIX_VMCOREINFO, sizeof(FIX_VMCOREINFO) - 1);
	dump_close(d);
	fix_elf_deinit(&e);
}

/* Row 38: a PT_NOTE longer than the file is cut; a file without PT_NOTE is fine, too. */
static void test_note_beyond_file(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;
	size_t n;

	(void)state;
	fix_note(&e.notes, "CORE", 1, "prstatus", 8);
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	fix_elf_build(&e);
	((Elf64_Phdr *)(void *)(e.b.p + 64))->p_filesz = UINT64_C(1) << 60;
	d = fix_open_ok(e.b.p, e.b.len);
	dump_notes(d, &n);
	assert_true(n >= 1);
	check_range(d, 0x1000, 0x1000);
	dump_close(d);
	((Elf64_Phdr *)(void *)(e.b.p + 64))->p_offset = UINT64_MAX;
	d = fix_open_ok(e.b.p, e.b.len);
	dump_notes(d, &n);
	assert_int_equal(n, 0);
	dump_close(d);
	fix_elf_deinit(&e);
}

static void build_one(struct fix_elf *e)
{
	*e = (struct fix_elf){ 0 };
	fix_elf_load(e, 0x1000, 0x1000, 0x1000);
	fix_elf_build(e);
}

/* Rows 1, 32, 33, 46. */
static void test_bad_headers(void **state)
{
	struct fix_elf e;

	(void)state;
	build_one(&e);
	fix_ehdr(&e)->e_ident[EI_CLASS] = ELFCLASS32;
	elf_fails(&e, VS_UNSUPPORTED, "32-bit ELF");
	build_one(&e);
	fix_ehdr(&e)->e_ident[EI_DATA] = ELFDATA2MSB;
	elf_fails(&e, VS_UNSUPPORTED, "big-endian ELF");
	build_one(&e);
	fix_ehdr(&e)->e_type = ET_EXEC;
	elf_fails(&e, VS_UNSUPPORTED, "e_type 2 is not a core dump");
	build_one(&e);
	fix_ehdr(&e)->e_phnum = 0;
	elf_fails(&e, VS_CORRUPT, "e_phnum 0");
	build_one(&e);
	fix_ehdr(&e)->e_phentsize = 0;
	elf_fails(&e, VS_CORRUPT, "e_phentsize 0");
	build_one(&e);
	fix_ehdr(&e)->e_phentsize = 55;
	elf_fails(&e, VS_CORRUPT, "e_phentsize 55");
	build_one(&e);
	fix_ehdr(&e)->e_phoff = UINT64_MAX - 10;
	elf_fails(&e, VS_CORRUPT, "e_phoff 0xfffffffffffffff5");
	build_one(&e);
	fix_ehdr(&e)->e_phnum = 60000;
	elf_fails(&e, VS_CORRUPT, "e_phnum 60000");
	build_one(&e);
	fix_ehdr(&e)->e_phnum = PN_XNUM;
	elf_fails(&e, VS_CORRUPT, "e_shoff is 0");
}

static void test_bad_xnum(void **state)
{
	static const struct {
		uint32_t n;
		const char *want;
	} cases[] = { { 0, "sh_info 0" }, { UINT32_MAX, "e_phnum 4294967295" } };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fix_elf e = { .xnum = true };
		Elf64_Shdr *sh;

		fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
		fix_elf_build(&e);
		sh = (Elf64_Shdr *)(void *)(e.b.p + fix_ehdr(&e)->e_shoff);
		sh->sh_info = cases[i].n;
		elf_fails(&e, VS_CORRUPT, cases[i].want);
	}
}

static void test_refused_kinds(void **state)
{
	struct fix_elf e = { 0 };
	struct dump *d;

	(void)state;
	fix_note(&e.notes, "Xen", 0x1000001, "12345678", 8);
	fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
	fix_elf_build(&e);
	elf_fails(&e, VS_UNSUPPORTED, "dump of a Xen host");
	e = (struct fix_elf){ 0 };
	fix_elf_load(&e, 0, 0x1000, 0x1000);
	fix_elf_load(&e, 0, 0x2000, 0x2000);
	fix_elf_build(&e);
	elf_fails(&e, VS_UNSUPPORTED, "p_paddr is 0 in all 2 PT_LOADs");
	e = (struct fix_elf){ 0 }; // the same with VMCOREINFO is a kernel core
	fix_note(&e.notes, "VMCOREINFO", 0, "A=1\n", 4);
	fix_elf_load(&e, 0, 0x1000, 0x1000);
	fix_elf_load(&e, 0, 0x2000, 0x2000);
	d = open_elf(&e);
	check_range(d, 0, 0x2000);
	dump_close(d);
	fix_elf_deinit(&e);
}

static void test_not_a_set(void **state)
{
	struct fix_elf e;
	struct fix_file f;
	const char *paths[2] = { f.path, f.path };
	struct dump *d = NULL;
	struct err err;

	(void)state;
	build_one(&e);
	fix_file_write(&f, e.b.p, e.b.len);
	assert_int_equal(dump_open(paths, 2, &d, &err), VS_INVAL);
	assert_non_null(strstr(err.msg, "one file, not a set of 2"));
	fix_file_remove(&f);
	fix_elf_deinit(&e);
}

/* Row 36: a million unsorted program headers, and as many PT_NOTEs over the same notes. */
static void test_million_headers(void **state)
{
	static const uint32_t types[] = { PT_LOAD, PT_NOTE };

	(void)state;
	for (size_t t = 0; t < 2; t++) {
		struct fix_elf e = { .xnum = true };
		uint32_t n = 1000000;
		Elf64_Shdr *sh;
		struct dump *d;
		struct buf all = { 0 };

		fix_elf_load(&e, 0x1000, 0x1000, 0x1000);
		fix_elf_build(&e);
		fix_ehdr(&e)->e_phoff = e.b.len;
		sh = (Elf64_Shdr *)(void *)(e.b.p + fix_ehdr(&e)->e_shoff);
		sh->sh_info = n;
		buf_put(&all, e.b.p, e.b.len);
		for (uint64_t i = 0; i < n; i++) {
			Elf64_Phdr p = { .p_type = types[t],
					 .p_paddr = (n - i) * 0x800,
					 .p_offset = 64,
					 .p_memsz = 0x900,
					 .p_filesz = 0x900,
					 .p_align = 8 };

			buf_put(&all, &p, sizeof(p));
		}
		d = fix_open_ok(all.p, all.len);
		if (types[t] == PT_LOAD)
			assert_int_equal(why_at(d, 500 * 0x800), VS_OK);
		dump_close(d);
		buf_deinit(&all);
		fix_elf_deinit(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_qemu_header),
		cmocka_unit_test(test_xnum),
		cmocka_unit_test(test_unaligned),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_excluded_tail),
		cmocka_unit_test(test_incomplete),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_odd_segments),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_note_beyond_file),
		cmocka_unit_test(test_bad_headers),
		cmocka_unit_test(test_bad_xnum),
		cmocka_unit_test(test_refused_kinds),
		cmocka_unit_test(test_not_a_set),
		cmocka_unit_test(test_million_headers),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
