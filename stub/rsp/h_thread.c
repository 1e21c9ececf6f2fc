// SPDX-License-Identifier: GPL-3.0-or-later
/* h_thread.c - stop reply, thread selection, thread lists. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/state.h"

/* Room for one more thread id in a list. */
#define TID_TEXT_MAX 18

RSP_HANDLER(h_stop_reason)
{
	(void)args, (void)err;
	buf_printf(reply, "T05thread:%" PRIx64 ";", s->ops->stop_thread(s->ctx));
	return VS_OK;
}

/* Parse args, which must be a thread id. VS_OK: 0, -1 or a live thread. */
static vs_status take_tid(const struct session *s, struct bytes args, uint64_t *ret,
			  struct err *err)
{
	uint64_t tid;

	if (!args_tid(&args, &tid) || args.left)
		return fail(err, VS_INVAL, "malformed thread id");
	if (tid != TID_ANY && tid != TID_ALL && !session_thread_alive(s, tid))
		return fail(err, VS_INVAL, "no thread %" PRIu64, tid);
	*ret = tid;
	return VS_OK;
}

RSP_HANDLER(h_thread_select)
{
	(void)reply;
	return take_tid(s, args, &s->tid, err);
}

/* Hc selects the thread for the next resume; none will run. */
RSP_HANDLER(h_thread_resume_select)
{
	uint64_t tid;

	(void)reply;
	return take_tid(s, args, &tid, err);
}

RSP_HANDLER(h_thread_alive)
{
	uint64_t tid;

	(void)reply;
	return take_tid(s, args, &tid, err);
}

RSP_HANDLER(h_thread_current)
{
	(void)args, (void)err;
	buf_printf(reply, "QC%" PRIx64, session_tid(s));
	return VS_OK;
}

RSP_HANDLER(h_thread_more)
{
	uint64_t tid;

	(void)args, (void)err;
	while (reply->len < PACKET_SIZE - TID_TEXT_MAX) {
		tid = session_thread_next(s, s->list_tid);
		if (tid == 0)
			break;
		buf_printf(reply, "%c%" PRIx64, reply->len ? ',' : 'm', tid);
		s->list_tid = tid;
	}
	if (reply->len == 0)
		buf_putc(reply, 'l');
	return VS_OK;
}

RSP_HANDLER(h_thread_first)
{
	s->list_tid = 0;
	return h_thread_more(s, args, reply, err);
}

RSP_HANDLER(h_thread_extra)
{
	AUTO(buf) text = { 0 };
	uint64_t tid = TID_ANY;
	vs_status st = take_tid(s, args, &tid, err);

	if (st)
		return st;
	if (tid == TID_ANY || tid == TID_ALL)
		return fail(err, VS_INVAL, "malformed thread id");
	st = s->ops->thread_extra(s->ctx, tid, &text, err);
	if (st)
		return st;
	buf_hex(reply, text.p, text.len < PACKET_SIZE / 4 ? text.len : PACKET_SIZE / 4);
	return VS_OK;
}

/* Replies 1: gdb did not start the program, so quitting gdb detaches instead of killing. */
RSP_HANDLER(h_attached)
{
	(void)s, (void)args, (void)err;
	buf_putc(reply, '1');
	return VS_OK;
}
