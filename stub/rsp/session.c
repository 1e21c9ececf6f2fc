// SPDX-License-Identifier: GPL-3.0-or-later
/* session.c - reads packets, dispatches them, writes exactly one reply for each.
 * Handlers append to a reply and return a status; only this file turns that into data, "OK", an
 * empty reply or an error. Not here: which packets exist (commands.c), what they do (h_*.c), what
 * gdb waits for (link.c), framing (packet.c). */
#include "stub/rsp/session.h"

#include <stdlib.h>
#include <string.h>

#include "stub/base/cleanup.h"
#include "stub/base/clock.h"
#include "stub/rsp/args.h"
#include "stub/rsp/beacon.h"
#include "stub/rsp/commands.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/state.h"

/* How long gdb waits for a reply by default. */
#define FAREWELL_MS 2000

/* Text bytes in one console packet: small, so that long output appears early and fits the buffer of
 * any gdb (its default before PacketSize is known is about 400). */
#define CONSOLE_CHUNK 2048
/* gdb always waits at least this long. */
#define QUICK_MS 1000

bool session_thread_alive(const struct session *s, uint64_t tid)
{
	return s->non_stop ? tid == s->ops->stop_thread(s->ctx) : s->ops->thread_alive(s->ctx, tid);
}

uint64_t session_thread_next(const struct session *s, uint64_t after)
{
	if (s->non_stop)
		return after ? 0 : s->ops->stop_thread(s->ctx);
	return s->ops->thread_next(s->ctx, after);
}

uint64_t session_tid(const struct session *s)
{
	if (s->tid != TID_ANY && s->tid != TID_ALL && session_thread_alive(s, s->tid))
		return s->tid;
	return s->ops->stop_thread(s->ctx);
}

static vs_status session_send(struct session *s, const struct buf *payload, struct err *err)
{
	vs_status st = link_send(&s->link, payload->p, payload->len, err);

	errpipe_count(&s->errors, s->link.frame.len);
	return st;
}

/* One console packet. */
static vs_status session_say(struct session *s, const char *text, size_t len, struct err *err)
{
	AUTO(buf) line = { 0 };
	vs_status st = link_settle(&s->link, err);

	if (st)
		return st;
	if (s->link.have_next)
		return fail(err, VS_STOPPED, "gdb no longer waits");
	buf_putc(&line, 'O');
	buf_hex(&line, text, len);
	if (line.oom)
		return fail(err, VS_NOMEM, "no memory for console output");
	return session_send(s, &line, err);
}

vs_status session_console(struct session *s, const char *text, size_t len, struct err *err)
{
	vs_status st = VS_OK;

	while (len && !st) {
		size_t n = len < CONSOLE_CHUNK ? len : CONSOLE_CHUNK;

		st = session_say(s, text, n, err);
		text += n;
		len -= n;
	}
	return st;
}

vs_status session_alive(struct session *s, struct err *err)
{
	return session_say(s, "", 0, err);
}

/* Turn the handler's status into the reply for gdb, replacing what it appended if necessary. */
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

/* Send a notification, of a stop in non-stop mode, which gdb did not request. */
static vs_status session_notify(struct session *s, struct err *err)
{
	AUTO(buf) text = { 0 };
	AUTO(buf) frame = { 0 };

	nonstop_notification(s, &text);
	packet_notification(&frame, text.p, text.len);
	if (text.oom || frame.oom)
		return fail(err, VS_NOMEM, "no memory for a notification");
	return conn_put(&s->link.conn, frame.p, frame.len, err);
}

/* Does gdb still wait for the reply to its request of time `asked`? It waits for 6 s, so a quick
 * reply needs no check. */
static bool session_awaited(struct session *s, int64_t asked, vs_status *st, struct err *err)
{
	if (clock_ms() - asked > QUICK_MS / s->haste)
		*st = link_poll(&s->link, err);
	return !*st && !s->link.have_next;
}

/* Let gdb wait for as long as the handler needs. */
static vs_status session_handle(struct session *s, const struct command *cmd, struct bytes args,
				struct err *err)
{
	const struct conn *c = &s->link.conn;
	vs_status st;

	beacon_on(c->beacon, c->out_fd);
	st = cmd->handle(s, args, &s->reply, err);
	beacon_off(c->beacon);
	return st;
}

static vs_status session_command(struct session *s, struct err *err)
{
	const struct request *r = &s->link.now;
	struct bytes args = bytes_of(r->data.p, r->data.len);
	const struct command *cmd = command_find(s->ops, &args);
	int64_t asked = clock_ms();
	struct err why = { 0 };
	vs_status st = RSP_EMPTY, wire = VS_OK;

	buf_reset(&s->reply);
	if (!cmd || !(cmd->flags & CMD_QUICK))
		wire = link_confirm(&s->link, err);
	if (wire)
		return wire;
	if (cmd)
		st = session_handle(s, cmd, args, &why);
	if (st == VS_END)
		return fail(err, st, "%s", why.msg);
	if (cmd && cmd->flags & CMD_NO_REPLY)
		return VS_OK;
	if (st == VS_STOPPED || !session_awaited(s, asked, &wire, err))
		return wire;
	session_finish_reply(s, cmd, st, &why);
	wire = session_send(s, &s->reply, err);
	return wire || !s->notify ? wire : session_notify(s, err);
}

static vs_status session_refuse(struct session *s, const char *why, struct err *err)
{
	buf_reset(&s->reply);
	buf_puts(&s->reply, why);
	return session_send(s, &s->reply, err);
}

static void session_deinit(struct session *s)
{
	for (size_t i = 0; i < s->files.n; i++)
		s->ops->file_close(s->ctx, s->files.v[i]);
	vec_free(&s->files);
	errpipe_deinit(&s->errors);
	buf_deinit(&s->xfer);
	buf_deinit(&s->xfer_key);
	buf_deinit(&s->reply);
	link_deinit(&s->link);
}

vs_status rsp_serve(const struct rsp_target *target, int in_fd, int out_fd, struct err *err)
{
	// on the heap, because the input buffer is too large for the stack
	struct session *s = calloc(1, sizeof(*s));
	vs_status st = VS_OK;

	if (!s)
		return fail(err, VS_NOMEM, "no memory for a gdb session");
	s->ops = target->ops;
	s->ctx = target->ctx;
	s->pulse = target->pulse;
	s->machine_interface = target->machine_interface;
	s->beacon = target->beacon;
	s->haste = target->haste ? (int)target->haste : 1;
	link_init(&s->link, in_fd, out_fd);
	errpipe_init(&s->errors, target->gdb_on_pipe, target->terminal);
	while (!st && !s->over) {
		st = link_request(&s->link, err);
		if (!st && s->link.now.too_long)
			st = session_refuse(s, "E.packet too long", err);
		else if (!st)
			st = session_command(s, err);
	}
	if (s->over)
		conn_wait_end(&s->link.conn, FAREWELL_MS);
	session_deinit(s);
	free(s);
	return st == VS_END ? VS_OK : st;
}
