// SPDX-License-Identifier: GPL-3.0-or-later
/* test_sandbox.c - what is allowed after sandbox_enter(), what kills the process, and what just
 * fails; and that the folder of links goes, however vmstub ends. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "stub/base/sandbox.h"
#include "stub/gdb/linkdir.h"
#include "tests/unit/memfix.h"

#if defined(__SANITIZE_ADDRESS__) || !defined(HAVE_SECCOMP)
#define NO_FILTER 1
#else
#define NO_FILTER 0
#endif

/* Each returns 0 on success, else errno. */
static int failed(bool bad)
{
	return bad ? errno : 0;
}

static int do_read(void)
{
	char b[16];
	int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	return failed(fd < 0 || read(fd, b, sizeof(b)) <= 0 || pread(fd, b, 4, 4) != 4 ||
		      close(fd));
}

static int do_stdio(void)
{
	FILE *f = fopen("/proc/self/maps", "re");
	char line[256];
	struct tm tm;
	time_t t = 0;

	localtime_r(&t, &tm);
	return failed(!f || !fgets(line, sizeof(line), f) || fclose(f));
}

static int do_folder(void)
{
	int fd = open("/etc", O_RDONLY | O_DIRECTORY);
	char path[4096];

	return failed(fd < 0 || !realpath("/proc/self/exe", path) || close(fd));
}

static int do_image(void)
{
	int fd = memfd_create("x", MFD_CLOEXEC);
	void *p;

	if (fd < 0 || write(fd, "abc", 3) != 3)
		return errno;
	p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	return failed(p == MAP_FAILED || memcmp(p, "abc", 3) != 0);
}

static int do_memory(void)
{
	char *p = malloc(64 << 20);

	if (!p)
		return errno;
	memset(p, 1, 64 << 20);
	p = realloc(p, 128 << 20);
	free(p);
	return 0;
}

static int do_exec(void)
{
	execl("/bin/true", "true", NULL);
	return errno;
}

static int do_fork(void)
{
	return failed(fork() < 0);
}

static int do_shell(void)
{
	return failed(system("true") != 0);
}

static int do_socket(void)
{
	return failed(socket(AF_INET, SOCK_STREAM, 0) < 0);
}

static int do_unix_socket(void)
{
	return failed(socket(AF_UNIX, SOCK_STREAM, 0) < 0);
}

static int do_create(void)
{
	return failed(open("/tmp/vmstub-sandbox-test", O_CREAT | O_RDONLY, 0600) < 0);
}

static int do_write_open(void)
{
	return failed(open("/dev/null", O_WRONLY) < 0);
}

static int do_read_write_open(void)
{
	return failed(open("/dev/null", O_RDWR) < 0);
}

static int do_truncate_open(void)
{
	return failed(open("/dev/null", O_RDONLY | O_TRUNC) < 0);
}

static int do_unnamed(void)
{
	return failed(open("/tmp", O_TMPFILE | O_RDWR, 0600) < 0);
}

static int do_mkdir(void)
{
	return failed(mkdir("/tmp/vmstub-sandbox-test", 0700) != 0);
}

static int do_symlink(void)
{
	return failed(symlink("x", "/tmp/vmstub-sandbox-test") != 0);
}

static int do_unlink(void)
{
	return failed(unlink("/tmp/vmstub-sandbox-test") != 0);
}

static int do_rename(void)
{
	return failed(rename("/tmp/vmstub-sandbox-test", "/tmp/vmstub-sandbox-test2") != 0);
}

static int do_kill(void)
{
	return failed(kill(getppid(), 0) != 0);
}

static int do_executable(void)
{
	return failed(mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
		      MAP_FAILED);
}

static int do_make_executable(void)
{
	void *p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return failed(mprotect(p, 4096, PROT_READ | PROT_EXEC) != 0);
}

static int do_unknown(void)
{
	return failed(syscall(SYS_setuid, 0) != 0);
}

static int do_clone3(void)
{
	return failed(syscall(SYS_clone3, NULL, 0) != 0);
}

/* Returns the status of a child that enters the sandbox and calls fn; its exit code is fn's result.
 */
static int run(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct err err = { 0 };

		if (sandbox_enter(&err)) {
			fprintf(stderr, "%s\n", err.msg);
			_exit(255);
		}
		_exit(fn());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void test_allowed(void **state)
{
	int (*const fns[])(void) = { do_read, do_stdio, do_folder, do_image, do_memory };

	(void)state;
	if (NO_FILTER)
		skip();
	for (size_t i = 0; i < sizeof(fns) / sizeof(fns[0]); i++) {
		int status = run(fns[i]);

		if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
			fail_msg("call %zu: status %#x\n", i, (unsigned)status);
	}
}

static void test_deadly(void **state)
{
	int (*const fns[])(
		void) = { do_exec,	     do_fork,	 do_shell,	do_socket,
			  do_unix_socket,    do_create,	 do_write_open, do_read_write_open,
			  do_truncate_open,  do_unnamed, do_mkdir,	do_symlink,
			  do_unlink,	     do_rename,	 do_kill,	do_executable,
			  do_make_executable };

	(void)state;
	if (NO_FILTER)
		skip();
	for (size_t i = 0; i < sizeof(fns) / sizeof(fns[0]); i++) {
		int status = run(fns[i]);

		// system() differs: glibc starts its shell with clone3(), which fails
		if (fns[i] == do_shell && WIFEXITED(status) && WEXITSTATUS(status) == ENOSYS)
			continue;
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("call %zu: status %#x\n", i, (unsigned)status);
	}
}

static void test_the_rest_fails(void **state)
{
	(void)state;
	if (NO_FILTER)
		skip();
	assert_int_equal(WEXITSTATUS(run(do_unknown)), ENOSYS);
	assert_int_equal(WEXITSTATUS(run(do_clone3)), ENOSYS);
}

static void test_privileges_and_limits(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		char line[128];
		bool ok = false;
		FILE *f;

		(void)sandbox_enter(NULL); // also without a filter
		f = fopen("/proc/self/status", "re");
		while (f && fgets(line, sizeof(line), f))
			ok |= strcmp(line, "NoNewPrivs:\t1\n") == 0;
		_exit(!ok);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/* --- the folder of links */

/* Runs a process that makes links and then calls end; returns true if the folder is gone soon
 * after.
 */
static bool folder_goes(void (*end)(struct linkdir *d))
{
	char path[256], dir[256];
	int ends[2], status;
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		struct linkdir *d = linkdir_start(NULL);

		close(ends[0]);
		if (d && linkdir_add(d, "a.ko", 1, path, sizeof(path)) &&
		    linkdir_add(d, "b.ko", 1, path, sizeof(path)) &&
		    write(ends[1], path, sizeof(path)) == (ssize_t)sizeof(path))
			end(d);
		_exit(0);
	}
	close(ends[1]);
	n = read(ends[0], path, sizeof(path));
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(n, sizeof(path));
	snprintf(dir, sizeof(dir), "%.*s", (int)(strrchr(path, '/') - path), path);
	for (int i = 0; i < 500 && access(dir, F_OK) == 0; i++)
		usleep(10000);
	return access(dir, F_OK) != 0;
}

static void end_killed(struct linkdir *d)
{
	(void)d;
	kill(getpid(), SIGKILL);
}

static void end_group_killed(struct linkdir *d)
{
	(void)d;
	setpgid(0, 0);
	kill(0, SIGKILL);
}

static void end_crashed(struct linkdir *d)
{
	struct rlimit none = { 0, 0 };

	(void)d;
	setrlimit(RLIMIT_CORE, &none);
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

static void test_folder_goes(void **state)
{
	void (*const ways[])(struct linkdir *) = { linkdir_end, end_killed, end_group_killed,
						   end_crashed };

	(void)state;
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
		if (!folder_goes(ways[i]))
			fail_msg("way %zu: the folder stays\n", i);
}

static void test_links(void **state)
{
	struct linkdir *d = linkdir_start(NULL);
	char path[256], target[256] = "", want[64];
	const char *const bad[] = { "", "..", ".x", "a/b", "../x", "a b", "a\nb" };

	(void)state;
	assert_non_null(d);
	assert_true(linkdir_add(d, "l2w.ko", 7, path, sizeof(path)));
	assert_non_null(strstr(path, "/l2w.ko"));
	assert_true(readlink(path, target, sizeof(target) - 1) > 0);
	snprintf(want, sizeof(want), "/proc/%d/fd/7", (int)getpid());
	assert_string_equal(target, want);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(linkdir_add(d, bad[i], 7, path, sizeof(path)));
	assert_false(linkdir_add(d, "x", -1, path, sizeof(path)));
	assert_false(linkdir_add(d, "l2w.ko", 7, path, sizeof(path)));
	assert_false(linkdir_add(d, "l3w.ko", 7, path, 5));
	linkdir_clear(d); // as between two gdbs
	assert_true(linkdir_add(d, "l2w.ko", 8, path, sizeof(path)));
	linkdir_clear(NULL);
	linkdir_end(d);
	linkdir_end(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_allowed),	       cmocka_unit_test(test_deadly),
		cmocka_unit_test(test_the_rest_fails), cmocka_unit_test(test_privileges_and_limits),
		cmocka_unit_test(test_folder_goes),    cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
