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
	void *ctx;		/* for ops */
	uint64_t tid;		/* selected by Hg; TID_ANY or TID_ALL: the stop thread */
	uint64_t list_tid;	/* last one listed by qfThreadInfo, qsThreadInfo */
	bool extended;		/* '!' was sent: detach and kill do not end the session */
	bool over;		/* gdb detached or killed */
	bool machine_interface; /* gdb's front-end is no console; see h_run() */
	bool lldb;		/* the client is lldb; see h_run() */
	bool non_stop;		/* QNonStop:1; see h_nonstop.c */
	bool notify;		/* send a notification after the reply */
	struct buf xfer;	/* the qXfer object being read */
	struct buf xfer_key;	/* "object:annex" of it; empty: none */
	VEC(int) files;		/* open vFile descriptors of the target */
	struct buf reply;	/* the reply being built */
	struct errpipe errors;	/* messages on standard error */
	struct pulse *pulse;	/* of the target; may be NULL */
	struct beacon *beacon;	/* of the target; may be NULL */
	int haste;		/* by which times are divided; 1 but for tests */
	struct link link;
};

/* The thread whose registers and memory gdb requests: the selected one if it is alive. */
uint64_t session_tid(const struct session *s);
/* Threads as gdb sees them: all, or in non-stop mode only the stop thread. 0: no more. */
bool session_thread_alive(const struct session *s, uint64_t tid);
uint64_t session_thread_next(const struct session *s, uint64_t after);
/* Show text on gdb's console. Only while gdb waits for a qRcmd or resume reply. Sends one packet at
 * a time, because gdb may stop waiting after each. VS_STOPPED: gdb has sent another request
 * meanwhile. */
vs_status session_console(struct session *s, const char *text, size_t len, struct err *err);
/* Send an empty packet of console output: gdb checks for Ctrl-C only between packets, so it needs
 * some while a monitor command runs. */
vs_status session_alive(struct session *s, struct err *err);
