// SPDX-License-Identifier: GPL-3.0-or-later
/* debuglink: the places that a link stands for, and links that are damaged or lead elsewhere. */
#include "tests/unit/memfix.h"

#include <elf.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/base/cleanup.h"
#include "stub/elf/debuglink.h"
#include "stub/elf/elffile.h"
#include "stub/elf/elfwrite.h"

/* An ELF file with this .gnu_debuglink; NULL: with none. */
static void write_file(const char *path, const char *link, size_t len)
{
	AUTO(elfwrite) w = { 0 };
	AUTO(buf) out = { 0 };
	uint16_t section = 0;
	FILE *f;

	elfwrite_init(&w, EM_X86_64);
	if (link)
		section = elfwrite_section(&w, ".gnu_debuglink", SHT_PROGBITS, 0, 0, len);
	assert_int_equal(elfwrite_layout(&w, 0x1000, 0x2000, NULL), VS_OK);
	if (link)
		memcpy(elfwrite_content(&w, section), link, len);
	elfwrite_take(&w, &out);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(out.p, 1, out.len, f), out.len);
	fclose(f);
}

struct seen {
	char path[4][PATH_MAX];
	size_t n, stop_at;
	const char *root;
};

static bool see(void *ctx, const char *path)
{
	struct seen *s = ctx;

	assert_true(s->n < 4);
	snprintf(s->path[s->n++], PATH_MAX, "%s", path);
	return s->n == s->stop_at;
}

static bool follow(const char *link, size_t len, size_t stop_at, struct seen *s)
{
	char path[64];
	struct elffile *f;
	bool found;

	*s = (struct seen){ .stop_at = stop_at, .root = s->root };
	snprintf(path, sizeof(path), "/tmp/vmstub-test-link-%d", (int)getpid());
	write_file(path, link, len);
	assert_int_equal(elffile_open(path, &f, NULL), VS_OK);
	found = debuglink_each(f, path, s->root, see, s);
	elffile_close(f);
	unlink(path);
	return found;
}

static void test_places(void **state)
{
	static const char link[12] = "vm.dbg";
	struct seen s = { .root = NULL };

	(void)state;
	assert_false(follow(link, sizeof(link), 0, &s));
	assert_int_equal(s.n, 3);
	assert_string_equal(s.path[0], "/tmp/vm.dbg");
	assert_string_equal(s.path[1], "/tmp/.debug/vm.dbg");
	assert_string_equal(s.path[2], "/usr/lib/debug/tmp/vm.dbg");
	assert_true(follow(link, sizeof(link), 2, &s));
	assert_int_equal(s.n, 2);
	// the file is not below the folder that stands for /
	s.root = "/usr";
	assert_false(follow(link, sizeof(link), 0, &s));
	assert_string_equal(s.path[2], "/usr/usr/lib/debug/tmp/vm.dbg");
	// it is
	s.root = "/tmp/";
	assert_false(follow(link, sizeof(link), 0, &s));
	assert_string_equal(s.path[1], "/tmp/.debug/vm.dbg");
	assert_string_equal(s.path[2], "/tmp//usr/lib/debug/vm.dbg");
}

static void test_bad(void **state)
{
	static const char elsewhere[] = "../etc/x\0\0\0\0", absolute[] = "/etc/passwd\0\0\0\0";
	char endless[NAME_MAX + 8];
	struct seen s = { .root = NULL };

	(void)state;
	memset(endless, 'x', sizeof(endless));
	assert_false(follow(NULL, 0, 1, &s));
	assert_false(follow(elsewhere, sizeof(elsewhere), 1, &s));
	assert_false(follow(absolute, sizeof(absolute), 1, &s));
	assert_false(follow("\0\0\0\0", 4, 1, &s));
	assert_false(follow(endless, 8, 1, &s)); // no NUL in the section
	assert_int_equal(s.n, 0);
	endless[NAME_MAX + 1] = '\0'; // no file can have this name
	assert_false(follow(endless, sizeof(endless), 1, &s));
	assert_int_equal(s.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
