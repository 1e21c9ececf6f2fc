/* session.c - reads packets, dispatches them, writes exactly one reply for each.
 * Handlers append to a reply and return a status; here alone that becomes data, "OK", empty or an
 * error. Not here: which packets exist (commands.c), what they do (h_*.c), framing (packet.c). */
#include "stub/rsp/session.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"
#include "stub/rsp/commands.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/state.h"

/* Text bytes in one console packet: small, so that long output appears as it comes and fits the
 * buffer of any gdb (its default before PacketSize is known is about 400). */
#define CONSOLE_CHUNK 1024

uint64_t session_tid(const struct session *s)
{
	if (s->tid != TID_ANY && s->tid != TID_ALL && s->ops->thread_alive(s->ctx, s->tid))
		return s->tid;
	return s->ops->stop_thread(s->ctx);
}

static vs_status session_send(struct session *s, const struct buf *payload, struct err *err)
{
	buf_reset(&s->frame);
	packet_frame(&s->frame, payload->p, payload->len);
	if (s->frame.oom)
		return fail(err, VS_NOMEM, "no memory for a reply");
	errpipe_count(&s->errors, s->frame.len);
	return conn_put(&s->conn, s->frame.p, s->frame.len, err);
}

vs_status session_console(struct session *s, const char *text, size_t len, struct err *err)
{
	AUTO(buf) line = { 0 };
	vs_status st;

	while (len) {
		size_t n = len < CONSOLE_CHUNK ? len : CONSOLE_CHUNK;

		buf_reset(&line);
		buf_putc(&line, 'O');
		buf_hex(&line, text, n);
		if (line.oom)
			return fail(err, VS_NOMEM, "no memory for console output");
		st = session_send(s, &line, err);
		if (st)
			return st;
		text += n;
		len -= n;
	}
	return VS_OK;
}

/* Replace what the handler appended by what its status means to gdb. */
static void session_finish_reply(struct session *s, const struct command *cmd, vs_status st,
				 const struct err *err)
{
	if (s->reply.oom) {
		buf_reset(&s->reply);
		buf_puts(&s->reply, "E01");
		return;
	}
	if (st == VS_OK) {
		if (s->reply.len == 0)
			buf_puts(&s->reply, "OK");
		return;
	}
	buf_reset(&s->reply);
	if (st == RSP_EMPTY)
		return;
	if (cmd && cmd->flags & CMD_ERRNO) {
		buf_printf(&s->reply, "E%02x", (unsigned)st & 0xff);
		return;
	}
	buf_puts(&s->reply, "E.");
	packet_text(&s->reply, err->msg[0] ? err->msg : vs_status_str(st));
}

static vs_status session_command(struct session *s, struct err *err)
{
	struct bytes args = bytes_of(s->packet.p, s->packet.len);
	const struct command *cmd = command_find(s->ops, &args);
	struct err why = { 0 };
	vs_status st = RSP_EMPTY;

	buf_reset(&s->reply);
	if (cmd)
		st = cmd->handle(s, args, &s->reply, &why);
	if (st == VS_END)
		return fail(err, st, "%s", why.msg);
	if (cmd && cmd->flags & CMD_NO_REPLY)
		return VS_OK;
	session_finish_reply(s, cmd, st, &why);
	return session_send(s, &s->reply, err);
}

static vs_status session_refuse(struct session *s, const char *why, struct err *err)
{
	buf_reset(&s->reply);
	buf_puts(&s->reply, why);
	return session_send(s, &s->reply, err);
}

/* gdb sends a packet again when it is not acknowledged within 2 seconds, as on a busy machine, and
 * takes a second reply for that to its next packet. It acknowledges a reply before it goes on: the
 * same packet before that is such a copy. Also of the packet that ends acknowledgements. */
static bool is_repeated(struct session *s)
{
	const struct buf *now = &s->packet, *before = &s->answered;
	// an empty buffer may have no memory
	bool same = s->unconfirmed && now->len == before->len &&
		    (!now->len || memcmp(now->p, before->p, now->len) == 0);

	if (!same) {
		buf_reset(&s->answered);
		buf_put(&s->answered, s->packet.p, s->packet.len);
	}
	return same && !s->answered.oom;
}

static vs_status session_event(struct session *s, enum packet_event ev, struct err *err)
{
	vs_status st;

	switch (ev) {
	case PACKET_ACK:
		s->unconfirmed = false;
		return VS_OK;
	case PACKET_RESEND:
		// without acknowledgements a '-' is noise
		if (s->no_ack || s->frame.len == 0)
			return VS_OK;
		return conn_put(&s->conn, s->frame.p, s->frame.len, err);
	case PACKET_BAD_SUM:
		if (!s->no_ack)
			return conn_put(&s->conn, "-", 1, err);
		return session_refuse(s, "E.bad checksum", err);
	case PACKET_TOO_LONG:
	case PACKET_DATA:
		break;
	}
	if (is_repeated(s))
		return VS_OK;
	s->unconfirmed = !s->no_ack;
	if (!s->no_ack && (st = conn_put(&s->conn, "+", 1, err)))
		return st;
	if (ev == PACKET_TOO_LONG)
		return session_refuse(s, "E.packet too long", err);
	return session_command(s, err);
}

static void session_deinit(struct session *s)
{
	for (size_t i = 0; i < s->files.n; i++)
		s->ops->file_close(s->ctx, s->files.v[i]);
	vec_free(&s->files);
	errpipe_deinit(&s->errors);
	buf_deinit(&s->xfer);
	buf_deinit(&s->xfer_key);
	buf_deinit(&s->packet);
	buf_deinit(&s->answered);
	buf_deinit(&s->reply);
	buf_deinit(&s->frame);
}

vs_status rsp_serve(const struct rsp_target *target, int in_fd, int out_fd, struct err *err)
{
	// on the heap: the input buffer is large for a stack
	struct session *s = calloc(1, sizeof(*s));
	enum packet_event ev;
	vs_status st = VS_OK;

	if (!s)
		return fail(err, VS_NOMEM, "no memory for a gdb session");
	s->ops = target->ops;
	s->ctx = target->ctx;
	conn_init(&s->conn, in_fd, out_fd);
	errpipe_init(&s->errors, target->gdb_on_pipe);
	while (!st && !s->over) {
		st = packet_read(&s->conn, &s->packet, &ev, err);
		if (!st)
			st = session_event(s, ev, err);
	}
	session_deinit(s);
	free(s);
	return st == VS_END ? VS_OK : st;
}
