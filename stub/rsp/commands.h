// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* commands.h - the table of packets. Private to stub/rsp. */
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/err.h"

struct rsp_ops;
struct session;

/* Status for an empty reply, which means "not supported". */
#define RSP_EMPTY VS_NOMATCH

enum {
	CMD_EXACT = 1,	  /* nothing may follow the prefix */
	CMD_ERRNO = 2,	  /* errors as Exx: gdb would take E.text for data here */
	CMD_NO_REPLY = 4, /* the protocol defines no reply */
	/* The '+' is sent together with the reply. gdb sends many such packets in a row, and wakes
	 * up once instead of twice. If the reply is late, link.c checks whether gdb still waits for
	 * the '+'. */
	CMD_QUICK = 8,
};

struct command {
	const char *prefix;
	/* args: what follows the prefix. Append to reply. VS_OK with nothing appended: "OK";
	 * RSP_EMPTY: empty reply; VS_END (from session_console): gdb closed the connection;
	 * VS_STOPPED: gdb has sent another request, so no reply. Anything else: an error reply with
	 * the text of err. */
	vs_status (*handle)(struct session *s, struct bytes args, struct buf *reply,
			    struct err *err);
	const char *advert; /* for the qSupported reply, or NULL */
	unsigned flags;
	size_t need; /* offset in rsp_ops of the member that it needs */
};

/* The row for a packet, with args moved past its prefix; NULL if there is none or the target lacks
 * the member that it needs. */
const struct command *command_find(const struct rsp_ops *ops, struct bytes *args);

vs_status h_supported(struct session *s, struct bytes args, struct buf *reply, struct err *err);
