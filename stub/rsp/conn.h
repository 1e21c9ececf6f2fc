// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* conn.h - reads and writes bytes to gdb over file descriptors. No other code may write to the out
 * descriptor: in pipe mode that is stdout, where a stray byte breaks the protocol. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

struct beacon;

struct conn {
	int in_fd, out_fd;     /* borrowed */
	size_t next, end;      /* unread bytes are in[next, end) */
	struct beacon *beacon; /* of a client that skips its bytes; borrowed, may be NULL */
	uint8_t in[65536];
};

void conn_init(struct conn *c, int in_fd, int out_fd);
/* The next byte; waits for it. VS_END: gdb closed the connection. */
vs_status conn_get(struct conn *c, uint8_t *ret, struct err *err);
/* True if conn_get() would return at once: a byte is there, or gdb closed the connection. */
bool conn_ready(const struct conn *c);
/* Append received bytes to the buffer without waiting, as far as there is room. */
vs_status conn_more(struct conn *c, struct err *err);
/* The *n unread bytes in the buffer. Valid until the next call. */
const char *conn_peek(const struct conn *c, size_t *n);
/* Write all n bytes. VS_END: gdb closed the connection. */
vs_status conn_put(struct conn *c, const void *p, size_t n, struct err *err);
/* Read and discard input until gdb closes its end, for at most ms milliseconds. gdb also
 * acknowledges the last reply, and reports a lost connection if nobody reads that. */
void conn_wait_end(struct conn *c, unsigned ms);
