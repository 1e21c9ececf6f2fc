// SPDX-License-Identifier: GPL-3.0-or-later
/* stream.c - copies a stream into a temporary file, unpacked. */
#include "stub/dump/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/dump/inflate.h"

#define CHUNK	     (1u << 20)
#define BLOCK	     4096		 /* the size of a hole */
#define MAX_UNPACKED (UINT64_C(1) << 44) /* no machine has more memory: 16 TiB */
#define STEP	     (UINT64_C(1) << 26) /* from progress to progress */

struct stream {
	const char *path;
	const struct stream_options *o;
	int in, out;
	struct inflate *z; /* NULL: it is not compressed */
	uint8_t *from, *to;
	uint64_t written, told;
};

static bool is_zero(const uint8_t *p, size_t n)
{
	return p[0] == 0 && memcmp(p, p + 1, n - 1) == 0;
}

static vs_status write_at(struct stream *s, const uint8_t *p, size_t n, uint64_t at,
			  struct err *err)
{
	while (n) {
		ssize_t done = pwrite(s->out, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return fail(err, VS_IO, "%s: temporary file after %llu bytes: %s", s->path,
				    (unsigned long long)at, strerror(done ? errno : ENOSPC));
		p += done;
		n -= (size_t)done;
		at += (size_t)done;
	}
	return VS_OK;
}

/* Appends bytes; whole blocks of zeros are left out. */
static vs_status append(struct stream *s, const uint8_t *p, size_t n, struct err *err)
{
	vs_status st = VS_OK;

	if (n > MAX_UNPACKED - s->written)
		return fail(err, VS_UNSUPPORTED, "%s: unpacks to more than 16 TiB", s->path);
	for (size_t i = 0; i < n && st == VS_OK;) {
		size_t len = BLOCK - s->written % BLOCK;

		len = len < n - i ? len : n - i;
		if (!is_zero(p + i, len))
			st = write_at(s, p + i, len, s->written, err);
		s->written += len;
		i += len;
	}
	if (s->o->progress && s->written - s->told >= STEP) {
		s->told = s->written;
		s->o->progress(s->o->ctx, s->path, s->written);
	}
	return st;
}

/* Reads until n bytes are there, or the end of the stream. */
static vs_status read_some(struct stream *s, uint8_t *p, size_t n, size_t *got, struct err *err)
{
	*got = 0;
	while (*got < n) {
		ssize_t done = read(s->in, p + *got, n - *got);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return fail(err, VS_IO, "%s: read: %s", s->path, strerror(errno));
		if (done == 0)
			break;
		*got += (size_t)done;
	}
	return VS_OK;
}

/* Unpacks n bytes of the stream. */
static vs_status inflate_all(struct stream *s, size_t n, struct err *err)
{
	const uint8_t *next = s->from;
	bool full = true;

	while (n || full) {
		size_t got, before = n;
		vs_status st = inflate_some(s->z, &next, &n, s->to, CHUNK, &got, err);

		if (st)
			return fail_ctx(err, st, "%s", s->path);
		st = append(s, s->to, got, err);
		if (st)
			return st;
		full = got == CHUNK;
		if (!got && n == before)
			break;
	}
	return n ? fail(err, VS_CORRUPT, "%s: compressed data is damaged", s->path) : VS_OK;
}

static vs_status copy(struct stream *s, size_t have, struct err *err)
{
	vs_status st = VS_OK;

	while (have && st == VS_OK) {
		st = s->z ? inflate_all(s, have, err) : append(s, s->from, have, err);
		if (st == VS_OK)
			st = read_some(s, s->from, CHUNK, &have, err);
	}
	if (st == VS_OK && s->z && !inflate_complete(s->z))
		st = fail(err, VS_CORRUPT, "%s: compressed file is cut: it ends after %llu bytes",
			  s->path, (unsigned long long)s->written);
	// the last block may be a hole
	if (st == VS_OK && ftruncate(s->out, (off_t)s->written))
		st = fail(err, VS_IO, "%s: temporary file: %s", s->path, strerror(errno));
	return st;
}

/* Opens a file without a name. */
static vs_status open_temporary(struct stream *s, struct err *err)
{
	const char *dir = s->o->dir ? s->o->dir : getenv("TMPDIR");
	char name[4096];

	dir = dir && *dir ? dir : "/var/tmp";
	s->out = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (s->out >= 0)
		return VS_OK;
	// some file systems, such as NFS, have no O_TMPFILE
	if ((size_t)snprintf(name, sizeof(name), "%s/vmstub-XXXXXX", dir) < sizeof(name))
		s->out = mkostemp(name, O_CLOEXEC);
	if (s->out < 0)
		return fail(err, VS_IO, "--unpack: %s: %s", dir, strerror(errno));
	unlink(name);
	return VS_OK;
}

static vs_status run(struct stream *s, bool seekable, int *fd, struct err *err)
{
	size_t have;
	vs_status st = read_some(s, s->from, CHUNK, &have, err);

	if (st == VS_OK && have >= INFLATE_MAGIC)
		st = inflate_open(s->from, &s->z, err);
	if (st && st != VS_NOMATCH)
		return fail_ctx(err, st, "%s", s->path);
	if (!s->z && seekable)
		return VS_OK;
	st = open_temporary(s, err);
	if (st == VS_OK)
		st = copy(s, have, err);
	if (st == VS_OK) {
		*fd = s->out;
		s->out = -1;
	}
	return st;
}

vs_status stream_unpack(const char *path, const struct stream_options *o, int *fd, struct err *err)
{
	struct stream s = { .path = path, .o = o, .out = -1 };
	bool input = strcmp(path, "-") == 0;
	struct stat stat;
	vs_status st;

	*fd = -1;
	s.in = input ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
	s.from = malloc(CHUNK);
	s.to = malloc(CHUNK);
	if (s.in < 0 || fstat(s.in, &stat))
		st = fail(err, VS_IO, "%s: %s", path, strerror(errno));
	else if (!s.from || !s.to)
		st = fail(err, VS_NOMEM, "out of memory");
	else if (S_ISDIR(stat.st_mode))
		st = fail(err, VS_INVAL, "%s: is a directory, not a dump file", path);
	else
		st = run(&s, !input && !S_ISFIFO(stat.st_mode), fd, err);
	if (s.out >= 0)
		close(s.out);
	if (s.in >= 0)
		close(s.in);
	inflate_close(s.z);
	free(s.from);
	free(s.to);
	return st;
}
