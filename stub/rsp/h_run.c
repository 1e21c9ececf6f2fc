/* h_run.c - everything that would make the target run or change. A dump does neither; what matters
 * is that gdb says so in plain words and keeps its view of the threads. */
#include "stub/rsp/handlers.h"

RSP_HANDLER(h_run)
{
	(void)s, (void)args, (void)reply;
	return fail(err, VS_INVAL, "The kernel in a crash dump cannot run");
}

RSP_HANDLER(h_breakpoint)
{
	(void)s, (void)args, (void)reply;
	return fail(err, VS_INVAL, "A crash dump takes no breakpoints");
}
