// SPDX-License-Identifier: GPL-3.0-or-later
/* test_rsp_link.c - gdb's next request gets its own reply, whatever gdb abandoned before.
 * ask() below is gdb's side, which acts like putpkt_binary() and getpkt() in gdb/remote.c. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>

#include "stub/base/cleanup.h"
#include "stub/base/clock.h"
#include "tests/rsp/fake.h"
#include "tests/unit/rspfix.h"

/* last: it has a macro fail() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define HASTE 5 /* what the server does after a second it does after a fifth of one */

#define FLOOD "qRcmd,666c6f6f64"
#define WORK  "qRcmd,776f726b"
#define DEAF  "qRcmd,64656166"
#define QUIET "qRcmd,7175696574"
#define BIG   "qRcmd,626967"

struct fixture {
	struct fake fake;
	struct rsp_ops ops;
	struct peer gdb;
};

static const struct rsp_ops fake_ops = { FAKE_OPS_INIT };

static void start(struct fixture *f)
{
	struct rsp_target target = {
		.ops = &f->ops, .ctx = &f->fake, .pulse = &f->fake.pulse, .haste = HASTE
	};

	*f = (struct fixture){ .ops = fake_ops, .fake.haste = HASTE };
	assert_true(peer_start(&f->gdb, &target));
}

static void end(struct fixture *f)
{
	assert_int_equal(peer_end(&f->gdb), VS_OK);
	close(f->gdb.fd);
}

static void put(struct fixture *f, const char *bytes)
{
	assert_true(peer_put(&f->gdb, bytes, strlen(bytes)));
}

static void put_packet(struct fixture *f, const char *text)
{
	AUTO(buf) frame = { 0 };

	packet_frame(&frame, text, strlen(text));
	assert_true(peer_put(&f->gdb, frame.p, frame.len));
}

/* Discards packets up to a '+', and acknowledges them. Returns their number. */
static int wait_plus(struct fixture *f)
{
	AUTO(buf) old = { 0 };
	int n = 0, c;

	while ((c = peer_byte(&f->gdb, PEER_WAIT_MS)) != '+') {
		assert_int_equal(c, '$');
		assert_true(peer_rest(&f->gdb, &old));
		put(f, "+");
		n++;
	}
	return n;
}

static void get_packet(struct fixture *f, struct buf *reply)
{
	assert_true(peer_packet(&f->gdb, reply));
	put(f, "+");
}

/* Sends a request and checks its reply. Returns the number of old packets before it. */
static int ask(struct fixture *f, const char *request, const char *want)
{
	AUTO(buf) reply = { 0 };
	int n;

	put_packet(f, request);
	n = wait_plus(f);
	get_packet(f, &reply);
	assert_string_equal(buf_str(&reply), want);
	return n;
}

/* Sends Ctrl-C after n packets of text, with the last one acknowledged. */
static void leave_flood_after(int n)
{
	struct fixture f;
	AUTO(buf) text = { 0 };

	start(&f);
	put_packet(&f, FLOOD);
	assert_int_equal(wait_plus(&f), 0);
	for (int i = 0; i < n; i++)
		get_packet(&f, &text);
	assert_true(ask(&f, "m1010,1", "10") <= 1);
	assert_true(f.fake.lines < FAKE_LINES);
	ask(&f, "m1020,1", "20");
	end(&f);
}

static void test_leave_flood(void **state)
{
	(void)state;
	for (int n = 0; n < 40; n++)
		leave_flood_after(n);
}

/* Only one packet may be on its way at a time: otherwise both sides may block in write(). */
static void test_one_at_a_time(void **state)
{
	struct fixture f;
	AUTO(buf) text = { 0 };

	(void)state;
	start(&f);
	put_packet(&f, FLOOD);
	assert_int_equal(wait_plus(&f), 0);
	assert_true(peer_packet(&f.gdb, &text));
	assert_int_equal(peer_byte(&f.gdb, 200), -1);
	put(&f, "+");
	assert_true(peer_packet(&f.gdb, &text));
	assert_int_equal(peer_byte(&f.gdb, 200), -1);
	put(&f, "+");
	ask(&f, "qC", "QC2");
	end(&f);
}

/* The same command again is a new one if gdb has certainly abandoned the first. */
static void test_same_again(void **state)
{
	struct fixture f;
	AUTO(buf) text = { 0 };

	(void)state;
	start(&f);
	for (int i = 0; i < 3; i++) {
		put_packet(&f, FLOOD);
		assert_true(wait_plus(&f) <= 1);
		get_packet(&f, &text);
		assert_non_null(strstr(text.p, "O6c696e652030303030")); // line 0000
	}
	ask(&f, "qC", "QC2");
	end(&f);
}

/* Ctrl-C before gdb reads a first packet, and the same command: the first copy may be one that gdb
 * sent before it saw '+', the second, 2 s later, cannot. */
static void test_same_at_once(void **state)
{
	struct fixture f;
	AUTO(buf) text = { 0 };

	(void)state;
	start(&f);
	put_packet(&f, WORK);
	assert_int_equal(wait_plus(&f), 0);
	put_packet(&f, WORK);
	assert_true(peer_packet(&f.gdb, &text)); // gdb learns that the first one is running
	assert_string_equal(text.p, "O");
	put(&f, "+");
	fake_sleep_ms(100 / HASTE);
	put_packet(&f, WORK);
	assert_true(wait_plus(&f) <= 1);
	ask(&f, "qC", "QC2");
	end(&f);
}

static void test_silent_work(void **state)
{
	struct fixture f;
	AUTO(buf) text = { 0 };
	int64_t began;

	(void)state;
	start(&f);
	put_packet(&f, WORK);
	assert_int_equal(wait_plus(&f), 0);
	began = clock_ms();
	for (int i = 0; i < 3; i++) {
		get_packet(&f, &text);
		assert_string_equal(text.p, "O"); // no text, but gdb can look for Ctrl-C
	}
	assert_true(clock_ms() - began < 2000);
	put(&f, "\x03"); // has no effect
	began = clock_ms();
	assert_true(ask(&f, "m1030,1", "30") <= 1);
	assert_true(clock_ms() - began < 1000);
	assert_true(f.fake.works < FAKE_WORKS);
	end(&f);
}

/* While gdb has not read a packet, no other follows. */
static void test_silent_work_unread(void **state)
{
	struct fixture f;
	struct pollfd came = { .events = POLLIN };

	(void)state;
	start(&f);
	came.fd = f.gdb.fd;
	put_packet(&f, WORK);
	assert_int_equal(wait_plus(&f), 0);
	assert_int_equal(poll(&came, 1, PEER_WAIT_MS), 1); // a busy machine may need a while
	fake_sleep_ms(1000 / HASTE);
	assert_int_equal(ask(&f, "m1040,1", "40"), 1);
	end(&f);
}

/* Copies and '-' of a gdb that waits; the server was busy for a while. */
static void test_deaf_work(void **state)
{
	struct fixture f;
	AUTO(buf) reply = { 0 };

	(void)state;
	start(&f);
	// gdb sent a request four times, waited for its reply, and sends another request
	put_packet(&f, DEAF);
	assert_int_equal(wait_plus(&f), 0);
	for (int i = 0; i < 4; i++)
		put_packet(&f, "m1050,1");
	put(&f, "---+");
	assert_true(ask(&f, "m1051,1", "51") <= 1);
	// gdb waits for the reply and needs no '+' any more: it would take it for that of its next
	// request
	put_packet(&f, DEAF);
	assert_int_equal(wait_plus(&f), 0);
	for (int i = 0; i < 4; i++)
		put_packet(&f, "m1052,1");
	put(&f, "-");
	get_packet(&f, &reply); // the OK to the abandoned request
	get_packet(&f, &reply);
	assert_string_equal(reply.p, "52");
	ask(&f, "m1053,1", "53");
	end(&f);
}

static struct mem_got slow_read(void *ctx, uint64_t tid, uint64_t va, void *dst, size_t len,
				struct err *err)
{
	if (va == 0x1099)
		fake_sleep_ms(1200 / HASTE);
	return fake_mem_read(ctx, tid, va, dst, len, err);
}

/* A '+' comes with its reply, which takes more than a second. */
static void test_slow_reply(void **state)
{
	struct fixture f;
	AUTO(buf) reply = { 0 };

	(void)state;
	start(&f);
	f.ops.mem_read = slow_read;
	// gdb gave that up, and waits for the reply to another request, without its '+'
	for (int i = 0; i < 4; i++)
		put_packet(&f, "m1099,1");
	put(&f, "---+");
	for (int i = 0; i < 4; i++)
		put_packet(&f, "m1060,1");
	put(&f, "-");
	get_packet(&f, &reply);
	assert_string_equal(reply.p, "60");
	// it waits for the reply, not for the '+'
	for (int i = 0; i < 4; i++)
		put_packet(&f, "m1099,1");
	put(&f, "--");
	get_packet(&f, &reply);
	assert_string_equal(reply.p, "99");
	// it waits for both, and sends the request again
	put_packet(&f, "m1099,1");
	assert_int_equal(ask(&f, "m1099,1", "99"), 0);
	ask(&f, "m1061,1", "61");
	end(&f);
}

/* gdb exits while a command runs. */
static void test_gone(void **state)
{
	static const char *const commands[] = { FLOOD, WORK };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct fixture f;

		start(&f);
		put_packet(&f, commands[i]);
		assert_int_equal(wait_plus(&f), 0);
		end(&f);
		assert_true(f.fake.lines < FAKE_LINES && f.fake.works < FAKE_WORKS);
	}
}

/* Many commands, abandoned at any moment. */
static void test_any_moment(void **state)
{
	static const char *const commands[] = { FLOOD, WORK, QUIET, BIG };
	unsigned seed = 1;
	struct fixture f;
	AUTO(buf) text = { 0 };

	(void)state;
	start(&f);
	for (int i = 0; i < 400; i++) {
		char request[32], want[8];
		unsigned byte = (unsigned)rand_r(&seed) & 0xff;

		int which = rand_r(&seed) % 4;

		put_packet(&f, commands[which]);
		wait_plus(&f);
		// a packet of WORK takes a while to come
		for (int n = rand_r(&seed) % (which == 1 ? 16 : 3) / (which == 1 ? 15 : 1); n > 0;
		     n--) {
			get_packet(&f, &text);
			if (strcmp(buf_str(&text), "OK") == 0)
				break;
		}
		if (rand_r(&seed) % 4 == 0)
			usleep((useconds_t)rand_r(&seed) % 3000);
		snprintf(request, sizeof(request), "m%x,1", 0x1000 + byte);
		snprintf(want, sizeof(want), "%02x", byte);
		ask(&f, request, want);
	}
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leave_flood), cmocka_unit_test(test_one_at_a_time),
		cmocka_unit_test(test_same_again),  cmocka_unit_test(test_same_at_once),
		cmocka_unit_test(test_silent_work), cmocka_unit_test(test_silent_work_unread),
		cmocka_unit_test(test_deaf_work),   cmocka_unit_test(test_slow_reply),
		cmocka_unit_test(test_gone),	    cmocka_unit_test(test_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
