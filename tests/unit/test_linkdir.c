// SPDX-License-Identifier: GPL-3.0-or-later
/* linkdir: links that give open files names, in a folder of the user's or in one of its own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "stub/base/log.h"
#include "stub/gdb/linkdir.h"

struct place {
	char dir[64];
	int fd; /* a file with "mole" in it, which has no name */
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	char file[] = "/tmp/vmstub-test-XXXXXX";

	strcpy(p->dir, "/tmp/vmstub-test-XXXXXX");
	assert_non_null(mkdtemp(p->dir));
	p->fd = mkstemp(file);
	assert_true(p->fd >= 0);
	unlink(file);
	assert_int_equal(write(p->fd, "mole", 4), 4);
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct place *p = *state;

	rmdir(p->dir);
	close(p->fd);
	free(p);
	return 0;
}

static void expect_mole(const char *path)
{
	char text[8] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		fail_msg("%s: %s\n", path, strerror(errno));
	assert_int_equal(pread(fd, text, sizeof(text), 0), 4);
	assert_string_equal(text, "mole");
	close(fd);
}

static bool exists(const char *path)
{
	struct stat sb;

	return lstat(path, &sb) == 0;
}

/* gdb finds a file by its build-id in the user's folder, which goes at the end. */
static void test_given(void **state)
{
	struct place *p = *state;
	struct linkdir *d = linkdir_start(p->dir);
	char path[PATH_MAX], want[PATH_MAX], debug[PATH_MAX];

	assert_non_null(d);
	assert_true(linkdir_add(d, "mole.ko", p->fd, path, sizeof(path)));
	snprintf(want, sizeof(want), "%s/mole.ko", p->dir);
	assert_string_equal(path, want);
	expect_mole(path);
	assert_false(linkdir_add(d, "mole.ko", p->fd, path, sizeof(path))); // there is one
	assert_true(linkdir_add_debug(d, "abcdef0123", p->fd));
	snprintf(debug, sizeof(debug), "%s/.build-id/ab/cdef0123.debug", p->dir);
	expect_mole(debug);
	linkdir_clear(d);
	assert_false(exists(want) || exists(debug));
	assert_true(exists(p->dir));
	assert_true(linkdir_add(d, "mole.ko", p->fd, path, sizeof(path)));
	linkdir_end(d);
	assert_false(exists(p->dir));
}

/* Names that lead elsewhere, and build-ids that are none. */
static void test_names(void **state)
{
	static const char *const names[] = {
		"", ".", "..", ".hidden", "a/b", "/etc", "a b", "a\nb"
	};
	static const char *const ids[] = { "", "abc", "ABCDEF", "abcdeg", "../../abcd" };
	struct place *p = *state;
	struct linkdir *d = linkdir_start(p->dir);
	char path[PATH_MAX], huge[300];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_false(linkdir_add(d, names[i], p->fd, path, sizeof(path)));
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++)
		assert_false(linkdir_add_debug(d, ids[i], p->fd));
	memset(huge, 'a', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	assert_false(linkdir_add(d, huge, p->fd, path, sizeof(path)));
	assert_false(linkdir_add(d, "name", -1, path, sizeof(path)));
	assert_false(linkdir_add(d, "name", p->fd, path, 4)); // its path does not fit
	linkdir_end(d);
}

/* A folder that cannot be emptied later without harm is not used; gdb does not look in the other
 * one for build-ids. */
static void expect_another(const char *folder, int fd)
{
	struct linkdir *d = linkdir_start(folder);
	char path[PATH_MAX], *slash;

	assert_non_null(d);
	assert_true(linkdir_add(d, "mole.ko", fd, path, sizeof(path)));
	expect_mole(path);
	assert_int_not_equal(strncmp(path, folder, strlen(folder)), 0);
	assert_false(linkdir_add_debug(d, "abcdef0123", fd));
	linkdir_end(d);
	assert_false(exists(path));
	slash = strrchr(path, '/');
	*slash = '\0';
	assert_false(exists(path));
}

static void test_refused(void **state)
{
	struct place *p = *state;
	char file[PATH_MAX];
	int fd;

	expect_another("tests", p->fd); // relative
	expect_another("/tmp/vmstub-test-nosuch", p->fd);
	assert_int_equal(chmod(p->dir, 0770), 0);
	expect_another(p->dir, p->fd);
	assert_int_equal(chmod(p->dir, 0700), 0);
	snprintf(file, sizeof(file), "%s/mine", p->dir);
	fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
	expect_another(p->dir, p->fd);
	assert_true(exists(file));
	unlink(file);
}

/* Folders of processes that no longer exist are removed, not those of others. */
static void test_sweep(void **state)
{
	struct place *p = *state;
	char parent[PATH_MAX], gone[PATH_MAX + 32], alive[PATH_MAX + 32], link[PATH_MAX + 64],
		path[PATH_MAX];
	struct linkdir *d;

	snprintf(parent, sizeof(parent), "%s", p->dir);
	// No process has a PID above the kernel's limit, 1 << 22.
	snprintf(gone, sizeof(gone), "%s/vmstub-99999999-abcdef", parent);
	snprintf(alive, sizeof(alive), "%s/vmstub-%d-abcdef", parent, (int)getpid());
	snprintf(link, sizeof(link), "%s/vmlinux", gone);
	assert_int_equal(mkdir(gone, 0700), 0);
	assert_int_equal(mkdir(alive, 0700), 0);
	assert_int_equal(symlink("/proc/1/fd/0", link), 0);
	setenv("XDG_RUNTIME_DIR", parent, 1);
	d = linkdir_start(NULL);
	assert_true(linkdir_add(d, "mole.ko", p->fd, path, sizeof(path)));
	assert_int_equal(strncmp(path, parent, strlen(parent)), 0);
	assert_false(exists(gone));
	assert_true(exists(alive));
	linkdir_end(d);
	unsetenv("XDG_RUNTIME_DIR");
	rmdir(alive);
}

static void test_none(void **state)
{
	(void)state;
	linkdir_clear(NULL);
	linkdir_end(NULL);
	assert_false(linkdir_add_debug(NULL, "abcdef0123", 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_given, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sweep, setup, teardown),
		cmocka_unit_test(test_none),
	};

	log_set_level(LOG_ERROR);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
