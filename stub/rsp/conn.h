#pragma once
/* conn.h - bytes to and from gdb over file descriptors. The only code that writes to the out
 * descriptor: in pipe mode that is stdout, where a stray byte breaks the protocol. */
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
/* All n bytes. VS_END when gdb has gone. */
vs_status conn_put(struct conn *c, const void *p, size_t n, struct err *err);
