// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* kdump_format.h - on-disk structures of compressed kdump ("KDUMP   ") and DISKDUMP files, x86_64.
 * Main header in block 0; sub-header from block 1; then bitmaps, page descriptors, page data.
 * A sub-header field exists only from the header_version given beside it. */
#include <stddef.h>
#include <stdint.h>

#define KDUMP_MAGIC	 "KDUMP   "
#define DISKDUMP_MAGIC	 "DISKDUMP"
#define KDUMP_MAGIC_LEN	 8
#define KDUMP_VERSION	 6    /* newest known */
#define KDUMP_INCOMPLETE 0x8u /* status of KDUMP */
#define DISKDUMP_PARTIAL 0x1u /* status of DISKDUMP */

struct kdump_header {
	char signature[8];
	int32_t header_version;
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
	char pad[6];
	int64_t timestamp_sec, timestamp_usec;
	uint32_t status;
	int32_t block_size;
	int32_t sub_hdr_size;	/* blocks */
	uint32_t bitmap_blocks; /* both bitmaps */
	uint32_t max_mapnr;	/* 2^32 - 1 for larger values */
	uint32_t total_ram_blocks, device_blocks, written_blocks;
	uint32_t current_cpu;
	int32_t nr_cpus;
};

_Static_assert(sizeof(struct kdump_header) == 464, "kdump header");
_Static_assert(offsetof(struct kdump_header, nodename) == 77, "nodename");
_Static_assert(offsetof(struct kdump_header, timestamp_sec) == 408, "timestamp");
_Static_assert(offsetof(struct kdump_header, block_size) == 428, "block_size");
_Static_assert(offsetof(struct kdump_header, max_mapnr) == 440, "max_mapnr");

/* Where block_size lies in the header of a 32-bit machine. */
#define KDUMP_BLOCK_SIZE_OFF_32 416

struct kdump_sub_header {
	uint64_t phys_base;				 /* 0 */
	int32_t dump_level;				 /* 1 */
	int32_t split;					 /* 2 */
	uint64_t start_pfn, end_pfn;			 /* 2 */
	uint64_t offset_vmcoreinfo, size_vmcoreinfo;	 /* 3 */
	uint64_t offset_note, size_note;		 /* 4 */
	uint64_t offset_eraseinfo, size_eraseinfo;	 /* 5 */
	uint64_t start_pfn_64, end_pfn_64, max_mapnr_64; /* 6 */
};

_Static_assert(sizeof(struct kdump_sub_header) == 104, "kdump sub-header");
_Static_assert(offsetof(struct kdump_sub_header, offset_note) == 48, "offset_note");
_Static_assert(offsetof(struct kdump_sub_header, max_mapnr_64) == 96, "max_mapnr_64");

struct kdump_page_desc {
	int64_t offset; /* from the start of the file; if all fields are 0, it was never written */
	uint32_t size;
	uint32_t flags; /* CODEC_ bits */
	uint64_t page_flags;
};

_Static_assert(sizeof(struct kdump_page_desc) == 24, "page descriptor");
