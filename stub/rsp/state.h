// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* state.h - what the server remembers between packets. Private to stub/rsp. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"
#include "stub/base/vec.h"
#include "stub/rsp/errpipe.h"
#include "stub/rsp/link.h"
#include "stub/rsp/target.h"

struct session {
	const struct rsp_ops *ops;
	void *ctx;	       /* for ops */
	uint64_t tid;	       /* selected by Hg; TID_ANY or TID_ALL: the stop thread */
	uint64_t list_tid;     /* last one listed by qfThreadInfo, qsThreadInfo */
	bool extended;	       /* '!' was sent: detach and kill do not end the session */
	bool over;	       /* gdb detached or killed */
	bool non_stop;	       /* QNonStop:1; see h_nonstop.c */
	bool notify;	       /* a notification goes behind the reply */
	struct buf xfer;       /* the qXfer object being read */
	struct buf xfer_key;   /* "object:annex" of it; empty: none */
	VEC(int) files;	       /* open vFile descriptors, of the target */
	struct buf reply;      /* what goes */
	struct errpipe errors; /* what is said beside the protocol */
	struct pulse *pulse;   /* of the target; may be NULL */
	struct link link;
};

/* The thread whose registers and memory gdb means: the selected one if it lives. */
uint64_t session_tid(const struct session *s);
/* Threads as gdb sees them: all, or in non-stop mode the stop thread alone. 0: no more. */
bool session_thread_alive(const struct session *s, uint64_t tid);
uint64_t session_thread_next(const struct session *s, uint64_t after);
/* Show text on gdb's console. Only while gdb waits for a qRcmd or resume reply. One packet is on
 * the way at a time, as gdb may leave after each. VS_STOPPED: it has asked for something else
 * meanwhile. */
vs_status session_console(struct session *s, const char *text, size_t len, struct err *err);
/* A packet of console output without text: gdb looks for Ctrl-C only between packets, so
 * that it needs some while a monitor command is at work. */
vs_status session_alive(struct session *s, struct err *err);
