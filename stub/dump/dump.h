// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dump.h - a crash dump file (or a split set) as physical memory and notes.
 * Knows no virtual address, no kernel, no gdb. Formats: formats are one const dump_ops row each
 * (elfcore.c, kdump.c) over struct file (file.c: plain; flat.c: flattened), tried by probe.c. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct dump;

/* One ELF note as it stands in the dump. name is NUL-terminated, desc is borrowed from the dump. */
struct dump_note {
	char name[16];
	uint32_t type;
	const uint8_t *desc;
	size_t len;
};

/* What the file says about itself; strings are "" when the format does not carry them. */
struct dump_info {
	const char *format; /* "ELF", "kdump-compressed", with ", flattened" when so */
	const char *path;   /* first file as given by the user */
	size_t nfiles;
	bool partial;	 /* pages were filtered out (crash says [PARTIAL DUMP]) */
	bool live;	 /* /proc/kcore: memory changes, and nothing of it is kept */
	bool incomplete; /* the writer ran out of space, or the file was cut (as far as seen yet) */
	int dump_level;	 /* makedumpfile -d, or -1 when unknown */
	uint64_t page_size;	 /* 4096 */
	pfn_t max_pfn;		 /* one past the highest page frame the file knows */
	uint64_t timestamp;	 /* seconds since 1970, 0 when unknown */
	uint64_t phys_base_hint; /* kdump sub-header; wrong in QEMU's files: last resort */
	char nodename[65], release[65], version[65], machine[65];
	uint16_t elf_machine; /* e_machine of an ELF dump; 0: machine tells, if anything */
	/* PT_LOADs of an ELF dump name virtual addresses; both UINT64_MAX when not told so. */
	uint64_t elf_page_offset; /* page_offset_base = p_vaddr - p_paddr of a RAM segment */
	uint64_t elf_phys_base;	  /* of the kernel text segment */
	uint64_t elf_text_va, elf_text_size; /* that segment, with elf_phys_base */
};

/* Open a dump of n >= 1 files (n > 1: a split set). Reads headers, notes and VMCOREINFO only.
 * On failure err names the file, the field and its value. */
vs_status dump_open(const char *const *paths, size_t n, struct dump **ret, struct err *err);
void dump_close(struct dump *d); /* NULL is fine */

const struct dump_info *dump_info(const struct dump *d);

/* Notes in file order (VMCOREINFO included). *n is their number. Borrowed. */
const struct dump_note *dump_notes(const struct dump *d, size_t *n);

/* Text of the VMCOREINFO note (not NUL-terminated), NULL when the file has none. Borrowed. */
const char *dump_vmcoreinfo(const struct dump *d, size_t *len);

/* Physical memory. mem_got.why is VS_EXCLUDED, VS_LOST, VS_HOLE, VS_CORRUPT, VS_IO or
 * VS_UNSUPPORTED, and err names the page frame. Valid as long as d. */
const struct mem *dump_mem(struct dump *d);

/* From now on read pages that were filtered out as zeros. What is lost or was never there still
 * fails. */
void dump_zero_excluded(struct dump *d);

/* Is the page frame stored? VS_OK, else the reason as above, without reading its data. */
vs_status dump_page_state(struct dump *d, pfn_t pfn);

/* First stored page frame >= from; VS_END when there is none. For scans of all memory. */
vs_status dump_next_page(struct dump *d, pfn_t from, pfn_t *ret, struct err *err);

/* Free-standing facts for tests and `sys`: pages stored as far as cheaply known, else 0. */
uint64_t dump_pages_stored(struct dump *d);
