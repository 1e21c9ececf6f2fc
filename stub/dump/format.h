// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* format.h - private to stub/dump: the operations that each dump format implements, and what its
 * open function returns to dump.c. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/mem.h"
#include "stub/dump/dump.h"
#include "stub/dump/notes.h"

struct file;

/* Blocks are info.page_size bytes; block_pa is a multiple of it. err may be NULL everywhere. */
struct dump_ops {
	/* Fill dst with one block, or set *zero and leave dst alone: the block is known to be
	 * zeros. VS_NOMATCH: the block is not stored in one piece, use read(). */
	vs_status (*read_block)(void *fmt, pa_t block_pa, uint8_t *dst, bool *zero,
				struct err *err);
	/* Any range. NULL if read_block never returns VS_NOMATCH. */
	struct mem_got (*read)(void *fmt, pa_t pa, void *dst, size_t len, struct err *err);
	/* Can pa be read? Does not read page data. */
	vs_status (*state)(void *fmt, pa_t pa);
	/* First stored address >= from; VS_END when none. */
	vs_status (*next)(void *fmt, pa_t from, pa_t *ret, struct err *err);
	/* Number of stored blocks, or 0 if that would take a pass over the dump. */
	uint64_t (*stored)(void *fmt);
	void (*close)(void *fmt);
};

/* Filled by a format's open function. On failure dump.c still frees notes; fmt must be NULL then.
 */
struct dump_format {
	const struct dump_ops *ops;
	void *fmt;
	bool direct; /* ops->read is as fast as the page cache: do not cache */
	struct dump_info info;
	struct notes notes;
	/* kdump offset_vmcoreinfo, in case there is no VMCOREINFO note; in the notes' arena */
	const char *raw_vmcoreinfo;
	size_t raw_vmcoreinfo_len;
};

/* files are borrowed and outlive fmt. ELF and LiME take n == 1 only. */
vs_status elfcore_open(struct file *const *files, size_t n, struct dump_format *out,
		       struct err *err);
vs_status lime_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
vs_status kdump_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
