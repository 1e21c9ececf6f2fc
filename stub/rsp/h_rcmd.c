/* h_rcmd.c - monitor commands. Output goes to gdb's console.
 * A failure is shown there too and then answered "OK": of an error reply gdb 10 to 13 show no text
 * at all ("Invalid hex digit"), 16 and 18 put "Protocol error with Rcmd" before it. */
#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

RSP_HANDLER(h_rcmd)
{
	AUTO(buf) cmd = { 0 };
	AUTO(buf) out = { 0 };
	struct err why = { 0 };
	vs_status st;

	(void)reply;
	if (!args_hex_bytes(&args, &cmd) || args.left || cmd.oom)
		return fail(err, VS_INVAL, "malformed monitor command");
	st = s->ops->monitor(s->ctx, session_tid(s), buf_str(&cmd), &out, &why);
	if (st) {
		if (out.len && out.p[out.len - 1] != '\n')
			buf_putc(&out, '\n');
		buf_printf(&out, "%s\n", why.msg[0] ? why.msg : vs_status_str(st));
	}
	errpipe_take(&s->errors, &out);
	if (out.oom)
		return fail(err, VS_NOMEM, "no memory for the output");
	return session_console(s, out.p, out.len, err);
}
