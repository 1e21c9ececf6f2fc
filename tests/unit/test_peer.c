// SPDX-License-Identifier: GPL-3.0-or-later
/* test_peer.c - finds the process at the other end of standard input; here it is this process. */
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
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
		cmocka_unit_test(test_local_gdb),
		cmocka_unit_test(test_behind_bar),
		cmocka_unit_test(test_no_terminal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
