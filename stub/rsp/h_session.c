// SPDX-License-Identifier: GPL-3.0-or-later
/* h_session.c - packets about the connection itself, and what gdb asks of a program as a whole. */
#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"
#include "stub/rsp/commands.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

/* Not offered (link.h), but `set remote noack-packet on` makes gdb ask: to "not supported" it
 * answers by giving up the connection. */
RSP_HANDLER(h_no_ack)
{
	(void)s, (void)args, (void)reply;
	return fail(err, VS_UNSUPPORTED, "acknowledgements are needed");
}

RSP_HANDLER(h_extended)
{
	(void)args, (void)reply, (void)err;
	s->extended = true;
	return VS_OK;
}

/* Also vKill: there is nothing to kill, but gdb must see that it worked to let go. */
RSP_HANDLER(h_detach)
{
	(void)args, (void)reply, (void)err;
	s->over = !s->extended;
	return VS_OK;
}

RSP_HANDLER(h_kill)
{
	return h_detach(s, args, reply, err);
}

/* `run` of an extended-remote gdb. It has no reply, and a '?' follows, which is answered as ever.
 */
RSP_HANDLER(h_restart)
{
	(void)s, (void)args, (void)reply, (void)err;
	return VS_OK;
}

/* gdb offers to look up symbols for us (args ":"), or answers about one: "value:name", without a
 * value when there is none. "OK" says that no other is wanted. */
RSP_HANDLER(h_symbol)
{
	AUTO(buf) name = { 0 };
	AUTO(buf) ask = { 0 };
	uint64_t value = 0;

	if (!args_skip(&args, ":") && (!args_hex(&args, &value) || !args_skip(&args, ":")))
		return fail(err, VS_INVAL, "malformed qSymbol");
	if (!args_hex_bytes(&args, &name) || args.left || name.oom)
		return fail(err, VS_INVAL, "malformed qSymbol");
	if (s->ops->symbols)
		s->ops->symbols(s->ctx, name.len ? buf_str(&name) : NULL, value, &ask);
	if (ask.oom)
		return fail(err, VS_NOMEM, "no memory for a qSymbol");
	if (ask.len) {
		buf_puts(reply, "qSymbol:");
		buf_hex(reply, ask.p, ask.len);
	}
	return VS_OK;
}

RSP_HANDLER(h_offsets)
{
	vs_status st = s->ops->offsets(s->ctx, reply, err);

	(void)args;
	return st == VS_NOTFOUND ? RSP_EMPTY : st;
}
