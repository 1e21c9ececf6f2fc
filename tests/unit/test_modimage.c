// SPDX-License-Identifier: GPL-3.0-or-later
/* Module images against the linker as an oracle, and against readelf. */
#include "tests/unit/modfix.h"

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
static void same_section(const struct modfix *f, const char *name)
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

static void against_linker(struct modfix *f, const char *flags)
{
	char oracle[64];

	if (!modfix_compile(f->dir, flags))
		skip();
	modfix_oracle(f->dir);
	snprintf(oracle, sizeof(oracle), "%s/oracle", f->dir);
	modfix_build(f, f->ko, NULL);
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
static void frames(struct modfix *f, const char *flags)
{
	char *image, *oracle;

	if (!modfix_compile(f->dir, flags))
		skip();
	modfix_oracle(f->dir);
	modfix_build(f, f->ko, NULL);
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

static void compressed(struct modfix *f, const char *kind)
{
	if (!modfix_compile(f->dir, "-gdwarf-5 -fno-asynchronous-unwind-tables"))
		skip();
	modfix_oracle(f->dir);
	if (run("cd %s && objcopy --compress-debug-sections=%s mod.ko small.ko 2>/dev/null", f->dir,
		kind))
		skip();
	run("cd %s && mv small.ko mod.ko", f->dir);
	modfix_build(f, f->ko, NULL);
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
static void separate(struct modfix *f, const char *packer, const char *suffix)
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
	modfix_build(f, ko, debug);
	same_text(symbols(f->image), symbols(oracle));
	same_section(f, ".debug_info");
	modfix_build(f, NULL, debug);
	same_section(f, ".debug_line");
	modfix_build(f, ko, NULL); // no debug information, but symbols
	same_text(symbols(f->image), symbols(oracle));
	modfix_build(f, ko, "/nonexistent"); // a missing debug file costs only debug information
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

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, modfix_setup, modfix_teardown)
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
