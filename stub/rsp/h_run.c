// SPDX-License-Identifier: GPL-3.0-or-later
/* h_run.c - packets that would make the target run. A dump cannot; gdb must say so clearly and keep
 * its view of the threads. Tested with gdb 10.1, 13.1, 16.3 and 18.1 (continue, stepi, next,
 * finish, until, advance, signal; with and without breakpoints and watchpoints): all print the
 * text, stay on the thread and continue the session. */
#include <inttypes.h>

#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

/* Which signal the stop after a refused request has, in hexadecimal. A front-end shows it to the
 * user, each in its way, as read in their sources of 2026:
 *
 *   gdb's console: none prints "Thread 2 stopped."; others "Thread 2 received signal SIGTRAP, ..."
 *   C/C++ of VS Code: SIGTRAP is the end of a pause; others are an exception with a box, for none
 *     "Signal 0" (HandleBreakModeEvent() in DebuggedProcess.cs, GetAsyncBreakSignal())
 *   CDT's adapter: "Paused on SIGTRAP", for none "Paused on 0" (handleGDBStopped())
 *   Native Debug, gdb -i dap: paused, whichever it is
 *   lldb: no signal is no stop, and it resumes at once, forever; SIGINT stops it
 *
 * So IDEs get SIGTRAP. But only for `continue`: at a step gdb takes it for the end of one
 * instruction, and would repeat `next` forever within the line. */
static const char *stop_signal(const struct session *s, struct bytes actions)
{
	bool continues = actions.left && (*actions.p == 'c' || *actions.p == 'C');

	if (s->lldb)
		return "02";
	return s->machine_interface && continues ? "05" : "00";
}

/* Print the message on the console, then report that the selected thread stopped: gdb ends the
 * command. An error reply does not work: gdb prints it after "Remote failure reply", and 18 then
 * moves to thread 1. */
RSP_HANDLER(h_run)
{
	static const char text[] = RUN_REFUSED "\n";
	vs_status st;
	uint64_t tid;

	if (s->non_stop)
		return nonstop_resume(s, args, err);
	tid = s->ops->new_thread ? s->ops->new_thread(s->ctx) : 0;
	if (tid) {
		s->tid = tid; // gdb takes the thread of a stop as selected (record_currthread())
		buf_printf(reply, "T00thread:%" PRIx64 ";", tid);
		return VS_OK;
	}
	st = session_console(s, text, sizeof(text) - 1, err);
	buf_printf(reply, "T%sthread:%" PRIx64 ";", stop_signal(s, args), session_tid(s));
	return st;
}

/* vCont?: gdb needs it in non-stop mode, and gdb 16 asks before it says which mode it is in. */
RSP_HANDLER(h_run_actions)
{
	(void)s, (void)args, (void)err;
	buf_puts(reply, "vCont;c;C;s;S;t");
	return VS_OK;
}

/* vCtrlC: nothing runs that could be stopped. (0x03 between packets means the same.) */
RSP_HANDLER(h_interrupt)
{
	(void)s, (void)args, (void)reply, (void)err;
	return VS_OK;
}

/* Z, z: accepted, although none can ever be hit. gdb inserts breakpoints (including its own for
 * `finish` and `until`) before it asks the target to run. If vmstub refused them, gdb would print
 * "Cannot access memory at address", which is wrong and hides the message above. */
RSP_HANDLER(h_breakpoint)
{
	(void)s, (void)args, (void)reply, (void)err;
	return VS_OK;
}
