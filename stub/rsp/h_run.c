// SPDX-License-Identifier: GPL-3.0-or-later
/* h_run.c - everything that would make the target run. A dump never does; what matters is that gdb
 * says so in plain words and keeps its view of the threads. Tried with gdb 10.1, 13.1, 16.3
 * and 18.1 (continue, stepi, next, finish, until, advance, signal; with and without breakpoints and
 * watchpoints): all print the text, stay on the thread and go on. */
#include <inttypes.h>

#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

/* Say it on the console, then report that the selected thread stopped for no signal: gdb ends what
 * it was doing ("Thread 2 stopped."). What does not do:
 * - an error reply: gdb prints it behind "Remote failure reply", and 18 then moves to thread 1;
 * - T05 (SIGTRAP) is how a step ends, so `next` would step for ever within the line. */
RSP_HANDLER(h_run)
{
	static const char text[] = RUN_REFUSED "\n";
	vs_status st;

	if (s->non_stop)
		return nonstop_resume(s, args, err);
	st = session_console(s, text, sizeof(text) - 1, err);
	buf_printf(reply, "T00thread:%" PRIx64 ";", session_tid(s));
	return st;
}

/* vCont?: gdb needs it in non-stop mode, and 16 asks before it tells which mode it is in. */
RSP_HANDLER(h_run_actions)
{
	(void)s, (void)args, (void)err;
	buf_puts(reply, "vCont;c;C;s;S;t");
	return VS_OK;
}

/* vCtrlC: what does not run need not be stopped. (0x03 between packets says the same.) */
RSP_HANDLER(h_interrupt)
{
	(void)s, (void)args, (void)reply, (void)err;
	return VS_OK;
}

/* Z, z: accepted, as none can ever be hit. gdb inserts breakpoints (its own for `finish` and
 * `until`, too) when told to run, before it asks to; refused, it would stop there with "Cannot
 * access memory at address", which is wrong and hides the reason above. */
RSP_HANDLER(h_breakpoint)
{
	(void)s, (void)args, (void)reply, (void)err;
	return VS_OK;
}
