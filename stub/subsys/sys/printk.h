// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
/* printk.h - the kernel's log buffer. */
#include <stdbool.h>

#include "stub/base/buf.h"
#include "stub/base/err.h"

struct kernel;

struct log_record {
	bool only_text; /* found in a damaged buffer: only the text is known */
	bool has_time;	/* lines of the text buffer before 3.5 may have none */
	uint64_t ts_nsec;
	unsigned level, facility;
	bool has_caller;
	uint32_t caller_id; /* 0x80000000 | cpu, or a thread's PID */
	const char *text;   /* len bytes, not terminated; valid during the call */
	size_t len;
	const char *dict; /* "SUBSYSTEM=pci", "DEVICE=+pci:0000:00:00.0", with a NUL between them */
	size_t dict_len;
};

/* Call fn for each record, oldest first. Skips records that cannot be read. If the buffer is
 * broken, fails after the records before that place; if the descriptor is lost, fails after the
 * records found in the data. */
vs_status printk_each(struct kernel *k, void (*fn)(void *ctx, const struct log_record *r),
		      void *ctx, struct err *err);
/* The same for each line of each record; text has len bytes, is not terminated, and is valid during
 * the call. */
vs_status printk_each_line(struct kernel *k,
			   void (*fn)(void *ctx, const struct log_record *r, const char *text,
				      size_t len),
			   void *ctx, struct err *err);
/* Copies a line to dst, which is returned: at most cap - 1 bytes, tabs as spaces, other unprintable
 * bytes as '?'. */
const char *printk_line_text(const char *text, size_t len, char *dst, size_t cap);
