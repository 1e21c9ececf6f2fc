// SPDX-License-Identifier: GPL-3.0-or-later
/* commands.c - the table of packets: prefix, handler, entry in the qSupported reply.
 * The first matching row wins, so longer prefixes come first. Packets without a row (qTStatus,
 * vMustReplyEmpty, ...) get an empty reply, which means "not supported".
 * Packets: gdb manual, "Packets" and "General Query Packets". */
#include "stub/rsp/commands.h"

#include "stub/rsp/args.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/state.h"
#include "stub/rsp/target.h"

#define NEED(member) .need = offsetof(struct rsp_ops, member)

#define ROW(packet, handler, ...)                                                                  \
	{                                                                                          \
		.prefix = packet, .handle = handler, __VA_ARGS__                                   \
	}

static const struct command commands[] = {
	/* the session itself */
	ROW("qSupported", h_supported),
	ROW("QStartNoAckMode", h_no_ack, .flags = CMD_EXACT | CMD_ERRNO),
	ROW("QThreadSuffixSupported", h_lldb, .flags = CMD_EXACT),
	ROW("QNonStop:", h_non_stop, .advert = "QNonStop+", .flags = CMD_ERRNO),
	ROW("!", h_extended, .flags = CMD_EXACT),
	ROW("D", h_detach),
	ROW("k", h_kill, .flags = CMD_EXACT | CMD_NO_REPLY),
	ROW("vKill;", h_detach),
	ROW("R", h_restart, .flags = CMD_NO_REPLY),
	ROW("qSymbol:", h_symbol),
	ROW("qOffsets", h_offsets, .flags = CMD_EXACT, NEED(offsets)),

	/* memory */
	ROW("m", h_mem_hex, .flags = CMD_ERRNO | CMD_QUICK, NEED(mem_read)),
	ROW("x", h_mem_binary, .advert = "binary-upload+", .flags = CMD_ERRNO | CMD_QUICK,
	    NEED(mem_read)),
	ROW("M", h_mem_write),
	ROW("X", h_mem_write),
	ROW("qSearch:memory:", h_mem_search, .advert = "qSearch:memory+", .flags = CMD_ERRNO,
	    NEED(mem_read)),
	ROW("qCRC:", h_mem_crc, .flags = CMD_ERRNO, NEED(mem_read)),

	/* registers */
	ROW("g", h_regs_read, .flags = CMD_EXACT | CMD_QUICK, NEED(regs_read)),
	ROW("p", h_reg_read, .flags = CMD_QUICK, NEED(reg_read)),
	ROW("G", h_regs_write),
	ROW("P", h_regs_write),

	/* threads */
	ROW("?", h_stop_reason, .flags = CMD_EXACT),
	ROW("Hg", h_thread_select, .flags = CMD_ERRNO | CMD_QUICK),
	ROW("Hc", h_thread_resume_select, .flags = CMD_ERRNO | CMD_QUICK),
	ROW("T", h_thread_alive, .flags = CMD_ERRNO | CMD_QUICK),
	ROW("qC", h_thread_current, .flags = CMD_EXACT),
	ROW("qfThreadInfo", h_thread_first, .flags = CMD_EXACT),
	ROW("qsThreadInfo", h_thread_more, .flags = CMD_EXACT),
	ROW("qThreadExtraInfo,", h_thread_extra, .flags = CMD_ERRNO, NEED(thread_extra)),
	ROW("qAttached", h_attached),

	/* a dump does not run */
	ROW("vCont;", h_run),
	ROW("vCont?", h_run_actions, .flags = CMD_EXACT),
	ROW("vStopped", h_stopped, .flags = CMD_EXACT),
	ROW("vCtrlC", h_interrupt, .flags = CMD_EXACT),
	ROW("c", h_run),
	ROW("C", h_run),
	ROW("s", h_run),
	ROW("S", h_run),
	ROW("bc", h_run, .flags = CMD_EXACT),
	ROW("bs", h_run, .flags = CMD_EXACT),
	ROW("Z", h_breakpoint),
	ROW("z", h_breakpoint),

	/* objects, files, commands */
	ROW("qXfer:threads:read::", h_xfer_threads, .advert = "qXfer:threads:read+"),
	ROW("qXfer:", h_xfer, NEED(xfer)),
	ROW("vFile:setfs:", h_file_setfs, NEED(file_open)),
	ROW("vFile:open:", h_file_open, NEED(file_open)),
	ROW("vFile:pread:", h_file_pread, .flags = CMD_QUICK, NEED(file_open)),
	ROW("vFile:fstat:", h_file_fstat, NEED(file_open)),
	ROW("vFile:close:", h_file_close, NEED(file_open)),
	ROW("vFile:stat:", h_file_stat, NEED(file_open)),
	ROW("vFile:lstat:", h_file_stat, NEED(file_open)),
	ROW("vFile:readlink:", h_file_readlink, NEED(file_open)),
	ROW("vFile:pwrite:", h_file_refuse, NEED(file_open)),
	ROW("vFile:unlink:", h_file_refuse, NEED(file_open)),
	ROW("qRcmd,", h_rcmd, NEED(monitor)),
};

#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static bool command_has_need(const struct command *cmd, const struct rsp_ops *ops)
{
	void (*op)(void);

	_Static_assert(offsetof(struct rsp_ops, stop_thread) == 0, "need 0 is always met");
	memcpy(&op, (const char *)ops + cmd->need, sizeof(op));
	return op != NULL;
}

const struct command *command_find(const struct rsp_ops *ops, struct bytes *args)
{
	for (size_t i = 0; i < N_COMMANDS; i++) {
		const struct command *cmd = &commands[i];
		struct bytes rest = *args;

		if (!args_skip(&rest, cmd->prefix) || (cmd->flags & CMD_EXACT && rest.left))
			continue;
		*args = rest;
		return command_has_need(cmd, ops) ? cmd : NULL;
	}
	return NULL;
}

vs_status h_supported(struct session *s, struct bytes args, struct buf *reply, struct err *err)
{
	static const char only_gdb[] = "qRelocInsn+"; // gdb 7.1 and newer, no other client
	const char *const *object = s->ops->xfer ? s->ops->xfer_objects : NULL;

	(void)err;
	if (memmem(args.p, args.left, only_gdb, sizeof(only_gdb) - 1))
		s->link.conn.beacon = s->beacon;
	if (s->ops->gdb_features)
		s->ops->gdb_features(s->ctx, (const char *)args.p, args.left);
	buf_printf(reply, "PacketSize=%x", PACKET_SIZE);
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (commands[i].advert && command_has_need(&commands[i], s->ops))
			buf_printf(reply, ";%s", commands[i].advert);
	for (; object && *object; object++)
		buf_printf(reply, ";qXfer:%s:read+", *object);
	return VS_OK;
}
