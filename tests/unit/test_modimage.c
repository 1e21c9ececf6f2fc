// SPDX-License-Identifier: GPL-3.0-or-later
/* Module images against the linker as an oracle, against readelf, and inside the real gdb. */
#include "stub/base/log.h"
#include "tests/unit/modfix.h"

struct fixture {
	char dir[40];
	char ko[64], image[64];
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	snprintf(f->dir, sizeof(f->dir), "/tmp/vmstub-modimage-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->ko, sizeof(f->ko), "%s/mod.ko", f->dir);
	snprintf(f->image, sizeof(f->image), "%s/image", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	run("rm -rf %s", f->dir);
	free(f);
	return 0;
}

static void build_ok(const struct fixture *f, const char *ko, const char *debug)
{
	AUTO(buf) out = { 0 };
	struct err err = { 0 };

	if (modimage_build(ko, debug, modfix_sections, MODFIX_SECTIONS, NULL, &out, &err))
		fail_msg("%s", err.msg);
	assert_int_equal(image_base(&out), MOD_TEXT);
	write_file(f->image, out.p, out.len);
}

/* Symbols of nm as "address type name", sorted, without those that only one side has. */
static char *symbols(const char *file)
{
	return output("nm %s | grep -E ' (counter|shared|label|scratch|percpu_var|percpu_global|"
		      "inner|slow|outer|last|helper|calls)$' | sed 's/ [a-zA-Z] / /' | sort",
		      file);
}

static void same_text(char *a, char *b)
{
	assert_string_equal(a, b);
	assert_true(strlen(a) > 0);
	free(a);
	free(b);
}

/* The section's contents in the image must be those that the linker wrote. */
static void same_section(const struct fixture *f, const char *name)
{
	const char *dump = "objcopy -O binary --set-section-flags %s=alloc --only-section=%s";
	char flags[200];

	snprintf(flags, sizeof(flags), dump, name, name);
	run("cd %s && rm -f a b && %s oracle a && %s image b", f->dir, flags, flags);
	// The DWARF version determines which of the others exist.
	if (strcmp(name, ".debug_info") == 0 || strcmp(name, ".debug_line") == 0)
		assert_int_equal(run("test -s %s/a", f->dir), 0);
	if (run("cd %s && cmp a b", f->dir))
		fail_msg("section %s differs in %s", name, f->dir);
}

static const char *const debug_sections[] = {
	".debug_info", ".debug_line",	  ".debug_aranges", ".debug_ranges",   ".debug_rnglists",
	".debug_loc",  ".debug_loclists", ".debug_str",	    ".debug_line_str", ".debug_abbrev",
};

static void against_linker(struct fixture *f, const char *flags)
{
	char oracle[64];

	if (!modfix_compile(f->dir, flags))
		skip();
	modfix_oracle(f->dir);
	snprintf(oracle, sizeof(oracle), "%s/oracle", f->dir);
	build_ok(f, f->ko, NULL);
	same_text(symbols(f->image), symbols(oracle));
	for (size_t i = 0; i < sizeof(debug_sections) / sizeof(debug_sections[0]); i++)
		same_section(f, debug_sections[i]);
}

static void test_dwarf4(void **state)
{
	against_linker(*state, "-gdwarf-4 -fno-asynchronous-unwind-tables");
}

static void test_dwarf5(void **state)
{
	against_linker(*state, "-gdwarf-5 -fno-asynchronous-unwind-tables");
}

static void test_functions_in_sections(void **state)
{
	against_linker(*state, "-gdwarf-5 -fno-asynchronous-unwind-tables -freorder-functions "
			       "-fno-dwarf2-cfi-asm");
}

/* Frames of loaded code are as the linker has them; those of other code are in the hole. */
static void frames(struct fixture *f, const char *flags)
{
	char *image, *oracle;

	if (!modfix_compile(f->dir, flags))
		skip();
	modfix_oracle(f->dir);
	build_ok(f, f->ko, NULL);
	image = output("readelf --debug-dump=frames %s | grep -oE 'pc=[0-9a-f.]*' | sort",
		       f->image);
	oracle = output("readelf --debug-dump=frames %s/oracle | grep -oE 'pc=[0-9a-f.]*' | grep "
			"-v pc=00000000 | sort",
			f->dir);
	assert_non_null(strstr(image, "pc=ffffffffc0221"));
	assert_non_null(strstr(image, "pc=fffffffffff0"));
	*strstr(image, "pc=fffffffffff0") = '\0';
	same_text(image, oracle);
}

static void test_debug_frame(void **state)
{
	frames(*state, "-g -fno-asynchronous-unwind-tables");
}

/* .eh_frame is relocated relative to its own address. */
static void test_eh_frame(void **state)
{
	frames(*state, "-g -fasynchronous-unwind-tables");
}

static void compressed(struct fixture *f, const char *kind)
{
	if (!modfix_compile(f->dir, "-gdwarf-5 -fno-asynchronous-unwind-tables"))
		skip();
	modfix_oracle(f->dir);
	if (run("cd %s && objcopy --compress-debug-sections=%s mod.ko small.ko 2>/dev/null", f->dir,
		kind))
		skip();
	run("cd %s && mv small.ko mod.ko", f->dir);
	build_ok(f, f->ko, NULL);
	for (size_t i = 0; i < sizeof(debug_sections) / sizeof(debug_sections[0]); i++)
		same_section(f, debug_sections[i]);
}

static void test_zlib_sections(void **state)
{
	compressed(*state, "zlib");
}

static void test_zstd_sections(void **state)
{
	compressed(*state, "zstd");
}

/* Distributions ship a stripped, compressed .ko and its debug file. */
static void separate(struct fixture *f, const char *packer, const char *suffix)
{
	char ko[80], debug[80], oracle[64];

	if (!modfix_compile(f->dir, "-gdwarf-5 -fno-asynchronous-unwind-tables"))
		skip();
	modfix_oracle(f->dir);
	assert_int_equal(run("cd %s && objcopy --only-keep-debug mod.ko mod.ko.debug && "
			     "strip --strip-debug mod.ko",
			     f->dir),
			 0);
	if (run("cd %s && %s mod.ko >/dev/null 2>&1", f->dir, packer))
		skip();
	snprintf(ko, sizeof(ko), "%s%s", f->ko, suffix);
	snprintf(debug, sizeof(debug), "%s.debug", f->ko);
	snprintf(oracle, sizeof(oracle), "%s/oracle", f->dir);
	build_ok(f, ko, debug);
	same_text(symbols(f->image), symbols(oracle));
	same_section(f, ".debug_info");
	build_ok(f, NULL, debug);
	same_section(f, ".debug_line");
	build_ok(f, ko, NULL); // no debug information, but symbols
	same_text(symbols(f->image), symbols(oracle));
	build_ok(f, ko, "/nonexistent"); // a missing debug file costs only debug information
	same_text(symbols(f->image), symbols(oracle));
}

static void test_separate(void **state)
{
	separate(*state, "true", "");
}

static void test_xz(void **state)
{
	separate(*state, "xz", ".xz");
}

static void test_gz(void **state)
{
	separate(*state, "gzip", ".gz");
}

static void test_zst(void **state)
{
	separate(*state, "zstd -q --rm", ".zst");
}

/* --- inside gdb */

static char *gdb(const struct fixture *f, const char *commands)
{
	return output("cd %s && gdb -nx -q -batch -ex 'set architecture i386:x86-64' -ex "
		      "'add-symbol-file image' %s </dev/null",
		      f->dir, commands);
}

static void expect(const char *text, const char *want)
{
	if (!strstr(text, want))
		fail_msg("no \"%s\" in:\n%s", want, text);
}

static void refuse(const char *text, const char *unwanted)
{
	if (strstr(text, unwanted))
		fail_msg("\"%s\" in:\n%s", unwanted, text);
}

static void in_gdb(struct fixture *f, const char *flags)
{
	char *text;

	if (run("gdb --version >/dev/null 2>&1") || !modfix_compile(f->dir, flags))
		skip();
	build_ok(f, f->ko, NULL);
	text = gdb(f, "-ex 'p &counter' -ex 'p &shared' -ex 'p &percpu_var' -ex 'p &percpu_global' "
		      "-ex 'info symbol outer' -ex 'info line outer' -ex 'info line last' "
		      "-ex 'info scope inner' -ex 'ptype shared'");
	expect(text, "(int *) 0xffffffffc0223");
	expect(text, "(struct pair *) 0xffffffffc0223");
	expect(text, "(long *) 0x2b03a0");
	expect(text, "outer in section .text");
	expect(text, "Line 19 of \"main.c\" starts at address 0xffffffffc02210");
	expect(text, "Line 30 of \"main.c\" starts at address 0xffffffffc0221800 <last>");
	expect(text, "copy");
	refuse(text, "warning");
	refuse(text, "omplaint");
	free(text);
	// Code that is not loaded matches no real address, and not 0.
	text = gdb(f, "-ex 'info symbol 0' -ex 'info line *0' -ex 'info line *8' -ex 'info symbol "
		      "0xffffffffc0221000' -ex 'info address first' -ex 'p init_var'");
	expect(text, "No symbol matches 0");
	expect(text, "No line number information available");
	refuse(text, "address 0x8 <");
	refuse(text, "first in section");
	refuse(text, "first\" is a function");
	expect(text, "Cannot access memory at address 0xffffffffffe0");
	free(text);
	// One function for each line of live code, although .init.text once overlapped it.
	text = gdb(f, "-ex 'info line *0xffffffffc0221000' -ex 'info line *0xffffffffc0221004' "
		      "-ex 'info line *0xffffffffc0221008' -ex 'info line *0xffffffffc022100c' "
		      "-ex 'info line *0xffffffffc0221010' -ex 'info line *0xffffffffc0221020' "
		      "-ex 'info line *0xffffffffc0221030' -ex 'info line *0xffffffffc0221040'");
	expect(text, "address 0xffffffffc0221040");
	refuse(text, "Line 25");
	refuse(text, "Line 26");
	free(text);
}

static void test_gdb_dwarf4(void **state)
{
	in_gdb(*state, "-gdwarf-4 -fno-asynchronous-unwind-tables");
}

static void test_gdb_dwarf5(void **state)
{
	in_gdb(*state, "-gdwarf-5 -fno-asynchronous-unwind-tables");
}

/* A crash inside the module's init function: .init.text is still loaded. */
static void test_live_init(void **state)
{
	struct fixture *f = *state;
	const struct image_section sections[] = {
		{ .name = ".text", .va = MOD_TEXT },
		{ .name = ".init.text", .va = MOD_EXIT, .init_live = true },
	};
	AUTO(buf) out = { 0 };
	struct err err;
	char *text;

	if (!modfix_compile(f->dir, "-g"))
		skip();
	assert_int_equal(modimage_build(f->ko, NULL, sections, 2, NULL, &out, &err), VS_OK);
	write_file(f->image, out.p, out.len);
	text = output("nm %s", f->image);
	expect(text, "ffffffffc0221800 T first");
	refuse(text, "counter");
	free(text);
}

/* --- damaged and unusual input */

static vs_status build_bytes(const struct fixture *f, const void *p, size_t n, struct err *err)
{
	AUTO(buf) out = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "%s/bad.ko", f->dir);
	write_file(path, p, n);
	*err = (struct err){ 0 };
	return modimage_build(path, NULL, modfix_sections, MODFIX_SECTIONS, NULL, &out, err);
}

static char *read_file(const char *path, size_t *n)
{
	FILE *file = fopen(path, "r");
	char *p = malloc(1 << 20);

	assert_non_null(file);
	*n = fread(p, 1, 1 << 20, file);
	fclose(file);
	return p;
}

static void test_not_a_module(void **state)
{
	struct fixture *f = *state;
	AUTO(buf) out = { 0 };
	struct err err;

	assert_int_equal(build_bytes(f, "", 0, &err), VS_UNSUPPORTED);
	assert_int_equal(build_bytes(f, "hello", 5, &err), VS_UNSUPPORTED);
	expect(err.msg, "bad.ko: neither ELF");
	assert_int_equal(modimage_build("/nonexistent", NULL, modfix_sections, 1, NULL, &out, &err),
			 VS_IO);
	expect(err.msg, "/nonexistent: No such file");
	assert_int_equal(modimage_build("/bin/sh", NULL, modfix_sections, 1, NULL, &out, &err),
			 VS_UNSUPPORTED);
	expect(err.msg, "/bin/sh: ELF type 3");
	assert_int_equal(modimage_build(NULL, NULL, modfix_sections, 1, NULL, &out, &err),
			 VS_INVAL);
	assert_null(out.p);
}

static void test_no_address(void **state)
{
	struct fixture *f = *state;
	const struct image_section other = { .name = ".elsewhere", .va = MOD_TEXT };
	AUTO(buf) out = { 0 };
	struct err err;

	if (!modfix_compile(f->dir, "-g"))
		skip();
	assert_int_equal(modimage_build(f->ko, NULL, &other, 1, NULL, &out, &err), VS_NOTFOUND);
	expect(err.msg, "mod.ko: none of its sections has an address");
	assert_int_equal(modimage_build(f->ko, NULL, NULL, 0, NULL, &out, &err), VS_NOTFOUND);
}

/* Changes every field of every section header, one at a time, and cuts the file: no crash. */
static void test_damaged(void **state)
{
	static const uint64_t evil[] = { 0, 1, 0x7fffffff, UINT32_MAX, INT64_MAX, UINT64_MAX };
	struct fixture *f = *state;
	size_t n = 0, at;
	Elf64_Ehdr eh;
	struct err err;
	char *p, *q;

	if (!modfix_compile(f->dir, "-g"))
		skip();
	p = read_file(f->ko, &n);
	q = malloc(n);
	memcpy(&eh, p, sizeof(eh));
	for (at = eh.e_shoff; at + 8 <= n; at += 8)
		for (size_t k = 0; k < sizeof(evil) / sizeof(evil[0]); k++) {
			memcpy(q, p, n);
			memcpy(q + at, &evil[k], 8);
			build_bytes(f, q, n, &err);
		}
	for (at = 0; at < n; at += n / 64 + 1)
		if (build_bytes(f, p, at, &err) == VS_OK)
			fail_msg("a file cut at %zu of %zu makes an image", at, n);
	free(p);
	free(q);
}

/* Symbols and relocations that point anywhere. */
static void test_damaged_tables(void **state)
{
	struct fixture *f = *state;
	size_t n = 0;
	struct err err;
	Elf64_Ehdr eh;
	Elf64_Shdr sh;
	char *p;

	if (!modfix_compile(f->dir, "-g"))
		skip();
	p = read_file(f->ko, &n);
	memcpy(&eh, p, sizeof(eh));
	for (unsigned i = 0; i < eh.e_shnum; i++) {
		memcpy(&sh, p + eh.e_shoff + i * sizeof(sh), sizeof(sh));
		if (sh.sh_type == SHT_RELA || sh.sh_type == SHT_SYMTAB)
			memset(p + sh.sh_offset, 0xff, sh.sh_size);
	}
	assert_int_equal(build_bytes(f, p, n, &err), VS_OK);
	free(p);
}

/* A thousand section headers for the same bytes do not make a larger image. */
static void test_overlapping(void **state)
{
	struct fixture *f = *state;
	AUTO(buf) bad = { 0 }, out = { 0 };
	Elf64_Shdr sh = { 0 };
	struct err err;
	size_t n = 0;
	Elf64_Ehdr eh;
	char *p;

	if (!modfix_compile(f->dir, "-g"))
		skip();
	p = read_file(f->ko, &n);
	memcpy(&eh, p, sizeof(eh));
	buf_put(&bad, p, n);
	buf_put(&bad, p + eh.e_shoff, eh.e_shnum * sizeof(sh));
	// The last section with relocations is a debug section.
	for (unsigned i = 0; i < eh.e_shnum; i++) {
		Elf64_Shdr one;

		memcpy(&one, p + eh.e_shoff + i * sizeof(one), sizeof(one));
		if (one.sh_type == SHT_RELA && one.sh_info && !(one.sh_flags & SHF_ALLOC))
			memcpy(&sh, p + eh.e_shoff + one.sh_info * sizeof(sh), sizeof(sh));
	}
	sh.sh_offset = 0;
	sh.sh_size = n;
	sh.sh_flags = 0;
	for (unsigned i = 0; i < 1000; i++)
		buf_put(&bad, &sh, sizeof(sh));
	eh.e_shoff = n;
	eh.e_shnum += 1000;
	memcpy(bad.p, &eh, sizeof(eh));
	write_file(f->image, bad.p, bad.len);
	assert_int_equal(
		modimage_build(f->image, NULL, modfix_sections, MODFIX_SECTIONS, NULL, &out, &err),
		VS_OK);
	assert_true(out.len < 2 * bad.len);
	free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		T(test_dwarf4),
		T(test_dwarf5),
		T(test_functions_in_sections),
		T(test_debug_frame),
		T(test_eh_frame),
		T(test_zlib_sections),
		T(test_zstd_sections),
		T(test_separate),
		T(test_xz),
		T(test_gz),
		T(test_zst),
		T(test_gdb_dwarf4),
		T(test_gdb_dwarf5),
		T(test_live_init),
		T(test_not_a_module),
		T(test_no_address),
		T(test_damaged),
		T(test_damaged_tables),
		T(test_overlapping),
	};

	// Damaged input causes thousands of warnings.
	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
