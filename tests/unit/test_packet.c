// SPDX-License-Identifier: GPL-3.0-or-later
/* test_packet.c - framing and escapes on literal bytes; tests/rsp/ tests whole sessions. */
#include "stub/rsp/packet.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"

/* last: it has a macro fail() */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

/* Decodes a frame's payload like gdb's read_frame(): a byte, '*', and the repeat count + 29. Runs
 * shorter than RUN_FROM must not be encoded. */
static size_t take_frame(const struct buf *frame, uint8_t *out, size_t max)
{
	size_t n = 0, i = 1;
	uint8_t sum = 0;
	char text[4];

	assert_int_equal(frame->p[0], '$');
	for (; i < frame->len && frame->p[i] != '#'; i++) {
		uint8_t c = (uint8_t)frame->p[i];

		sum = (uint8_t)(sum + c);
		if (c != '*') {
			assert_true(n < max);
			out[n++] = c;
			continue;
		}
		c = (uint8_t)frame->p[++i];
		sum = (uint8_t)(sum + c);
		assert_true(n && c >= ' ' && c <= '~' && c != '#' && c != '$');
		for (int more = c - 29; more > 0; more--) {
			assert_true(n < max);
			out[n] = out[n - 1];
			n++;
		}
	}
	snprintf(text, sizeof(text), "#%02x", sum);
	assert_int_equal(frame->len - i, 3);
	assert_memory_equal(frame->p + i, text, 3);
	return n;
}

/* Runs of every length around the forbidden codes, and one as long as a packet. */
static void test_runs(void **state)
{
	static uint8_t payload[8192], got[8192];

	(void)state;
	for (size_t run = 1; run < 320; run++) {
		struct buf frame = { 0 };

		for (size_t i = 0; i < sizeof(payload); i++)
			payload[i] = "0f"[i / run % 2];
		packet_frame(&frame, payload, sizeof(payload));
		assert_int_equal(take_frame(&frame, got, sizeof(got)), sizeof(payload));
		assert_memory_equal(got, payload, sizeof(payload));
		assert_true(run < 4 ? frame.len == sizeof(payload) + 4
				    : frame.len < sizeof(payload));
		buf_deinit(&frame);
	}
	memset(payload, '0', sizeof(payload));
	for (size_t n = 250; n < 270; n++) {
		struct buf frame = { 0 };

		packet_frame(&frame, payload, n);
		assert_int_equal(take_frame(&frame, got, sizeof(got)), n);
		assert_true(n < 256 ? frame.len == n + 4 : frame.len < 20);
		buf_deinit(&frame);
	}
}

static void test_frame(void **state)
{
	AUTO(buf) out = { 0 };

	(void)state;
	packet_frame(&out, "", 0);
	packet_frame(&out, "OK", 2);
	packet_frame(&out, "\xff\x02", 2);
	assert_string_equal(buf_str(&out), "$#00$OK#9a$\xff\x02#01");
}

static void test_escape(void **state)
{
	AUTO(buf) out = { 0 };

	(void)state;
	assert_int_equal(packet_escape(&out, "a}#$*b", 6, 100), 6);
	assert_string_equal(buf_str(&out), "a}]}\x03}\x04}\x0a"
					   "b");
	buf_reset(&out);
	// an escape is never cut in two
	assert_int_equal(packet_escape(&out, "ab##", 4, 5), 3);
	assert_int_equal(out.len, 4);
	assert_int_equal(packet_escape(&out, "#", 1, 1), 0);
	assert_int_equal(packet_escape(&out, "#", 1, 2), 1);
	assert_int_equal(packet_escape(&out, NULL, 0, 0), 0);
}

static void test_unescape(void **state)
{
	AUTO(buf) out = { 0 };
	AUTO(buf) back = { 0 };
	uint8_t all[256];

	(void)state;
	for (int i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	assert_int_equal(packet_escape(&out, all, sizeof(all), 1000), sizeof(all));
	for (size_t i = 0; i < out.len; i++)
		assert_null(memchr("#$*", out.p[i], 3));
	assert_true(packet_unescape(&back, out.p, out.len));
	assert_int_equal(back.len, sizeof(all));
	assert_memory_equal(back.p, all, sizeof(all));
	assert_false(packet_unescape(&back, "ab}", 3));
	assert_true(packet_unescape(&back, NULL, 0));
}

static void test_text(void **state)
{
	AUTO(buf) out = { 0 };

	(void)state;
	packet_text(&out, "a#b$c}d*e\nf\x80g~ ");
	assert_string_equal(buf_str(&out), "a?b?c?d?e?f?g~ ");
}

static struct bytes of(const char *s)
{
	return bytes_of(s, strlen(s));
}

static void test_args_hex(void **state)
{
	struct bytes b = of("00000000000000000001Ffz");
	uint64_t v = 0, w = 0;

	(void)state;
	assert_true(args_hex(&b, &v));
	assert_int_equal(v, 0x1ff);
	assert_int_equal(b.left, 1);
	assert_false(args_hex(&b, &v));
	b = of("ffffffffffffffff");
	assert_true(args_hex(&b, &v));
	assert_true(v == UINT64_MAX);
	b = of("10000000000000000");
	assert_false(args_hex(&b, &v));
	b = of("");
	assert_false(args_hex(&b, &v));
	b = of("12,ab");
	assert_true(args_two_hex(&b, &v, &w));
	assert_int_equal(v, 0x12);
	assert_int_equal(w, 0xab);
	b = of("12,ab,");
	assert_false(args_two_hex(&b, &v, &w));
}

static void test_args_text(void **state)
{
	AUTO(buf) out = { 0 };
	struct bytes b = of("6a4B,x");
	uint64_t tid;

	(void)state;
	assert_true(args_hex_bytes(&b, &out));
	assert_string_equal(buf_str(&out), "jK");
	assert_false(args_skip(&b, ",xy"));
	assert_true(args_skip(&b, ",x"));
	assert_int_equal(b.left, 0);
	b = of("6a4");
	assert_false(args_hex_bytes(&b, &out));
	b = of("-1");
	assert_true(args_tid(&b, &tid) && tid == TID_ALL);
	b = of("-2");
	assert_false(args_tid(&b, &tid));
	buf_reset(&out);
	b = of("ab:c");
	assert_true(args_word(&b, ':', &out));
	assert_string_equal(buf_str(&out), "ab");
	assert_int_equal(b.left, 2);
	b = bytes_of("a\0b", 3);
	assert_false(args_word(&b, ':', &out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame),	  cmocka_unit_test(test_runs),
		cmocka_unit_test(test_escape),	  cmocka_unit_test(test_unescape),
		cmocka_unit_test(test_text),	  cmocka_unit_test(test_args_hex),
		cmocka_unit_test(test_args_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
