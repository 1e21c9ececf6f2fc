// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* link.h - keeps requests and replies matched, by acknowledgements.
 *
 * gdb abandons a request on Ctrl-C, on `q` in its pager, and after waiting too long. It does not
 * remember that: it takes the next packet for the reply to its next request. But after sending a
 * request, gdb discards all packets until it sees a '+' (putpkt_binary() of gdb/remote.c, 10 to
 * 18), and acknowledges each of them. So gdb never takes a reply for another one if vmstub
 * - finishes writing for old requests before it sends the '+' of a new one,
 * - sends that '+' while gdb waits for it, and no '+' for a request that gdb has given up.
 * Without acknowledgements (QStartNoAckMode) nothing distinguishes an old packet from a new one, so
 * vmstub does not offer that mode, and refuses it. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/rsp/conn.h"
#include "stub/rsp/packet.h"

/* One request of gdb. */
struct request {
	struct buf data;
	bool too_long;
};

struct link {
	struct conn conn;
	struct buf in;	     /* the packet being read */
	struct request now;  /* being answered */
	struct request next; /* arrived since: gdb now waits only for this reply */
	bool have_next;
	bool next_given_up;   /* gdb no longer waits for the '+' of next */
	bool plus_due;	      /* the '+' of now is not sent yet */
	bool settled;	      /* gdb has seen the '+' of now and will not resend it */
	struct buf frame;     /* the last frame sent, for a '-'; may start with a '+' */
	uint64_t sent, acked; /* frames */
	uint64_t first;	      /* number of the first frame sent for now */
	unsigned naks;	      /* '-' in a row */
};

void link_init(struct link *l, int in_fd, int out_fd);
void link_deinit(struct link *l);

/* Wait for the next request, which becomes l->now; its '+' is sent with the first frame or by
 * link_confirm(). Ignores copies that gdb sends if the '+' is late. VS_END: gdb closed the
 * connection. */
vs_status link_request(struct link *l, struct err *err);
/* Send the '+' of l->now at once, because its reply may take a while. */
vs_status link_confirm(struct link *l, struct err *err);
/* Send a frame around n bytes of payload. */
vs_status link_send(struct link *l, const void *payload, size_t n, struct err *err);
/* Wait until all frames are acknowledged, or gdb sends another request, which sets l->have_next. */
vs_status link_settle(struct link *l, struct err *err);
/* Process what has arrived, without waiting, up to another request. */
vs_status link_poll(struct link *l, struct err *err);
/* Are all frames acknowledged? */
bool link_idle(const struct link *l);
