// SPDX-License-Identifier: GPL-3.0-or-later
/* test_peer.c - finds the process at the other end of standard input; here it is this process. */
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stub/base/peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_local_gdb(void **state)
{
	char name[16];
	int sv[2], pipe_fds[2];

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	assert_int_equal(peer_local_gdb(sv[0]), 0); // this program is not gdb
	assert_int_equal(prctl(PR_SET_NAME, "x86_64-gdb"), 0);
	assert_int_equal(peer_local_gdb(sv[0]), getpid());
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(peer_local_gdb(pipe_fds[0]), 0);
	assert_int_equal(prctl(PR_SET_NAME, name), 0);
	for (int i = 0; i < 2; i++) {
		close(sv[i]);
		close(pipe_fds[i]);
	}
}

/* Runs a command line in another process and asks about it. */
static enum peer_front_end front_end(const char *const *argv)
{
	int ends[2];
	pid_t pid;
	char byte;
	enum peer_front_end found;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		dup2(ends[1], 1);
		close(ends[0]);
		close(ends[1]);
		execv("/bin/sh", (char *const *)argv);
		kill(getpid(), SIGKILL);
	}
	assert_true(pid > 0);
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 1); // the shell runs
	found = peer_front_end(pid);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ends[0]);
	return found;
}

static void test_front_end(void **state)
{
	static const char script[] =
		"echo; kill -STOP $$; :"; // a child such as sleep would outlive it
	static const struct {
		const char *argv[7];
		enum peer_front_end want;
	} tries[] = {
		{ { "gdb", "-c", script, "-i", "dap" }, PEER_DAP },
		{ { "gdb", "-c", script, "-i=dap" }, PEER_DAP },
		{ { "gdb", "-c", script, "--interpreter=dap" }, PEER_DAP },
		{ { "gdb", "-c", script, "-interp", "dap" }, PEER_DAP },
		{ { "gdb", "-c", script }, PEER_CONSOLE },
		{ { "gdb", "-c", script, "-i=mi" }, PEER_MI },
		{ { "gdb", "-c", script, "--interpreter=mi2" }, PEER_MI },
		{ { "gdb", "-c", script, "-i", "mi3", "dap" }, PEER_MI },
		{ { "gdb", "-c", script, "-ex", "new-ui mi /dev/pts/1" }, PEER_BESIDE },
		{ { "gdb", "-c", script, "-ex", "new-ui mi /dev/pts/1", "-i=mi" }, PEER_MI },
		{ { "gdb", "-c", script, "-i=console" }, PEER_CONSOLE },
		{ { "gdb", "-c", script, "-ix", "dap" }, PEER_CONSOLE },
		{ { "gdb", "-c", script, "dap" }, PEER_CONSOLE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++)
		assert_int_equal(front_end(tries[i].argv), tries[i].want);
	assert_int_equal(peer_front_end(0), PEER_CONSOLE);
}

/* A TCP connection within this process, whose end peer_connected_gdb() must find. */
static void test_connected_gdb(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(at);
	int listening = socket(AF_INET, SOCK_STREAM, 0), client = socket(AF_INET, SOCK_STREAM, 0);
	int server, sv[2];
	char name[16];

	(void)state;
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_int_equal(bind(listening, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(listening, 1), 0);
	assert_int_equal(getsockname(listening, (struct sockaddr *)&at, &len), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&at, sizeof(at)), 0);
	server = accept(listening, NULL, NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	assert_int_equal(peer_connected_gdb(server), 0); // this program is not gdb
	assert_int_equal(peer_connected_gdb(sv[0]), 0);
	assert_int_equal(prctl(PR_SET_NAME, "x86_64-gdb"), 0);
	assert_int_equal(peer_connected_gdb(server), getpid());
	assert_int_equal(peer_connected_gdb(sv[0]), getpid());
	close(client); // the other end is gone
	assert_int_equal(peer_connected_gdb(server), 0);
	assert_int_equal(prctl(PR_SET_NAME, name), 0);
	close(listening);
	close(server);
	close(sv[0]);
	close(sv[1]);
}

static void test_behind_bar(void **state)
{
	int gdb[2], errors[2], pipe_fds[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, gdb), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, errors), 0);
	assert_int_equal(pipe(pipe_fds), 0);
	assert_true(peer_behind_bar(gdb[0], gdb[0], errors[0]));
	assert_true(peer_behind_bar(gdb[0], gdb[0], pipe_fds[1]));
	assert_false(peer_behind_bar(gdb[0], gdb[0], gdb[0]));
	assert_false(peer_behind_bar(gdb[0], errors[0], errors[0])); // as with sshd
	assert_false(peer_behind_bar(pipe_fds[0], pipe_fds[0], errors[0]));
	for (int i = 0; i < 2; i++) {
		close(gdb[i]);
		close(errors[i]);
		close(pipe_fds[i]);
	}
}

static void test_no_terminal(void **state)
{
	(void)state;
	assert_int_equal(peer_terminal(0), -1);
	assert_int_equal(peer_terminal(INT32_MAX), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_local_gdb),   cmocka_unit_test(test_connected_gdb),
		cmocka_unit_test(test_front_end),   cmocka_unit_test(test_behind_bar),
		cmocka_unit_test(test_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
