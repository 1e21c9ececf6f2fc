// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* servedfiles.h - the files that a gdb on another machine reads through vmstub (vFile). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"
#include "stub/rsp/target.h"

struct images;

#define SERVED_FILES_MAX 64

struct served_files {
	struct served_file {
		int fd;	       /* -1: free */
		char name[64]; /* without its folder */
		uint64_t size;
		uint64_t sent; /* bytes that gdb has read, some perhaps twice */
		unsigned told; /* tenths that were told */
	} v[SERVED_FILES_MAX];
};

void served_init(struct served_files *s);
void served_deinit(struct served_files *s); /* closes all */
bool served_any(const struct served_files *s);

/* Opens one of the files in images (images_open()); *fd is its number for the others. VS_IO: too
 * many are open. */
vs_status served_open(struct served_files *s, struct images *im, const char *name, int *fd,
		      struct err *err);
/* Reads; of a file so large that it takes a while, tells on stderr how much gdb has. */
struct mem_got served_pread(struct served_files *s, int fd, uint64_t off, void *dst, size_t len,
			    struct err *err);
vs_status served_stat(const struct served_files *s, int fd, struct rsp_stat *ret, struct err *err);
void served_close(struct served_files *s, int fd);
