// SPDX-License-Identifier: GPL-3.0-or-later
/* h_xfer.c - qXfer objects, read in pieces: target.xml, library list, thread list, ...
 * An object is built once, when gdb asks for its first byte, and served from that copy, so that the
 * pieces fit together. Not here: the contents, except for the thread list. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"
#include "stub/rsp/commands.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/state.h"

static void thread_put(const struct session *s, uint64_t tid, struct buf *xml)
{
	AUTO(buf) text = { 0 };
	struct err why = { 0 };
	int core = -1;

	buf_printf(xml, "<thread id=\"%" PRIx64 "\"", tid);
	// list the thread even if its name cannot be found
	if (s->ops->thread_name && !s->ops->thread_name(s->ctx, tid, &text, &core, &why)) {
		if (core >= 0)
			buf_printf(xml, " core=\"%d\"", core);
		if (text.len) {
			buf_puts(xml, " name=\"");
			buf_xml(xml, buf_str(&text));
			buf_putc(xml, '"');
		}
	}
	buf_putc(xml, '>');
	buf_reset(&text);
	// with this list gdb does not use qThreadExtraInfo, so include that text
	if (s->ops->thread_extra && !s->ops->thread_extra(s->ctx, tid, &text, &why))
		buf_xml(xml, buf_str(&text));
	buf_puts(xml, "</thread>\n");
}

static void threads_put(const struct session *s, struct buf *xml)
{
	uint64_t tid = 0;

	buf_puts(xml, "<?xml version=\"1.0\"?>\n<threads>\n");
	while ((tid = session_thread_next(s, tid)) != 0)
		thread_put(s, tid, xml);
	buf_puts(xml, "</threads>\n");
}

/* Build the object that s->xfer_key names. On failure there is no object. */
static vs_status xfer_load(struct session *s, const char *object, const char *annex,
			   struct err *err)
{
	vs_status st = VS_OK;

	buf_reset(&s->xfer);
	if (object)
		st = s->ops->xfer(s->ctx, object, annex, &s->xfer, err);
	else
		threads_put(s, &s->xfer);
	if (!st && s->xfer.oom)
		st = fail(err, VS_NOMEM, "no memory for a qXfer object");
	return st;
}

/* Append bytes [off, off + len) of the object, or fewer if the reply would be too long. */
static vs_status xfer_reply(const struct session *s, uint64_t off, uint64_t len, struct buf *reply,
			    struct err *err)
{
	size_t left, n;

	if (off > s->xfer.len)
		return fail(err, VS_INVAL, "offset past the end");
	left = s->xfer.len - (size_t)off;
	if (len > left)
		len = left;
	buf_putc(reply, 'm');
	n = packet_escape(reply, s->xfer.p ? s->xfer.p + off : NULL, (size_t)len, PACKET_SIZE - 8);
	if (n == left && !reply->oom)
		reply->p[0] = 'l';
	return VS_OK;
}

/* object NULL: the thread list. args: "offset,length". */
static vs_status xfer_read(struct session *s, const char *object, const char *annex,
			   struct bytes args, struct buf *reply, struct err *err)
{
	AUTO(buf) key = { 0 };
	uint64_t off, len;
	vs_status st;

	if (!args_two_hex(&args, &off, &len))
		return fail(err, VS_INVAL, "malformed qXfer");
	buf_printf(&key, "%s:%s", object ? object : "threads", annex);
	if (key.oom)
		return fail(err, VS_NOMEM, "no memory for a qXfer");
	if (off == 0 || strcmp(buf_str(&key), buf_str(&s->xfer_key)) != 0) {
		buf_reset(&s->xfer_key);
		st = xfer_load(s, object, annex, err);
		if (st)
			return st;
		buf_puts(&s->xfer_key, buf_str(&key));
	}
	return xfer_reply(s, off, len, reply, err);
}

RSP_HANDLER(h_xfer_threads)
{
	return xfer_read(s, NULL, "", args, reply, err);
}

static bool xfer_served(const struct session *s, const char *object)
{
	const char *const *o = s->ops->xfer_objects;

	for (; o && *o; o++)
		if (strcmp(*o, object) == 0)
			return true;
	return false;
}

/* args: "object:read:annex:offset,length". */
RSP_HANDLER(h_xfer)
{
	AUTO(buf) object = { 0 };
	AUTO(buf) annex = { 0 };
	vs_status st;

	if (!args_word(&args, ':', &object) || !xfer_served(s, buf_str(&object)) ||
	    !args_skip(&args, ":read:"))
		return RSP_EMPTY;
	if (!args_word(&args, ':', &annex) || !args_skip(&args, ":"))
		return fail(err, VS_INVAL, "malformed qXfer");
	st = xfer_read(s, buf_str(&object), buf_str(&annex), args, reply, err);
	if (st == VS_UNSUPPORTED)
		return RSP_EMPTY;
	if (st == VS_NOTFOUND) {
		// the protocol's own code for an annex that does not exist
		buf_puts(reply, "E00");
		return VS_OK;
	}
	return st;
}
