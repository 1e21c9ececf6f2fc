// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* format.h - private to stub/dump: the operations that each dump format implements, and what its
 * open function returns to dump.c. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/base/mem.h"
#include "stub/dump/dump.h"
#include "stub/dump/notes.h"
#include "stub/dump/ram_map.h"

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
	/* The same for blocks that may begin with a VMCOREINFO note. NULL: nothing is known. */
	vs_status (*next_note)(void *fmt, pa_t from, pa_t *ret, struct err *err);
	/* Number of stored blocks, or 0 if that would take a pass over the dump. */
	uint64_t (*stored)(void *fmt);
	/* Do page tables hold machine addresses? Then *ret is the guest's address of this one, if
	 * *found. NULL: never. */
	bool (*machine)(void *fmt, uint64_t machine, pa_t *ret, bool *found);
	/* Changes where the memory in the file is, and info accordingly. NULL: the file says it. */
	vs_status (*set_map)(void *fmt, const struct ram_map *map, struct dump_info *info,
			     struct err *err);
	void (*close)(void *fmt);
};

/* Filled by a format's open function. On failure dump.c still frees notes; fmt must be NULL then.
 */
struct dump_format {
	/* From the caller: where the memory of a raw file is, or NULL. Only valid for opening. */
	const struct ram_map *ram_map;
	/* From the caller: how far a pass over the file got; may be NULL. */
	void (*progress)(void *ctx, const char *path, uint64_t done, uint64_t total);
	void *progress_ctx;
	const struct dump_ops *ops;
	void *fmt;
	bool direct; /* ops->read is as fast as the page cache: do not cache */
	struct dump_info info;
	struct notes notes;
	/* kdump offset_vmcoreinfo, in case there is no VMCOREINFO note; in the notes' arena */
	const char *raw_vmcoreinfo;
	size_t raw_vmcoreinfo_len;
};

/* files are borrowed, also the array, and outlive fmt. Most formats take n == 1 only. */
vs_status elfcore_open(struct file *const *files, size_t n, struct dump_format *out,
		       struct err *err);
vs_status qevm_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
vs_status avml_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
vs_status lime_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
/* files[1], if there is one, is the memory of files[0]. */
vs_status vmss_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
vs_status kdump_open(struct file *const *files, size_t n, struct dump_format *out, struct err *err);
