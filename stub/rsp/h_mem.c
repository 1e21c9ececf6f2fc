// SPDX-License-Identifier: GPL-3.0-or-later
/* h_mem.c - memory of the selected thread: read, search, checksum. Writes are refused.
 * A short reply tells gdb where readable memory ends. */
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/base/clock.h"
#include "stub/base/log.h"
#include "stub/rsp/args.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/state.h"

/* Bytes read at a time by search and checksum. */
#define CHUNK 65536
/* Smallest unit of memory that can be missing. */
#define PAGE 4096
/* A search gives up after this much contiguous unreadable memory: gdb cannot interrupt it, and the
 * holes of a 64-bit address space would take hours. */
#define MAX_HOLE (UINT64_C(16) << 30)
/* Time limit for a search or checksum. gdb cannot interrupt it either, and a client that beacon.h
 * does not keep waiting would take a late reply for the answer to its next packet. */
#define MAX_MS 1500
/* gdb compares sections of a file: more than this is a malformed request. */
#define MAX_CRC (UINT64_C(4) << 30)

/* len, reduced if [va, va + len) would wrap. */
static uint64_t clip_to_top(uint64_t va, uint64_t len)
{
	return va && len > -va ? -va : len;
}

/* Parse "address,length" and append what can be read, at most max bytes, to data. Fails if no byte
 * can be read. */
static vs_status mem_take(struct session *s, struct bytes args, size_t max, struct buf *data,
			  struct err *err)
{
	struct mem_got got;
	uint64_t va, len;

	if (!args_two_hex(&args, &va, &len))
		return fail(err, VS_INVAL, "malformed memory request");
	len = clip_to_top(va, len);
	if (len > max)
		len = max;
	if (len == 0)
		return VS_OK;
	if (!buf_reserve(data, (size_t)len))
		return fail(err, VS_NOMEM, "no memory for a memory request");
	got = s->ops->mem_read(s->ctx, session_tid(s), va, data->p, (size_t)len, err);
	data->len = got.len;
	if (got.len == 0)
		return got.why ? got.why : VS_UNMAPPED;
	return VS_OK;
}

RSP_HANDLER(h_mem_hex)
{
	AUTO(buf) data = { 0 };
	vs_status st = mem_take(s, args, PACKET_SIZE / 2 - 8, &data, err);

	if (st)
		return st;
	// this packet cannot return "no bytes": an empty reply means "not supported"
	if (data.len == 0)
		return fail(err, VS_INVAL, "empty memory request");
	buf_hex(reply, data.p, data.len);
	return VS_OK;
}

/* gdb 16+: 'b' and the bytes. Escaping makes the reply longer, so it may return fewer bytes than
 * gdb asked for. */
RSP_HANDLER(h_mem_binary)
{
	AUTO(buf) data = { 0 };
	vs_status st = mem_take(s, args, PACKET_SIZE - 8, &data, err);

	if (st)
		return st;
	buf_putc(reply, 'b');
	packet_escape(reply, data.p, data.len, PACKET_SIZE - 8);
	return VS_OK;
}

RSP_HANDLER(h_mem_write)
{
	(void)s, (void)args, (void)reply;
	return fail(err, VS_INVAL, "The memory of a crash dump cannot be changed");
}

struct search {
	uint64_t va, len; /* the rest of the range */
	uint64_t hole;	  /* unreadable bytes just before va */
	size_t kept;	  /* bytes before va kept before chunk, because a match may straddle it */
	struct buf pattern;
	struct buf window;
	char *chunk; /* place in window for new bytes, at the start of a page (see below) */
};

/* Searches the next chunk; sets *found and *at on a match. */
static vs_status search_step(struct session *s, struct search *q, bool *found, uint64_t *at,
			     struct err *err)
{
	size_t want = q->len < CHUNK ? (size_t)q->len : CHUNK, have, keep;
	struct mem_got got;
	const char *hit;

	got = s->ops->mem_read(s->ctx, session_tid(s), q->va, q->chunk, want, NULL);
	if (got.len == 0) {
		size_t skip = PAGE - (size_t)(q->va % PAGE);

		q->kept = 0;
		q->hole += skip;
		q->va += skip;
		q->len -= skip < q->len ? skip : q->len;
		if (q->hole > MAX_HOLE)
			return fail(err, VS_UNMAPPED, "too much unreadable memory to search");
		return VS_OK;
	}
	have = q->kept + got.len;
	hit = memmem(q->chunk - q->kept, have, q->pattern.p, q->pattern.len);
	if (hit) {
		*found = true;
		*at = q->va + (uint64_t)(hit - q->chunk);
		return VS_OK;
	}
	keep = have < q->pattern.len - 1 ? have : q->pattern.len - 1;
	memmove(q->chunk - keep, q->chunk + got.len - keep, keep);
	q->kept = keep;
	q->hole = 0;
	q->va += got.len;
	q->len -= got.len;
	return VS_OK;
}

/* For targets without mem_search. q: whole range and pattern. gdb shows an error as "Pattern not
 * found", so a search that gives up also says so on stderr, which gdb shows if it started vmstub.
 */
static vs_status search_run(struct session *s, struct search *q, bool *found, uint64_t *at,
			    struct err *err)
{
	int64_t end = clock_ms() + MAX_MS;
	vs_status st = VS_OK;

	if (!buf_reserve(&q->window, CHUNK + q->pattern.len + PAGE))
		return fail(err, VS_NOMEM, "no memory for a search");
	// Copying is several times as fast if source and destination have the same page offset.
	q->chunk = q->window.p + q->pattern.len;
	q->chunk += -(uintptr_t)q->chunk % PAGE;
	while (!st && !*found && q->len) {
		if (clock_ms() > end)
			st = fail(err, VS_UNSUPPORTED, "the range takes too long to search");
		else
			st = search_step(s, q, found, at, err);
	}
	if (st)
		log_warn("search stopped at %#" PRIx64 ": %s", q->va, err->msg);
	return st;
}

static void search_deinit(struct search *q)
{
	buf_deinit(&q->pattern);
	buf_deinit(&q->window);
}

/* args: "address;length;pattern", the pattern in escaped binary. Reply: "0" or "1,address". */
RSP_HANDLER(h_mem_search)
{
	AUTO(search) q = { 0 };
	bool found = false;
	uint64_t at = 0;
	vs_status st;

	if (!args_hex(&args, &q.va) || !args_skip(&args, ";") || !args_hex(&args, &q.len) ||
	    !args_skip(&args, ";") || !packet_unescape(&q.pattern, args.p, args.left) ||
	    q.pattern.len == 0)
		return fail(err, VS_INVAL, "malformed search");
	q.len = clip_to_top(q.va, q.len);
	if (s->ops->mem_search)
		st = s->ops->mem_search(s->ctx, session_tid(s), q.va, q.len, q.pattern.p,
					q.pattern.len, &found, &at, err);
	else
		st = search_run(s, &q, &found, &at, err);
	if (st && st != VS_NOTFOUND)
		return st;
	if (found)
		buf_printf(reply, "1,%" PRIx64, at);
	else
		buf_putc(reply, '0');
	return VS_OK;
}

/* gdb's xcrc32: polynomial 0x04c11db7, high bit first, no final inversion; four bits per step. */
static uint32_t crc_add(uint32_t crc, const uint8_t *p, size_t n)
{
	static const uint32_t table[16] = {
		0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9, 0x130476dc, 0x17c56b6b,
		0x1a864db2, 0x1e475005, 0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61,
		0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd,
	};

	for (size_t i = 0; i < n; i++) {
		crc = crc << 4 ^ table[(crc >> 28 ^ p[i] >> 4) & 15];
		crc = crc << 4 ^ table[(crc >> 28 ^ p[i]) & 15];
	}
	return crc;
}

/* args: "address,length". Reply: 'C' and the checksum. */
RSP_HANDLER(h_mem_crc)
{
	AUTO(buf) data = { 0 };
	int64_t end = clock_ms() + MAX_MS;
	uint32_t crc = UINT32_MAX;
	uint64_t va, len;

	if (!args_two_hex(&args, &va, &len) || len > MAX_CRC || len != clip_to_top(va, len))
		return fail(err, VS_INVAL, "malformed checksum request");
	if (!buf_reserve(&data, CHUNK))
		return fail(err, VS_NOMEM, "no memory for a checksum");
	while (len) {
		size_t n = len < CHUNK ? (size_t)len : CHUNK;
		struct mem_got got;

		got = s->ops->mem_read(s->ctx, session_tid(s), va, data.p, n, err);
		if (got.len == 0)
			return got.why ? got.why : VS_UNMAPPED;
		if (clock_ms() > end)
			return fail(err, VS_UNSUPPORTED, "the checksum takes too long");
		crc = crc_add(crc, (const uint8_t *)data.p, got.len);
		va += got.len;
		len -= got.len;
	}
	buf_printf(reply, "C%" PRIx32, crc);
	return VS_OK;
}
