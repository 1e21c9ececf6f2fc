// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* flatscan.h - the records of a flattened container, one after the other as they stand in the file.
 * Only their heads are read: 16 bytes, {offset be64, size be64}, before each one's data. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

#define FLAT_HEADER 4096 /* file offset of the first record */
#define FLAT_RECORD 16	 /* size of a record's head */

struct flatrec {
	uint64_t logical; /* offset in the file inside; logical + len <= 2^55 */
	uint64_t len;	  /* never 0; less than the head says when the container ends before */
	uint64_t src;	  /* file offset of the data; the head is FLAT_RECORD before it */
};

struct flatscan {
	int fd;		    /* borrowed */
	uint64_t size;	    /* of the container */
	uint64_t pos;	    /* file offset of the next head */
	uint64_t seek_from; /* data of at least this size is skipped, less is read through */
	char fault[128];    /* why the records ended; "" at the end marker */
	int io;		    /* errno when that was a read error */
	uint64_t off;	    /* file offset of buf */
	size_t len;
	bool seek; /* the last record was so long that its end is not worth reading */
	uint8_t buf[64 * 1024];
};

/* At the first record. */
void flatscan_init(struct flatscan *s, int fd, uint64_t size);
/* Go to the head at pos, which an earlier scan found. Nothing read before counts any more. */
void flatscan_seek(struct flatscan *s, uint64_t pos);
/* Check the container's own header; path is for messages. */
vs_status flatscan_check(struct flatscan *s, const char *path, struct err *err);
/* The next record. VS_END: no more; fault says why and pos is where. */
vs_status flatscan_next(struct flatscan *s, struct flatrec *ret);
