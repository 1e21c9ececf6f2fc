// SPDX-License-Identifier: GPL-3.0-or-later
/* elffile: a small ELF file from the compiler: plain, compressed, and damaged. */
#include "tests/unit/memfix.h"

#include <elf.h>
#include <stdio.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/elf/elffile.h"

static char dir[] = "/tmp/vmstub-elffile-XXXXXX";
static bool have_compiler;

static const char *in_dir(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static int make_files(void **state)
{
	char cmd[512];
	FILE *f;

	(void)state;
	if (!mkdtemp(dir) || !(f = fopen(in_dir("a.c"), "w")))
		return -1;
	fputs("int shared_object[4] = { 1 }; static int local_object = 3;\n"
	      "int function(void) { return shared_object[0] + local_object++; }\n",
	      f);
	fclose(f);
	snprintf(
		cmd, sizeof(cmd),
		"cd %s && gcc -g -O0 -shared -fPIC -nostdlib "
		"-Wl,--build-id=0x00112233445566778899aabbccddeeff01234567 -o a.so a.c 2>log && "
		"objcopy --compress-debug-sections=zlib a.so z.so && xz -k a.so && gzip -k a.so && "
		"gcc -shared -fPIC -nostdlib -Wl,--build-id=none -s -o none.so a.c 2>log",
		dir);
	have_compiler = system(cmd) == 0;
	return 0;
}

static int remove_files(void **state)
{
	char cmd[128];

	(void)state;
	snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
	return system(cmd);
}

struct found {
	int function, shared, local;
	uint64_t size;
};

static bool look(void *ctx, const struct elf_symbol *s)
{
	struct found *f = ctx;

	if (strcmp(s->name, "function") == 0) {
		f->function++;
		assert_int_equal(s->type, STT_FUNC);
		assert_int_equal(s->bind, STB_GLOBAL);
	} else if (strcmp(s->name, "shared_object") == 0) {
		f->shared++;
		f->size = s->size;
	} else if (strcmp(s->name, "local_object") == 0) {
		f->local++;
		assert_int_equal(s->bind, STB_LOCAL);
	}
	return true;
}

static bool first_only(void *ctx, const struct elf_symbol *s)
{
	(void)s;
	++*(int *)ctx;
	return false;
}

static void check_file(const char *name)
{
	char hex[2 * BUILD_ID_MAX + 1];
	struct elffile *f;
	struct elf_section s, same;
	struct found found = { 0 };
	struct build_id id;
	const void *data;
	uint64_t va, size;
	struct err err;
	int calls = 0;
	size_t len;

	if (elffile_open(in_dir(name), &f, &err))
		fail_msg("%s\n", err.msg);
	assert_int_equal(elffile_section(f, ".text", &s), VS_OK);
	assert_true(s.flags & SHF_EXECINSTR && s.type == SHT_PROGBITS && s.size > 0);
	assert_true(elffile_section_at(f, s.index, &same));
	assert_string_equal(same.name, ".text");
	assert_int_equal(elffile_section(f, ".tex", &s), VS_NOTFOUND);
	assert_false(elffile_section_at(f, 9999, &s));
	assert_int_equal(elffile_section(f, ".debug_str", &s), VS_OK);
	assert_int_equal(elffile_data(f, s.index, &data, &len, &err), VS_OK);
	assert_non_null(memmem(data, len, "function", 9)); // unpacked
	assert_int_equal(elffile_data(f, 9999, &data, &len, &err), VS_NOTFOUND);
	assert_int_equal(elffile_symbols(f, look, &found, &err), VS_OK);
	assert_true(found.function == 1 && found.shared == 1 && found.local == 1);
	assert_int_equal(found.size, 16);
	assert_int_equal(elffile_symbols(f, first_only, &calls, &err), VS_OK);
	assert_int_equal(calls, 1);
	elffile_build_id(f, &id);
	assert_string_equal(build_id_str(&id, hex), "00112233445566778899aabbccddeeff01234567");
	assert_true(elffile_load_segment(f, 0, &va, &size) && size > 0);
	assert_false(elffile_load_segment(f, 99, &va, &size));
	elffile_close(f);
}

static void test_plain(void **state)
{
	(void)state;
	if (!have_compiler)
		skip();
	check_file("a.so");
	check_file("z.so");
}

/* Kernel modules come as .ko.xz, .ko.gz and .ko.zst. */
static void test_packed(void **state)
{
	(void)state;
	if (!have_compiler)
		skip();
	check_file("a.so.xz");
	check_file("a.so.gz");
}

static void test_stripped(void **state)
{
	struct build_id id = { .len = 5 };
	struct elffile *f;
	struct found found = { 0 };
	struct err err;

	(void)state;
	if (!have_compiler)
		skip();
	assert_int_equal(elffile_open(in_dir("none.so"), &f, &err), VS_OK);
	elffile_build_id(f, &id);
	assert_int_equal(id.len, 0);
	assert_int_equal(elffile_symbols(f, look, &found, &err), VS_NOTFOUND);
	elffile_close(f);
}

static void test_no_elf(void **state)
{
	struct elffile *f = NULL;
	struct err err;

	(void)state;
	assert_int_equal(elffile_open(in_dir("absent"), &f, &err), VS_NOTFOUND);
	assert_non_null(strstr(err.msg, "absent"));
	assert_int_equal(elffile_open(in_dir("a.c"), &f, &err), VS_CORRUPT);
	assert_int_equal(elffile_open(dir, &f, &err), VS_CORRUPT);
	assert_int_equal(elffile_open("/dev/null", &f, &err), VS_CORRUPT);
	assert_null(f);
	elffile_close(NULL);
}

/* Files cut at many lengths: rejected, or readable as far as they go. */
static void test_cut(void **state)
{
	static uint8_t data[65536];
	size_t len;
	FILE *f;

	(void)state;
	if (!have_compiler)
		skip();
	f = fopen(in_dir("a.so"), "r");
	assert_non_null(f);
	len = fread(data, 1, sizeof(data), f);
	fclose(f);
	for (size_t n = 0; n < len; n += 61) {
		struct elffile *e;
		struct found found = { 0 };
		struct build_id id;
		struct elf_section s;
		const void *p;
		size_t plen;

		f = fopen(in_dir("cut"), "w");
		assert_non_null(f);
		assert_int_equal(fwrite(data, 1, n, f), n);
		fclose(f);
		if (elffile_open(in_dir("cut"), &e, NULL))
			continue;
		elffile_build_id(e, &id);
		(void)elffile_symbols(e, look, &found, NULL);
		for (size_t i = 1; elffile_section_at(e, i, &s); i++)
			(void)elffile_data(e, i, &p, &plen, NULL);
		elffile_close(e);
	}
}

/* NT_GNU_BUILD_ID among other notes; sizes padded to 4. */
static void test_notes(void **state)
{
	static const uint32_t notes[] = {
		4, 8, 5, 0x00554e47, 1,		 2,    // GNU property
		6, 5, 9, 0x656d616e, 0x0000736e, 3, 4, // name of 6, desc of 5 bytes
		4, 3, 3, 0x00554e47, 0x00ccbbaa,       // the one
		4, 4, 3, 0x00554e47, 0xdddddddd,       // and another
	};
	struct build_id id = { .len = 0 }, other = { .len = 0 };

	(void)state;
	assert_true(build_id_from_notes(notes, sizeof(notes), &id));
	assert_int_equal(id.len, 3);
	assert_memory_equal(id.b, "\xaa\xbb\xcc", 3);
	assert_false(build_id_from_notes(notes, 24 + 28 + 16, &other)); // cut in the descriptor
	assert_false(build_id_from_notes(notes, 24, &other));
	assert_false(build_id_from_notes(notes, 0, &other));
	assert_false(build_id_equal(&other, &other)); // an empty build-id equals none
	assert_true(build_id_equal(&id, &id));
	other = id;
	other.b[2]++;
	assert_false(build_id_equal(&id, &other));
	other = id;
	other.len--;
	assert_false(build_id_equal(&id, &other));
}

static void test_damaged_notes(void **state)
{
	static const uint32_t huge_name[] = { 0xffffffff, 4, 3, 0x00554e47, 1 };
	static const uint32_t huge_desc[] = { 4, 0xfffffffd, 3, 0x00554e47, 1 };
	uint32_t long_id[4 + 40] = { 4, 160, 3, 0x00554e47 };
	struct build_id id;

	(void)state;
	assert_false(build_id_from_notes(huge_name, sizeof(huge_name), &id));
	assert_false(build_id_from_notes(huge_desc, sizeof(huge_desc), &id));
	assert_false(
		build_id_from_notes(long_id, sizeof(long_id), &id)); // longer than struct build_id
	long_id[1] = BUILD_ID_MAX;
	assert_true(build_id_from_notes(long_id, sizeof(long_id), &id));
	assert_int_equal(id.len, BUILD_ID_MAX);
	long_id[1] = 0;
	assert_false(build_id_from_notes(long_id, 16, &id));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),	      cmocka_unit_test(test_packed),
		cmocka_unit_test(test_stripped),      cmocka_unit_test(test_no_elf),
		cmocka_unit_test(test_cut),	      cmocka_unit_test(test_notes),
		cmocka_unit_test(test_damaged_notes),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
