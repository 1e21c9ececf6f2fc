// SPDX-License-Identifier: GPL-3.0-or-later
/* h_rcmd.c - monitor commands. Output goes to gdb's console while the command runs.
 * An error is printed there, too, and the reply is still "OK": gdb 10 to 13 do not show the text of
 * an error reply ("Invalid hex digit"), and 16 and 18 put "Protocol error with Rcmd" before it.
 * gdb checks for Ctrl-C between console packets and then stops waiting for the command without
 * sending anything; vmstub notices at gdb's next request, and then ends the command. */
#include "stub/base/cleanup.h"
#include "stub/base/clock.h"
#include "stub/rsp/args.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/state.h"

/* Text is held back up to this long, or until there is enough for a packet. */
#define WAIT_MS	 50
#define WAIT_LEN 1024
/* How often a command without output checks that gdb still waits. */
#define LOOK_MS 20
/* How often it sends an empty console packet, so that gdb checks for Ctrl-C. After 2 s without any
 * packet gdb would send '-'. */
#define ALIVE_MS 200

struct console {
	struct buf_drain drain; /* of the text */
	struct session *s;
	int64_t said, looked; /* time of the last packet and check: clock_ms() */
	vs_status st;	      /* why no more text is wanted */
	struct err why;
};

static void console_end(struct console *c, vs_status st)
{
	c->st = st;
	c->drain.stopped = st != VS_OK;
}

/* A line of text is complete. */
static bool console_take(void *ctx, const char *text, size_t len)
{
	struct console *c = ctx;

	if (len < WAIT_LEN && clock_ms() - c->said < WAIT_MS)
		return false;
	console_end(c, session_console(c->s, text, len, &c->why));
	c->said = clock_ms();
	return true;
}

/* The command is working. */
static void console_beat(void *ctx)
{
	struct console *c = ctx;
	struct link *l = &c->s->link;
	int64_t now = clock_ms();
	vs_status st;

	if (c->drain.stopped || now - c->looked < LOOK_MS / c->s->haste)
		return;
	c->looked = now;
	st = link_poll(l, &c->why);
	if (!st && l->have_next)
		st = fail(&c->why, VS_STOPPED, "gdb no longer waits");
	if (!st && link_idle(l) && now - c->said >= ALIVE_MS / c->s->haste) {
		st = session_alive(c->s, &c->why);
		c->said = now;
	}
	console_end(c, st);
}

static void console_run(struct console *c, const char *cmd, struct buf *out)
{
	struct session *s = c->s;
	struct err why = { 0 };
	vs_status st;

	if (s->pulse)
		*s->pulse = (struct pulse){ .beat = console_beat, .ctx = c };
	st = s->ops->monitor(s->ctx, session_tid(s), cmd, out, &why);
	if (s->pulse)
		s->pulse->beat = NULL;
	if (st && !buf_at_line_start(out))
		buf_putc(out, '\n');
	if (st)
		buf_printf(out, "%s\n", why.msg[0] ? why.msg : vs_status_str(st));
}

RSP_HANDLER(h_rcmd)
{
	struct console c = { .drain = { console_take, &c }, .s = s };
	AUTO(buf) cmd = { 0 };
	AUTO(buf) out = { .drain = &c.drain };

	(void)reply;
	if (!args_hex_bytes(&args, &cmd) || args.left || cmd.oom)
		return fail(err, VS_INVAL, "malformed monitor command");
	c.said = c.looked = clock_ms();
	errpipe_keep(&s->errors);
	console_run(&c, buf_str(&cmd), &out);
	errpipe_show(&s->errors);
	if (c.st) {
		*err = c.why;
		return c.st;
	}
	out.drain = NULL;
	errpipe_take(&s->errors, &out);
	if (out.oom)
		return fail(err, VS_NOMEM, "no memory for the output");
	return session_console(s, out.p, out.len, err);
}
