// SPDX-License-Identifier: GPL-3.0-or-later
/* flat.c - presents a flattened container as the file inside.
 * In: a descriptor. Out: logical bytes. All record headers must be read at open: each one leads to
 * the next, and the last record may overwrite the first byte, as when makedumpfile writes the
 * header last. No data is kept. The index is in flatmap.c. */
#include "stub/dump/flat/flat.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/flat/flatmap.h"
#include "stub/dump/flat/flatscan.h"
#include "stub/dump/safecopy.h"

#define MAX_IOV 64
/* Files smaller than REPORT_FROM are indexed quickly enough. */
#define REPORT_FROM  (UINT64_C(4) << 30)
#define REPORT_FIRST (UINT64_C(64) << 20)
/* When the headers of a group are read again, skip data of at least this size. */
#define AGAIN_SEEK_FROM 1024

struct flat {
	int fd;
	const char *path; /* borrowed */
	uint64_t size;	  /* logical */
	bool cut;
	const uint8_t *mapped; /* NULL: not */
	struct flatmap map;
	struct flatscan scan;
	uint8_t junk[FLAT_RECORD]; /* gathering reads discard record headers here */
};

bool flat_magic_ok(const uint8_t *magic)
{
	static const char text[] = "makedumpfile"; // garbage may follow: seen in makedumpfile 1.3.5

	return memcmp(magic, text, sizeof(text)) == 0;
}

static vs_status index_fault(const struct flat *fl, vs_status st, uint64_t n, struct err *err)
{
	if (st == VS_NOMEM)
		return fail(err, VS_NOMEM, "%s: no memory for an index of %" PRIu64 " records",
			    fl->path, n);
	return fail(err, VS_UNSUPPORTED,
		    "%s: flattened records too scattered to index, %" PRIu64
		    " so far; rearrange it first: makedumpfile -R out < %s",
		    fl->path, n, fl->path);
}

/* Reports the progress of reading all record headers, which must finish before any other read. */
static void report(const struct flat *fl, uint64_t *next)
{
	const struct flatscan *s = &fl->scan;

	if (s->size < REPORT_FROM || s->pos < *next)
		return;
	if (*next <= REPORT_FIRST)
		log_warn("%s: flattened file of %" PRIu64
			 " GiB: reading all its record headers first; makedumpfile -R avoids this",
			 fl->path, s->size >> 30);
	else
		log_warn("%s: %u%% read", fl->path,
			 (unsigned)((double)s->pos * 100 / (double)s->size));
	*next = s->pos + s->size / 10;
}

static vs_status index_records(struct flat *fl, struct err *err)
{
	uint64_t next = REPORT_FIRST, n = 0;
	struct flatrec rec;
	vs_status st;

	while (flatscan_next(&fl->scan, &rec) == VS_OK) {
		st = flatmap_add(&fl->map, &rec);
		if (st)
			return index_fault(fl, st, n, err);
		n++;
		report(fl, &next);
	}
	if (!n)
		return fail(err, VS_CORRUPT, "%s: truncated: flattened file without a whole record",
			    fl->path);
	if (fl->scan.fault[0]) {
		fl->cut = true;
		log_warn("%s: flattened file ends early: record at %#" PRIx64 ": %s", fl->path,
			 fl->scan.pos, fl->scan.fault);
	}
	st = flatmap_finish(&fl->map);
	if (st)
		return index_fault(fl, st, n, err);
	fl->size = flatmap_size(&fl->map);
	fl->scan.seek_from = AGAIN_SEEK_FROM;
	return VS_OK;
}

vs_status flat_create(int fd, uint64_t size, const char *path, size_t limit, struct flat **ret,
		      struct err *err)
{
	struct flat *fl = calloc(1, sizeof(*fl));
	vs_status st;

	if (!fl)
		return fail(err, VS_NOMEM, "%s: out of memory", path);
	fl->fd = fd;
	fl->path = path;
	flatscan_init(&fl->scan, fd, size);
	flatmap_init(&fl->map, limit);
	st = flatscan_check(&fl->scan, path, err);
	if (!st)
		st = index_records(fl, err);
	if (st) {
		flat_destroy(fl);
		return st;
	}
	*ret = fl;
	return VS_OK;
}

void flat_destroy(struct flat *fl)
{
	if (!fl)
		return;
	flatmap_deinit(&fl->map);
	free(fl);
}

void flat_use_map(struct flat *fl, const uint8_t *map)
{
	fl->mapped = map;
}

uint64_t flat_size(const struct flat *fl)
{
	return fl->size;
}

bool flat_is_cut(const struct flat *fl)
{
	return fl->cut;
}

uint64_t flat_next_data(struct flat *fl, uint64_t off)
{
	return flatmap_next(&fl->map, off);
}

/* Length of the run at off that one preadv can read: pieces whose records follow each other in
 * the container. The headers between them go to junk. */
static size_t gather(struct flat *fl, const struct flatpiece *at, uint64_t off, uint8_t *dst,
		     size_t len, struct iovec *iov, int *niov)
{
	const struct range *r = at->r;
	size_t done = 0;
	int n = 0;

	for (;;) {
		uint64_t skip = off + done - r->start;
		size_t step = r->len - skip < len - done ? (size_t)(r->len - skip) : len - done;

		iov[n++] = (struct iovec){ dst + done, step };
		done += step;
		if (done == len || n + 2 > MAX_IOV || r + 1 == at->end)
			break;
		if (r[1].start != r->start + r->len || r[1].src != r->src + r->len + FLAT_RECORD)
			break;
		iov[n++] = (struct iovec){ fl->junk, FLAT_RECORD };
		r++;
	}
	*niov = n;
	return done;
}

/* Reads one run of data, at most at->left bytes. Returns the bytes read, or -1. */
static int64_t read_run(struct flat *fl, const struct flatpiece *at, uint64_t off, uint8_t *dst,
			size_t len)
{
	const struct range *r = at->r;
	struct iovec iov[MAX_IOV];
	uint64_t src = r->src + (off - r->start);
	size_t run = r->len - (off - r->start) < len ? (size_t)(r->len - (off - r->start)) : len;
	size_t total = 0;
	int niov;

	if (fl->mapped && safecopy(dst, fl->mapped + src, run))
		return (int64_t)run;
	run = gather(fl, at, off, dst, len, iov, &niov);
	if (niov > 1) {
		for (int i = 0; i < niov; i++)
			total += iov[i].iov_len;
		if (preadv(fl->fd, iov, niov, (off_t)src) == (ssize_t)total)
			return (int64_t)run;
		run = iov[0].iov_len; // short read: read the pieces one at a time
	}
	return fd_pread(fl->fd, dst, run, src);
}

int64_t flat_read(struct flat *fl, uint64_t off, void *dst, size_t len)
{
	size_t done = 0;

	while (done < len) {
		uint8_t *p = (uint8_t *)dst + done;
		size_t want = len - done;
		struct flatpiece at;
		vs_status st = flatmap_find(&fl->map, &fl->scan, off + done, &at);
		int64_t n;

		if (st == VS_IO)
			return -1;
		if (st)
			break;
		if (at.gap) {
			n = at.gap < want ? (int64_t)at.gap : (int64_t)want;
			memset(p, 0, (size_t)n);
		} else {
			n = read_run(fl, &at, off + done, p,
				     at.left < want ? (size_t)at.left : want);
		}
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}
