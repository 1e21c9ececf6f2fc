// SPDX-License-Identifier: GPL-3.0-or-later
/* conn.c - reads and writes bytes to gdb over file descriptors.
 * In: two descriptors of any kind (pipe, socket, terminal). Not here: packets (packet.c). */
#include "stub/rsp/conn.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "stub/base/clock.h"
#include "stub/rsp/beacon.h"

void conn_init(struct conn *c, int in_fd, int out_fd)
{
	c->in_fd = in_fd;
	c->out_fd = out_fd;
	c->next = c->end = 0;
	c->beacon = NULL;
}

/* Called after a failed read or write: VS_OK means try again. */
static vs_status conn_errno(int fd, short events, const char *what, struct err *err)
{
	int why = errno;

	switch (why) {
	case EINTR:
		return VS_OK;
	case EAGAIN: {
		// the creator of the descriptor may have set O_NONBLOCK
		struct pollfd p = { .fd = fd, .events = events };

		(void)poll(&p, 1, -1);
		return VS_OK;
	}
	case EPIPE:
	case ECONNRESET:
	case ENOTCONN:
	case EIO: // a terminal that was closed
		return fail(err, VS_END, "gdb closed the connection");
	default:
		return fail(err, VS_IO, "cannot %s gdb: %s", what, strerror(why));
	}
}

static vs_status conn_fill(struct conn *c, struct err *err)
{
	vs_status st;
	ssize_t n;

	while ((n = read(c->in_fd, c->in, sizeof(c->in))) < 0) {
		st = conn_errno(c->in_fd, POLLIN, "read from", err);
		if (st)
			return st;
	}
	if (n == 0)
		return fail(err, VS_END, "gdb closed the connection");
	c->next = 0;
	c->end = (size_t)n;
	return VS_OK;
}

vs_status conn_get(struct conn *c, uint8_t *ret, struct err *err)
{
	if (c->next == c->end) {
		vs_status st = conn_fill(c, err);

		if (st)
			return st;
	}
	*ret = c->in[c->next++];
	return VS_OK;
}

bool conn_ready(const struct conn *c)
{
	struct pollfd p = { .fd = c->in_fd, .events = POLLIN };

	return c->next < c->end || poll(&p, 1, 0) > 0;
}

vs_status conn_more(struct conn *c, struct err *err)
{
	struct pollfd p = { .fd = c->in_fd, .events = POLLIN };

	memmove(c->in, c->in + c->next, c->end - c->next);
	c->end -= c->next;
	c->next = 0;
	while (c->end < sizeof(c->in) && poll(&p, 1, 0) > 0) {
		ssize_t n = read(c->in_fd, c->in + c->end, sizeof(c->in) - c->end);
		vs_status st = n < 0 ? conn_errno(c->in_fd, POLLIN, "read from", err) : VS_OK;

		if (st || n == 0) // conn_get() reports the end after the last byte
			return st;
		if (n > 0)
			c->end += (size_t)n;
	}
	return VS_OK;
}

const char *conn_peek(const struct conn *c, size_t *n)
{
	*n = c->end - c->next;
	return (const char *)c->in + c->next;
}

static vs_status conn_write(struct conn *c, const void *p, size_t n, struct err *err)
{
	const uint8_t *s = p;

	while (n) {
		ssize_t done = write(c->out_fd, s, n);

		if (done < 0) {
			vs_status st = conn_errno(c->out_fd, POLLOUT, "write to", err);

			if (st)
				return st;
			continue;
		}
		s += done;
		n -= (size_t)done;
	}
	return VS_OK;
}

vs_status conn_put(struct conn *c, const void *p, size_t n, struct err *err)
{
	vs_status st;

	beacon_hold(c->beacon);
	st = conn_write(c, p, n, err);
	beacon_release(c->beacon);
	return st;
}

void conn_wait_end(struct conn *c, unsigned ms)
{
	int64_t end = clock_ms() + ms, left;
	struct pollfd p = { .fd = c->in_fd, .events = POLLIN };
	uint8_t bytes[256];

	while ((left = end - clock_ms()) > 0) {
		if (poll(&p, 1, (int)left) < 0)
			return; // interrupted by a signal: stop waiting
		if (p.revents && read(c->in_fd, bytes, sizeof(bytes)) <= 0)
			return;
	}
}
