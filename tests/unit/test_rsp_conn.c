// SPDX-License-Identifier: GPL-3.0-or-later
/* test_rsp_conn.c - the end of a session when its descriptors close, and the size of replies. */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "stub/base/cleanup.h"
#include "stub/rsp/packet.h"
#include "tests/rsp/fake.h"
#include "tests/unit/rspfix.h"

/* last: it has a macro fail() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define MANY_THREADS 60000

static const struct rsp_ops fake_ops = { FAKE_OPS_INIT };

static volatile sig_atomic_t ticks;
static volatile sig_atomic_t close_fd;

static vs_status serve(int in, int out)
{
	struct fake fake = { 0 };
	struct rsp_target target = { .ops = &fake_ops, .ctx = &fake };
	struct err err = { 0 };

	return rsp_serve(&target, in, out, &err);
}

/* gdb sends a packet and dies: the reply meets EPIPE. */
static void test_peer_gone_before_reply(void **state)
{
	static const char packets[] = "$qC#b4$qC#b4";
	int sv[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	assert_int_equal(write(sv[0], packets, sizeof(packets) - 1), sizeof(packets) - 1);
	close(sv[0]);
	assert_int_equal(serve(sv[1], sv[1]), VS_OK);
	close(sv[1]);
}

static void test_eof_anywhere(void **state)
{
	static const char packet[] = "$m1000,4#8e";
	int sv[2];

	(void)state;
	for (size_t n = 0; n < sizeof(packet); n++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
		assert_int_equal(write(sv[0], packet, n), n);
		shutdown(sv[0], SHUT_WR);
		assert_int_equal(serve(sv[1], sv[1]), VS_OK);
		close(sv[0]);
		close(sv[1]);
	}
}

static void test_bad_descriptor(void **state)
{
	(void)state;
	assert_int_equal(serve(-1, -1), VS_IO);
}

static void on_tick(int sig)
{
	(void)sig;
	if (++ticks == 3)
		close(close_fd);
}

/* Signals interrupt the wait for gdb; it ends only when gdb closes. */
static void wait_interrupted(int flags)
{
	struct sigaction sa = { .sa_handler = on_tick }, old;
	struct itimerval every = { { 0, 10000 }, { 0, 10000 } }, off = { 0 };
	int p[2];

	ticks = 0;
	assert_int_equal(pipe2(p, flags), 0);
	close_fd = p[1];
	sigaction(SIGALRM, &sa, &old);
	setitimer(ITIMER_REAL, &every, NULL);
	assert_int_equal(serve(p[0], STDERR_FILENO), VS_OK);
	setitimer(ITIMER_REAL, &off, NULL);
	sigaction(SIGALRM, &old, NULL);
	assert_true(ticks >= 3);
	close(p[0]);
}

static void test_interrupted(void **state)
{
	(void)state;
	wait_interrupted(0);
	wait_interrupted(O_NONBLOCK);
}

/* Every byte needs an escape, for the longest possible replies. */
static struct mem_got stars_read(void *ctx, uint64_t tid, uint64_t va, void *dst, size_t len,
				 struct err *err)
{
	(void)ctx, (void)tid, (void)va, (void)err;
	memset(dst, '*', len);
	return (struct mem_got){ len, VS_OK };
}

static struct mem_got stars_pread(void *ctx, int fd, uint64_t off, void *dst, size_t len,
				  struct err *err)
{
	(void)fd;
	return stars_read(ctx, 0, off, dst, len, err);
}

static vs_status stars_xfer(void *ctx, const char *object, const char *annex, struct buf *out,
			    struct err *err)
{
	(void)ctx, (void)object, (void)annex, (void)err;
	for (int i = 0; i < PACKET_SIZE; i++)
		buf_putc(out, '*');
	return VS_OK;
}

static uint64_t many_next(void *ctx, uint64_t after)
{
	(void)ctx;
	return after < MANY_THREADS ? after + 1 : 0;
}

static vs_status stars_extra(void *ctx, uint64_t tid, struct buf *out, struct err *err)
{
	(void)tid;
	return stars_xfer(ctx, NULL, NULL, out, err);
}

static bool any_alive(void *ctx, uint64_t tid)
{
	(void)ctx;
	return tid != 0;
}

/* Sends packets; acknowledges all replies and collects them in out. */
static void exchange(const struct rsp_ops *ops, const char *const *packets, bool gdb_on_pipe,
		     struct buf *out)
{
	struct fake fake = { 0 };
	struct rsp_target target = {
		.ops = ops, .ctx = &fake, .gdb_on_pipe = gdb_on_pipe, .terminal = -1
	};
	AUTO(buf) text = { 0 };
	struct peer gdb;

	assert_true(peer_start(&gdb, &target));
	for (; *packets; packets++) {
		buf_reset(&text);
		packet_frame(&text, *packets, strlen(*packets));
		assert_true(peer_put(&gdb, text.p, text.len));
		assert_int_equal(peer_byte(&gdb, PEER_WAIT_MS), '+');
		do {
			assert_true(peer_packet(&gdb, &text));
			assert_true(peer_put(&gdb, "+", 1));
			buf_putc(out, '$');
			buf_put(out, text.p, text.len);
			buf_puts(out, "#00");
		} while (text.p[0] == 'O' && text.p[1] != 'K');
	}
	assert_int_equal(peer_end(&gdb), VS_OK);
	close(gdb.fd);
}

static void test_replies_fit(void **state)
{
	static const struct rsp_ops ops = {
		FAKE_OPS_INIT,
	};
	struct rsp_ops big = ops;
	const char *const packets[] = {
		"m0,ffffffffffffffff",
		"x0,ffffffffffffffff",
		"vFile:open:2f66616b652f766d6c696e7578,0,0",
		"vFile:pread:3,ffffffffffffffff,0",
		"qXfer:features:read:x:0,ffffffffffffffff",
		"qThreadExtraInfo,1",
		"qfThreadInfo",
		"qsThreadInfo",
		NULL,
	};
	AUTO(buf) out = { 0 };
	size_t n = 0;

	(void)state;
	big.mem_read = stars_read;
	big.file_pread = stars_pread;
	big.xfer = stars_xfer;
	big.thread_next = many_next;
	big.thread_alive = any_alive;
	big.thread_extra = stars_extra;
	exchange(&big, packets, false, &out);
	for (char *p = out.p, *end = out.p + out.len; p < end; n++) {
		char *hash = memchr(p, '#', (size_t)(end - p));

		assert_non_null(hash);
		assert_int_equal(*p, '$');
		assert_true(hash + 3 - p <= PACKET_SIZE);
		// as many stars came as fit
		assert_true(n > 4 || n == 2 || hash - p > PACKET_SIZE / 2 - 64);
		p = hash + 3;
	}
	assert_int_equal(n, 8);
}

/* Prints to standard error, as vmstub does on a late error. */
static struct mem_got loud_read(void *ctx, uint64_t tid, uint64_t va, void *dst, size_t len,
				struct err *err)
{
	dprintf(STDERR_FILENO, "read at %" PRIx64 "\n", va);
	return stars_read(ctx, tid, va, dst, len, err);
}

/* Runs a session in which gdb's end of standard error gets these bytes, and is closed or not. */
static void loud_session(bool gdb_on_pipe, char *seen, size_t room, bool *closed, struct buf *out)
{
	static const struct rsp_ops ops = { FAKE_OPS_INIT };
	struct rsp_ops loud = ops;
	const char *packets[] = { "m0,100",   "m0,10000", "m0,10000",	  "m0,10000", "m0,10000",
				  "m0,10000", "m777,1",	  "qRcmd,68690a", NULL };
	int own = dup(STDERR_FILENO), p[2];
	ssize_t n;

	loud.mem_read = loud_read;
	assert_int_equal(pipe2(p, O_NONBLOCK), 0);
	dup2(p[1], STDERR_FILENO);
	close(p[1]);
	exchange(&loud, packets, gdb_on_pipe, out);
	n = read(p[0], seen, room - 1);
	seen[n > 0 ? n : 0] = '\0';
	*closed = read(p[0], seen + n, 1) == 0;
	dup2(own, STDERR_FILENO);
	close(own);
	close(p[0]);
}

static void test_stderr_is_closed_for_gdb(void **state)
{
	static const char late[] = "read at 777\n";
	AUTO(buf) out = { 0 };
	AUTO(buf) console = { 0 };
	char seen[1000];
	bool closed;

	(void)state;
	loud_session(true, seen, sizeof(seen), &closed, &out);
	assert_true(closed);
	assert_non_null(strstr(seen, "read at 0\n"));
	assert_null(strstr(seen, late));
	buf_hex(&console, late, strlen(late));
	assert_non_null(memmem(out.p, out.len, console.p, console.len));
}

/* Without gdb on the pipe, standard error is unchanged, as with gdbserver. */
static void test_stderr_stays(void **state)
{
	AUTO(buf) out = { 0 };
	char seen[1000];
	bool closed;

	(void)state;
	loud_session(false, seen, sizeof(seen), &closed, &out);
	assert_false(closed);
	assert_non_null(strstr(seen, "read at 777\n"));
}

static void test_too_many_files(void **state)
{
	static const char open_it[] = "vFile:open:2f66616b652f766d6c696e7578,0,0";
	const char *packets[70] = { 0 };
	AUTO(buf) out = { 0 };

	(void)state;
	for (int i = 0; i < 65; i++)
		packets[i] = open_it;
	exchange(&fake_ops, packets, false, &out);
	assert_non_null(memmem(out.p, out.len, "F-1,18", 6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peer_gone_before_reply),
		cmocka_unit_test(test_eof_anywhere),
		cmocka_unit_test(test_bad_descriptor),
		cmocka_unit_test(test_interrupted),
		cmocka_unit_test(test_replies_fit),
		cmocka_unit_test(test_stderr_is_closed_for_gdb),
		cmocka_unit_test(test_stderr_stays),
		cmocka_unit_test(test_too_many_files),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
