// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* flatscan.h - iterates over the records of a flattened container in file order.
 * Only their headers are read: 16 bytes, {offset be64, size be64}, before each record's data. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"

#define FLAT_HEADER 4096 /* file offset of the first record */
#define FLAT_RECORD 16	 /* size of a record's header */

struct flatrec {
	uint64_t logical; /* offset in the file inside; logical + len <= 2^55 */
	uint64_t len;	  /* never 0; less than in the header if the container ends early */
	uint64_t src;	  /* file offset of the data; the header is FLAT_RECORD before it */
};

struct flatscan {
	int fd;		    /* borrowed */
	uint64_t size;	    /* of the container */
	uint64_t pos;	    /* file offset of the next header */
	uint64_t seek_from; /* skip data of at least this size; read through smaller data */
	char fault[128];    /* why the records ended; "" at the end marker */
	int io;		    /* errno if that was a read error */
	uint64_t off;	    /* file offset of buf */
	size_t len;
	bool seek; /* the last record was so long that its data is skipped */
	uint8_t buf[64 * 1024];
};

/* Start at the first record. */
void flatscan_init(struct flatscan *s, int fd, uint64_t size);
/* Go to the header at pos, which an earlier scan found, and forget what was read before. */
void flatscan_seek(struct flatscan *s, uint64_t pos);
/* Check the container's own header; path is for messages. */
vs_status flatscan_check(struct flatscan *s, const char *path, struct err *err);
/* The next record. VS_END: no more; fault says why and pos is where. */
vs_status flatscan_next(struct flatscan *s, struct flatrec *ret);
