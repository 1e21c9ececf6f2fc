// SPDX-License-Identifier: GPL-3.0-or-later
/* Images of modules that are damaged or unusual. */
#include "stub/base/log.h"
#include "tests/unit/modfix.h"

/* A crash inside the module's init function: .init.text is still loaded. */
static void test_live_init(void **state)
{
	struct modfix *f = *state;
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
	modfix_expect(text, "ffffffffc0221800 T first");
	modfix_refuse(text, "counter");
	free(text);
}

static vs_status build_bytes(const struct modfix *f, const void *p, size_t n, struct err *err)
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
	struct modfix *f = *state;
	AUTO(buf) out = { 0 };
	struct err err;

	assert_int_equal(build_bytes(f, "", 0, &err), VS_UNSUPPORTED);
	assert_int_equal(build_bytes(f, "hello", 5, &err), VS_UNSUPPORTED);
	modfix_expect(err.msg, "bad.ko: neither ELF");
	assert_int_equal(modimage_build("/nonexistent", NULL, modfix_sections, 1, NULL, &out, &err),
			 VS_IO);
	modfix_expect(err.msg, "/nonexistent: No such file");
	assert_int_equal(modimage_build("/bin/sh", NULL, modfix_sections, 1, NULL, &out, &err),
			 VS_UNSUPPORTED);
	modfix_expect(err.msg, "/bin/sh: ELF type 3");
	assert_int_equal(modimage_build(NULL, NULL, modfix_sections, 1, NULL, &out, &err),
			 VS_INVAL);
	assert_null(out.p);
}

static void test_no_address(void **state)
{
	struct modfix *f = *state;
	const struct image_section other = { .name = ".elsewhere", .va = MOD_TEXT };
	AUTO(buf) out = { 0 };
	struct err err;

	if (!modfix_compile(f->dir, "-g"))
		skip();
	assert_int_equal(modimage_build(f->ko, NULL, &other, 1, NULL, &out, &err), VS_NOTFOUND);
	modfix_expect(err.msg, "mod.ko: none of its sections has an address");
	assert_int_equal(modimage_build(f->ko, NULL, NULL, 0, NULL, &out, &err), VS_NOTFOUND);
}

/* Changes every field of every section header, one at a time, and cuts the file: no crash. */
static void test_damaged(void **state)
{
	static const uint64_t evil[] = { 0, 1, 0x7fffffff, UINT32_MAX, INT64_MAX, UINT64_MAX };
	struct modfix *f = *state;
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
	struct modfix *f = *state;
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
	struct modfix *f = *state;
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
#define T(name) cmocka_unit_test_setup_teardown(name, modfix_setup, modfix_teardown)
		T(test_live_init), T(test_not_a_module),   T(test_no_address),
		T(test_damaged),   T(test_damaged_tables), T(test_overlapping),
	};

	// Damaged input causes thousands of warnings.
	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
