// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* conn.h - bytes to and from gdb over file descriptors. The only code that writes to the out
 * descriptor: in pipe mode that is stdout, where a stray byte breaks the protocol. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

struct conn {
	int in_fd, out_fd; /* borrowed */
	size_t next, end;  /* bytes not yet taken are in[next, end) */
	uint8_t in[65536];
};

void conn_init(struct conn *c, int in_fd, int out_fd);
/* The next byte. VS_END when gdb has gone; waits as long as it takes. */
vs_status conn_get(struct conn *c, uint8_t *ret, struct err *err);
/* Whether conn_get() would not wait: a byte is there, or gdb has gone. */
bool conn_ready(const struct conn *c);
/* Read what has come behind the bytes not yet taken, without waiting, as far as there is room. */
vs_status conn_more(struct conn *c, struct err *err);
/* The *n bytes that were read and not yet taken. Valid until the next call. */
const char *conn_peek(const struct conn *c, size_t *n);
/* All n bytes. VS_END when gdb has gone. */
vs_status conn_put(struct conn *c, const void *p, size_t n, struct err *err);
/* Take and forget what still comes until gdb closes its end, for at most so many milliseconds. gdb
 * acknowledges the last reply, too, and takes it for a lost connection when nobody is there to read
 * that. */
void conn_wait_end(struct conn *c, unsigned ms);
