// SPDX-License-Identifier: GPL-3.0-or-later
/* h_regs.c - registers of the selected thread. The target knows which there are: it writes the hex
 * text itself, with 'x' for unknown bytes. */
#include <inttypes.h>

#include "stub/rsp/args.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

RSP_HANDLER(h_regs_read)
{
	(void)args;
	return s->ops->regs_read(s->ctx, session_tid(s), reply, err);
}

RSP_HANDLER(h_reg_read)
{
	uint64_t regno;
	vs_status st;

	if (!args_hex(&args, &regno) || args.left)
		return fail(err, VS_INVAL, "malformed register number");
	st = s->ops->reg_read(s->ctx, session_tid(s), regno, reply, err);
	if (st == VS_NOTFOUND)
		return fail(err, st, "no register %" PRIu64, regno);
	return st;
}

RSP_HANDLER(h_regs_write)
{
	(void)s, (void)args, (void)reply;
	return fail(err, VS_INVAL, "The registers of a crash dump cannot be changed");
}
