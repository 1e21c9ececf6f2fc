// SPDX-License-Identifier: GPL-3.0-or-later
/* servedfiles.c - the files that gdb reads through vmstub. */
#include "stub/gdb/servedfiles.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stub/base/log.h"
#include "stub/gdb/images.h"

/* gdb takes a second for some 3 MB. Besides vmlinux, only programs of a task can be as large. */
#define LARGE (UINT64_C(64) << 20)

void served_init(struct served_files *s)
{
	for (int i = 0; i < SERVED_FILES_MAX; i++)
		s->v[i] = (struct served_file){ .fd = -1 };
}

void served_deinit(struct served_files *s)
{
	for (int i = 0; i < SERVED_FILES_MAX; i++)
		served_close(s, i);
}

bool served_any(const struct served_files *s)
{
	for (int i = 0; i < SERVED_FILES_MAX; i++)
		if (s->v[i].fd >= 0)
			return true;
	return false;
}

vs_status served_open(struct served_files *s, struct images *im, const char *name, int *fd,
		      struct err *err)
{
	for (int i = 0; i < SERVED_FILES_MAX; i++) {
		struct served_file f = { .fd = -1 };
		struct stat sb;
		vs_status st;

		if (s->v[i].fd >= 0)
			continue;
		st = images_open(im, name, &f.fd, err);
		if (st)
			return st;
		snprintf(f.name, sizeof(f.name), "%s", basename(name));
		if (fstat(f.fd, &sb) == 0)
			f.size = (uint64_t)sb.st_size;
		s->v[i] = f;
		*fd = i;
		return VS_OK;
	}
	return fail(err, VS_IO, "more than %d open files", SERVED_FILES_MAX);
}

static int file_of(const struct served_files *s, int fd)
{
	return fd >= 0 && fd < SERVED_FILES_MAX ? s->v[fd].fd : -1;
}

/* gdb reads most of the file once, so what it has read shows how long it will still take. */
static void tell(struct served_file *f, uint64_t n)
{
	f->sent += n;
	if (f->size < LARGE || f->told >= 9 || f->sent < f->size / 10 * (f->told + 1))
		return;
	f->told = (unsigned)(f->sent / (f->size / 10));
	log_warn("gdb has %llu of %llu MB of %s", (unsigned long long)(f->sent >> 20),
		 (unsigned long long)(f->size >> 20), f->name);
}

struct mem_got served_pread(struct served_files *s, int fd, uint64_t off, void *dst, size_t len,
			    struct err *err)
{
	int file = file_of(s, fd);
	ssize_t n = file < 0 || off > INT64_MAX ? -1 : pread(file, dst, len, (off_t)off);

	if (n < 0) {
		fail(err, VS_IO, "file %d: %s", fd, strerror(errno));
		return (struct mem_got){ 0, VS_IO };
	}
	tell(&s->v[fd], (uint64_t)n);
	return (struct mem_got){ (size_t)n, (size_t)n < len ? VS_END : VS_OK };
}

vs_status served_stat(const struct served_files *s, int fd, struct rsp_stat *ret, struct err *err)
{
	int file = file_of(s, fd);
	struct stat sb;

	if (file < 0 || fstat(file, &sb))
		return fail(err, VS_IO, "file %d is not open", fd);
	*ret = (struct rsp_stat){ (uint64_t)sb.st_size, sb.st_mode, (uint64_t)sb.st_mtime };
	return VS_OK;
}

void served_close(struct served_files *s, int fd)
{
	if (file_of(s, fd) < 0)
		return;
	close(s->v[fd].fd);
	s->v[fd].fd = -1;
}
