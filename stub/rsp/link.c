// SPDX-License-Identifier: GPL-3.0-or-later
/* link.c - acknowledgements: which packet belongs to which request, and what gdb waits for.
 * In: bytes from conn.c, frames of packet.c. Out: requests, one at a time. How gdb behaves, from
 * putpkt_binary(), getpkt() and rcmd() in gdb/remote.c of 10.1, 13.1 and 16.3:
 * - gdb resends a request without a '+' after 2 s, four times in all; then it waits for the reply
 *   nevertheless.
 * - If a reply does not arrive within 2 s, gdb sends a '-'. After three of them it sends a '+' that
 *   acknowledges nothing, and gives up the request (except a monitor command, for whose reply it
 *   keeps waiting).
 * - gdb sends one '+' for each complete packet, even for one that it discards. */
#include "stub/rsp/link.h"

#include <string.h>

/* The '-' after which gdb gives up. */
#define LAST_NAK 3
/* The '-' that causes a resend. The first may have crossed with the frame. */
#define LOST_NAK 2

void link_init(struct link *l, int in_fd, int out_fd)
{
	*l = (struct link){ .settled = true };
	conn_init(&l->conn, in_fd, out_fd);
}

void link_deinit(struct link *l)
{
	buf_deinit(&l->in);
	buf_deinit(&l->now.data);
	buf_deinit(&l->next.data);
	buf_deinit(&l->frame);
}

bool link_idle(const struct link *l)
{
	return l->acked == l->sent;
}

static bool same(const struct buf *a, const void *p, size_t n)
{
	// an empty buffer may have no memory
	return a->len == n && (!n || memcmp(a->p, p, n) == 0);
}

static void link_acked(struct link *l)
{
	bool of_a_packet = l->naks < LAST_NAK;

	l->naks = 0;
	if (!of_a_packet || link_idle(l))
		return;
	l->acked++;
	if (l->acked > l->first)
		l->settled = true;
}

static vs_status link_nak(struct link *l, struct err *err)
{
	l->naks++;
	// gdb sends a '-' only while it waits for a reply.
	if (l->have_next)
		l->next_given_up = true;
	else {
		l->settled = true;
		l->plus_due = false;
	}
	// Resend only a frame of this request: gdb would take another one for the reply.
	if (l->naks != LOST_NAK || link_idle(l) || l->have_next || l->sent == l->first)
		return VS_OK;
	return conn_put(&l->conn, l->frame.p + 1, l->frame.len - 1, err);
}

/* A request arrived. */
static vs_status link_take_request(struct link *l, bool too_long, struct err *err)
{
	const struct buf *waiting = l->have_next ? &l->next.data : &l->now.data;
	struct buf swap = l->next.data;

	l->naks = 0;
	if (l->in.oom)
		return fail(err, VS_NOMEM, "no memory for a packet of gdb");
	if ((l->have_next || !l->settled) && same(waiting, l->in.p, l->in.len))
		return VS_OK; // a resent copy
	l->next.data = l->in;
	l->next.too_long = too_long;
	l->in = swap;
	l->have_next = true;
	l->next_given_up = false;
	return VS_OK;
}

/* Wait for one packet or acknowledgement and process it. */
static vs_status link_take(struct link *l, struct err *err)
{
	enum packet_event ev;
	vs_status st = packet_read(&l->conn, &l->in, &ev, err);

	if (st)
		return st;
	switch (ev) {
	case PACKET_ACK:
		link_acked(l);
		return VS_OK;
	case PACKET_RESEND:
		return link_nak(l, err);
	case PACKET_BAD_SUM:
		return conn_put(&l->conn, "-", 1, err);
	case PACKET_TOO_LONG:
	case PACKET_DATA:
		break;
	}
	return link_take_request(l, ev == PACKET_TOO_LONG, err);
}

vs_status link_poll(struct link *l, struct err *err)
{
	vs_status st = VS_OK;

	while (!st && !l->have_next && conn_ready(&l->conn))
		st = link_take(l, err);
	return st;
}

vs_status link_settle(struct link *l, struct err *err)
{
	vs_status st = VS_OK;

	while (!st && !l->have_next && !link_idle(l))
		st = link_take(l, err);
	return st;
}

/* Whether what came behind the next request shows that gdb had to wait for its '+': a copy of it or
 * a
 * '-'. Other clients may send several requests at once; gdb never does. */
static bool link_is_late(const struct link *l)
{
	const char *p, *end, *hash;
	size_t n;

	p = conn_peek(&l->conn, &n);
	for (end = p + n; p < end; p++) {
		if (*p == '-')
			return true;
		if (*p != '$')
			continue;
		hash = memchr(p, '#', (size_t)(end - p));
		return hash && same(&l->next.data, p + 1, (size_t)(hash - p) - 1);
	}
	return false;
}

vs_status link_request(struct link *l, struct err *err)
{
	struct request swap;
	vs_status st = VS_OK;

	if (l->have_next) // it arrived a while ago
		st = conn_more(&l->conn, err);
	while (!st && !l->have_next)
		st = link_take(l, err);
	// vmstub was slow. gdb waits for the reply to its last request.
	if (!st && link_is_late(l))
		while (!st && conn_ready(&l->conn))
			st = link_take(l, err);
	if (st)
		return st;
	swap = l->now;
	l->now = l->next;
	l->next = swap;
	l->have_next = false;
	l->plus_due = !l->next_given_up;
	l->settled = l->next_given_up;
	l->first = l->sent;
	return VS_OK;
}

vs_status link_confirm(struct link *l, struct err *err)
{
	if (!l->plus_due)
		return VS_OK;
	l->plus_due = false;
	return conn_put(&l->conn, "+", 1, err);
}

vs_status link_send(struct link *l, const void *payload, size_t n, struct err *err)
{
	bool plus = l->plus_due;

	buf_reset(&l->frame);
	buf_putc(&l->frame, '+');
	packet_frame(&l->frame, payload, n);
	if (l->frame.oom)
		return fail(err, VS_NOMEM, "no memory for a reply");
	l->sent++;
	l->plus_due = false;
	return conn_put(&l->conn, l->frame.p + !plus, l->frame.len - !plus, err);
}
