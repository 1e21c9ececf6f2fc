// SPDX-License-Identifier: GPL-3.0-or-later
/* h_nonstop.c - non-stop mode, which Emacs and some IDEs request from gdb: stops are reported
 * thread by thread (gdb manual, "Remote Non-Stop"). gdb 13 to 18 can handle the stop of one thread
 * only. If several stops are pending after '?', remote_target::queued_stop_reply() marks an event
 * handler that is not in use yet, which is an internal error; in 16 and 18 a later notification has
 * the same result, because no thread runs. gdb shows a thread whose stop is not reported as
 * "(running)", without a stack. So in this mode gdb sees only one thread, the stop thread. */
#include <inttypes.h>

#include "stub/base/log.h"
#include "stub/rsp/args.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

RSP_HANDLER(h_non_stop)
{
	bool on = args_skip(&args, "1");

	(void)reply;
	if ((!on && !args_skip(&args, "0")) || args.left)
		return fail(err, VS_INVAL, "malformed QNonStop");
	s->non_stop = on;
	if (on && s->ops->non_stop)
		s->ops->non_stop(s->ctx);
	return VS_OK;
}

/* gdb asks for further stops after '?' or a notification. There are none: only one thread stops. */
RSP_HANDLER(h_stopped)
{
	(void)s, (void)args, (void)reply, (void)err;
	return VS_OK;
}

/* Parse one action such as "c:1f", without the ';' before it. False if it is malformed. Sets
 * *resumes if the action would make the stop thread run. */
static bool take_action(struct session *s, struct bytes *args, bool *resumes)
{
	uint64_t tid = TID_ALL, signal;
	char action;

	if (!args->left)
		return false;
	action = (char)*args->p;
	args_skip(args, (char[]){ action, '\0' });
	if ((action == 'C' || action == 'S') && !args_hex(args, &signal))
		return false;
	if (args_skip(args, ":") && !args_tid(args, &tid))
		return false;
	*resumes |= action != 't' &&
		    (tid == TID_ALL || tid == TID_ANY || tid == s->ops->stop_thread(s->ctx));
	return true;
}

vs_status nonstop_resume(struct session *s, struct bytes args, struct err *err)
{
	bool resumes = false;

	do {
		if (!take_action(s, &args, &resumes))
			return fail(err, VS_INVAL, "malformed vCont");
	} while (args_skip(&args, ";"));
	if (resumes)
		log_error("%s", RUN_REFUSED);
	s->notify = resumes;
	return VS_OK;
}

void nonstop_notification(struct session *s, struct buf *out)
{
	s->notify = false;
	buf_printf(out, "Stop:T00thread:%" PRIx64 ";", s->ops->stop_thread(s->ctx));
}
