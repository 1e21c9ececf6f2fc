// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* rspfix.h - gdb's side of a session that a thread serves. Header only, because each test is one
 * program. */
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stub/base/buf.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/session.h"
#include "stub/rsp/target.h"

/* Longer than any reply takes. */
#define PEER_WAIT_MS 30000

struct peer {
	int fd; /* gdb's end */
	int served;
	struct rsp_target target;
	pthread_t thread;
	vs_status ended;
	uint8_t in[256]; /* read and not yet asked for */
	size_t at, n;
};

static inline void *peer_serve(void *arg)
{
	struct peer *p = arg;
	struct err err = { 0 };

	p->ended = rsp_serve(&p->target, p->served, p->served, &err);
	shutdown(p->served, SHUT_WR);
	return NULL;
}

static inline bool peer_start(struct peer *p, const struct rsp_target *target)
{
	int sv[2];

	*p = (struct peer){ .target = *target };
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sv))
		return false;
	p->fd = sv[0];
	p->served = sv[1];
	return pthread_create(&p->thread, NULL, peer_serve, p) == 0;
}

/* Closes gdb's end. Returns how the session ended. */
static inline vs_status peer_end(struct peer *p)
{
	shutdown(p->fd, SHUT_WR);
	pthread_join(p->thread, NULL);
	close(p->served);
	return p->ended;
}

static inline bool peer_put(struct peer *p, const void *data, size_t n)
{
	return send(p->fd, data, n, MSG_NOSIGNAL) == (ssize_t)n;
}

/* The next byte; -1: none in time. */
static inline int peer_byte(struct peer *p, int ms)
{
	struct pollfd in = { .fd = p->fd, .events = POLLIN };
	ssize_t n;

	if (p->at == p->n) {
		n = poll(&in, 1, ms) > 0 ? read(p->fd, p->in, sizeof(p->in)) : 0;
		if (n <= 0)
			return -1;
		p->at = 0;
		p->n = (size_t)n;
	}
	return p->in[p->at++];
}

/* Append what follows a '$', up to the checksum, which must be right. */
static inline bool peer_rest(struct peer *p, struct buf *data)
{
	char want[3], sum[3] = { 0 };
	uint8_t add = 0;
	int c;

	while ((c = peer_byte(p, PEER_WAIT_MS)) >= 0 && c != '#') {
		add = (uint8_t)(add + c);
		buf_putc(data, (char)c);
	}
	for (int i = 0; c >= 0 && i < 2; i++)
		sum[i] = (char)(c = peer_byte(p, PEER_WAIT_MS));
	snprintf(want, sizeof(want), "%02x", add);
	return c >= 0 && strcmp(want, sum) == 0;
}

/* A packet and nothing before it. */
static inline bool peer_packet(struct peer *p, struct buf *data)
{
	buf_reset(data);
	return peer_byte(p, PEER_WAIT_MS) == '$' && peer_rest(p, data);
}
