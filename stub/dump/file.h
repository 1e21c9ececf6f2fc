// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* file.h - the bytes of one dump file, plain or flattened, by logical offset.
 * A file that is cut or replaced while it is served loses pages but never crashes vmstub. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

struct file;

/* Open a regular file or a block device. A flattened container is indexed here and then looks
 * like the file inside it. Never blocks on a FIFO. err has path and reason. */
vs_status file_open(const char *path, struct file **ret, struct err *err);
/* The same for a file that is open, which it closes in the end, also on failure; path names it in
 * messages. fd -1: opens the path. */
vs_status file_open_fd(const char *path, int fd, struct file **ret, struct err *err);
void file_close(struct file *f); /* NULL is fine */
/* Makes n >= 1 open files, which follow each other, appear as one. They are borrowed, also the
 * array, and outlive it. Its path is that of the first. */
vs_status file_join(struct file *const *files, size_t n, struct file **ret, struct err *err);

const char *file_path(const struct file *f); /* as given by the user; borrowed */
uint64_t file_size(const struct file *f);    /* logical bytes, as found at open */
bool file_is_flat(const struct file *f);
/* A flattened file that ends before its end marker. */
bool file_is_cut(const struct file *f);
/* On procfs: /proc/vmcore or /proc/kcore. */
bool file_is_proc(const struct file *f);
/* True if reads are plain memory copies, so that read-ahead is useless. */
bool file_is_mapped(const struct file *f);
/* Can another process change the file now? False if that cannot be found out. */
bool file_has_writer(const struct file *f);
/* Same file on disk, whatever the path says. */
bool file_same(const struct file *a, const struct file *b);

/* All len bytes at off, or VS_LOST (past the end) or VS_IO; dst may be partly written then. */
vs_status file_read(struct file *f, uint64_t off, void *dst, size_t len, struct err *err);
/* Up to len bytes at off, as far as the file goes; *got is how many. Fails only with VS_IO. */
vs_status file_read_some(struct file *f, uint64_t off, void *dst, size_t len, size_t *got,
			 struct err *err);
/* First offset >= off that may hold data other than zeros, file_size() when none does. */
uint64_t file_next_data(struct file *f, uint64_t off);

/* pread() of the whole range, continued after signals and short reads. Returns the bytes read,
 * fewer only at the end of the file, or -1 with errno. */
int64_t fd_pread(int fd, void *dst, size_t len, uint64_t off);
