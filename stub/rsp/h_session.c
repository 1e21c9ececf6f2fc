// SPDX-License-Identifier: GPL-3.0-or-later
/* h_session.c - packets about the connection, and about the program as a whole. */
#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"
#include "stub/rsp/commands.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

/* Not offered (link.h), but `set remote noack-packet on` makes gdb ask. If the reply were "not
 * supported", gdb would drop the connection. */
RSP_HANDLER(h_no_ack)
{
	(void)s, (void)args, (void)reply;
	return fail(err, VS_UNSUPPORTED, "vmstub needs acknowledgements");
}

/* A question of lldb alone, which means nothing else here. */
RSP_HANDLER(h_lldb)
{
	(void)args, (void)reply, (void)err;
	s->lldb = true;
	return RSP_EMPTY;
}

RSP_HANDLER(h_extended)
{
	(void)args, (void)reply, (void)err;
	s->extended = true;
	return VS_OK;
}

/* Also for vKill: there is nothing to kill, but gdb must see success to end the session. */
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

/* `run` in an extended-remote gdb. It has no reply; the '?' that follows is answered as always. */
RSP_HANDLER(h_restart)
{
	(void)s, (void)args, (void)reply, (void)err;
	return VS_OK;
}

/* gdb offers to look up symbols (args ":"), or answers about one: "value:name", without a value if
 * it has no such symbol. The reply "OK" means that vmstub wants no others. */
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
