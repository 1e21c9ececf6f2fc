/* flat.c - index of a flattened container and reads through it.
 * In: a descriptor. Out: logical bytes. One pass over the record headers at open; no data is kept.
 */
#include "stub/dump/flat.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "stub/base/bytes.h"
#include "stub/base/log.h"
#include "stub/dump/file.h"
#include "stub/dump/ranges.h"
#include "stub/dump/safecopy.h"

#define FLAT_HEADER 4096
#define FLAT_RECORD 16
/* 24 bytes each: 1.5 GiB of index, for a file of 1 TiB in 16 KiB records. */
#define FLAT_MAX_RECORDS (UINT64_C(1) << 26)
#define FLAT_MAX_LOGICAL (UINT64_C(1) << 55)
#define SCAN_BUF	 (64 * 1024)
#define MAX_IOV		 64
/* Smaller files take no time that anybody notices. */
#define REPORT_FROM  (UINT64_C(4) << 30)
#define REPORT_FIRST (UINT64_C(64) << 20)

struct flat {
	int fd;
	const char *path; /* borrowed */
	uint64_t size;	  /* logical */
	bool cut;
	const uint8_t *mapped;	   /* NULL: not */
	struct ranges map;	   /* logical offset -> file offset */
	uint8_t junk[FLAT_RECORD]; /* where gathering reads drop record headers */
};

/* Buffered reader of the record headers. */
struct scan {
	int fd;
	uint64_t size; /* of the container */
	uint64_t off;  /* file offset of buf */
	size_t len;
	bool dense; /* records so small that reading through them beats seeking */
	uint8_t buf[SCAN_BUF];
};

static const uint8_t magic_text[FLAT_MAGIC_LEN] = "makedumpfile";

bool flat_magic_ok(const uint8_t *magic)
{
	return memcmp(magic, magic_text, FLAT_MAGIC_LEN) == 0;
}

static uint64_t be64(const uint8_t *p)
{
	return be64toh(load_u64(p));
}

/* n bytes at off: NULL at the end of the file (*io false) or on a read error (*io true). */
static const uint8_t *scan_get(struct scan *s, uint64_t off, size_t n, bool *io)
{
	*io = false;
	if (off < s->off || !range_ok(off - s->off, n, s->len)) {
		int64_t got = fd_pread(s->fd, s->buf, s->dense ? SCAN_BUF : n, off);

		*io = got < 0;
		s->off = off;
		s->len = got < 0 ? 0 : (size_t)got;
		if (s->len < n)
			return NULL;
	}
	return s->buf + (off - s->off);
}

static vs_status check_header(struct scan *s, const char *path, struct err *err)
{
	bool io;
	const uint8_t *p = scan_get(s, 0, 32, &io);

	if (!p)
		return fail(err, io ? VS_IO : VS_CORRUPT, "%s: flattened header: %s", path,
			    io ? strerror(errno) : "truncated");
	if (be64(p + 16) != 1 || be64(p + 24) != 1)
		return fail(err, VS_UNSUPPORTED,
			    "%s: flattened header: type %" PRIu64 " version %" PRIu64
			    ", only 1 and 1 are known",
			    path, be64(p + 16), be64(p + 24));
	return VS_OK;
}

/* Why a record header is not believed, NULL when it is fine. */
static const char *record_fault(int64_t logical, int64_t len)
{
	if (logical < 0)
		return "negative offset";
	if (len <= 0)
		return "size not positive";
	if ((uint64_t)logical >= FLAT_MAX_LOGICAL || (uint64_t)len >= FLAT_MAX_LOGICAL ||
	    (uint64_t)logical + (uint64_t)len > FLAT_MAX_LOGICAL)
		return "beyond 2^55";
	return NULL;
}

static void cut_here(struct flat *fl, uint64_t pos, const char *why)
{
	fl->cut = true;
	if (fl->map.n) // else opening fails and says so
		log_warn("%s: flattened file ends early: record at %#" PRIx64 ": %s", fl->path, pos,
			 why);
}

/* Add the record at *pos and step over it. VS_END: nothing more to index. */
static vs_status index_record(struct flat *fl, struct scan *s, uint64_t *pos, struct err *err)
{
	bool io;
	const uint8_t *p = scan_get(s, *pos, FLAT_RECORD, &io);
	uint64_t data = *pos + FLAT_RECORD;
	int64_t logical, len;
	uint64_t have;
	const char *fault;

	if (!p) {
		cut_here(fl, *pos, io ? strerror(errno) : "no end marker");
		return VS_END;
	}
	logical = (int64_t)be64(p);
	len = (int64_t)be64(p + 8);
	if (logical == -1 && len == -1)
		return VS_END;
	fault = record_fault(logical, len);
	if (fault) {
		char why[96];

		snprintf(why, sizeof(why), "offset %" PRId64 " size %" PRId64 ": %s", logical, len,
			 fault);
		cut_here(fl, *pos, why);
		return VS_END;
	}
	have = s->size > data ? s->size - data : 0;
	if (have > (uint64_t)len)
		have = (uint64_t)len;
	if (have && !ranges_add(&fl->map, (uint64_t)logical, have, data))
		return fail(err, VS_NOMEM, "%s: no memory for an index of %zu records", fl->path,
			    fl->map.n);
	if (have < (uint64_t)len) {
		cut_here(fl, *pos, "data past the end of the file");
		return VS_END;
	}
	s->dense = len < SCAN_BUF / 2;
	*pos = data + (uint64_t)len;
	return VS_OK;
}

/* Every record's head has to be read before anything of the file can be: say how far that is. */
static void report(const struct flat *fl, const struct scan *s, uint64_t pos, uint64_t *next)
{
	if (s->size < REPORT_FROM || pos < *next)
		return;
	if (*next <= REPORT_FIRST)
		log_warn("%s: flattened file of %" PRIu64
			 " GiB: its records are looked through now, which makedumpfile -R saves "
			 "for good",
			 fl->path, s->size >> 30);
	else
		log_warn("%s: %u%% looked through", fl->path,
			 (unsigned)((double)pos * 100 / (double)s->size));
	*next = pos + s->size / 10;
}

static vs_status index_records(struct flat *fl, struct scan *s, struct err *err)
{
	uint64_t pos = FLAT_HEADER, next = REPORT_FIRST;
	vs_status st;

	while ((st = index_record(fl, s, &pos, err)) == VS_OK) {
		report(fl, s, pos, &next);
		if (fl->map.n >= FLAT_MAX_RECORDS)
			return fail(
				err, VS_UNSUPPORTED,
				"%s: more than %" PRIu64
				" flattened records; rearrange it first: makedumpfile -R out < %s",
				fl->path, FLAT_MAX_RECORDS, fl->path);
	}
	if (st != VS_END)
		return st;
	if (!fl->map.n)
		return fail(err, VS_CORRUPT, "%s: truncated: flattened file without a whole record",
			    fl->path);
	if (!ranges_resolve(&fl->map, true))
		return fail(err, VS_NOMEM, "%s: no memory for an index of %zu records", fl->path,
			    fl->map.n);
	fl->size = fl->map.v[fl->map.n - 1].start + fl->map.v[fl->map.n - 1].len;
	return VS_OK;
}

vs_status flat_create(int fd, uint64_t size, const char *path, struct flat **ret, struct err *err)
{
	struct scan *s = malloc(sizeof(*s));
	struct flat *fl = calloc(1, sizeof(*fl));
	vs_status st;

	if (!s || !fl) {
		free(s);
		free(fl);
		return fail(err, VS_NOMEM, "%s: out of memory", path);
	}
	s->fd = fd;
	s->size = size;
	s->off = 0;
	s->len = 0;
	s->dense = true;
	fl->fd = fd;
	fl->path = path;
	st = check_header(s, path, err);
	if (!st)
		st = index_records(fl, s, err);
	free(s);
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
	ranges_deinit(&fl->map);
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
	const struct range *r = ranges_find(&fl->map, off);

	if (!r)
		return fl->size;
	return r->start > off ? r->start : off;
}

/* Length of the run at off that one preadv can fetch: pieces whose records stand one after the
 * other in the container, with the headers between them read into junk. */
static size_t gather(struct flat *fl, const struct range *r, uint64_t off, uint8_t *dst, size_t len,
		     struct iovec *iov, int *niov)
{
	const struct range *end = fl->map.v + fl->map.n;
	size_t done = 0;
	int n = 0;

	for (;;) {
		uint64_t skip = off + done - r->start;
		size_t step = r->len - skip < len - done ? (size_t)(r->len - skip) : len - done;

		iov[n++] = (struct iovec){ dst + done, step };
		done += step;
		if (done == len || n + 2 > MAX_IOV || r + 1 == end)
			break;
		if (r[1].start != r->start + r->len || r[1].src != r->src + r->len + FLAT_RECORD)
			break;
		iov[n++] = (struct iovec){ fl->junk, FLAT_RECORD };
		r++;
	}
	*niov = n;
	return done;
}

/* One piece of a read that starts inside r. Bytes got, or -1. */
static int64_t read_run(struct flat *fl, const struct range *r, uint64_t off, uint8_t *dst,
			size_t len)
{
	struct iovec iov[MAX_IOV];
	uint64_t at = r->src + (off - r->start);
	size_t run = r->len - (off - r->start) < len ? (size_t)(r->len - (off - r->start)) : len;
	size_t total = 0;
	int niov;

	if (fl->mapped && safecopy(dst, fl->mapped + at, run))
		return (int64_t)run;
	run = gather(fl, r, off, dst, len, iov, &niov);
	if (niov > 1) {
		for (int i = 0; i < niov; i++)
			total += iov[i].iov_len;
		if (preadv(fl->fd, iov, niov, (off_t)at) == (ssize_t)total)
			return (int64_t)run;
		run = iov[0].iov_len; // short: take the pieces one at a time
	}
	return fd_pread(fl->fd, dst, run, at);
}

int64_t flat_read(struct flat *fl, uint64_t off, void *dst, size_t len)
{
	size_t done = 0;

	while (done < len) {
		const struct range *r = ranges_find(&fl->map, off + done);
		uint8_t *p = (uint8_t *)dst + done;
		int64_t n;

		if (!r)
			break;
		if (r->start > off + done) {
			uint64_t gap = r->start - (off + done);

			n = gap < len - done ? (int64_t)gap : (int64_t)(len - done);
			memset(p, 0, (size_t)n);
		} else {
			n = read_run(fl, r, off + done, p, len - done);
		}
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)done;
}
