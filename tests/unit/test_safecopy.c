// SPDX-License-Identifier: GPL-3.0-or-later
/* safecopy: complete copies, copies from a file that was cut, and a SIGBUS from elsewhere. */
#include "tests/unit/dumpfix.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "stub/dump/safecopy.h"

#define LEN (4 * 4096)

static char *map_file(struct fix_file *f)
{
	char data[LEN];
	char *p;
	int fd;

	memset(data, 'd', sizeof(data));
	fix_file_write(f, data, sizeof(data));
	fd = open(f->path, O_RDONLY);
	p = mmap(NULL, LEN, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	assert_true(p != MAP_FAILED);
	safecopy_prepare();
	return p;
}

static void test_cut(void **state)
{
	struct fix_file f;
	char *p = map_file(&f), out[LEN];

	(void)state;
	for (int i = 0; i < 3; i++) { // it works again after each failure
		assert_true(safecopy(out, p, 4096));
		assert_int_equal(out[4095], 'd');
		assert_int_equal(truncate(f.path, 4096), 0);
		assert_false(safecopy(out, p, LEN));
		assert_false(safecopy(out, p + 4096, 1));
		assert_int_equal(truncate(f.path, LEN), 0);
		assert_true(safecopy(out, p, LEN)); // zeros now
	}
	munmap(p, LEN);
	fix_file_remove(&f);
}

/* Outside safecopy(), SIGBUS still kills the program. */
static void test_foreign(void **state)
{
	struct fix_file f;
	char *p = map_file(&f);
	int status = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(truncate(f.path, 0), 0);
	pid = fork();
	if (pid == 0) {
		signal(SIGBUS, SIG_DFL);
		safecopy_prepare();
		_exit(*(volatile char *)p);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
	munmap(p, LEN);
	fix_file_remove(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
