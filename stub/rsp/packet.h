// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* packet.h - framing: $data#checksum, escapes, acknowledgements. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"

struct conn;

/* Longest packet offered to gdb (qSupported PacketSize), frame included. gdb accepts up to 512 KiB,
 * and asks for as much of a file at once: over a distance each request costs a round trip. Memory
 * it requests in pages or 4 KiB chunks anyway. */
#define PACKET_SIZE 0x80000

enum packet_event {
	PACKET_DATA,	 /* a whole packet with a good checksum */
	PACKET_BAD_SUM,	 /* a whole packet, but the checksum differs or is not hex */
	PACKET_TOO_LONG, /* more than PACKET_SIZE bytes; data holds the first of them */
	PACKET_RESEND,	 /* '-': gdb did not understand the last packet */
	PACKET_ACK,	 /* '+': it did */
};

/* Wait for the next event. data becomes the raw bytes between '$' and '#'. Skips 0x03 (interrupt: a
 * dump does not run) and noise between packets. A '$' inside a packet starts a new one. VS_END: gdb
 * closed the connection. */
vs_status packet_read(struct conn *c, struct buf *data, enum packet_event *ev, struct err *err);

/* Append the frame around n bytes of payload, which must not hold raw '$', '#' or '*'. */
void packet_frame(struct buf *out, const void *payload, size_t n);
/* The same for a notification, which gdb does not acknowledge. */
void packet_notification(struct buf *out, const void *payload, size_t n);

/* Append binary data with } # $ * escaped. Stops before the appended text exceeds max bytes.
 * Returns the number of bytes of p that were appended. */
size_t packet_escape(struct buf *out, const void *p, size_t n, size_t max);
/* Append data with escapes resolved. False if the last byte is a lone escape. */
bool packet_unescape(struct buf *out, const void *p, size_t n);
/* Append text for a reply that is not encoded: bytes that framing or run-length decoding would
 * change, and those that are not printable ASCII, become '?'. */
void packet_text(struct buf *out, const char *s);
