// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* qevm.h - private to stub/dump/qevm*.c: a stream of QEMU's migration or savevm, opened. */
#include <stdbool.h>
#include <stdint.h>

#include "stub/dump/format.h"
#include "stub/dump/ranges.h"

#define QEVM_PAGE	4096u
#define QEVM_PAGE_STEP	4104u /* a page in the stream with its usual header */
#define QEVM_BLOCKS_MAX 256
#define QEVM_ID_MAX	256
#define QEVM_NOTES_MAX	64
#define QEVM_NOT_RAM	UINT64_MAX

/* A block of the machine's memory: RAM, ROM or that of a device. */
struct qevm_block {
	char id[QEVM_ID_MAX];
	uint64_t len;
	uint64_t base; /* of RAM: its place when all RAM is put together; else QEVM_NOT_RAM */
	/* With mapped-ram: where the bitmap of its pages is in the file, and its first page. */
	uint64_t bitmap, pages;
};

struct qevm {
	struct file *f; /* borrowed */
	struct qevm_block *block;
	size_t nblocks;
	uint64_t size; /* of all RAM */
	/* Pages by their number in RAM, times QEVM_PAGE_STEP, so that consecutive ones in the
	 * stream are one range. data has the file offset of a page's bytes; zero, that of the first
	 * entry of a range of zeros. Of a page that was sent several times, the last one counts. */
	struct ranges data, zero;
	/* With mapped-ram, instead of these two: places in RAM of pages with data, to file offsets;
	 * all other pages are zeros, if QEMU came to the end of RAM: then it writes the bitmaps. */
	bool is_mapped, all_ram;
	struct ranges mapped;
	uint64_t
		note[QEVM_NOTES_MAX]; /* places in RAM of pages that begin with a VMCOREINFO note */
	size_t nnotes;
	bool cut;	   /* the stream ended, or became unreadable, before its end */
	struct ranges map; /* physical address to place in RAM */
	uint64_t end;	   /* highest address of map */
};

/* Reads the stream at off, which is the whole file's rest: one pass. CPU registers become notes as
 * dump-guest-memory writes them. What comes before damage is kept. */
vs_status qevm_read_stream(struct qevm *q, uint64_t off, struct dump_format *out, struct err *err);

/* --- qevm_mapped.c */

#define QEVM_MAPPED_HEAD 28

/* Takes the header of a block's pages, which is at off. VS_CORRUPT: it does not fit the file. */
vs_status qevm_take_mapped(struct qevm *q, struct qevm_block *b, uint64_t off, struct err *err);
/* Makes the map, once all blocks are known. */
vs_status qevm_map_pages(struct qevm *q, struct err *err);

/* --- qevm_cpu.c */

#define QEVM_CPU_BYTES 864 /* of the section of a CPU, as far as it is needed */

/* Adds the registers in the section of CPU no, as notes. False without memory. */
bool qevm_add_cpu(struct notes *ns, uint32_t no, const uint8_t vmstate[QEVM_CPU_BYTES]);
