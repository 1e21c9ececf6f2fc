// SPDX-License-Identifier: GPL-3.0-or-later
/* packet.c - framing: $data#checksum, escapes, acknowledgements.
 * Format: gdb manual, "Remote Protocol, Overview". Long replies are run-length encoded, because gdb
 * spends much time on each byte of a pipe and memory is full of zeros; so '*' must be escaped on
 * output. gdb never encodes its packets, so on input '*' is an ordinary byte. */
#include "stub/rsp/packet.h"

#include "stub/rsp/conn.h"

enum {
	ESC = '}',
	ESC_XOR = 0x20,
	RUN_FROM = 256,	    /* shorter payloads stay readable in logs */
	RUN_MIN = 4,	    /* shortest run worth encoding: "0* " has three bytes */
	RUN_MAX = 126 - 28, /* the count is a printable character, repeats + 29 */
};

static int hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Skip to the '$' of a packet, a '-' or a '+'. */
static vs_status packet_start(struct conn *c, uint8_t *start, struct err *err)
{
	vs_status st;
	uint8_t ch;

	for (;;) {
		st = conn_get(c, &ch, err);
		if (st)
			return st;
		if (ch == '$' || ch == '-' || ch == '+') {
			*start = ch;
			return VS_OK;
		}
	}
}

/* Collect the bytes up to '#'. Bytes beyond the maximum only count for the checksum, so a peer
 * cannot make the buffer grow. */
static vs_status packet_body(struct conn *c, struct buf *data, uint8_t *sum, bool *too_long,
			     struct err *err)
{
	vs_status st;
	uint8_t ch;

	*sum = 0;
	*too_long = false;
	for (;;) {
		st = conn_get(c, &ch, err);
		if (st)
			return st;
		if (ch == '#')
			return VS_OK;
		if (ch == '$') {
			buf_reset(data);
			*sum = 0;
			*too_long = false;
			continue;
		}
		*sum = (uint8_t)(*sum + ch);
		if (data->len < PACKET_SIZE)
			buf_putc(data, (char)ch);
		else
			*too_long = true;
	}
}

vs_status packet_read(struct conn *c, struct buf *data, enum packet_event *ev, struct err *err)
{
	uint8_t sum, hi, lo, start;
	bool too_long;
	vs_status st;

	buf_reset(data);
	st = packet_start(c, &start, err);
	if (st)
		return st;
	if (start != '$') {
		*ev = start == '-' ? PACKET_RESEND : PACKET_ACK;
		return VS_OK;
	}
	if ((st = packet_body(c, data, &sum, &too_long, err)) || (st = conn_get(c, &hi, err)) ||
	    (st = conn_get(c, &lo, err)))
		return st;
	if (data->oom)
		return fail(err, VS_NOMEM, "no memory for a packet of gdb");
	if (hex_value(hi) < 0 || hex_value(lo) < 0 || (hex_value(hi) << 4 | hex_value(lo)) != sum)
		*ev = PACKET_BAD_SUM;
	else
		*ev = too_long ? PACKET_TOO_LONG : PACKET_DATA;
	return VS_OK;
}

/* How many bytes of the run at p the next code covers. Counts whose character is '#' or '$' are not
 * allowed. */
static size_t run_length(const uint8_t *p, size_t n)
{
	size_t run = 1;

	while (run < n && run < RUN_MAX && p[run] == p[0])
		run++;
	return run == 7 || run == 8 ? 6 : run;
}

static void put_runs(struct buf *out, const uint8_t *p, size_t n)
{
	size_t from = 0; // start of the bytes to copy literally

	for (size_t i = 0; i < n;) {
		size_t run = i + 1 < n && p[i] == p[i + 1] ? run_length(p + i, n - i) : 1;

		if (run >= RUN_MIN) {
			buf_put(out, p + from, i + 1 - from);
			buf_putc(out, '*');
			buf_putc(out, (char)(run - 1 + 29));
			from = i + run;
		}
		i += run;
	}
	buf_put(out, p + from, n - from);
}

static void put_frame(struct buf *out, char start_mark, const void *payload, size_t n)
{
	size_t start = out->len + 1;
	uint8_t sum = 0;

	buf_putc(out, start_mark);
	if (n < RUN_FROM)
		buf_put(out, payload, n);
	else
		put_runs(out, payload, n);
	for (size_t i = start; i < out->len; i++)
		sum = (uint8_t)(sum + (uint8_t)out->p[i]);
	buf_printf(out, "#%02x", sum);
}

void packet_frame(struct buf *out, const void *payload, size_t n)
{
	put_frame(out, '$', payload, n);
}

void packet_notification(struct buf *out, const void *payload, size_t n)
{
	put_frame(out, '%', payload, n);
}

static bool needs_escape(uint8_t c)
{
	return c == ESC || c == '#' || c == '$' || c == '*';
}

size_t packet_escape(struct buf *out, const void *p, size_t n, size_t max)
{
	const uint8_t *s = p;
	size_t used = 0, i;

	for (i = 0; i < n; i++) {
		size_t cost = needs_escape(s[i]) ? 2 : 1;

		if (cost > max - used)
			break;
		if (cost == 2)
			buf_putc(out, ESC);
		buf_putc(out, (char)(cost == 2 ? s[i] ^ ESC_XOR : s[i]));
		used += cost;
	}
	return i;
}

bool packet_unescape(struct buf *out, const void *p, size_t n)
{
	const uint8_t *s = p;

	for (size_t i = 0; i < n; i++) {
		if (s[i] != ESC) {
			buf_putc(out, (char)s[i]);
			continue;
		}
		if (++i == n)
			return false;
		buf_putc(out, (char)(s[i] ^ ESC_XOR));
	}
	return true;
}

void packet_text(struct buf *out, const char *s)
{
	for (; *s; s++) {
		uint8_t c = (uint8_t)*s;

		buf_putc(out, c < 0x20 || c > 0x7e || needs_escape(c) ? '?' : (char)c);
	}
}
