// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* ringbuf.h - the ring buffer of one CPU (kernel/trace/ring_buffer.c): its pages in the order in
 * which they were written, and the events in them. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stub/base/err.h"
#include "stub/base/mem.h"

struct kernel;

/* A struct buffer_data_page is a time stamp, the number of bytes that are committed, and data. */
#define RING_DATA     16
#define RING_MAX_PAGE (1u << 20) /* RB_WRITE_MASK: indices into a page have 20 bits */

/* Numbers as the kernel counts them, of one CPU. */
struct ring_counts {
	uint64_t entries; /* events in the buffer */
	uint64_t overrun; /* older ones that newer ones overwrote */
	uint64_t dropped; /* new ones for which there was no room */
	uint64_t read;	  /* older ones that a reader took away */
	uint64_t pages;	  /* of the buffer, without that of the reader */
};

struct ring_event {
	uint64_t ts; /* of the buffer's clock */
	const uint8_t *data;
	size_t len; /* of data, which is valid until the next ring_next() */
};

/* A reader of one CPU's buffer. */
struct ring {
	struct kernel *k;
	kva_t va; /* struct ring_buffer_per_cpu */
	struct ring_counts counts;
	kva_t reader, head, commit;	  /* struct buffer_page */
	uint64_t reader_read;		  /* bytes of the reader's page that were read */
	bool writing;			  /* an event was being written when the kernel stopped */
	kva_t page;			  /* the next to load; 0: none */
	uint64_t left;			  /* pages that may follow, as a limit */
	uint8_t *data;			  /* the loaded page, owned; page_size bytes */
	size_t page_size, used, at, skip; /* of data: in use, of the next event, already read */
	uint64_t ts;
	uint64_t bad_pages; /* pages that could not be read or were damaged, in part at least */
	struct err why;	    /* the first reason for that */
};

/* Opens the struct ring_buffer_per_cpu at va, whose pages have page_size bytes. The caller calls
 * ring_deinit(), even if it fails. */
vs_status ring_open(struct kernel *k, kva_t va, size_t page_size, struct ring *ret,
		    struct err *err);
void ring_deinit(struct ring *r);
/* The next event, in the order of time. VS_END: no more. Continues after pages that cannot be read,
 * and counts them. */
vs_status ring_next(struct ring *r, struct ring_event *ret);
/* Loads the next page into r->data as a reader of trace_pipe_raw gets it: its time stamp, the
 * number of bytes behind that, and events that were not read yet. VS_END: no more. For callers that
 * do not use ring_next(). */
vs_status ring_next_page(struct ring *r);
