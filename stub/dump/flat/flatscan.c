// SPDX-License-Identifier: GPL-3.0-or-later
/* flatscan.c - reads the record headers of a flattened container.
 * In: a descriptor. Out: records in file order. Not here: the index (flatmap.c). */
#include "stub/dump/flat/flatscan.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stub/base/bytes.h"
#include "stub/dump/file.h"

#define MAX_LOGICAL (UINT64_C(1) << 55)

void flatscan_init(struct flatscan *s, int fd, uint64_t size)
{
	s->fd = fd;
	s->size = size;
	s->seek_from = sizeof(s->buf) / 2;
	s->seek = false;
	flatscan_seek(s, FLAT_HEADER);
}

void flatscan_seek(struct flatscan *s, uint64_t pos)
{
	s->pos = pos;
	s->fault[0] = '\0';
	s->io = 0;
	s->off = 0;
	s->len = 0;
}

static bool fill(struct flatscan *s, uint64_t off, size_t n)
{
	int64_t got = fd_pread(s->fd, s->buf, n, off);

	s->io = got < 0 ? errno : 0;
	s->off = off;
	s->len = got < 0 ? 0 : (size_t)got;
	return got >= 0;
}

/* n bytes at off: NULL at the end of the file, or with s->io on a read error. */
static const uint8_t *get(struct flatscan *s, uint64_t off, size_t n)
{
	if (off < s->off || !range_ok(off - s->off, n, s->len)) {
		// a bad sector in the part read ahead does not matter yet
		if (s->seek || !fill(s, off, sizeof(s->buf)))
			fill(s, off, n);
		if (s->len < n)
			return NULL;
	}
	return s->buf + (off - s->off);
}

vs_status flatscan_check(struct flatscan *s, const char *path, struct err *err)
{
	const uint8_t *p = get(s, 0, 32);

	if (!p)
		return fail(err, s->io ? VS_IO : VS_CORRUPT, "%s: flattened header: %s", path,
			    s->io ? strerror(s->io) : "truncated");
	if (load_be64(p + 16) != 1 || load_be64(p + 24) != 1)
		return fail(err, VS_UNSUPPORTED,
			    "%s: flattened header: type %" PRIu64 " version %" PRIu64
			    " is not supported (only type 1 version 1 is)",
			    path, load_be64(p + 16), load_be64(p + 24));
	return VS_OK;
}

/* Why a record's header is invalid, NULL if it is valid. */
static const char *head_fault(int64_t logical, int64_t len)
{
	if (logical < 0)
		return "negative offset";
	if (len <= 0)
		return "size not positive";
	if ((uint64_t)logical >= MAX_LOGICAL || (uint64_t)len >= MAX_LOGICAL ||
	    (uint64_t)logical + (uint64_t)len > MAX_LOGICAL)
		return "beyond 2^55";
	return NULL;
}

static vs_status end(struct flatscan *s, const char *why)
{
	snprintf(s->fault, sizeof(s->fault), "%s", why);
	return VS_END;
}

vs_status flatscan_next(struct flatscan *s, struct flatrec *ret)
{
	const uint8_t *p;
	int64_t logical, len;
	uint64_t data, have;
	const char *fault;

	if (s->fault[0])
		return VS_END;
	p = get(s, s->pos, FLAT_RECORD);
	if (!p)
		return end(s, s->io ? strerror(s->io) : "no end marker");
	logical = (int64_t)load_be64(p);
	len = (int64_t)load_be64(p + 8);
	if (logical == -1 && len == -1)
		return VS_END;
	fault = head_fault(logical, len);
	if (fault) {
		snprintf(s->fault, sizeof(s->fault), "offset %" PRId64 " size %" PRId64 ": %s",
			 logical, len, fault);
		return VS_END;
	}
	data = s->pos + FLAT_RECORD;
	have = s->size > data ? s->size - data : 0;
	if (have < (uint64_t)len)
		end(s,
		    "data past the end of the file"); // at the next call; this one returns a part
	else
		s->pos = data + (uint64_t)len;
	if (!have)
		return VS_END;
	s->seek = (uint64_t)len >= s->seek_from;
	*ret = (struct flatrec){ logical, have < (uint64_t)len ? have : (uint64_t)len, data };
	return VS_OK;
}
