// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* filepages.h - the contents of a file that are in memory: its page cache. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* Pages first to last of a file, with numbers from 0. */
struct file_page {
	uint64_t first, last;
	uint64_t
		entry; /* a struct page; or an odd number, if the pages are elsewhere (swap, DAX) */
};

struct file_pages {
	kva_t mapping; /* struct address_space */
	uint64_t size; /* of the file in bytes */
	bool no_disk;  /* what is nowhere in memory is zeros: the file system has no disk */
	struct file_page *v;
	size_t n, cap;
	vs_status st; /* not VS_OK: some pages are missing in v, why says why */
	struct err why;
};

/* Lists a file's pages by its struct inode. Fails if there is no list at all. The caller frees it
 * with file_pages_free() in any case. */
vs_status file_pages_load(struct kernel *k, kva_t inode, struct file_pages *ret, struct err *err);
void file_pages_free(struct file_pages *p);

/* Reads page `index` of the file into dst (4096 bytes). Zeros with *zero set: it is a hole of a
 * file without a disk. VS_NOTFOUND: the page is only on the disk. VS_SWAPPED: it is in swap, or on
 * a device that is mapped directly. Else the page cannot be read, and err says why. */
vs_status file_page_read(struct kernel *k, const struct file_pages *p, uint64_t index, void *dst,
			 bool *zero, struct err *err);
/* The first page at or after `index` that is in memory or in swap; UINT64_MAX: none. */
uint64_t file_pages_next(const struct file_pages *p, uint64_t index);
