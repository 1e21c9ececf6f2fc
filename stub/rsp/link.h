// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* link.h - requests and replies that cannot get mixed up, by acknowledgements.
 *
 * gdb leaves a request unanswered on Ctrl-C, on `q` in its pager, and when it has waited too long.
 * It remembers none of this: the next packet that comes is the reply to its next request. What
 * saves it is that after sending a request it throws away all packets until it sees a '+'
 * (putpkt_binary() of gdb/remote.c, 10 to 18), and acknowledges each of them. So a reply is never
 * taken for another's as long as this side
 * - has written all it will ever write for old requests before it sends the '+' of a new one,
 * - sends that '+' while gdb waits for it, and none for a request that gdb has given up.
 * Without acknowledgements (QStartNoAckMode) nothing tells an old packet from a new one; so that
 * mode is not offered, and refused. */
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
	struct request next; /* came since: gdb waits for nothing else any more */
	bool have_next;
	bool next_given_up;   /* gdb no longer waits for the '+' of next */
	bool plus_due;	      /* the '+' of now is not sent yet */
	bool settled;	      /* gdb has seen the '+' of now, so it will not send that again */
	struct buf frame;     /* the last one sent, for a '-'; behind a '+' */
	uint64_t sent, acked; /* frames */
	uint64_t first;	      /* number of the first frame sent for now */
	unsigned naks;	      /* '-' in a row */
};

void link_init(struct link *l, int in_fd, int out_fd);
void link_deinit(struct link *l);

/* Wait for the next request, which becomes l->now; its '+' goes with the first frame or
 * link_confirm(). Copies that gdb sends when
 * its
 * '+' is late are left out. VS_END: gdb has gone. */
vs_status link_request(struct link *l, struct err *err);
/* Send the '+' of l->now, when its reply may take a while. */
vs_status link_confirm(struct link *l, struct err *err);
/* Send a frame around n bytes of payload. */
vs_status link_send(struct link *l, const void *payload, size_t n, struct err *err);
/* Wait until all frames are acknowledged, or gdb sends another request: then l->have_next. */
vs_status link_settle(struct link *l, struct err *err);
/* Take what has come, without waiting, up to another request. */
vs_status link_poll(struct link *l, struct err *err);
/* No frame is on the way. */
bool link_idle(const struct link *l);
