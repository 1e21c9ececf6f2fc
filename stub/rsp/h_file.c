// SPDX-License-Identifier: GPL-3.0-or-later
/* h_file.c - vFile: files that gdb reads through vmstub. The target decides which files exist; here
 * are only the reply formats, errno numbers and struct stat of the protocol (gdb manual, "File-I/O
 * Remote Protocol"). Descriptors are recorded, so that gdb can only use its own and all get closed.
 */
#include <errno.h>
#include <inttypes.h>

#include "stub/base/cleanup.h"
#include "stub/rsp/args.h"
#include "stub/rsp/commands.h"
#include "stub/rsp/handlers.h"
#include "stub/rsp/packet.h"
#include "stub/rsp/state.h"

#define MAX_OPEN_FILES 64
/* struct stat on the wire, big-endian; unknown members are 0. */
#define WIRE_STAT_SIZE 64

/* The protocol's errno values; the small ones are those of Linux. */
enum file_errno {
	FILE_ENOENT = 2,
	FILE_EIO = 5,
	FILE_EBADF = 9,
	FILE_EINVAL = 22,
	FILE_EMFILE = 24,
	FILE_EROFS = 30,
};

/* A failed call has its own reply format; it is not a packet error. */
static vs_status reply_errno(struct buf *reply, enum file_errno e)
{
	buf_reset(reply);
	buf_printf(reply, "F-1,%x", (unsigned)e);
	return VS_OK;
}

static enum file_errno errno_of(vs_status st)
{
	switch (st) {
	case VS_NOTFOUND:
	case VS_NOMATCH:
		return FILE_ENOENT;
	case VS_INVAL:
		return FILE_EINVAL;
	default:
		return FILE_EIO;
	}
}

/* Index in s->files of the descriptor, or -1. */
static ptrdiff_t files_find(const struct session *s, uint64_t fd)
{
	for (size_t i = 0; i < s->files.n; i++)
		if ((uint64_t)s->files.v[i] == fd)
			return (ptrdiff_t)i;
	return -1;
}

static vs_status take_name(struct bytes *args, struct buf *name, struct err *err)
{
	if (!args_hex_bytes(args, name) || name->oom || name->len == 0 ||
	    memchr(name->p, '\0', name->len))
		return fail(err, VS_INVAL, "malformed file name");
	return VS_OK;
}

/* gdb selects a process's view of the file system; there is only one. */
RSP_HANDLER(h_file_setfs)
{
	(void)s, (void)args, (void)err;
	buf_puts(reply, "F0");
	return VS_OK;
}

/* args: "name,flags,mode" */
RSP_HANDLER(h_file_open)
{
	AUTO(buf) name = { 0 };
	uint64_t flags, mode;
	vs_status st;
	int fd;

	if (take_name(&args, &name, err) || !args_skip(&args, ",") ||
	    !args_two_hex(&args, &flags, &mode))
		return reply_errno(reply, FILE_EINVAL);
	if (flags)
		return reply_errno(reply, FILE_EROFS);
	if (s->files.n >= MAX_OPEN_FILES)
		return reply_errno(reply, FILE_EMFILE);
	st = s->ops->file_open(s->ctx, buf_str(&name), &fd, err);
	if (st == VS_UNSUPPORTED)
		return RSP_EMPTY;
	if (st)
		return reply_errno(reply, errno_of(st));
	if (!vec_push(&s->files, fd)) {
		s->ops->file_close(s->ctx, fd);
		return reply_errno(reply, FILE_EMFILE);
	}
	buf_printf(reply, "F%x", (unsigned)fd);
	return VS_OK;
}

/* args: "fd,count,offset" */
RSP_HANDLER(h_file_pread)
{
	AUTO(buf) data = { 0 };
	AUTO(buf) text = { 0 };
	uint64_t fd, count, off;
	struct mem_got got;
	size_t n;

	if (!args_hex(&args, &fd) || !args_skip(&args, ",") || !args_two_hex(&args, &count, &off))
		return reply_errno(reply, FILE_EINVAL);
	if (files_find(s, fd) < 0)
		return reply_errno(reply, FILE_EBADF);
	if (count > PACKET_SIZE - 32)
		count = PACKET_SIZE - 32;
	if (!buf_reserve(&data, (size_t)count))
		return fail(err, VS_NOMEM, "no memory for a file");
	got = s->ops->file_pread(s->ctx, (int)fd, off, data.p, (size_t)count, err);
	if (got.len == 0 && got.why != VS_OK && got.why != VS_END)
		return reply_errno(reply, errno_of(got.why));
	// the count of bytes comes before them: escape, then count
	n = packet_escape(&text, data.p, got.len, PACKET_SIZE - 32);
	buf_printf(reply, "F%zx;", n);
	buf_put(reply, text.p, text.len);
	return VS_OK;
}

static void put_be(uint8_t *p, uint64_t v, size_t size)
{
	while (size--) {
		p[size] = (uint8_t)v;
		v >>= 8;
	}
}

static void stat_put(const struct rsp_stat *st, struct buf *reply)
{
	uint8_t wire[WIRE_STAT_SIZE] = { 0 };

	put_be(wire + 8, st->mode, 4);
	put_be(wire + 12, 1, 4); // nlink
	put_be(wire + 28, st->size, 8);
	put_be(wire + 36, 4096, 8); // blksize
	put_be(wire + 44, (st->size + 511) / 512, 8);
	put_be(wire + 52, st->mtime, 4); // atime, mtime, ctime
	put_be(wire + 56, st->mtime, 4);
	put_be(wire + 60, st->mtime, 4);
	buf_printf(reply, "F%x;", WIRE_STAT_SIZE);
	packet_escape(reply, wire, sizeof(wire), 2 * sizeof(wire));
}

/* args: "fd" */
RSP_HANDLER(h_file_fstat)
{
	struct rsp_stat stat = { 0 };
	uint64_t fd;
	vs_status st;

	if (!args_hex(&args, &fd) || args.left)
		return reply_errno(reply, FILE_EINVAL);
	if (files_find(s, fd) < 0)
		return reply_errno(reply, FILE_EBADF);
	st = s->ops->file_stat(s->ctx, (int)fd, &stat, err);
	if (st)
		return reply_errno(reply, errno_of(st));
	stat_put(&stat, reply);
	return VS_OK;
}

/* args: "name"; also for lstat, because there are no symbolic links. gdb 17+ */
RSP_HANDLER(h_file_stat)
{
	AUTO(buf) name = { 0 };
	struct rsp_stat stat = { 0 };
	vs_status st;
	int fd;

	if (take_name(&args, &name, err) || args.left)
		return reply_errno(reply, FILE_EINVAL);
	st = s->ops->file_open(s->ctx, buf_str(&name), &fd, err);
	if (st == VS_UNSUPPORTED)
		return RSP_EMPTY;
	if (st)
		return reply_errno(reply, errno_of(st));
	st = s->ops->file_stat(s->ctx, fd, &stat, err);
	s->ops->file_close(s->ctx, fd);
	if (st)
		return reply_errno(reply, errno_of(st));
	stat_put(&stat, reply);
	return VS_OK;
}

/* args: "fd" */
RSP_HANDLER(h_file_close)
{
	ptrdiff_t i;
	uint64_t fd;

	(void)err;
	if (!args_hex(&args, &fd) || args.left)
		return reply_errno(reply, FILE_EINVAL);
	i = files_find(s, fd);
	if (i < 0)
		return reply_errno(reply, FILE_EBADF);
	s->files.v[i] = s->files.v[--s->files.n];
	s->ops->file_close(s->ctx, (int)fd);
	buf_puts(reply, "F0");
	return VS_OK;
}

/* readlink(2) fails with EINVAL for a file that is not a symbolic link. */
RSP_HANDLER(h_file_readlink)
{
	(void)s, (void)args, (void)err;
	return reply_errno(reply, FILE_EINVAL);
}

/* pwrite, unlink */
RSP_HANDLER(h_file_refuse)
{
	(void)s, (void)args, (void)err;
	return reply_errno(reply, FILE_EROFS);
}
