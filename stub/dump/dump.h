// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* dump.h - a crash dump file (or a split set) as physical memory and notes.
 * Knows nothing about virtual addresses, the kernel or gdb. Each format is a const dump_ops
 * (elfcore.c, kdump.c) over struct file (file.c: plain; flat.c: flattened); probe.c selects it. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct dump;
struct ram_map;

/* One ELF note of the dump. name is NUL-terminated, desc is borrowed from the dump. */
struct dump_note {
	char name[16];
	uint32_t type;
	const uint8_t *desc;
	size_t len;
	bool no_segments; /* of registers: segment registers and their bases are unknown, and 0 */
};

/* What the dump file records about itself. A string is "" if the format does not record it. */
struct dump_info {
	const char *format; /* "ELF" or "kdump-compressed", perhaps with ", flattened" */
	const char *path;   /* first file as given by the user */
	size_t nfiles;
	bool partial;	 /* pages were filtered out (crash says [PARTIAL DUMP]) */
	bool live;	 /* memory changes and must not be cached: /proc/kcore, a running guest */
	bool incomplete; /* the writer ran out of space, or the file was cut (if seen so far) */
	int dump_level;	 /* makedumpfile -d, or -1 when unknown */
	uint64_t page_size; /* 4096 */
	pfn_t max_pfn;	    /* one past the highest page frame the file knows */
	uint64_t timestamp; /* seconds since 1970, 0 when unknown */
	/* Bytes of a file that is nothing but memory, if the user gave no map of it; else 0. */
	uint64_t raw_size;
	uint64_t phys_base_hint; /* kdump sub-header; wrong in QEMU's files: last resort */
	char nodename[65], release[65], version[65], machine[65];
	uint16_t elf_machine; /* e_machine of an ELF dump; 0: see machine, if not empty */
	/* From the virtual addresses in PT_LOADs of an ELF dump; UINT64_MAX if unknown. */
	uint64_t elf_page_offset; /* page_offset_base = p_vaddr - p_paddr of a RAM segment */
	uint64_t elf_phys_base;	  /* of the kernel text segment */
	uint64_t elf_text_va, elf_text_size; /* that segment; 0: only elf_phys_base is known */
};

/* Open a dump of n >= 1 files (n > 1: a split set). Reads headers, notes and VMCOREINFO only.
 * On failure err names the file, the field and its value. */
vs_status dump_open(const char *const *paths, size_t n, struct dump **ret, struct err *err);
/* How to open a dump. 0 is a usual value of all fields. */
struct dump_options {
	/* The contents of file i are in fds[i], unless that is -1. All are closed in the end, also
	 * on failure. */
	const int *fds;
	/* The file is nothing but memory, and this is the map of it. */
	const struct ram_map *ram_map;
	/* Called now and then during a pass over the whole file, which some formats force. */
	void (*progress)(void *ctx, const char *path, uint64_t done, uint64_t total);
	void *ctx;
};

/* dump_open() with options. */
vs_status dump_open_with(const char *const *paths, size_t n, const struct dump_options *o,
			 struct dump **ret, struct err *err);
void dump_close(struct dump *d); /* NULL is fine */

const struct dump_info *dump_info(const struct dump *d);

/* Notes in file order (VMCOREINFO included). *n is their number. Borrowed. */
const struct dump_note *dump_notes(const struct dump *d, size_t *n);

/* Text of the VMCOREINFO note (not NUL-terminated), NULL when the file has none. Borrowed. */
const char *dump_vmcoreinfo(const struct dump *d, size_t *len);

/* Physical memory. mem_got.why is VS_EXCLUDED, VS_LOST, VS_HOLE, VS_CORRUPT, VS_IO or
 * VS_UNSUPPORTED, and err names the page frame. Valid as long as d. */
const struct mem *dump_mem(struct dump *d);

/* From now on, pages that were filtered out read as zeros. Lost pages and holes still fail. */
void dump_zero_excluded(struct dump *d);

/* Is the page frame stored? VS_OK, else the reason as above, without reading its data. */
vs_status dump_page_state(struct dump *d, pfn_t pfn);

/* First stored page frame >= from; VS_END when there is none. For scans of all memory. */
vs_status dump_next_page(struct dump *d, pfn_t from, pfn_t *ret, struct err *err);

/* The same for pages that may begin with a VMCOREINFO note: if opening the file did not search for
 * them, all pages. */
vs_status dump_next_note(struct dump *d, pfn_t from, pfn_t *ret, struct err *err);

/* Moves the memory in the file, if info.raw_size is not 0. Previous addresses are void. */
vs_status dump_set_ram_map(struct dump *d, const struct ram_map *map, struct err *err);

/* Number of stored pages, or 0 if it is expensive to determine. For tests and `sys`. */
uint64_t dump_pages_stored(struct dump *d);
