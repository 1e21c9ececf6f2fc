// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* commands.h - the table of packets. Private to stub/rsp. */
#include <stddef.h>

#include "stub/base/buf.h"
#include "stub/base/bytes.h"
#include "stub/base/err.h"

struct rsp_ops;
struct session;

/* What a handler returns to have its packet answered empty: "not supported". */
#define RSP_EMPTY VS_NOMATCH

enum {
	CMD_EXACT = 1,	  /* nothing may follow the prefix */
	CMD_ERRNO = 2,	  /* errors as Exx: gdb would take E.text for data here */
	CMD_NO_REPLY = 4, /* the protocol defines no reply */
	/* The '+' goes with the reply. gdb asks much of this kind, one after the other, and is
	 * woken once instead of twice; should the reply be late, link.c sees whether it still waits
	 * for the '+'. */
	CMD_QUICK = 8,
};

struct command {
	const char *prefix;
	/* args: what follows the prefix. Append to reply; VS_OK with nothing appended is "OK",
	 * RSP_EMPTY is empty, VS_END (from session_console) means gdb has gone, VS_STOPPED that it
	 * has asked for something else and gets no reply; all else is an error reply with the text
	 * of err. */
	vs_status (*handle)(struct session *s, struct bytes args, struct buf *reply,
			    struct err *err);
	const char *advert; /* for the qSupported reply, or NULL */
	unsigned flags;
	size_t need; /* offset in rsp_ops of the member it cannot do without */
};

/* The row for a packet, args moved behind its prefix; NULL when there is none or the target lacks
 * what it needs. */
const struct command *command_find(const struct rsp_ops *ops, struct bytes *args);

vs_status h_supported(struct session *s, struct bytes args, struct buf *reply, struct err *err);
